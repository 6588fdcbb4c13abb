#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fifty virtual devices with different fates, reporting to a collector whose page stays up to be looked
# at: some update, some are on beta, some meet a tampered release, a host they do not trust, a power cut,
# a wrong Wi-Fi password, an owner who never presses the button. Every device is `lcm device` with a
# flash of its own, the release host is `lcm serve`; files are in build/demo-fleet.
#
# DEMO_DEVICES=N, DEMO_ROUNDS=N (default: until Ctrl-C), DEMO_OPEN=1 opens the page in a browser.
set -euo pipefail

WORK=build/demo-fleet
DEVICES=${DEMO_DEVICES:-50}
ROUNDS=${DEMO_ROUNDS:-0}

fail() {
    printf '%s\n' "$1" >&2
    exit 1
}
. scripts/demo/world.sh
. scripts/demo/collector.sh
IMPOSTOR_PID=
stop_all() {
    trap '' INT TERM
    # shellcheck disable=SC2046
    kill $(jobs -p) 2>/dev/null || true
    stop_server
    stop_impostor
    stop_collector
    wait
    echo 'stopped'
}
trap stop_all EXIT
trap 'echo; exit 0' INT TERM

say() { printf '%s  %s\n' "$(date +%H:%M:%S)" "$1"; }

# fate NUMBER: what this device is going to live through.
fate() {
    case $(($1 % 12)) in
    1) echo beta ;;
    3) echo distrusts ;;
    5) echo careless ;;
    7) echo cut ;;
    9) echo pinned ;;
    11) echo offline ;;
    *) echo good ;;
    esac
}

id_of() { printf '5ccf7f00%04x' "$1"; }

compose() {
    local i=$1 extra=()
    case $(fate "$i") in
    beta) extra=(--set ota_beta=y) ;;
    pinned) extra=(--set "lcm_key=$(printf 'ab%.0s' $(seq 32))") ;;
    esac
    quietly $LCM flash compose --out "$WORK/flash/$i.bin" --slot0 $FIRMWARE/1.0.0/otaboot.bin \
        --trust "$PREVIOUS_TRUST" --set wifi_ssid=home --set ota_repo=$APP_REPO \
        --set lcm_syslog=127.0.0.1:"$SYSLOG_PORT" ${extra[@]+"${extra[@]}"}
}

# run_device NUMBER ROUND: one power-on, the last thing a subshell does. The host's ports come from world.sh.
run_device() {
    local i=$1 round=$2 options=() ports=$RESOLVE patience=60
    case $(fate "$i") in
    careless) [ "$round" -le 1 ] || return 0 ;;
    offline) [ "$round" -le 1 ] || options=(--wifi wrong-password) ;;
    cut) [ "$round" != 2 ] || options=(--cut-after 20000) ;;
    distrusts) [ "$round" -le 1 ] || ports=$DISTRUSTED ;;
    pinned) patience=5 ;; # it has no app to boot, and would try for ever
    esac
    [ "$round" -le 1 ] || options+=(--check)
    # shellcheck disable=SC2086
    exec timeout $patience $LCM device --flash "$WORK/flash/$i.bin" $ports --id "$(id_of "$i")" --broadcast none --json \
        ${options[@]+"${options[@]}"} >"$WORK/log/$i.json" 2>&1
}

# is_busy N: at least N background jobs run.
is_busy() {
    local running
    mapfile -t running < <(jobs -rp)
    [ "${#running[@]}" -ge "$1" ]
}

# At most six at a time, besides the servers.
round() {
    local number=$1 i
    for i in $(seq "$DEVICES"); do
        run_device "$i" "$number" &
        while is_busy 9; do wait -n || true; done
    done
    while is_busy 4; do wait -n || true; done
}

# A second host with the same names and certificates of its own: what an impostor looks like.
start_impostor() {
    $LCM serve "$RELEASES" --port 0 --state $WORK/impostor --json >$WORK/impostor.json 2>&1 &
    IMPOSTOR_PID=$!
    for _ in $(seq 300); do
        if grep -q '"start"' $WORK/impostor.json; then break; fi
        sleep 0.1
    done
    DISTRUSTED=$(sed -n 's/.*"device_options":"\([^"]*\)".*/\1/p' $WORK/impostor.json | head -n 1)
}

stop_impostor() {
    if [ -n "$IMPOSTOR_PID" ]; then kill "$IMPOSTOR_PID" 2>/dev/null || true; fi
}

make_world
mkdir -p $WORK/flash $WORK/log
start_server
start_impostor
trust "$RELEASES/$LCM_REPO/1.0.0" ecc-intermediate ecc-root rsa-intermediate rsa-root
updater_release 1.0.0 1.0.0
app_release 1.0.0
start_collector "$(page_port)"
printf '\nThe page is at %s\n\n' "$PAGE_URL"
if [ "${DEMO_OPEN:-0}" = 1 ]; then xdg-open "$PAGE_URL" >/dev/null 2>&1 || true; fi

say "$DEVICES devices are switched on for the first time"
for i in $(seq "$DEVICES"); do compose "$i"; done
round 1
say 'the maker releases app 1.1.0; one device in twelve meets an impostor from now on'
app_release 1.1.0
round 2
say 'a pre-release: 1.2.0-beta.1 for the devices on beta'
app_release 1.2.0-beta.1
round 3
say 'app 1.2.0 is damaged on its way: every device refuses it and goes on with what it has'
app_release 1.2.0
$LCM serve --state $WORK/server --send flip-byte=2000@asset
round 4
$LCM serve --state $WORK/server --send clear
say 'the host is well again: everybody gets 1.2.0'
for i in $(seq 5 $((ROUNDS == 0 ? 1000000 : ROUNDS + 4))); do
    round "$i"
    if [ "$i" = 5 ]; then
        $LCM devices --store $WORK/fleet.db
        printf '\nThe page is at %s and the devices go on looking for updates. Ctrl-C ends it all.\n' "$PAGE_URL"
    fi
    if [ "$ROUNDS" != 0 ] && [ "$i" -ge $((ROUNDS + 4)) ]; then break; fi
    sleep 10
done
