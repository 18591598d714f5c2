#!/usr/bin/env bash
# Runs W2 and W1 on gtnet-sim and on the kernels of others, in turns, and prints processor time, memory and ratios:
# `benches/peers/run.sh [ROUNDS] [CLIENTS]`, 5 rounds of 10,000 clients if nothing is said. Downloads the peers (crates.io, PyPI).
set -euo pipefail
cd "$(dirname "$0")/../.."

rounds=${1:-5}
clients=${2:-10000}
case $clients in
10000) scenario=scenarios/bench/w2-10k.toml ;;
100000) scenario=scenarios/bench/w2-100k.toml ;;
1000000) scenario=scenarios/bench/w2-1m.toml ;;
*) echo "CLIENTS is 10000, 100000 or 1000000, not $clients" >&2 && exit 2 ;;
esac
# Another program or scenario of the same W2 may be given.
scenario=${GTNET_SIM_SCENARIO:-$scenario}
program=${GTNET_SIM_PROGRAM:-}
# SimPy takes 20 to 50 times as long as the others: it simulates fewer clients, and its time for each refresh counts.
simpy_clients=${SIMPY_CLIENTS:-1000}
w1_processes=${W1_PROCESSES:-100000}

if [ -z "$program" ]; then
    cargo build --release --locked --quiet
    program=target/release/gtnet-sim
fi
target=${PEERS_TARGET_DIR:-benches/peers/target}
cargo build --release --locked --quiet --manifest-path benches/peers/Cargo.toml --target-dir "$target"
python=${PEERS_PYTHON:-benches/peers/venv/bin/python}
if [ ! -x "$python" ]; then
    python3 -m venv benches/peers/venv
    "$python" -m pip install --quiet simpy==4.1.2
fi

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
peers=$target/release/gtnet-sim-peers
simpy="$python benches/peers/simpy_peer.py"

python3 benches/peers/measure.py "$rounds" \
    "W2 gtnet-sim=$program run $scenario --no-baseline --replications 1 --jobs 1 --quiet --out $out/results" \
    "W2 simulacra=$peers w2 simulacra $clients" \
    "W2 simcore=$peers w2 simcore $clients" \
    "W2 nexosim=$peers w2 nexosim $clients" \
    "W2 simpy ($simpy_clients clients)=$simpy w2 $simpy_clients"
if [ "$w1_processes" != 0 ]; then
    cargo bench --locked --quiet --bench event_queue -- phold | grep 'times as fast'
    python3 benches/peers/measure.py "$rounds" \
        "W1 simulacra=$peers w1 simulacra $w1_processes" \
        "W1 simcore=$peers w1 simcore $w1_processes" \
        "W1 nexosim=$peers w1 nexosim $w1_processes" \
        "W1 simpy=$simpy w1 $w1_processes"
fi
