#!/usr/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sizes, memory and instructions of the firmware on the emulated chip, against `lcm serve`.
#
# Instructions are those of the program itself, waiting left out, counted by the chip's cycle
# counter (25 instructions to a cycle). Key material is new in each run and frames arrive when the
# host sends them: totals differ by less than 0.1 % from run to run, and are rounded to 100,000.
# Sizes and memory do not differ. RAM is all static but the stack: lwIP's heap and pools, the record
# buffer for 16 KB records and the frame buffer are variables. The server keeps no sessions: every handshake is a full one, by
# X25519, with ChaCha20-Poly1305. Writes bench/results/lx106.json, fails over budget.
set -euo pipefail

WORK=build/bench-lx106
RESULT=bench/results/lx106.json
ELF=build/lx106/1.0.0/otamain.elf
TOOL=xtensa-lx106-elf
DRAM_START=0x3FFE8000
CURRENT_SLOT_ADDR=$((0x1003)) # of the boot program's configuration
INSTRUCTIONS_PER_CYCLE=25
INSTRUCTIONS_PER_TRAP=100 # port/lx106/trap.c, for a byte read from flash

fail() {
    echo "bench: $1" >&2
    exit 1
}
. scripts/demo/world.sh
trap stop_server EXIT

# chip NAME TEXT [OPTION]...: run until the UART says TEXT; the UART's lines stay in WORK/NAME.uart.
chip() {
    local name=$1 text=$2
    shift 2
    LOADS_COUNTERS=$PWD/$WORK/$name.counters PATH=$PWD/bench/qemu:$PATH \
        $LCM emu --flash "$WORK/flash.bin" --icount --seed 7 --until "$text" --timeout 300 "$@" \
        >"$WORK/$name.uart" 2>"$WORK/$name.err" || fail "$name: $(tail -n 3 "$WORK/$name.uart" "$WORK/$name.err")"
    od -An -v -tu4 -w4 "$WORK/$name.counters" | awk -f bench/loads.awk "$WORK/names" - >"$WORK/$name.loads"
    if grep -v narrow-load "$WORK/$name.loads" >&2; then
        fail "$name: the chip cannot do these accesses"
    fi
}

# update NAME VERSION: power on with the updater as the program to boot; the app VERSION must come.
update() {
    printf '\001' | dd of="$WORK/flash.bin" bs=1 seek=$CURRENT_SLOT_ADDR conv=notrunc status=none
    chip "$1" "blink $2" --world "$WORK/world"
}

# handshake NAME N: instructions of the Nth handshake of a run. The first is with the release host.
handshake() {
    local cycles
    cycles=$(sed -n 's/.*handshake: \([0-9]*\) cycles.*/\1/p' "$WORK/$1.uart" | sed -n "$2p")
    [ -n "$cycles" ] || fail "$1: there is no handshake number $2"
    rounded $((cycles * INSTRUCTIONS_PER_CYCLE))
}

# run NAME: instructions from the updater's start to hand-over.
run() {
    local kilocycles
    kilocycles=$(sed -n 's/^run: \([0-9]*\) kilocycles.*/\1/p' "$WORK/$1.uart" | tail -n 1)
    [ -n "$kilocycles" ] || fail "$1: the updater never ended"
    rounded $((kilocycles * 1000 * INSTRUCTIONS_PER_CYCLE))
}

# narrow_loads NAME: bytes and half-words the updater read from flash or IRAM. Each costs a trap on
# the chip, which the emulator does not take.
narrow_loads() {
    local loads
    loads=$(awk '$1 == "narrow-load" && $3 != "slot0" { sum += $2 } END { print sum + 0 }' "$WORK/$1.loads")
    echo $(((loads + 500) / 1000 * 1000))
}

rounded() {
    echo $((($1 + 50000) / 100000 * 100000))
}

# Bytes from the start of DRAM to the end of the program's variables.
static_ram() {
    "$TOOL-nm" "$ELF" | awk -v start=$((DRAM_START)) '
        $3 == "lx106_dram_end" { printf "%d\n", strtonum_hex($1) - start }
        function strtonum_hex(text, i, value) {
            for (i = 1; i <= length(text); i++)
                value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
            return value
        }'
}

# within WHAT FIGURE BUDGET
within() {
    [ "$2" -le "$3" ] || fail "$1: $2, the budget is $3"
}

make_world
"$TOOL-nm" -n "$ELF" >"$WORK/names"

