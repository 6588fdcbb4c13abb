#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What all tests on real devices start from, made once: keys, certificate authorities, a release of
# LifeCycle Manager and one of an app, boot program and trust sector.
#
# usage: tests/browser/lib/make_world.sh FOLDER
set -euo pipefail

WORK=$1

fail() {
    printf '%s\n' "$1" >&2
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
touch "$WORK/ready"
