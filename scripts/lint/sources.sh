#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# List the project's own files, sorted: scripts/lint/sources.sh [NAME-PATTERN...]
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- '*'
for pattern in "$@"; do
    find . \( -name .git -o -name build -o -name node_modules \) -prune -o -type f -name "$pattern" -print
done | sed 's|^\./||' | LC_ALL=C sort -u
