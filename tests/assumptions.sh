#!/usr/bin/env bash
# Changes one assumption of a committed scenario at a time, and writes which conclusions still hold to docs/assumptions.md.
#
# The seeds are those of the scenarios, so two runs of this script write the same tables. It takes some minutes and is run by
# hand; the words around the tables are not touched.
#
#   tests/assumptions.sh                                       builds the program
#   GTNET_SIM_PROGRAM=/some/program tests/assumptions.sh
set -euo pipefail
cd "$(dirname "$0")/.."

program=${GTNET_SIM_PROGRAM:-}
if [ -z "$program" ]; then
    cargo build --locked --release --quiet --bin gtnet-sim
    program=${CARGO_TARGET_DIR:-target}/release/gtnet-sim
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

row=100
# simulate FOLDER SCENARIO OPTION...
simulate() {
    "$program" run "scenarios/$2.toml" --quiet --out "$work/$1" "${@:3}" || {
        echo "$2 cannot be simulated with ${*:3}" >&2
        exit 1
    }
}
# hub LABEL OPTION...: one hub and 20 clients, against the same users without GTNet.
hub() {
    row=$((row + 1))
    simulate "hub-$row" hub-20-clients "${@:2}"
    printf 'hub\t%s\t%s\n' "$row" "$1" >> "$work/rows"
}
# Simulates two scenarios with the same options. Those behind `--` are for the first scenario only.
pair() {
    row=$((row + 1))
    local table=$1 first=$2 second=$3 label=$4 both=() only=()
    shift 4
    while [ $# -gt 0 ] && [ "$1" != -- ]; do both+=("$1") && shift; done
    [ $# -eq 0 ] || only=("${@:2}")
    simulate "$table-$row" "$first" "${both[@]}" "${only[@]}"
    simulate "$table-$row-other" "$second" "${both[@]}"
    printf '%s\t%s\t%s\n' "$table" "$row" "$label" >> "$work/rows"
}
# open LABEL OPTION... [-- OPTION...]: 20 clients that ask each other, against 20 clients with a hub.
open() { pair open open-only hub-20-clients "$@"; }
# many LABEL OPTION... [-- OPTION...]: 60 clients with three hubs, against 60 clients with one.
many() { pair many three-hubs hub-60-clients "$@"; }
# Sets `every` to the options that give all providers of the scenarios a value.
every() {
    local name
    every=()
    for name in $(sed -n 's/^\[connector\.\([a-z]*\)\].*/\1/p' scenarios/hub-20-clients.toml); do
        every+=(--set "connector.$name.$1")
    done
}
latency() { every "latency={ lognormal = { median = \"$1\", sigma = 0.6 } }"; }

hub "as committed"
latency 50ms && hub "providers answer in 50 ms, not 300 ms (median)" "${every[@]}"
latency 75ms && hub "providers answer in 75 ms" "${every[@]}"
latency 150ms && hub "providers answer in 150 ms" "${every[@]}"
latency 3s && hub "providers answer in 3 s" "${every[@]}"
hub "hub in the United States" --set group.hub.country=US
hub "hub in Australia" --set group.hub.country=AU
hub "watchlists of 3 instruments, not of 20 to 60" --set group.client.watchlist.instruments=3
hub "all instruments are equally popular" --set instruments.popularity=uniform
hub "popularity less unequal (Zipf's exponent 0.7, not 1)" --set 'instruments.popularity={ zipf = 0.7 }'
hub "popularity more unequal (Zipf's exponent 1.3)" --set 'instruments.popularity={ zipf = 1.3 }'
hub "20,000 securities, not 2,000" --set instruments.securities=20000
hub "one user at each client, not three" --set group.client.users=1
hub "20 users at each client" --set group.client.users=20
hub "2 visits a day, not 8" --set group.client.visits.per_day=2
hub "32 visits a day" --set group.client.visits.per_day=32
hub "visits in the evening, not in office hours" --set group.client.visits.profile=evening
hub "visits at any hour" --set group.client.visits.profile=uniform
every 'delay=0s' && hub "providers are not late (most are by 15 min)" "${every[@]}"
every 'failure=0.1' && hub "a provider's call in ten fails, not one in a hundred" "${every[@]}"
every 'stamp=trade' && hub "providers stamp prices with the time of the trade" "${every[@]}"
hub "peers return prices of at most 10 min, not 25 min" --set protocol.freshness_threshold=600s
hub "peers return prices of any age" --set protocol.freshness_threshold=none
hub "watchlists are refreshed every 5 min, not every 20 min" --set protocol.watchlist_timeout=5min
hub "three messages in a hundred are lost, not one in a thousand" --set network.loss=0.03
hub "every round trip takes 5 ms" --set 'network.rtt={ constant = "5ms" }'
hub "half of the instruments may be filled and sent" --set group.client.receive=0.5 --set group.client.send=0.5
hub "a hub twenty times slower, with one worker" \
    --set group.hub.service.base=100ms --set group.hub.service.per_instrument=4ms --set group.hub.workers=1
hub "each clock is an hour ahead with probability 1/20" \
    --set "group.client.clock.offset={ empirical = [$(printf '"0s", %.0s' {1..19})\"1h\"] }"
hub "released rules, nobody at the hub" --set protocol.preset=gt-0.36.5
hub "200 clients × 20 users × 20 visits a day (three replications)" --set group.client.count=200 \
    --set group.client.users=20 --set group.client.visits.per_day=20 --replications 3

open "as committed"
open "only 30 % of the instruments have the send flag" -- --set group.client.send=0.3
open "each open instance knows five others, not all" -- --set 'peering.0.select={ random = 5 }'
latency 3s && open "providers answer in 3 s, not 300 ms (median)" "${every[@]}"
open "every round trip takes 5 ms" --set 'network.rtt={ constant = "5ms" }'
open "all instruments are equally popular" --set instruments.popularity=uniform
open "2 visits a day, not 8" --set group.client.visits.per_day=2
open "three messages in a hundred are lost, not one in a thousand" --set network.loss=0.03

many "as committed"
many "one message in a hundred is lost, not one in a thousand" --set network.loss=0.01
many "three messages in a hundred are lost" --set network.loss=0.03
latency 50ms && many "providers answer in 50 ms, not 300 ms (median)" "${every[@]}"
latency 3s && many "providers answer in 3 s" "${every[@]}"
many "all instruments are equally popular" --set instruments.popularity=uniform
many "2 visits a day, not 8" --set group.client.visits.per_day=2
many "each client knows one of the three at random" -- --set 'peering.0.select={ random = 1 }'
many "each client knows one of the three, and all instruments are equally popular" \
    --set instruments.popularity=uniform -- --set 'peering.0.select={ random = 1 }'
many "each client knows one of the three, and three messages in a hundred are lost" \
    --set network.loss=0.03 -- --set 'peering.0.select={ random = 1 }'
many "a hub twenty times slower, with one worker" --set group.hub.service.base=100ms \
    --set group.hub.service.per_instrument=4ms --set group.hub.workers=1

python3 - "$work" docs/assumptions.md << 'PYTHON'
import csv, math, statistics, sys

work, document = sys.argv[1:]
# The 97.5 % quantile of Student's t by degrees of freedom.
T = {2: 4.303, 9: 2.262, 19: 2.093}


def summary(folder):
    """Mean and half of the 95 % interval by measure and contrast, for the whole network. What is rare has a mean and no interval."""
    numbers = {}
    for row in csv.DictReader(open(f"{work}/{folder}/summary.csv")):
        if row["subject"] == "all" and row["mean"]:
            mean = float(row["mean"])
            half = float(row["ci95_high"]) - mean if row["ci95_high"] else None
            numbers[row["measure"], row["contrast"]] = mean, half
    return numbers


def replications(folder):
    return [row for row in csv.DictReader(open(f"{work}/{folder}/replications.csv")) if row["subject"] == "all"]


def paired(folder, number):
    """Mean and half interval of the differences of two folders, whose replications have the same luck."""
    both = zip(replications(folder), replications(folder + "-other"), strict=True)
    differences = [number(one) - number(other) for one, other in both]
    return statistics.mean(differences), T[len(differences) - 1] * statistics.stdev(differences) / math.sqrt(len(differences))


def saving(row):
    return 1 - float(row["connector_calls_per_d"]) / float(row["gtnet_off_connector_calls_per_d"])


def with_half(mean, half, factor, decimals, unit):
    """What has no interval is shown without one."""
    interval = "" if half is None else f" ± {half * factor:.{decimals}f}"
    return f"{mean}{interval} {unit}".replace("-", "−", 1)


def signed(number, factor, decimals, unit):
    return with_half(f"{number[0] * factor:+.{decimals}f}", number[1], factor, decimals, unit)


def percent(number):
    mean = f"{number[0] * 100:.1f}"
    return with_half(mean.replace("-0.0", "0.0"), number[1], 100, 1, "%")


def against(one, other, factor, decimals, unit):
    return f"{one[0] * factor:.{decimals}f} against {other[0] * factor:.{decimals}f} {unit}"


def verdict(number, is_lower):
    """Whether a difference is certainly below zero, or above. Without an interval nothing is certain."""
    mean, half = number if is_lower else (-number[0], number[1])
    if half is None:
        return "tie"
    return "holds" if mean + half < 0 else "reversed" if mean - half > 0 else "tie"


def within(number, low, high):
    return "holds" if low <= number <= high else "not"


def hub(folder):
    n = summary(folder)
    saved, wait, slow = n["connector_calls", "saving"], n["user_wait_p50", "difference"], n["user_wait_p95", "difference"]
    age, fresh, busy = n["price_age_p95", "difference"], n["price_fresh_share", "difference"], n["server_utilisation_max", "value"]
    cells = [
        percent(saved),
        against(n["user_wait_p50", "value"], n["user_wait_p50", "gtnet-off"], 1, 2, "s") + ": " + signed(wait, 1, 3, "s"),
        against(n["user_wait_p95", "value"], n["user_wait_p95", "gtnet-off"], 1, 2, "s") + ": " + signed(slow, 1, 2, "s"),
        against(n["price_age_p95", "value"], n["price_age_p95", "gtnet-off"], 1 / 60, 1, "min") + ": " + signed(age, 1 / 60, 1, "min"),
        f"{busy[0] * 100:.3f} %",
    ]
    return cells, {
        "saves calls": verdict(saved, False),
        "saves a third": within(round(saved[0], 2), 0.30, 0.37),
        "users wait less": verdict(wait, True),
        "slow visits are shorter": verdict(slow, True),
        "prices are older": verdict(age, False),
        "about a minute older": within(age[0], 30, 90),
        "fewer prices are fresh": verdict(fresh, True),
        "the hub idles": within(busy[0], 0, 0.01),
    }


def open_(folder):
    n, other = summary(folder), summary(folder + "-other")
    more, wait = paired(folder, saving), n["user_wait_p50", "difference"]
    slow = n["user_wait_p95", "difference"]
    ratio = n["user_wait_p50", "value"][0] / n["user_wait_p50", "gtnet-off"][0]
    cells = [
        f"{n['connector_calls', 'saving'][0] * 100:.1f} against {other['connector_calls', 'saving'][0] * 100:.1f} %: " + signed(more, 100, 1, "points"),
        against(n["user_wait_p50", "value"], n["user_wait_p50", "gtnet-off"], 1, 2, "s") + ": " + signed(wait, 1, 2, "s"),
        against(n["user_wait_p95", "value"], n["user_wait_p95", "gtnet-off"], 1, 2, "s") + ": " + signed(slow, 1, 2, "s"),
    ]
    return cells, {
        "saves as much as a hub": within(more[0], -0.01, 0.01),
        "users wait longer": verdict(wait, False),
        "slow visits are longer": verdict(slow, False),
        "users wait twice as long": within(ratio, 1.6, 2.5),
    }


def many(folder):
    n, other = summary(folder), summary(folder + "-other")
    more = paired(folder, saving)
    wait, slow = (paired(folder, lambda row, name=name: float(row[name])) for name in ("pooled_user_wait_p50_s", "pooled_user_wait_p95_s"))
    load = paired(folder, lambda row: float(row["server_utilisation_max_share"]))
    load_of = lambda numbers: numbers["server_utilisation_max", "value"]
    cells = [
        f"{n['connector_calls', 'saving'][0] * 100:.1f} against {other['connector_calls', 'saving'][0] * 100:.1f} %: " + signed(more, 100, 1, "points"),
        against(n["user_wait_p50", "value"], other["user_wait_p50", "value"], 1, 2, "s") + ": " + signed(wait, 1, 2, "s"),
        against(n["user_wait_p95", "value"], other["user_wait_p95", "value"], 1, 2, "s") + ": " + signed(slow, 1, 2, "s"),
        against(load_of(n), load_of(other), 100, 4, "%"),
    ]
    return cells, {
        "three save as much as one": within(more[0], -0.01, 0.01),
        "users wait longer with three": verdict(wait, False),
        "slow visits are longer with three": verdict(slow, False),
        "three do not share the load": within(load_of(n)[0] / load_of(other)[0], 0.9, 1.5),
    }


TABLES = {
    "hub": (hub, ["calls saved", "users wait (median), against without GTNet", "the slowest 5 % of the visits take at least", "95 % of prices are at most … old", "the hub works"]),
    "open": (open_, ["calls saved, against a hub", "users wait (median), against without GTNet", "the slowest 5 % of the visits take at least"]),
    "many": (many, ["calls saved, three hubs against one", "users wait (median)", "the slowest 5 % of the visits take at least", "the busiest hub works"]),
}
rows = [line.rstrip("\n").split("\t") for line in open(f"{work}/rows")]
text = open(document).read()
for table, (measure, titles) in TABLES.items():
    titles = ["changed assumption", *titles, "no longer holds", "still holds"]
    lines = ["| " + " | ".join(titles) + " |", "|---|" + "--:|" * (len(titles) - 3) + "---|---|"]
    counts = {}
    for _, number, label in (row for row in rows if row[0] == table):
        cells, verdicts = measure(f"{table}-{number}")
        if label == "as committed":
            assert all(kind == "holds" for kind in verdicts.values()), f"as committed, not all conclusions hold: {table}, {verdicts}"
            counts = {name: {} for name in verdicts}
        else:
            for name, kind in verdicts.items():
                counts[name][kind] = counts[name].get(kind, 0) + 1
        words = {"reversed": " (reversed)", "tie": " (not distinguishable)", "not": ""}
        lost = ", ".join(name + words[kind] for name, kind in verdicts.items() if kind != "holds") or "–"
        kept = ", ".join(name for name, kind in verdicts.items() if kind == "holds") or "–"
        lines.append("| " + " | ".join([label, *cells, lost, kept]) + " |")
    lines += ["", "| conclusion | holds in | not distinguishable | reversed, or no longer that number |", "|---|--:|--:|--:|"]
    for name, kinds in counts.items():
        changed = sum(kinds.values())
        lost = kinds.get("reversed", 0) + kinds.get("not", 0)
        lines.append(f"| {name} | {kinds.get('holds', 0)} of {changed} | {kinds.get('tie', 0)} | {lost} |")
    begin, end = f"<!-- {table}: written by tests/assumptions.sh -->\n", f"<!-- {table}: end -->"
    before, rest = text.split(begin)
    _, after = rest.split(end)
    text = before + begin + "\n" + "\n".join(lines) + "\n\n" + end + after
open(document, "w").write(text)
PYTHON
echo "docs/assumptions.md: written"
