#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a check, an update and a power cut cost: handshakes, requests, bytes, erases.
# Counted by the device itself in one run against `lcm serve`, so the figures do not
# depend on the speed of the machine. Writes bench/results/lifecycle.json and fails
# when a budget is exceeded.
set -euo pipefail

WORK=build/bench
RESULT=bench/results/lifecycle.json
CUTS="1 5000 20000 40000 60000 69000"

fail() {
    echo "bench: $1" >&2
    exit 1
}
. scripts/demo/world.sh
trap stop_server EXIT

# device NAME [OPTION]...: one run; its JSON lines stay in WORK/NAME.json.
device() {
    local name=$1 result=0
    shift
    # shellcheck disable=SC2086
    $LCM device --flash "$WORK/flash.bin" $RESOLVE --broadcast none --json "$@" \
        >"$WORK/$name.json" || result=$?
    [ $result = 0 ] || [ $result = 130 ] || fail "$name ended with $result: $(tail -n 1 "$WORK/$name.json")"
}

# counter NAME FIELD: a figure of a run.
counter() {
    sed -n 's/.*"type":"counters".*"'"$2"'":\([0-9]*\).*/\1/p' "$WORK/$1.json" | tail -n 1
}

# Bytes of main.bin the server sent since its log had $1 lines.
image_bytes_served() {
    tail -n +$(($1 + 1)) "$WORK/server.json" |
        sed -n 's/.*\/main\.bin".*"bytes":\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'
}

changed_sectors() {
    { cmp -l "$1" "$2" 2>/dev/null || true; } | awk '{ sector[int(($1 - 1) / 4096)] = 1 } END { for (s in sector) n++; print n + 0 }'
}

make_world
start_server
trust "$RELEASES/$LCM_REPO/1.0.0" ecc-intermediate ecc-root rsa-intermediate rsa-root
updater_release 1.0.0 1.0.0
app_release 1.0.0
quietly $LCM flash compose --out "$WORK/fresh.bin" --slot0 $FIRMWARE/1.0.0/otaboot.bin \
    --trust "$PREVIOUS_TRUST" --set wifi_ssid=home --set ota_repo=$APP_REPO
cp "$WORK/fresh.bin" "$WORK/flash.bin"
device install
cp "$WORK/flash.bin" "$WORK/installed.bin"

device check --check
app_release 1.1.0
lines=$(wc -l <"$WORK/server.json")
device update --check
sleep 0.3
update_image_bytes=$(image_bytes_served "$lines")
image_bytes=$(stat -c %s "$RELEASES/$APP_REPO/1.1.0/main.bin")
sectors=$(changed_sectors "$RELEASES/$APP_REPO/1.0.0/main.bin" "$RELEASES/$APP_REPO/1.1.0/main.bin")

# A power cut at several places of the installation; then the rest must come, and
# hardly more. What was in place at the cut is the last progress line's figure.
worst_refetched=0
for cut in $CUTS; do
    cp "$WORK/installed.bin" "$WORK/flash.bin"
    # a device without an app: the sectors of slot 0 are blank
    dd if=/dev/zero bs=4096 count=138 status=none | tr '\0' '\377' |
        dd of="$WORK/flash.bin" bs=4096 seek=2 conv=notrunc status=none
    device cut --cut-after "$cut"
    had=$(sed -n 's/.*"type":"cut".*"value":\([0-9]*\).*/\1/p' "$WORK/cut.json" | tail -n 1)
    [ -n "$had" ] || fail "the power cut after $cut bytes did not happen"
    lines=$(wc -l <"$WORK/server.json")
    device resume
    sleep 0.3
    refetched=$((had + $(image_bytes_served "$lines") - image_bytes))
    [ $refetched -ge 0 ] || fail "cut after $cut bytes: less than the image was fetched"
    if [ $refetched -gt $worst_refetched ]; then worst_refetched=$refetched; fi
    cmp -n "$image_bytes" -i 8192:0 "$WORK/flash.bin" "$RELEASES/$APP_REPO/1.1.0/main.bin" ||
        fail "after a cut at $cut bytes the app is not complete"
done

check_handshakes=$(counter check handshakes)
update_handshakes=$(counter update handshakes)
erases=$(counter update erases)
mkdir -p bench/results
cat >$RESULT.new <<JSON
{
  "check_handshakes": $check_handshakes,
  "check_requests": $(counter check requests),
  "check_bytes": $(($(counter check bytes_received) + $(counter check bytes_sent))),
  "update_handshakes": $update_handshakes,
  "update_requests": $(counter update requests),
  "update_bytes_on_wire": $(($(counter update bytes_received) + $(counter update bytes_sent))),
  "update_image_bytes_fetched": $update_image_bytes,
  "image_bytes": $image_bytes,
  "image_bytes_changed_sectors": $((sectors * 4096)),
  "erases_full_update": $erases,
  "sectors_changed": $sectors,
  "resume_cuts": $(echo "$CUTS" | wc -w),
  "resume_refetched_bytes": $worst_refetched
}
JSON
mv $RESULT.new $RESULT
cat $RESULT

[ "$check_handshakes" -le 1 ] || fail "a check with nothing new must take 1 handshake, not $check_handshakes"
[ "$update_handshakes" -le 2 ] || fail "an app update must take 2 handshakes, not $update_handshakes"
[ "$erases" -le $((sectors + 8)) ] || fail "an update of $sectors sectors must take at most $((sectors + 8)) erases, not $erases"
[ "$worst_refetched" -le 4096 ] || fail "a cut must cost at most one sector (4096 bytes), not $worst_refetched"
echo "all budgets are met"
