#!/usr/bin/env bash
# One shard of a sweep for each task of a Slurm array.
#
#   export GTNET_SIM_SCENARIO=/shared/study/sweep.toml   # the scenario
#   export GTNET_SIM_SHARDS=64                           # into how many shards the sweep is cut
#   export GTNET_SIM_FOLDER=/shared/study/shards         # receives shard-1, shard-2, …
#   sbatch --array=1-64 slurm.sh
#
# The number of shards is not taken from the array: a repair submits single tasks of it.
#
#SBATCH --job-name=gtnet-sim
#SBATCH --cpus-per-task=4
#SBATCH --mem=2G                                       # more than --memory below
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=gtnet-sim-%A_%a.log
set -euo pipefail

: "${GTNET_SIM_SCENARIO:?set it to the path of the scenario}"
: "${GTNET_SIM_SHARDS:?set it to the number of shards, such as 64}"
: "${GTNET_SIM_FOLDER:?set it to the folder that receives the shards}"
: "${SLURM_ARRAY_TASK_ID:?submit this file with sbatch --array=1-$GTNET_SIM_SHARDS}"
program=${GTNET_SIM_PROGRAM:-gtnet-sim}

mkdir -p "$GTNET_SIM_FOLDER"
# `exec`: signals of Slurm reach the program itself. What a killed task has finished is in its ledger, and not done again.
exec "$program" sweep "$GTNET_SIM_SCENARIO" \
    --shard "$SLURM_ARRAY_TASK_ID/$GTNET_SIM_SHARDS" \
    --out "$GTNET_SIM_FOLDER/shard-$SLURM_ARRAY_TASK_ID" \
    --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --memory 1500MiB \
    --resume --quiet
