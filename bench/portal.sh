#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What set-up costs the device. Instructions are counted by the chip's cycle counter on the emulated
# chip (25 instructions to a cycle) in one run of a golden session, and rounded to 100,000: nothing in
# it is left to chance. Writes bench/results/portal.json, fails over budget.
set -euo pipefail

WORK=build/bench-portal
RESULT=bench/results/portal.json
LCM=build/host/lcm
INSTRUCTIONS_PER_CYCLE=25

fail() {
    echo "bench: $1" >&2
    exit 1
}

# field NAME: the number behind NAME in what the program told.
field() {
    sed -n "s/^spake2: .*$1 \([0-9]*\).*/\1/p" "$WORK/uart"
}

instructions() {
    echo $((($1 * INSTRUCTIONS_PER_CYCLE + $2 / 2) / $2 * $2))
}

# within WHAT FIGURE BUDGET
within() {
    [ "$2" -le "$3" ] || fail "$1: $2, the budget is $3"
}

mkdir -p "$WORK"
$LCM flash compose --out "$WORK/flash.bin" --boot build/lx106/boot.bin \
    --slot0 build/lx106/bench/spake2.bin --trust tests/vectors/trust-1.sector 2>"$WORK/compose.err" ||
    fail "$(tail -n 1 "$WORK/compose.err")"
LOADS_COUNTERS=$PWD/$WORK/counters PATH=$PWD/bench/qemu:$PATH \
    $LCM emu --flash "$WORK/flash.bin" --icount --seed 7 --until 'spake2: right' --timeout 120 \
    >"$WORK/uart" 2>"$WORK/err" || fail "the exchange did not end well: $(tail -n 3 "$WORK/uart" "$WORK/err")"
xtensa-lx106-elf-nm -n build/lx106/bench/spake2.elf >"$WORK/names"
od -An -v -tu4 -w4 "$WORK/counters" | awk -f bench/loads.awk "$WORK/names" - >"$WORK/loads"
if grep -v narrow-load "$WORK/loads" >&2; then
    fail "the chip cannot do these accesses"
fi

cycles=$(sed -n 's/^spake2: \([0-9]*\) cycles.*/\1/p' "$WORK/uart")
spake2=$(instructions "$cycles" 100000)
longest=$(instructions "$(field 'longest step')" 100000)
stack=$(field stack)
tls_stack=$(sed -n 's/.*"stack_peak_bytes": \([0-9]*\).*/\1/p' bench/results/lx106.json)

mkdir -p bench/results
cat >$RESULT.new <<JSON
{
  "spake2_device_instructions": $spake2,
  "spake2_longest_step_instructions": $longest,
  "spake2_narrow_loads": $(awk '$1 == "narrow-load" { sum += $2 } END { print sum + 0 }' "$WORK/loads"),
  "spake2_stack_peak_bytes": $stack,
  "spake2_exchange_bytes": $(field sizes),
  "session_bytes": $(sed -n 's/.*sizes [0-9]* \([0-9]*\).*/\1/p' "$WORK/uart"),
  "message_instructions": $(instructions "$(field message)" 1000)
}
JSON
mv $RESULT.new $RESULT
cat $RESULT

within "SPAKE2 on the device" "$spake2" 120000000
within "stack of SPAKE2 (below that of TLS)" "$stack" "$tls_stack"
echo "all budgets are met"
