#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The whole life of one device, for real: keys, a release host on this machine with
# certificates of its own, a flash image with nothing but the installer, and then every
# story a device can meet. Runs on build products only; leaves its files in build/demo.
#
# DEVICE=emu (default) is the emulated chip, DEVICE=host a Linux process with the same core.
# DEMO_PACE=0 runs without the pauses that make it readable.
set -euo pipefail

WORK=build/demo
DEVICE=${DEVICE:-emu}
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
. scripts/demo/collector.sh
trap 'stop_server; stop_collector' EXIT

chapter() {
    printf '\n%s%s%s\n' "$BOLD" "$1" "$RESET"
    if [ -n "${2:-}" ]; then printf '%s%s%s\n' "$DIM" "$2" "$RESET"; fi
    if [ "$PACE" != 0 ]; then sleep "$PACE"; fi
}

# The same story on two devices: DEVICE=emu is the emulated chip, DEVICE=host a Linux process.
run_emu() {
    cat >$WORK/world <<WORLD
network home signal -58
resolve github.com 127.0.0.1:$RELEASE_PORT
resolve release-assets.githubusercontent.com 127.0.0.1:$ASSET_PORT
resolve collector.home 127.0.0.1:$SYSLOG_PORT
WORLD
    $LCM emu --flash $WORK/flash.bin --world $WORK/world --until-app --timeout 120 "$@" | tee $WORK/device.out
}

run_host() {
    rm -f $WORK/device.out
    # shellcheck disable=SC2086
    $LCM device --flash $WORK/flash.bin $RESOLVE --resolve collector.home:127.0.0.1:$SYSLOG_PORT --log $WORK/device.out "$@" || [ $? = 7 ]
}

# tamper FILE OFFSET: turn all bits of one byte.
tamper() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    # shellcheck disable=SC2059
    printf "\\$(printf %o $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# The app that had the last word.
app_running() {
    sed -n -e 's/^blink \([0-9.]*\):.*/app \1/p' \
        -e 's/.*"end":"app".*slot 0, \(app .*\) runs.*/\1/p' $WORK/device.out | tail -n 1
}

requests_so_far() {
    grep -c "$1" $WORK/server.json || true
}

# device WHAT EXPECTED_APP EXPECTED_TEXT [OPTION]...: one power-on of the device.
device() {
    local what=$1 app=$2 text=$3 requests handshakes
    shift 3
    requests=$(requests_so_far '"request"')
    handshakes=$(requests_so_far '"handshake":true')
    "run_$DEVICE" "$@" || fail "the device did not come to its app"
    sleep 0.2 # the server's last lines
    grep -qE "$text" $WORK/device.out || fail "expected to see: $text"
    [ "$(app_running)" = "app $app" ] || fail "expected app $app, got '$(app_running)'"
    TABLE+=("$(printf '%-44s %-22s %9s %10s' "$what" "app $app" \
        $(($(requests_so_far '"handshake":true') - handshakes)) \
        $(($(requests_so_far '"request"') - requests)))")
}

make_world

chapter '1. A maker sets up' 'Keys, a release host shaped like GitHub on this machine, the first release of updater and app.'
start_server
start_collector
trust "$RELEASES/$LCM_REPO/1.0.0" ecc-intermediate ecc-root rsa-intermediate rsa-root
updater_release 1.0.0 1.0.0
app_release 1.0.0
boot_program
quietly $LCM flash compose --out $WORK/flash.bin --boot $WORK/boot.bin --slot0 $FIRMWARE/1.0.0/otaboot.bin --trust "$PREVIOUS_TRUST" \
    --set wifi_ssid=home --set ota_repo=$APP_REPO --set lcm_syslog=collector.home
# Somebody watches: downloads at the speed of a small device, so that there is something to see.
if [ "$PACE" != 0 ]; then $LCM serve --state $WORK/server --send slow=180000@asset; fi
printf '  release host at 127.0.0.1:%s, asset host at 127.0.0.1:%s\n' "$RELEASE_PORT" "$ASSET_PORT"

chapter '2. A new device' 'Nothing but the installer in its flash. It fetches the updater, the updater fetches the app.'
device 'fresh flash: updater and app installed' 1.0.0 'app installed'

chapter '3. Nothing new' 'The daily check: one TLS handshake, two small requests.'
device 'check with nothing new' 1.0.0 'up to date' --check

chapter '4. The maker releases app 1.1.0'
app_release 1.1.0
device 'app updated' 1.1.0 '1.0.0 -> 1.1.0|"from":"1.0.0","to":"1.1.0"' --check

chapter '5. The host changes its certificate authority' 'The device does not trust it any more: it installs nothing from it, says so, and goes on working.'
$LCM serve --state $WORK/server --send new-ca
device 'server invalid, nothing installed' 1.1.0 'CERTINVALID' --check

chapter '6. The owner signs new certificates' 'They come through the very connection that is not trusted: the signature decides.'
mkdir -p "$RELEASES/$LCM_REPO/1.0.1"
cp "$RELEASES/$LCM_REPO/1.0.0/"{ota,boot}* "$RELEASES/$LCM_REPO/1.0.1/"
trust "$RELEASES/$LCM_REPO/1.0.1" new-ecc-intermediate new-ecc-root new-rsa-intermediate new-rsa-root \
    ecc-root rsa-root
device 'new certificates, server valid again' 1.1.0 'new certificates are in use' --check

chapter '7. LifeCycle Manager 1.1.0' 'It replaces itself: installer into slot 0, new updater into slot 1, then the app comes back.'
updater_release 1.1.0 1.1.0
cp "$RELEASES/$LCM_REPO/1.0.1/"certs.sector* "$RELEASES/$LCM_REPO/1.1.0/"
device 'updater replaced itself, app is back' 1.1.0 'updater installed' --check

chapter '8. Somebody tampers with a release' 'One byte of the image is changed. The device finds it before it overwrites anything.'
app_release 1.2.0
tamper "$RELEASES/$APP_REPO/1.2.0/main.bin" 2000
device 'tampered release refused, old app runs' 1.1.0 'refused: checksum' --check

chapter 'What happened'
printf '%-44s %-22s %9s %10s\n' 'story' 'the device then runs' 'handshake' 'requests'
printf '%s\n' '---------------------------------------------------------------------------------------'
printf '%s\n' "${TABLE[@]}"
chapter 'What the collector saw' 'It listened all the time. Look at it in a browser, with the command below.'
$LCM devices --store $WORK/fleet.db
printf '\n'
$LCM events --store $WORK/fleet.db --trouble --limit 5
printf '\nIts page:     %s collect --store %s/fleet.db --listen 127.0.0.1 --broadcast-port none, then http://127.0.0.1:8514/\nFifty devices: make demo-fleet\n' "$LCM" "$WORK"
chapter 'The flash of the device now' "$LCM flash inspect $WORK/flash.bin"
$LCM flash inspect $WORK/flash.bin
printf '\n%sAll eight stories ended as they should.%s The files are in %s.\n' "$GREEN" "$RESET" "$WORK"
