#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the proofs counted, into bench/results/reliability.json. Run by make bench after make power,
# fuzz and model; fails when one of them failed or counted less than it must.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
out=bench/results/reliability.json

field() {
    sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" build/power/paths.json build/power/chip.json
}

need() {
    [ -s "$1" ] || {
        echo "reliability: $1 is missing; run make $2" >&2
        exit 1
    }
}

need build/power/paths.json power
need build/power/controls power
need build/power/chip.json power-chip
need build/fuzz/executions fuzz
need build/model/states model
need build/hostile-tests hostile-list
cat >$out <<JSON
{
  "power_paths": $(field power_paths),
  "power_injections": $(field power_injections),
  "power_failures": $(field power_failures),
  "power_fault_paths": $(field power_faults),
  "power_dead_in_boot_window": $(field power_dead_in_boot_window),
  "power_negative_controls_caught": $(cat build/power/controls),
  "power_chip_paths": $(field chip_paths),
  "power_chip_cuts": $(field chip_cuts),
  "hostile_tests": $(cat build/hostile-tests),
  "fuzz_executions": $(cat build/fuzz/executions),
  "model_states": $(cat build/model/states),
  "erases_max_per_sector": $(field erases_max_per_sector)
}
JSON
cat $out
[ "$(field power_failures)" = 0 ] && [ "$(field power_paths)" -ge 1000000 ]
