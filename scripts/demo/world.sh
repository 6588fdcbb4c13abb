# SPDX-License-Identifier: Apache-2.0
# A world for one device, to be sourced: keys, a release host on this machine, releases.
# The caller sets WORK (a folder of its own) and calls make_world, then start_server.

LCM=build/host/lcm
FIRMWARE=build/lx106
LCM_REPO=lifecycle-manager/lifecycle-manager
APP_REPO=lifecycle-manager/blink
RELEASES=$WORK/releases
SERVER_PID=
PREVIOUS_TRUST=

make_world() {
    rm -rf "$WORK"
    mkdir -p "$WORK/keys" "$RELEASES"
    for key in owner release app; do quietly $LCM key new "$WORK/keys/$key.pem"; done
}

# boot_program: as a cable would write it, with its version in the last bytes of the sector.
boot_program() {
    quietly $LCM image build $FIRMWARE/boot-load.elf -o "$WORK/boot.bin" --format v1 --boot-version 1.0.0
}

stop_server() {
    if [ -n "$SERVER_PID" ]; then
        kill "$SERVER_PID" 2>/dev/null || true
        wait "$SERVER_PID" 2>/dev/null || true
    fi
    SERVER_PID=
}

# Run a command that has nothing to tell unless it fails.
quietly() {
    "$@" >$WORK/quiet.out 2>&1 || fail "$(tail -n 3 $WORK/quiet.out)"
}

# The addresses the server prints are those the device is given.
start_server() {
    $LCM serve "$RELEASES" --port 0 --state $WORK/server --json >$WORK/server.json 2>$WORK/server.err &
    SERVER_PID=$!
    for _ in $(seq 300); do
        if grep -q '"start"' $WORK/server.json; then break; fi
        kill -0 "$SERVER_PID" 2>/dev/null || fail "the release host did not start: $(cat $WORK/server.err)"
        sleep 0.1
    done
    RELEASE_PORT=$(sed -n 's/.*"release_port":\([0-9]*\).*/\1/p' $WORK/server.json | head -n 1)
    ASSET_PORT=$(sed -n 's/.*"asset_port":\([0-9]*\).*/\1/p' $WORK/server.json | head -n 1)
    RESOLVE="--resolve github.com:127.0.0.1:$RELEASE_PORT"
    RESOLVE+=" --resolve release-assets.githubusercontent.com:127.0.0.1:$ASSET_PORT"
}

# trust OUT CA...: the certificates devices shall believe, signed by the owner.
trust() {
    local out=$1 anchors=() ca
    shift
    mkdir -p "$out"
    for ca in "$@"; do anchors+=(--ca "$WORK/server/ca/$ca.pem"); done
    quietly $LCM trust build --owner $WORK/keys/owner.pem --release-key $WORK/keys/release.pem \
        "${anchors[@]}" --repo $LCM_REPO --host github.com --host-suffix githubusercontent.com \
        ${PREVIOUS_TRUST:+--previous "$PREVIOUS_TRUST"} --out "$out"
    PREVIOUS_TRUST=$out/certs.sector
}

# updater_release TAG FIRMWARE_VERSION: a release of LifeCycle Manager itself.
updater_release() {
    local out=$RELEASES/$LCM_REPO/$1 file
    mkdir -p "$out"
    quietly $LCM release pack $FIRMWARE/boot.bin --type boot --repo $LCM_REPO --file boot.bin \
        --version 1.0.0 --key "$WORK/keys/release.pem" --out "$out"
    for file in otaboot otamain; do
        quietly $LCM release pack $FIRMWARE/$2/$file.bin --key $WORK/keys/release.pem --out "$out"
    done
}

# app_release VERSION
app_release() {
    local out=$RELEASES/$APP_REPO/$1
    mkdir -p "$out"
    quietly $LCM release pack $FIRMWARE/blink/$1/main.bin --key $WORK/keys/app.pem --out "$out"
}

