#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run fuzz targets, two at a time: the corpus in git first, then new inputs.
#
# usage: tests/fuzz/run.sh FOLDER SECONDS TARGET...     SECONDS for all targets together; 0 = corpus only
#
# New inputs go to FOLDER/found/NAME, a crash to FOLDER/crash-NAME-*; the number of inputs tried
# in all ends up in FOLDER/executions. Fails when a target does.
set -eu

folder=$1
seconds=$2
shift 2
each=$((seconds * 2 / $#))
[ "$each" -gt 0 ] || [ "$seconds" = 0 ] || each=1
limit=-max_total_time=$each
[ "$seconds" != 0 ] || limit=-runs=0
corpus=$(cd "$(dirname "$0")" && pwd)/corpus

run_target() {
    name=${1##*/fuzz_}
    mkdir -p "$folder/found/$name" "$corpus/$name"
    if "$1" "$limit" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -print_funcs=0 -max_len=8448 \
        -artifact_prefix="$folder/crash-$name-" "$folder/found/$name" "$corpus/$name" \
        >"$folder/$name.log" 2>&1; then
        echo "== fuzz $name: $(executions "$name") inputs"
    else
        echo "== fuzz $name FAILED"
        tail -n 60 "$folder/$name.log"
        return 1
    fi
}

executions() {
    sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$1.log"
}

# Two workers share the list.
work() {
    turn=0
    status=0
    first=$1
    shift
    for target; do
        if [ $((turn % 2)) = "$first" ]; then
            run_target "$target" || status=1
        fi
        turn=$((turn + 1))
    done
    return $status
}

work 0 "$@" &
pid=$!
status=0
work 1 "$@" || status=1
wait "$pid" || status=1

total=0
for target; do
    count=$(executions "${target##*/fuzz_}")
    total=$((total + ${count:-0}))
done
echo "$total" >"$folder/executions"
echo "fuzz: $total inputs to $# targets"
exit $status
