#!/usr/bin/env python3
"""Writes tests/reference/salib.json: what SALib says of fixed samples, to compare gtnet_sim::stats with.

    python3 -m venv /tmp/salib && /tmp/salib/bin/pip install SALib==1.6.0
    /tmp/salib/bin/python tests/reference/salib.py
"""

import json
import math
import os

import numpy as np
from SALib.analyze import morris as morris_analysis
from SALib.analyze import sobol as sobol_analysis
from SALib.sample import morris as morris_sample
from SALib.sample import sobol as sobol_sample
from SALib.test_functions import Ishigami


def rounded(values):
    return [float(value) for value in values]


def sobol(samples):
    """Ishigami's function: numbers of A, B and AB of each input, and SALib's indices."""
    problem = {"num_vars": 3, "names": ["x1", "x2", "x3"], "bounds": [[-math.pi, math.pi]] * 3}
    points = sobol_sample.sample(problem, samples, calc_second_order=False, scramble=True, seed=7)
    numbers = Ishigami.evaluate(points)
    found = sobol_analysis.analyze(problem, numbers, calc_second_order=False, seed=7)
    # Rows of SALib: A, then AB of each input, then B.
    table = numbers.reshape(samples, 5)
    return {
        "a": rounded(table[:, 0]),
        "ab": [rounded(table[:, 1 + at]) for at in range(3)],
        "b": rounded(table[:, 4]),
        "first": rounded(found["S1"]),
        "total": rounded(found["ST"]),
    }


def morris(count):
    """A function with an interaction: numbers along trajectories, their steps, and SALib's mu, mu* and sigma."""
    problem = {"num_vars": 4, "names": ["x1", "x2", "x3", "x4"], "bounds": [[0, 1]] * 4}
    points = morris_sample.sample(problem, count, num_levels=4, seed=7)
    numbers = points[:, 0] * 3 + np.sin(5 * points[:, 1]) - 4 * points[:, 0] * points[:, 2]
    found = morris_analysis.analyze(problem, points, numbers, num_levels=4, seed=7)
    trajectories = points.reshape(count, 5, 4)
    steps = []
    for trajectory in trajectories:
        changes = np.diff(trajectory, axis=0)
        steps.append([[int(np.argmax(np.abs(change))), float(change[np.argmax(np.abs(change))])] for change in changes])
    return {
        "numbers": [rounded(row) for row in numbers.reshape(count, 5)],
        "steps": steps,
        "mu": rounded(found["mu"]),
        "mu_star": rounded(found["mu_star"]),
        "sigma": rounded(found["sigma"]),
    }


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "salib.json")
with open(path, "w", encoding="utf-8") as file:
    json.dump({"sobol": sobol(64), "morris": morris(12)}, file, indent=0)
    file.write("\n")
