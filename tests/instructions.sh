#!/usr/bin/env bash
# Counts the instructions of three small simulations, as the gate builds them (CARGO_INCREMENTAL=0), and compares them with
# `tests/instructions.txt`. More than 8 % above fails: something has become slower. If they are far below, note the new counts, or the next
# loss hides behind the old ones: `tests/instructions.sh --note`. Needs valgrind. Counts depend on the compiler: with another version it only
# tells them.
set -euo pipefail
cd "$(dirname "$0")/.."

noted=tests/instructions.txt
program=${GTNET_SIM_ONE_REPLICATION:-target/debug/examples/one_replication}
compiler=$(rustc --version)
if ! command -v valgrind > /dev/null; then
    echo "no valgrind here: instructions are not counted" >&2
    exit 0
fi
[ -x "$program" ] || cargo build --locked --quiet --example one_replication

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" "${@:2}" 2>&1 |
        awk -v name="$1" '/refs:/ { gsub(",", "", $NF); print name, $NF }'
}
counted=$(
    count hub scenarios/quick.toml &
    count fault scenarios/faults/time-out.toml run.duration=1d run.warmup=0s &
    wait
    count network scenarios/bench/w2-10k.toml group.client.count=100 group.server.count=5 run.duration=3h
)
counted=$(sort <<< "$counted")

if [ "${1:-}" = --note ]; then
    printf '%s\n%s\n' "$compiler" "$counted" > "$noted"
    cat "$noted"
    exit
fi
if [ "$(head -n 1 "$noted")" != "$compiler" ]; then
    echo "the counts in $noted are those of $(head -n 1 "$noted"); here, with $compiler:"
    echo "$counted"
    exit
fi
join <(tail -n +2 "$noted") <(echo "$counted") | awk '
    { change = 100 * ($3 / $2 - 1); printf "%s: %.1f million instructions, %+.1f %%\n", $1, $3 / 1e6, change }
    change > 8 { slower = 1 }
    change < -8 { faster = 1 }
    END {
        if (NR != 3) { print "three counts are compared, not " NR; exit 1 }
        if (slower) { print "something has become slower: find out what"; exit 1 }
        if (faster) print "this has become faster: run tests/instructions.sh --note in a clone that the gate has built, and commit it"
    }'
