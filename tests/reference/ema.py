#!/usr/bin/env python3
"""Writes tests/reference/ema.json: which boxes the EMA Workbench finds in fixed samples, to compare gtnet_sim::stats::Prim with.

    python3 -m venv /tmp/ema && /tmp/ema/bin/pip install ema_workbench==2.5.3 seaborn
    /tmp/ema/bin/python tests/reference/ema.py
"""

import json
import os

import numpy as np
import pandas as pd
from ema_workbench.analysis import prim


def trajectory(table, hits):
    """The cases and those of interest in each box, its limits, and the quasi-p-values of its restrictions."""
    found = prim.Prim(table, hits, threshold=0.1, peel_alpha=0.05, paste_alpha=0.05, mass_min=0.05).find_box()
    boxes = []
    for row, limits, quasi_p in zip(found.peeling_trajectory.itertuples(), found.box_lims, found.qp):
        numbers = {name: [float(end) for end in limits[name]] for name in table if table[name].dtype == float}
        words = {name: sorted(limits[name][0]) for name in table if table[name].dtype != float}
        values = {name: [float(value) for value in both] for name, both in quasi_p.items()}
        boxes.append({"cases": int(row.n), "hits": int(row.k), "coverage": float(row.coverage),
                      "numbers": numbers, "words": words, "quasi_p": values})
    columns = {name: table[name].tolist() for name in table}
    return {"columns": columns, "is_hit": [bool(hit) for hit in hits], "boxes": boxes}


def sample(generator, count):
    return {name: generator.random(count) for name in ["a", "b", "c", "d"]}


def corner():
    """Two inputs decide, with noise; two do not."""
    generator = np.random.default_rng(7)
    table = pd.DataFrame(sample(generator, 200))
    hits = ((table.a + 0.1 * generator.standard_normal(200) < 0.4) & (table.b > 0.5)).to_numpy().astype(int)
    return trajectory(table, hits)


def mixed():
    """A number and a word decide."""
    generator = np.random.default_rng(11)
    table = pd.DataFrame(sample(generator, 150))
    table["place"] = np.array(["CH", "DE", "US"])[generator.integers(0, 3, 150)]
    hits = ((table.c > 0.55) & (table.place == "US") | (generator.random(150) < 0.05)).to_numpy().astype(int)
    return trajectory(table, hits)


def ties():
    """Few different values, as counts have them."""
    generator = np.random.default_rng(13)
    table = pd.DataFrame(sample(generator, 120))
    table["a"] = np.floor(table.a * 6)
    hits = ((table.a >= 4) & (table.d < 0.6)).to_numpy().astype(int)
    return trajectory(table, hits)


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ema.json")
with open(path, "w", encoding="utf-8") as file:
    json.dump({"corner": corner(), "mixed": mixed(), "ties": ties()}, file, indent=None, separators=(",", ":"))
    file.write("\n")
