"""Runs commands in turns and prints their processor time and memory: `measure.py ROUNDS NAME=COMMAND...`; the first is the one that the
others are compared with. A command tells how much it has done as `units=N`; gtnet-sim tells it in its results."""

import csv
import os
import re
import shlex
import shutil
import statistics
import sys
import tempfile
import time


def run(command):
    """Processor time [s], peak memory [MB], what was done and what was printed."""
    arguments = shlex.split(command)
    results = arguments[arguments.index("--out") + 1] if "--out" in arguments else None
    if results:
        shutil.rmtree(results, ignore_errors=True)
    with tempfile.TemporaryFile("w+") as printed:
        child = os.posix_spawnp(
            arguments[0], arguments, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, printed.fileno(), 1)]
        )
        # What the system tells of a child's memory includes ours, of which it was a copy: so look at it while it runs.
        peak, ended = 0.0, 0
        while not ended:
            peak = max(peak, peak_mb(child))
            time.sleep(0.01)
            ended, status, usage = os.wait4(child, os.WNOHANG)
        printed.seek(0)
        text = printed.read().strip()
    if status != 0:
        sys.exit(f"{command}\n{text}\nended with {os.waitstatus_to_exitcode(status)}")
    if results:
        units, text = refreshes(results)
    else:
        units = int(re.search(r"units=(\d+)", text)[1])
    return usage.ru_utime + usage.ru_stime, peak, units, text.split("; units=")[0]


def peak_mb(process):
    """The most memory that a running process has had [MB]; 0 if it has ended."""
    try:
        with open(f"/proc/{process}/status") as status:
            lines = [line.split() for line in status if line.startswith("VmHWM:")]
    except OSError:
        return 0.0
    return int(lines[0][1]) * 1024 / 1e6 if lines else 0.0


def refreshes(results):
    """The refreshes of a run of gtnet-sim over one day, and whether it gives the results that W2 is known to give."""
    with open(f"{results}/summary.csv", newline="") as file:
        value = {
            (row["subject"], row["measure"]): float(row["mean"])
            for row in csv.DictReader(file)
            if row["contrast"] == "value" and row["mean"]
        }
    done = value["all", "exchanges"]
    filled = value["all", "fill_push_open_share"]
    calls = value["all", "connector_calls"] / done
    right = abs(filled - 0.3415) <= 0.0025 and abs(calls - 19.75) <= 0.075
    verdict = "as known" if right else "NOT as known (34.15 % and 19.75)"
    return round(done), f"W2: {done:.0f} refreshes, {100 * filled:.2f} % filled by the hub, {calls:.3f} calls a refresh: {verdict}"


def main():
    rounds, commands = int(sys.argv[1]), [argument.split("=", 1) for argument in sys.argv[2:]]
    runs = {name: [] for name, _ in commands}
    for number in range(rounds):
        for name, command in commands:
            runs[name].append(run(command))
            if number == 0:
                print(f"{name}: {runs[name][0][3]}", flush=True)
    print(f"{'':26} {'µs a unit: min':>15} {'median':>8} {'ratio: min':>11} {'median':>8} {'peak MB':>9}")
    first = None
    for name, done in runs.items():
        each = [1e6 * seconds / units for seconds, _, units, _ in done]
        least, middle = min(each), statistics.median(each)
        first = first or (least, middle)
        memory = max(megabytes for _, megabytes, _, _ in done)
        ratios = f"{least / first[0]:11.2f} {middle / first[1]:8.2f}"
        print(f"{name:26} {least:15.3f} {middle:8.3f} {ratios} {memory:9.0f}")
    print(f"A unit is a refresh of W2 or an event of W1; processor time (user and system) of {rounds} rounds in turns.")


main()
