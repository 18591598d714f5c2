#!/usr/bin/env bash
# Tries hostile inputs: mutated scenarios, tables, folders of results and command lines (tests/it/fuzz/).
#
#   tests/fuzz.sh                 some minutes
#   tests/fuzz.sh 60              as many seeds as fit into 60 minutes
#   GTNET_SIM_FUZZ_SEED=7 GTNET_SIM_FUZZ_CASES=1000 tests/fuzz.sh
set -euo pipefail
cd "$(dirname "$0")/.."

export GTNET_SIM_FUZZ_CASES=${GTNET_SIM_FUZZ_CASES:-500}
export GTNET_SIM_FUZZ_SEED=${GTNET_SIM_FUZZ_SEED:-1}
until=$((SECONDS + 60 * ${1:-0}))

while :; do
    echo "seed $GTNET_SIM_FUZZ_SEED, $GTNET_SIM_FUZZ_CASES cases of each kind"
    cargo test --locked --quiet --test it fuzz::
    [ $SECONDS -lt $until ] || break
    GTNET_SIM_FUZZ_SEED=$((GTNET_SIM_FUZZ_SEED + 1))
done
