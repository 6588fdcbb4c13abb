#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What set-up costs the device: a whole set-up of a new chip by `lcm setup`, then the key exchange alone. Instructions are counted by the chip's cycle counter on the emulated
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

# A new chip, a release host, somebody with `lcm setup`: RAM at its peak, and seconds from the form to "stored".
. scripts/demo/world.sh
trap 'stop_server; kill "${CHIP_PID:-0}" 2>/dev/null || true' EXIT
WORK=$WORK/world RELEASES=$WORK/world/releases
make_world
start_server
trust "$RELEASES/$LCM_REPO/1.0.0" ecc-intermediate ecc-root rsa-intermediate rsa-root
app_release 1.0.0
cat >"$WORK/air" <<WORLD
network home password "correct horse" signal -50
resolve github.com 127.0.0.1:$RELEASE_PORT
resolve release-assets.githubusercontent.com 127.0.0.1:$ASSET_PORT
time now
WORLD
boot_program
quietly $LCM flash compose --out "$WORK/flash.bin" --boot "$WORK/boot.bin" --slot1 $FIRMWARE/1.0.0/otamain.bin \
    --trust "$PREVIOUS_TRUST" --code 7K3M-Q9XT-A2HB
PORT=$((20000 + $$ % 20000))
$LCM emu --flash "$WORK/flash.bin" --world "$WORK/air" --portal $PORT --until 'run: ' --timeout 120 >"$WORK/uart" 2>&1 </dev/null &
CHIP_PID=$!
for _ in $(seq 300); do
    if grep -q 'setup code' "$WORK/uart"; then break; fi
    sleep 0.1
done
printf 'correct horse' >"$WORK/password"
begun=$(date +%s%N)
LCM_SETUP_CODE=7K3M-Q9XT-A2HB $LCM setup --url http://127.0.0.1:$PORT --set wifi_ssid=home \
    --password-file "$WORK/password" --set ota_repo=$APP_REPO 2>"$WORK/setup.err" || fail "$(tail -n 2 "$WORK/setup.err")"
seconds=$((($(date +%s%N) - begun) / 100000000))
wait $CHIP_PID || fail "$(tail -n 3 "$WORK/uart")"
setup_stack=$(sed -n 's/^run: .* stack \([0-9]*\) bytes.*/\1/p' "$WORK/uart" | tail -n 1)
ram_static=$(sed -n 's/.*"ram_static_bytes": \([0-9]*\).*/\1/p' bench/results/lx106.json)
page=$(stat -c %s build/page/index.html.gz)
WORK=build/bench-portal

mkdir -p bench/results
cat >$RESULT.new <<JSON
{
  "page_gzip_bytes": $page,
  "setup_ram_peak_bytes": $((ram_static + setup_stack)),
  "setup_seconds_emulated": $((seconds / 10)).$((seconds % 10)),
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

within "page" "$page" 12288
within "RAM at peak" $((ram_static + setup_stack)) 49152
within "SPAKE2 on the device" "$spake2" 120000000
within "stack of SPAKE2 (below that of TLS)" "$stack" "$tls_stack"
echo "all budgets are met"
