#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rules of the house that need no compiler: sizes, includes, calls, text.
set -eu
cd "$(dirname "$0")/../.."
here=scripts/lint
failed=0

check() { # SCRIPT PATTERN...
    script=$1
    shift
    "$here/sources.sh" "$@" | grep -Iv '^tests/vectors/' | xargs -d '\n' awk -f "$here/$script" || failed=1
}

check sizes.awk '*.c' '*.h'
check includes.awk '*.c' '*.h'
check calls.awk '*.c' '*.h'
check text.awk '*.c' '*.h' '*.S' '*.sh' '*.awk' '*.ld' '*.mk' '*.md' '*.lock' '*.js' '*.css' '*.html' \
    '*.[1-9]' Makefile run
exit $failed
