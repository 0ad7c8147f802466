"""What only the exercises of 4.1 promise."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

import anomalylab as al
from anomalylab import data
from tests.exercises.grading import points, sources


def test_check_and_points_agree_on_every_order_of_the_seven_lines() -> None:
    right = 0
    for letters in itertools.permutations("ABCDFGH"):
        order = " ".join(letters)
        passed = al.check("4.1-order", order).status == "passed"
        right += passed
        if passed or letters[-1] == "A":  # the rest is wrong in both, and slow to run
            assert points("4.1", "order-points", {}, {"order": order}) == float(passed)
    assert right == 6


def test_every_right_order_runs_and_flags_the_same_samples() -> None:
    block = sources("4.1")["order-question"].split("```")[1].strip().splitlines()
    lines = {line[0]: line[1:].strip() for line in block}
    assert list(lines) == list("ABCDEFGH")
    small = data.digits(held_out=9)
    few = {"train": small.train[:40], "train_kinds": small.train_kinds[:40]}
    small = type(small)(**{**vars(small), **few})
    flagged = []
    for order in ("DGBFCHA", "GDBHFCA", "DGBFHCA"):
        space: dict[str, Any] = {"np": np, "al": al, "data": data}
        for letter in order:
            with al.seeded(0):  # lines may swap; the weights at the start should not care
                exec(lines[letter], space)
        flagged.append(space["flagged"])
    assert flagged[0].any() and all(np.array_equal(f, flagged[0]) for f in flagged)
