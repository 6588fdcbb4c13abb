#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole life of one device, for real: keys, a release host on this machine with
# certificates of its own, a flash image with nothing but the installer, and then every
# story a device can meet. Runs on build products only; leaves its files in build/demo.
#
# DEMO_PACE=0 runs without the pauses that make it readable.
set -euo pipefail

WORK=build/demo
TABLE=()

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    BOLD=$'\033[1m' DIM=$'\033[2m' GREEN=$'\033[32m' RED=$'\033[31m' RESET=$'\033[0m'
    PACE=${DEMO_PACE:-1}
else
    BOLD='' DIM='' GREEN='' RED='' RESET=''
    PACE=${DEMO_PACE:-0}
fi

fail() {
    printf '%s%s%s\n' "$RED" "$1" "$RESET" >&2
    exit 1
}
. scripts/demo/world.sh
trap stop_server EXIT

chapter() {
    printf '\n%s%s%s\n' "$BOLD" "$1" "$RESET"
    if [ -n "${2:-}" ]; then printf '%s%s%s\n' "$DIM" "$2" "$RESET"; fi
    if [ "$PACE" != 0 ]; then sleep "$PACE"; fi
}

# device WHAT EXPECTED_EXIT_CODE EXPECTED_TEXT [OPTION]...: one power-on of the device.
device() {
    local what=$1 code=$2 text=$3 result=0 requests handshakes
    shift 3
    local before=$(wc -l <$WORK/server.json)
    # shellcheck disable=SC2086
    rm -f $WORK/device.json
    $LCM device --flash $WORK/flash.bin $RESOLVE --log $WORK/device.json "$@" || result=$?
    sleep 0.2 # the server's last lines
    requests=$(tail -n +$((before + 1)) $WORK/server.json | grep -c '"request"' || true)
    handshakes=$(tail -n +$((before + 1)) $WORK/server.json | grep -c '"handshake":true' || true)
    [ "$result" = "$code" ] || fail "expected exit code $code, got $result"
    grep -q "$text" $WORK/device.json || fail "expected to see: $text"
    TABLE+=("$(printf '%-44s %-22s %9s %10s' "$what" "$(app_running)" "$handshakes" "$requests")")
}

app_running() {
    sed -n 's/.*"end":"app".*slot 0, \(app .*\) runs.*/\1/p' $WORK/device.json | tail -n 1
}

make_world

chapter '1. A maker sets up' 'Keys, a release host shaped like GitHub on this machine, the first release of updater and app.'
start_server
trust "$RELEASES/$LCM_REPO/1.0.0" ecc-intermediate ecc-root rsa-intermediate rsa-root
updater_release 1.0.0 1.0.0
app_release 1.0.0
quietly $LCM flash compose --out $WORK/flash.bin --boot $FIRMWARE/boot.bin --slot0 $FIRMWARE/1.0.0/otaboot.bin --trust "$PREVIOUS_TRUST" \
    --set wifi_ssid=home --set ota_repo=$APP_REPO
# Somebody watches: downloads at the speed of a small device, so that there is something to see.
if [ "$PACE" != 0 ]; then $LCM serve --state $WORK/server --send slow=180000@asset; fi
printf '  release host at 127.0.0.1:%s, asset host at 127.0.0.1:%s\n' "$RELEASE_PORT" "$ASSET_PORT"

chapter '2. A new device' 'Nothing but the installer in its flash. It fetches the updater, the updater fetches the app.'
device 'fresh flash: updater and app installed' 0 'app installed'

chapter '3. Nothing new' 'The daily check: one TLS handshake, two small requests.'
device 'check with nothing new' 0 'up to date' --check

chapter '4. The maker releases app 1.1.0'
app_release 1.1.0
device 'app updated' 0 '"from":"1.0.0","to":"1.1.0"' --check

chapter '5. The host changes its certificate authority' 'The device does not trust it any more: it installs nothing from it, says so, and goes on working.'
$LCM serve --state $WORK/server --send new-ca
device 'server invalid, nothing installed' 7 'CERTINVALID' --check

chapter '6. The owner signs new certificates' 'They come through the very connection that is not trusted: the signature decides.'
mkdir -p "$RELEASES/$LCM_REPO/1.0.1"
cp "$RELEASES/$LCM_REPO/1.0.0/"{ota,boot}* "$RELEASES/$LCM_REPO/1.0.1/"
trust "$RELEASES/$LCM_REPO/1.0.1" new-ecc-intermediate new-ecc-root new-rsa-intermediate new-rsa-root \
    ecc-root rsa-root
device 'new certificates, server valid again' 0 'new certificates are in use' --check

chapter '7. LifeCycle Manager 1.1.0' 'It replaces itself: installer into slot 0, new updater into slot 1, then the app comes back.'
updater_release 1.1.0 1.1.0
cp "$RELEASES/$LCM_REPO/1.0.1/"certs.sector* "$RELEASES/$LCM_REPO/1.1.0/"
device 'updater replaced itself, app is back' 0 'updater installed' --check

chapter '8. Somebody tampers with a release' 'One byte of the image is changed. The device finds it before it overwrites anything.'
app_release 1.2.0 $FIRMWARE/blink/1.0.0/main.bin
printf '\125' | dd of="$RELEASES/$APP_REPO/1.2.0/main.bin" bs=1 seek=40000 conv=notrunc status=none
device 'tampered release refused, old app runs' 7 'CORRUPT' --check

chapter 'What happened'
printf '%-44s %-22s %9s %10s\n' 'story' 'the device then runs' 'handshake' 'requests'
printf '%s\n' '---------------------------------------------------------------------------------------'
printf '%s\n' "${TABLE[@]}"
chapter 'The flash of the device now' "$LCM flash inspect $WORK/flash.bin"
$LCM flash inspect $WORK/flash.bin
printf '\n%sAll eight stories ended as they should.%s The files are in %s.\n' "$GREEN" "$RESET" "$WORK"