# Roots alone are trusted: the installation.
start_server
trust "$RELEASES/$LCM_REPO/1.0.0" ecc-root rsa-root
updater_release 1.0.0 1.0.0
app_release 1.0.0
cat >"$WORK/world" <<WORLD
network home signal -50
resolve github.com 127.0.0.1:$RELEASE_PORT
resolve release-assets.githubusercontent.com 127.0.0.1:$ASSET_PORT
WORLD
quietly $LCM flash compose --out "$WORK/flash.bin" --boot $FIRMWARE/boot.bin \
    --slot0 $FIRMWARE/1.0.0/otaboot.bin --trust "$PREVIOUS_TRUST" --set wifi_ssid=home --set ota_repo=$APP_REPO
chip install 'blink 1.0.0' --world "$WORK/world"

# A new trust sector carries the intermediates as well; then a check and an update.
trust "$RELEASES/$LCM_REPO/1.0.1" ecc-intermediate ecc-root rsa-intermediate rsa-root
updater_release 1.0.1 1.0.0
update new-trust 1.0.0
update check 1.0.0
app_release 1.1.0
update update 1.1.0

quietly $LCM flash compose --out "$WORK/flash.bin" --boot $FIRMWARE/boot.bin \
    --slot0 $FIRMWARE/bench/sha256.bin --trust "$PREVIOUS_TRUST"
chip sha256 'bytes hashed'
sha256_cycles=$(sed -n 's/^sha256: \([0-9]*\) cycles.*/\1/p' "$WORK/sha256.uart")
sha256_bytes=$(sed -n 's/.* for \([0-9]*\) bytes.*/\1/p' "$WORK/sha256.uart")

boot_bytes=$(stat -c %s $FIRMWARE/boot.bin)
otamain_bytes=$(stat -c %s $FIRMWARE/1.0.0/otamain.bin)
ram_static=$(static_ram)
stack_peak=$(sed -n 's/^run: .* stack \([0-9]*\) bytes.*/\1/p' "$WORK"/*.uart | sort -n | tail -n 1)
for elf in "$ELF" build/lx106/rom.elf; do
    "$TOOL-nm" -S "$elf" >&3
    bench/listing.sh "$elf" "$WORK/copy" >&4
done 3>"$WORK/symbols" 4>"$WORK/listing"
awk -f bench/stack.awk bench/stack-calls.txt "$WORK/symbols" "$WORK/listing" >"$WORK/stack"
stack_computed=$(head -n 1 "$WORK/stack")
update=$(run update)
update_narrow_loads=$(narrow_loads update)
tls_ecc=$(handshake install 1)
tls_ecc_intermediate=$(handshake check 1)

mkdir -p bench/results
cat >$RESULT.new <<JSON
{
  "boot_bytes": $boot_bytes,
  "otamain_bytes": $otamain_bytes,
  "otaboot_bytes": $(stat -c %s $FIRMWARE/1.0.0/otaboot.bin),
  "ram_static_bytes": $ram_static,
  "ram_peak_bytes": $((ram_static + stack_peak)),
  "stack_peak_bytes": $stack_peak,
  "stack_computed_bytes": $stack_computed,
  "tls_ecc_instructions": $tls_ecc,
  "tls_ecc_intermediate_instructions": $tls_ecc_intermediate,
  "tls_rsa_instructions": $(handshake install 2),
  "tls_rsa_intermediate_instructions": $(handshake update 2),
  "check_instructions": $(run check),
  "check_narrow_loads": $(narrow_loads check),
  "update_instructions": $update,
  "update_narrow_loads": $update_narrow_loads,
  "sha256_instructions_per_byte": $((sha256_cycles * INSTRUCTIONS_PER_CYCLE / sha256_bytes))
}
JSON
mv $RESULT.new $RESULT
cat $RESULT

[ "$stack_computed" -ge "$stack_peak" ] || fail "the stack took more than bench/stack.awk computes"
within "boot program" "$boot_bytes" 4080
within "otamain" "$otamain_bytes" 212992
within "RAM at peak" $((ram_static + stack_peak)) 49152
within "handshake up to the root" "$tls_ecc" 240000000
within "handshake up to the intermediate" "$tls_ecc_intermediate" 80000000
within "instructions of traps in an update" $((update_narrow_loads * INSTRUCTIONS_PER_TRAP)) $((update / 10))
echo "all budgets are met"
