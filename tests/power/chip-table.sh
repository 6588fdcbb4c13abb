#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The parts' logs of make power-chip on standard input: one table, and its sums as JSON into a file.
# A part that failed has ended make before; fails when there are fewer paths than were asked for.
#
# usage: chip-table.sh JSON PATHS
set -eu

awk -v json="$1" -v wanted="$2" '
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
        printf "%-18s %10s %6s %5s\n", "story", "operations", "paths", "cuts"
        for (i = 1; i <= count; i++) {
            name = order[i]
            printf "%-18s %10d %6d %5d\n", name, operations[name], paths[name], cuts[name]
            all_paths += paths[name]
            all_cuts += cuts[name]
        }
        printf "%-18s %10s %6d %5d  each ended as without a cut\n", "all", "", all_paths, all_cuts
        printf "{\"chip_paths\": %d, \"chip_cuts\": %d}\n", all_paths, all_cuts >json
        if (all_paths < wanted)
            printf "only %d of %d paths\n", all_paths, wanted
        exit all_paths < wanted
    }'
