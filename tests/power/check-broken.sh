#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Negative controls of the power-cut harness: each tests/power/broken/*.sed breaks one rule of the
# code on purpose; the harness must find it out in the scenario that it names. Fails when it does
# not, or when a sed script no longer changes anything. Its first lines: file, rule, scenario.
#
# usage: tests/power/check-broken.sh FOLDER LIBRARY "COMPILE..." "LINK..."
#        LIBRARY: the archive of unbroken objects; COMPILE and LINK: commands without files
set -eu

folder=$1
library=$2
compile=$3
link=$4
here=$(cd "$(dirname "$0")" && pwd)
caught=0
missed=0

mkdir -p "$folder/broken"
for script in "$here"/broken/*.sed; do
    name=$(basename "$script" .sed)
    source=$(sed -n '1s/^# //p' "$script")
    sed -f "$script" "$source" >"$folder/broken/$name.c"
    if cmp -s "$source" "$folder/broken/$name.c"; then
        echo "$name: changes nothing in $source any more"
        exit 1
    fi
    $compile -c "$folder/broken/$name.c" -o "$folder/broken/$name.o"
    $link "$folder/broken/$name.o" "$library" -o "$folder/broken/$name" $LIBS
    scenario=$(sed -n '3s/^# scenario //p' "$script")
    # What the sample of the short form passes by, the full one must meet.
    if "$folder/broken/$name" short --scenario "$scenario" >"$folder/broken/$name.log" 2>&1 &&
        "$folder/broken/$name" full --scenario "$scenario" >"$folder/broken/$name.log" 2>&1; then
        echo "  MISSED  $name: $(sed -n '2s/^# //p' "$script")"
        missed=$((missed + 1))
    else
        # A path must have failed, not only the count of operations; or no device came into being.
        first=$(sed -n 's/^  FAILED \([^:]*@.*\)/\1/p; s/^start_state: /no start: /p' \
            "$folder/broken/$name.log" | head -n 1)
        [ -n "$first" ] || { cat "$folder/broken/$name.log"; exit 1; }
        echo "  caught  $name: $first"
        caught=$((caught + 1))
    fi
done
echo "$caught" >"$folder/controls"
echo "negative controls: $caught caught, $missed missed"
[ "$missed" = 0 ]
