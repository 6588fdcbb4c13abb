#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A new device in front of a person: an emulated chip without settings, networks around it, a
# release host on this machine. Its set-up page is at an address of this machine; no root needed.
# Runs until Ctrl-C. PORT (8080) is the page's, APP_PORT (8081) the app's once it is installed.
set -euo pipefail

WORK=build/demo-setup
PORT=${PORT:-8080}
APP_PORT=${APP_PORT:-8081}
CODE=7K3M-Q9XT-A2HB

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    BOLD=$'\033[1m' DIM=$'\033[2m' RED=$'\033[31m' RESET=$'\033[0m'
else
    BOLD='' DIM='' RED='' RESET=''
fi

fail() {
    printf '%s%s%s\n' "$RED" "$1" "$RESET" >&2
    exit 1
}
. scripts/demo/world.sh
trap stop_server EXIT

make_world
start_server
trust "$RELEASES/$LCM_REPO/1.0.0" ecc-intermediate ecc-root rsa-intermediate rsa-root
updater_release 1.0.0 1.0.0
app_release 1.0.0
boot_program
quietly $LCM flash compose --out $WORK/flash.bin --boot $WORK/boot.bin --slot0 $FIRMWARE/1.0.0/otaboot.bin \
    --trust "$PREVIOUS_TRUST" --code $CODE
cat >$WORK/world <<WORLD
# What the device's radio sees, and where names lead.
network "home" password "open sesame" signal -52
network "Café Central ☕" signal -67
network "No address here" password "12345678" signal -74 no-address
network "attic" password "under the roof" signal -80 hidden
resolve github.com 127.0.0.1:$RELEASE_PORT
resolve release-assets.githubusercontent.com 127.0.0.1:$ASSET_PORT
time now
forward $APP_PORT 80
WORLD

printf '\n%sA new device waits for you.%s Open its page in a browser:\n\n' "$BOLD" "$RESET"
printf '    %shttp://127.0.0.1:%s/#%s%s\n\n' "$BOLD" "$PORT" "$CODE" "$RESET"
printf '    set-up code         %s (part of the address above; a label would show it)\n' "$CODE"
printf '    Wi-Fi               home, password "open sesame" (%s has all networks)\n' "$WORK/world"
printf '    app repository      %s\n\n' "$APP_REPO"
printf 'After set-up it installs its app, whose own page is then at http://127.0.0.1:%s/. Ctrl-C ends.\n\n' "$APP_PORT"
printf '%sThe serial line of the device:%s\n' "$DIM" "$RESET"
$LCM emu --flash $WORK/flash.bin --world $WORK/world --portal "$PORT"
