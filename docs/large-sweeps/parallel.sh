#!/usr/bin/env bash
# The shards of a sweep on several machines over ssh, one shard at a time on each, with GNU parallel.
#
#   export GTNET_SIM_SCENARIO=/shared/study/sweep.toml   # the scenario, the same absolute path on all machines
#   export GTNET_SIM_SHARDS=64                           # into how many shards the sweep is cut
#   export GTNET_SIM_FOLDER=/shared/study/shards         # receives shard-1, shard-2, …, on all machines
#   export GTNET_SIM_HOSTS=:,anna@node1,anna@node2       # as ssh knows them; `:` is this machine
#   ./parallel.sh
#
# Interrupted, it can be started again: finished work is not done again.
set -euo pipefail

: "${GTNET_SIM_SCENARIO:?set it to the path of the scenario}"
: "${GTNET_SIM_SHARDS:?set it to the number of shards, such as 64}"
: "${GTNET_SIM_FOLDER:?set it to the folder that receives the shards}"
hosts=${GTNET_SIM_HOSTS:-:}
program=${GTNET_SIM_PROGRAM:-gtnet-sim}

for path in "$GTNET_SIM_SCENARIO" "$GTNET_SIM_FOLDER"; do
    if [[ $path != /* ]]; then
        echo "$path: must be an absolute path, as all machines see it" >&2
        exit 2
    fi
done

# `--quote`: paths may have blanks. A shard that fails on one machine is tried on others, three times in all.
seq "$GTNET_SIM_SHARDS" | parallel --quote --jobs 1 --sshlogin "$hosts" --retries 3 --tag --line-buffer \
    "$program" sweep "$GTNET_SIM_SCENARIO" \
    --shard "{}/$GTNET_SIM_SHARDS" \
    --out "$GTNET_SIM_FOLDER/shard-{}" \
    --resume --quiet
