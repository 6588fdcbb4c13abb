#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Check the model of the life cycle with Spin: no assertion fails, and it makes progress; then every
# mutant must fail.
#
# usage: tests/model/check.sh FOLDER      works in FOLDER, leaves the number of states in FOLDER/states
set -eu

folder=$1
model=$(cd "$(dirname "$0")" && pwd)/lifecycle.pml
mutants="1 2 3 4 5 6"

# verify NAME MUTANT GCC-FLAGS PAN-FLAGS: 0 when nothing is wrong
verify() {
    mkdir -p "$folder/$1"
    (
        cd "$folder/$1"
        spin -a "-DMUTANT=$2" "$model" >spin.log
        # shellcheck disable=SC2086 # lists of flags
        gcc -O1 -w -DVECTORSZ=2048 $3 -o pan pan.c
        # shellcheck disable=SC2086
        ./pan -m1000000 $4 >pan.log 2>&1
    )
    grep -q 'max search depth too small' "$folder/$1/pan.log" && {
        echo "model: the search was not exhaustive"
        exit 1
    }
    grep -q 'errors: 0' "$folder/$1/pan.log"
}

states() {
    sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$folder/$1/pan.log" | awk '{ printf "%d", $1 }'
}

verify safety 0 "-DSAFETY -DNOCLAIM" "" || { cat "$folder/safety/pan.log"; exit 1; }
verify progress 0 "" "-a -f -N progress" || { cat "$folder/progress/pan.log"; exit 1; }
total=$(($(states safety) + $(states progress)))
echo "model: safety $(states safety) states, progress $(states progress) states, no error"
caught=0
for mutant in $mutants; do
    if verify "mutant-$mutant" "$mutant" "-DSAFETY -DNOCLAIM" ""; then
        echo "model: mutant $mutant was not found out"
        exit 1
    fi
    caught=$((caught + 1))
done
echo "model: $caught mutants found out"
echo "$total" >"$folder/states"
