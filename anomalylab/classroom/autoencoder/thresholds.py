"""Exercises 4.1-budget and 4.1-rate: a threshold, and what it really achieves."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalylab.classroom.core import Failed, call, number
from anomalylab.inputs import Array


def _calibrations() -> list[tuple[str, Array, float]]:
    """Scores of several shapes with a budget that is a whole number of scores."""
    return [
        ("400 skewed scores", np.random.default_rng(1).gamma(3.0, 0.01, 400), 0.05),
        ("300 long-tailed scores", np.random.default_rng(2).lognormal(0.0, 1.0, 300), 0.1),
        ("200 scores below zero", np.random.default_rng(3).normal(-8.0, 1.0, 200), 0.05),
    ]


def examine_budget(answer: Any) -> str:
    """`answer(calibration_scores, at_most)` should return a threshold."""
    for name, scores, at_most in _calibrations():
        on = f"{name} with at_most={at_most}"
        threshold = number(call(answer, scores.copy(), at_most, on=on), on)
        _within_budget(scores > threshold, at_most, on)
    return "The threshold keeps within the budget and uses it."


def _within_budget(flagged: np.ndarray, at_most: float, on: str) -> None:
    above, share = int(flagged.sum()), float(flagged.mean())
    allowed = round(at_most * len(flagged))
    if share > 0.97:
        raise Failed(
            f"On {on} your threshold flags {share:.0%} of the normals, nearly all. Did a "
            "share end up where a percentage was expected, or the other way round?"
        )
    if share > 0.5:
        raise Failed(
            f"On {on} your threshold flags {share:.0%} of the normals. A budget of "
            f"{at_most:.0%} is for the few highest scores. Which tail of the distribution "
            "did you cut?"
        )
    if above > allowed:
        raise Failed(
            f"On {on} {above} scores lie above your threshold; the budget allows {allowed}. "
            "Does your threshold depend on the scores' order, and does it use at_most?"
        )
    if not above:
        raise Failed(
            f"On {on} nothing lies above your threshold. No false alarms, and hardly an "
            "anomaly found. How much of the budget may be used?"
        )
    if above < allowed - 1:
        raise Failed(
            f"On {on} only {above} scores lie above your threshold, where {allowed} may: that "
            "wastes the budget. Does your rule assume a shape, or keep a reserve nobody asked for?"
        )


def examine_rate(answer: Any) -> str:
    """`answer(scores, threshold)` should return the share of the scores that is flagged."""
    scores = np.random.default_rng(4).gamma(3.0, 0.01, 250)
    for threshold in (0.05, 0.02):
        on = f"250 scores with threshold {threshold}"
        flagged = int((scores > threshold).sum())
        _is_share(number(call(answer, scores.copy(), threshold, on=on), on), flagged, 250, on)
    tied = np.array([1.0, 2.0, 2.0, 3.0, 2.0, 5.0, 1.0, 2.0])
    on = "[1, 2, 2, 3, 2, 5, 1, 2] with threshold 2"
    rate = number(call(answer, tied.copy(), 2.0, on=on), on)
    if np.isclose(rate, 6 / 8):
        raise Failed(
            f"On {on} your rate is {rate:g}. In this course a row is flagged if its score lies "
            "*above* the threshold. What happens to the rows that hit it exactly?"
        )
    _is_share(rate, 2, 8, on)
    return "That is the share of the rows that are flagged."


def _is_share(rate: float, flagged: int, rows: int, on: str) -> None:
    if np.isclose(rate, flagged):
        raise Failed(f"On {on} you returned {rate:g}, a count. A rate says how many of how many.")
    if np.isclose(rate, 100 * flagged / rows):
        raise Failed(f"On {on} you returned {rate:g}, a percentage. A share lies between 0 and 1.")
    if np.isclose(rate, 1 - flagged / rows):
        raise Failed(
            f"On {on} you returned {rate:.3g}: the share of the rows that pass without an alarm. "
            "Which side of the threshold is flagged?"
        )
    if not np.isclose(rate, flagged / rows):
        raise Failed(
            f"On {on} you returned {rate:.3g}, which is not the share of flagged rows. Make five "
            "scores up, choose a threshold between them, and count by hand."
        )
