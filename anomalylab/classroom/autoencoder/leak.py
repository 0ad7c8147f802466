"""Exercise 4.1-leak: a program that learns from the rows it is judged on."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

import numpy as np

from anomalylab.classroom.core import Failed, NotAttempted, call, number, vector
from anomalylab.inputs import Array

NORMALS = 150  # of 200 test rows; the rest are faults, half of them high, half low


class Program(Protocol):
    """The learner's program on three parts; `on` says in words which ones."""

    def __call__(
        self, train: Array, calibration: Array, test: Array, *, on: str
    ) -> tuple[Array, float]:
        """Return the scores of the test rows, and the threshold."""


def _plant(seed: int) -> tuple[Array, Array, Array]:
    """Train, calibration and test rows: five features of different size, test with faults."""
    rng = np.random.default_rng(seed)
    size = np.array([1.0, 10.0, 0.1, 5.0, 2.0])
    parts = [rng.normal(3, 1, (rows, 5)) * size for rows in (300, 200, 200)]
    parts[2][NORMALS:175] += 6 * size
    parts[2][175:] -= 6 * size
    return parts[0], parts[1], parts[2]


def _widened(rows: Array) -> Array:
    return rows.mean(0) + 3 * (rows - rows.mean(0))


def examine_leak(answer: Any) -> str:
    """`answer(train, calibration, test)` should return (scores of test, threshold)."""
    program: Program = partial(_run, answer)
    train, calibration, test = _plant(0)
    _nothing_from_test(program, train, calibration, test)
    _each_part_its_job(program, train, calibration, test)
    _any_unit(program, train, calibration, test)
    _same_method(program, train, calibration, test)
    _same_rate(program, train, calibration)
    return "Nothing is learned from the test rows, and each part does its own job."


def _run(
    answer: Any, train: Array, calibration: Array, test: Array, *, on: str
) -> tuple[Array, float]:
    result = call(answer, train.copy(), calibration.copy(), test.copy(), on=on)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Failed("Return two things: the scores of the test rows, and one threshold.")
    if result[0] is ... or result[1] is ...:
        raise NotAttempted
    return vector(result[0], len(test), on), number(result[1], f"{on}, as the threshold,")


def _nothing_from_test(program: Program, train: Array, calibration: Array, test: Array) -> None:
    scores, threshold = program(train, calibration, test, on="a plant with 50 faults in 200")
    wild = np.concatenate([test[:NORMALS], test[NORMALS:] * 50])
    after, moved = program(train, calibration, wild, on="a plant with 50 large faults")
    if not np.allclose(scores[:NORMALS], after[:NORMALS]):
        raise Failed(
            "I made the faults in test fifty times larger, and the scores of the *other* test "
            "rows changed. Something is still learned from test. From which rows come centre and "
            "spread?"
        )
    if not np.isclose(threshold, moved):
        raise Failed(
            "I made the faults in test fifty times larger, and your threshold moved. It still "
            "looks at what it will be judged on. Which rows is a threshold set on?"
        )


def _each_part_its_job(program: Program, train: Array, calibration: Array, test: Array) -> None:
    scores, threshold = program(train, calibration, test, on="a plant with 50 faults in 200")
    after, moved = program(train, _widened(calibration), test, on="wide calibration rows")
    if not np.allclose(scores, after):
        raise Failed(
            "I spread the calibration rows three times as wide, and the scores of the test rows "
            "changed. Calibration has another job. Which part are the centre and the spread "
            "learned from?"
        )
    if np.isclose(threshold, moved):
        raise Failed(
            "I spread the calibration rows three times as wide, and your threshold stayed. It is "
            "set on rows the scaling was fitted to, which flatters it. Which part is kept for "
            "thresholds?"
        )


def _any_unit(program: Program, train: Array, calibration: Array, test: Array) -> None:
    parts = (train, calibration, test)
    scores, _ = program(*parts, on="a plant with 50 faults in 200")
    milli = np.array([1.0, 1.0, 1000.0, 1.0, 1.0])
    changed, _ = program(*(part * milli for part in parts), on="a column in milliunits")
    if not np.allclose(scores, changed, rtol=1e-6):
        raise Failed(
            "I gave one column in thousandths of its unit, in all three parts, and the scores "
            "changed. In the original program every column counts the same, whatever its size."
        )
    shifted, _ = program(*(part + 1000 for part in parts), on="columns moved by 1000")
    if not np.allclose(scores, shifted, rtol=1e-6):
        raise Failed(
            "I added 1000 to every value, in all three parts, and the scores changed. Rows are as "
            "odd as before. From which point is a row's distance measured?"
        )


def _same_method(program: Program, train: Array, calibration: Array, test: Array) -> None:
    """The rows should be ordered as by their squared standardised length."""
    scores, _ = program(train, calibration, test, on="a plant with 50 faults in 200")
    normal, high, low = scores[:NORMALS].mean(), scores[NORMALS:175].mean(), scores[175:].mean()
    if min(high, low) <= normal:
        where = "above" if high <= normal else "below"
        raise Failed(
            f"Faults that lie far {where} normal values score lower than normal rows. In this "
            "course higher means more anomalous, on either side. Print one score of each kind."
        )
    expected = (((test - train.mean(0)) / train.std(0)) ** 2).sum(1)
    if not np.array_equal(np.argsort(scores), np.argsort(expected)):
        raise Failed(
            "No leak found, but your scores order the test rows differently from the original "
            "method. Mend where the numbers come from, and leave centre, spread and length as "
            "they are."
        )


def _same_rate(program: Program, train: Array, calibration: Array) -> None:
    """5 % of the calibration rows should lie above the threshold, whatever they are like."""
    for name, rows in (("", calibration), ("widened ", _widened(calibration))):
        scores, threshold = program(train, rows, rows, on=f"the {name}calibration rows as test")
        above = int((scores > threshold).sum())
        if 9 <= above <= 11:
            continue
        if name:
            raise Failed(
                f"I spread the calibration rows wide: {above} of 200 lie above your threshold, "
                "where 10 were above before. Some other rows have a say in it. Which rows is it "
                "set on?"
            )
        raise Failed(
            f"{above} of 200 calibration rows lie above your threshold; the original rule, 5 %, "
            "gives 10. Mend where the numbers come from, and leave the rule as it was."
        )
