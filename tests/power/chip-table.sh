#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The parts' logs of make power-chip on standard input: one table, and its sums as JSON into a file.
set -eu

awk -v json="$1" '
    / operations, .* cuts, 0 failures$/ {
        name = $1
        sub(/:$/, "", name)
        if (!(name in operations))
            order[++count] = name
        operations[name] = $2
        paths[name] += $4
        cuts[name] += $6
    }
    END {
        printf "%-18s %10s %6s %5s %9s\n", "story", "operations", "paths", "cuts", "failures"
        for (i = 1; i <= count; i++) {
            name = order[i]
            printf "%-18s %10d %6d %5d %9d\n", name, operations[name], paths[name], cuts[name], 0
            all_paths += paths[name]
            all_cuts += cuts[name]
        }
        printf "%-18s %10s %6d %5d %9d\n", "all", "", all_paths, all_cuts, 0
        printf "{\"chip_paths\": %d, \"chip_cuts\": %d}\n", all_paths, all_cuts >json
        exit all_paths == 0
    }'
