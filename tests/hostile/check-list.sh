#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does each row "| N01 | event | test, test | ..." of the checklist name tests that exist?
#
# usage: tests/hostile/check-list.sh docs/TESTING.md     prints the number of rows and tests
set -eu

list=$1
missing=0
rows=0
tests=0
for name in $(sed -n 's/^| [NSVR][0-9][0-9] |[^|]*|\([^|]*\)|.*/\1/p' "$list" |
    grep -o 'test_[a-z0-9_]*\|fuzz_[a-z0-9_]*' | sort -u); do
    tests=$((tests + 1))
    if ! grep -rqs "void $name(\|^$name\$" tests && [ ! -e "tests/fuzz/$name.c" ]; then
        echo "$list names $name, which does not exist"
        missing=1
    fi
done
rows=$(grep -c '^| [NSVR][0-9][0-9] |' "$list")
echo "checklist: $rows rows, $tests tests"
mkdir -p build && echo "$tests" >build/hostile-tests
exit $missing
