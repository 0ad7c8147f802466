"""Exercise 4.1-leak: a program that learns from the rows it is judged on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

from anomalylab.classroom.core import Failed, kind, number, numbers
from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.inputs import Array

ODD = 30  # the last test rows; the others are the calibration rows once more
RATE = 0.05


def mended(train: Array, calibration: Array, test: Array) -> tuple[Array, float]:
    """Scale by train, set the threshold on calibration, learn nothing from test."""
    return _program([train], [calibration], test)


def _program(scale: Sequence[Array], limit: Sequence[Array], test: Array) -> tuple[Array, float]:
    """The colleague's method, with the parts that scaling and threshold are learned from."""
    rows = np.concatenate(scale)
    centre, spread = rows.mean(axis=0), rows.std(axis=0)

    def score(x: Array) -> Array:
        return np.asarray((((x - centre) / spread) ** 2).sum(axis=1))

    return score(test), float(np.quantile(score(np.concatenate(limit)), 1 - RATE))


def _order_and_alarms(result: Any, inputs: Inputs, on: str) -> Array:
    """The order of the odd test rows, and how many calibration rows lie above the threshold.

    So any score in the same order is right, and any way to take a percentile.
    """
    _, calibration, test = inputs
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Failed(f"On {on} return two things: the scores of the test rows, and a threshold.")
    scores, threshold = numbers(result[0]), number(result[1], f"{on} as the threshold,")
    if scores is None or scores.shape != (len(test),):
        raise Failed(
            f"On {on} the scores are {kind(result[0])}. Expected {len(test)} numbers, one for "
            "every row of test."
        )
    due = RATE * len(calibration)
    above = float(np.sum(scores[:-ODD] > threshold))
    return np.append(rankdata(scores[-ODD:]), due if abs(above - due) <= 1.25 else above)


def _said(where: tuple[int, ...], found: str, right: str) -> str:
    if where == (ODD,):
        return (
            f"the count of calibration rows above your threshold is {found}; about {right} (5 %) "
            "is due"
        )
    return (
        f"test row {ODD - where[0]} from the end has the place {found} in the order of your "
        f"scores, and {right} by the original method"
    )


def _plant(
    rng: np.random.Generator,
    rows: tuple[int, int] = (300, 200),
    columns: int = 5,
    *,
    wide: float = 1.4,
    grows: bool = False,
    far: float = 8.0,
    shift: float = 3.0,
) -> Inputs:
    """Train, calibration, and test: calibration again, ten more like it, and twenty faults."""
    size = 10 ** rng.uniform(-1, 1, columns)
    train = rng.normal(0, 1, (rows[0], columns))
    spread = np.linspace(0.3, 2, rows[1])[:, None] if grows else wide
    calibration = rng.normal(0.3, 1, (rows[1], columns)) * spread
    odd = rng.normal(0, 1, (ODD, columns))
    odd[10:20, 0] += far * rng.uniform(0.5, 1, 10)
    odd[20:, -1] -= far / 2 * rng.uniform(0.5, 1, 10)
    parts = train, calibration, np.concatenate([calibration, odd])
    return tuple((part + shift) * size for part in parts)


_ROWS = "From which rows is each number learned, and what share of the rows lies above?"

declare(
    Declared(
        name="4.1-leak",
        title="mend the leak",
        reference=mended,
        view=_order_and_alarms,
        said=_said,
        cases=[
            Case("a plant with 20 faults in test,", _plant, _ROWS),
            Case("a plant with large faults in test,", lambda rng: _plant(rng, far=200.0), _ROWS),
            Case("wide calibration rows,", lambda rng: _plant(rng, wide=3.0), _ROWS),
            Case(
                "calibration rows that spread more and more,",
                lambda rng: _plant(rng, grows=True),
                _ROWS,
            ),
            Case("137 calibration rows,", lambda rng: _plant(rng, (90, 137), 7), _ROWS),
            Case("45 calibration rows,", lambda rng: _plant(rng, (60, 45), 3), _ROWS),
            Case("a single column,", lambda rng: _plant(rng, (80, 120), 1), _ROWS),
            Case("columns far from zero,", lambda rng: _plant(rng, shift=1000.0), _ROWS),
            Case(
                "32-bit numbers,",
                lambda rng: tuple(part.astype("f") for part in _plant(rng)),
                _ROWS,
            ),
        ],
        slips=[
            Slip(
                lambda a, b, c: _program([a, b, c], [c], c),
                "I made the faults in test larger, and scores of other test rows and the threshold "
                "changed. Both are learned from the rows to be judged. Follow every number back.",
            ),
            Slip(
                lambda a, b, c: _program([a, b, c], [b], c),
                "I made the faults in test larger, and the scores of other test rows changed. "
                "Something is still learned from test. From which rows come centre and spread?",
            ),
            Slip(
                lambda a, b, c: _program([a], [c], c),
                "I made the faults in test larger, and your threshold moved. It looks at what it "
                "will be judged on. Which rows are kept for a threshold?",
            ),
            Slip(
                lambda a, b, c: _program([a], [a], c),
                "I spread the calibration rows wider, and your threshold stayed. It is set on "
                "the rows that the scaling was fitted to, which flatters it. Which part is for it?",
            ),
            Slip(
                lambda a, b, c: _program([b], [b], c),
                "I spread the calibration rows wider, and the scores of test changed. Calibration "
                "has another job. Which part are centre and spread learned from?",
            ),
            Slip(
                lambda a, b, c: _program([a, b], [b], c),
                "Centre and spread move with the calibration rows, as they do with train. Then the "
                "threshold is set on rows that the scaling knows. Which part is for scaling?",
            ),
            Slip(
                lambda a, b, c: _program([a], [a, b], c),
                "Your threshold moves with the calibration rows, but less than it should: other "
                "rows have a say in it. Which rows did the scaling never see?",
            ),
            Slip(
                lambda a, b, c: (_program([c], [c], c)[0], _program([b], [b], b)[1]),
                "I moved all rows of test, and their scores stayed. Each part is scaled by itself, "
                "and so test by test. One scale is for all. Whose is it?",
            ),
        ],
        hints=(
            "Follow every number back: which rows did it come from?",
            "There are two leaks: one in the scaling, one in the threshold.",
            "Centre and spread belong to train, the threshold to calibration, test to nobody.",
        ),
        praise="Nothing is learned from the test rows, and each part does its own job.",
    )
)
