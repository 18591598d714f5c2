#!/usr/bin/env bash
# Runs the snippets of docs/snippets on a sweep and a run, and checks that all three find the means and intervals of its summary.csv.
#
# Needs Python with pip, and R (r-base-core, r-cran-readr, r-cran-ggplot2), which it installs with apt if it is missing and
# it runs as root. polars, scipy and DuckDB go to a temporary folder.
#
#   tests/snippets.sh                              builds the program
#   GTNET_SIM_PROGRAM=/some/program tests/snippets.sh
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
snippets=$repository/docs/snippets

step() { printf '\n== %s\n' "$1"; }

step "what is needed"
if ! Rscript -e 'library(readr); library(ggplot2)' > /dev/null 2>&1; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends r-base-core r-cran-readr r-cran-ggplot2 > /dev/null
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check polars scipy duckdb-cli
program=${GTNET_SIM_PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --manifest-path "$repository/Cargo.toml" --locked --release --quiet
    program=${CARGO_TARGET_DIR:-$repository/target}/release/gtnet-sim
fi

step "a sweep and a run"
cp "$repository/scenarios/quick.toml" "$work/base.toml"
cat > "$work/sweep.toml" << 'END'
[scenario]
name = "snippets"
question = "Do others read what we write?"
base = "base.toml"

[run]
replications = 8

[[sweep]]
parameter = "group.client.count"
values = [3, 6, 12]
END
"$program" sweep "$work/sweep.toml" --out "$work/sweep" --quiet
"$program" run "$work/base.toml" --replications 8 --out "$work/run" --quiet

step "the snippets"
for results in sweep run; do
    mkdir "$work/$results-py" "$work/$results-R" "$work/$results-sql"
    (cd "$work/$results-py" && "$work/python/bin/python" "$snippets/summary.py" "$work/$results" > output)
    (cd "$work/$results-R" && Rscript "$snippets/summary.R" "$work/$results" > output)
    (cd "$work/$results-sql" && "$work/python/bin/duckdb" -cmd "SET VARIABLE results = '$work/$results'" < "$snippets/summary.sql" > output)
done
(cd "$work/sweep-R" && Rscript "$snippets/plot.R" "$work/sweep")
test -s "$work/sweep-R/plot.png"

step "the means are those of summary.csv"
cat > "$work/check.py" << 'END'
import csv
import math
import sys

work = sys.argv[1]
rows = lambda path: list(csv.DictReader(open(f"{work}/{path}")))
numbers = ("mean", "ci95_low", "ci95_high", "standard_deviation", "replications")


def agree(a, b, scale):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9 * scale)


# The columns of a measure have its unit behind its name, and a prefix for the same without GTNet.
def check(results, language):
    summary = {}
    for row in rows(f"{results}/summary.csv"):
        prefix = {"value": "", "gtnet-off": "gtnet_off_"}.get(row["contrast"])
        # What is rare has no interval.
        if prefix is not None and row["mean"] != "" and row["known"] == "mean":
            summary[row["point"], row["subject"], prefix, row["measure"]] = row
    measures = {row["measure"] for row in rows(f"{results}/summary.csv")}
    others = {(row["point"], row["subject"], row["measure"]) for row in rows(f"{results}/summary.csv")}
    compared = set()
    for row in rows(f"{results}-{language}/means.csv"):
        column = row["measure"].removeprefix("pooled_")
        prefix = "gtnet_off_" if column.startswith("gtnet_off_") else ""
        name = column.removeprefix(prefix)
        measure = max((m for m in measures if name == m or name.startswith(f"{m}_")), key=len, default=None)
        # Quantiles are those of all replications together, to which these columns contribute.
        if measure is not None and measure.endswith(("_p50", "_p95", "_p99")) != (column != row["measure"]):
            continue
        key = row["point"], row["subject"], prefix, measure
        known = summary.get(key)
        if known is None:
            # Replications that know a value are no fair sample of all, so that summary.csv has no mean of them.
            is_other = (row["point"], row["subject"], measure) in others
            assert int(row["replications"]) < 8 or is_other, f"{language}: {key} of column {row['measure']} is not in summary.csv"
            continue
        assert key not in compared, f"{language}: {key} twice"
        for number in numbers:
            if row[number] == "" or known[number] == "":
                assert row[number] == known[number], f"{language}: {key} {number}: {row[number]!r}, {known[number]!r}"
                continue
            a, b = float(row[number]), float(known[number])
            assert agree(a, b, 0 if number == "mean" else abs(float(row["mean"]))), f"{language}: {key} {number}: {a} {b}"
        compared.add(key)
    lacking = set(summary) - compared
    assert not lacking, f"{language}: lacks {sorted(lacking)}"
    print(f"{results}, {language}: {len(compared)} estimates agree")


for results in ("sweep", "run"):
    for language in ("py", "R", "sql"):
        check(results, language)

first, *others = (rows(f"sweep-{language}/difference.csv")[0] for language in ("py", "R", "sql"))
for other in others:
    for number in numbers:
        assert agree(float(first[number]), float(other[number]), 1), f"difference: {number}: {first} {other}"
data = rows("sweep/replications.csv")
column, ends = "connector_calls_per_d", (data[0]["point"], data[-1]["point"])
a, b = ({row["replication"]: float(row[column]) for row in data if row["point"] == end and row["subject"] == "all"} for end in ends)
assert agree(float(first["mean"]), math.fsum(b[r] - a[r] for r in a) / len(a), 0), "difference"
print(f"difference: {float(first['mean']):.3f} ({float(first['ci95_low']):.3f} to {float(first['ci95_high']):.3f})")
END
python3 "$work/check.py" "$work"

step "all is well"
