#!/usr/bin/env bash
# Checks that the committed results are what the committed scenarios give, byte by byte.
#
#   tests/results.sh              every replication of every scenario: some minutes
#   tests/results.sh --sample     of each smaller study the first replication, and all tables and charts from the committed ones;
#                                 every replication of all other scenarios; some of the rules. The gate runs this.
#   tests/results.sh --redraw     makes all tables and charts again from the committed replications, and puts them in their place.
#   tests/results.sh --update     puts what the scenarios give now in the place of the committed results.
#
# GTNET_SIM_PROGRAM and GTNET_SIM_ABLATION name the programs; without them the script builds both.
set -euo pipefail
cd "$(dirname "$0")/.."

sample=false redraw=false update=false
case "${1:-}" in
    --sample) sample=true ;;
    --redraw) redraw=true update=true ;;
    --update) update=true ;;
esac
program=${GTNET_SIM_PROGRAM:-}
ablation=${GTNET_SIM_ABLATION:-}
if [ -z "$program" ] || [ -z "$ablation" ]; then
    cargo build --locked --release --quiet --bin gtnet-sim --example ablation
    target=${CARGO_TARGET_DIR:-target}/release
    program=$target/gtnet-sim ablation=$target/examples/ablation
fi
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

# Compares what is committed with what was made, or replaces it.
identical() {
    if $update; then
        rm -rf "$1"
        cp -r "$2" "$1"
    fi
    diff -r "$1" "$2"
    echo "$1: identical"
}

# Lines of the first file that the second lacks: none may be left. The last columns of replications.csv, which say what a
# replication contributes to the quantiles of all together, depend on how many there are.
all_lines_of() {
    local pooled
    pooled=$(head -n 1 "$1" | { grep --only-matching ',pooled_' || true; } | wc -l)
    if grep --invert-match --line-regexp --fixed-strings --file=<(without_last "$pooled" "$2") <(without_last "$pooled" "$1"); then
        echo "$2 lacks these lines" >&2
        exit 1
    fi
}

# The file without its last columns, which hold numbers.
without_last() {
    sed --regexp-extended "s/(,[^,]*){$1}\$//" "$2"
}

# Runs a function of this script in the background, two at a time, with what it prints in one piece at its end.
jobs_dir=$fresh/jobs
mkdir "$jobs_dir"
two_at_a_time() {
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || true; done
    local log
    log=$(mktemp "$jobs_dir/XXXXXX")
    # A command whose status is asked for at once does not stop at its first mistake: so it is asked for later.
    (
        set +e
        (set -e; "$@") > "$log" 2>&1
        [ $? = 0 ] && result=well || result=failed
        mv "$log" "$log.$result"
        cat "$log.$result"
    ) &
}
all_went_well() {
    wait
    # A job that was killed has not said how it ended.
    if find "$jobs_dir" -type f -not -name '*.well' | grep --quiet .; then
        echo "not all results are what the scenarios give" >&2
        exit 1
    fi
}

of_run() {
    "$program" run "scenarios/$1.toml" --quiet --out "$fresh/$1"
    identical "results/$1" "$fresh/$1"
}

of_study() {
    local name=$1 scenario=scenarios/$1.toml
    # A file with axes and variants is a sweep: each point for each variant. Axes may come from the file's base.
    local command=sweep
    if grep --quiet '^\[\[variant\]\]' "$scenario" && ! grep --quiet '^\[\[sweep\]\]' "$scenario"; then
        command=compare
    fi
    if ! $sample && ! $redraw; then
        "$program" "$command" "$scenario" --quiet --out "$fresh/$name"
        identical "results/$name" "$fresh/$name"
        return
    fi
    # What is in a folder is not simulated again: tables and charts come from the committed replications.
    cp -r "results/$name" "$fresh/$name"
    "$program" "$command" "$scenario" --quiet --resume --out "$fresh/$name"
    identical "results/$name" "$fresh/$name"
    ! $redraw || return 0
    # A replication is the same however many there are. These have many points, many clients or a month: one replication of them
    # takes longer than one of all others together.
    case $name in
        faults/growth | faults/time-out | faults/ways-to-lose-a-hub | findings/clients-per-hub | findings/daily-limit | \
            findings/fast-or-slow-hub | findings/few-or-many-hubs | findings/hub-nobody-uses | findings/one-hub-each | \
            findings/planned-or-today | findings/priorities-or-random | findings/sends-350 | findings/staggering | \
            findings/topology-or-luck | findings/visits-to-the-hub | findings/visits-to-the-hub-threshold) return ;;
    esac
    local one=$fresh/sample/$(basename "$name")
    "$program" "$command" "$scenario" --quiet --replications 1 --out "$one"
    all_lines_of "$one/replications.csv" "results/$name/replications.csv"
    rm -r "$one"
}

mkdir "$fresh/findings" "$fresh/faults" "$fresh/sample"
for folder in results/*/; do
    name=$(basename "$folder")
    [ "$name" != findings ] && [ "$name" != faults ] || continue
    two_at_a_time of_run "$name"
done
for scenario in scenarios/findings/*.toml scenarios/faults/*.toml; do
    two_at_a_time of_study "$(basename "$(dirname "$scenario")")/$(basename "$scenario" .toml)"
done
all_went_well

if $redraw; then
    echo "docs/ablation.md: has no charts"
elif $sample; then
    "$ablation" 2 > "$fresh/ablation.md"
    all_lines_of "$fresh/ablation.md" docs/ablation.md
    echo "docs/ablation.md: has all of these lines"
else
    "$ablation" > "$fresh/ablation.md"
    identical docs/ablation.md "$fresh/ablation.md"
fi
