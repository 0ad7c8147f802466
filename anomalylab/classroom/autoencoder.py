"""Checks of section 4.1. Everything a learner can be told about an answer stands here."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalylab.classroom.core import Exercise, Failed, NotAttempted, call, register
from anomalylab.preprocess import Array


def _calibration(seed: int, n: int = 400) -> Array:
    """Skewed positive scores, as reconstruction errors are."""
    return np.random.default_rng(seed).gamma(3.0, 0.01, n)


def examine_budget(answer: Any) -> str:
    """`answer(calibration_scores, at_most)` should return a threshold."""
    for seed, at_most in ((1, 0.05), (2, 0.05), (3, 0.1)):
        scores = _calibration(seed)
        what = f"{len(scores)} calibration scores with at_most={at_most}"
        threshold = call(answer, scores.copy(), at_most, on=what)
        if np.ndim(threshold) or not np.isfinite(threshold):
            kind = type(threshold).__name__
            raise Failed(f"On {what} you returned a {kind}. A threshold is one finite number.")
        above = float(np.mean(scores > threshold))
        if above > 0.97:
            raise Failed(
                f"On {what} your threshold flags {above:.0%} of the normals, nearly all. Did a "
                "share end up where a percentage was expected, or the other way round?"
            )
        if above > 0.5:
            raise Failed(
                f"On {what} your threshold flags {above:.0%} of the normals. A budget of "
                f"{at_most:.0%} is for the few highest scores. Which tail of the distribution "
                "did you cut?"
            )
        if above > at_most:
            raise Failed(
                f"On {what} {above:.1%} of the normals lie above your threshold, over the budget. "
                "Does your threshold depend on the scores' order, and does it use at_most?"
            )
        if above == 0:
            raise Failed(
                f"On {what} nothing lies above your threshold. No false alarms, and hardly an "
                "anomaly found. How much of the budget may be used?"
            )
        if above < at_most - 0.03:
            raise Failed(
                f"On {what} only {above:.1%} of the normals lie above your threshold. That wastes "
                "the budget. Does the rule assume a shape the scores do not have?"
            )
    return "The threshold keeps within the budget and uses it."


def _plant(seed: int) -> tuple[Array, Array, Array]:
    """Train, calibration and test rows: five features of different size, test with anomalies."""
    rng = np.random.default_rng(seed)
    size = np.array([1.0, 10.0, 0.1, 5.0, 2.0])
    train, calibration = rng.normal(3, 1, (300, 5)) * size, rng.normal(3, 1, (200, 5)) * size
    test = rng.normal(3, 1, (200, 5)) * size
    test[150:] += 6 * size
    return train, calibration, test


def examine_leak(answer: Any) -> str:
    """`answer(train, calibration, test)` should return (scores of test, threshold)."""
    train, calibration, test = _plant(0)
    scores, threshold = _scores(answer, train, calibration, test, "a plant with 50 faults in 200")
    same = _scores(answer, train, calibration, np.concatenate([test[:150], test[150:] * 50]), "X")
    if not np.allclose(scores[:150], same[0][:150]):
        raise Failed(
            "I made the anomalies in test fifty times larger, and the scores of the *other* test "
            "rows changed. Something is still learned from test. From which rows come centre and "
            "spread?"
        )
    if not np.isclose(threshold, same[1]):
        raise Failed(
            "I made the anomalies in test fifty times larger, and your threshold moved. It still "
            "looks at what it will be judged on. Which rows is a threshold set on?"
        )
    if np.mean(scores[150:]) < np.mean(scores[:150]):
        raise Failed(
            "On a plant with 50 faults, the faults score lower than the normal rows. In this "
            "course higher means more anomalous. Print one score of each kind."
        )
    _threshold_source(answer, train, calibration, test, threshold)
    return "Nothing is learned from the test rows any more."


def _scores(answer: Any, train: Array, calibration: Array, test: Array, on: str) -> tuple[Any, Any]:
    result = call(answer, train.copy(), calibration.copy(), test.copy(), on=on)
    try:
        scores, threshold = result
        if scores is ... or threshold is ...:
            raise NotAttempted
        scores, threshold = np.asarray(scores, dtype=float), float(threshold)
    except (TypeError, ValueError):
        raise Failed("Return two things: the scores of the test rows, and one threshold.") from None
    if scores.shape != (len(test),):
        raise Failed(f"Expected {len(test)} scores, one a test row, but got shape {scores.shape}.")
    return scores, threshold


def _threshold_source(
    answer: Any, train: Array, calibration: Array, test: Array, threshold: float
) -> None:
    """The threshold should follow the calibration rows, and lie at their 95th percentile."""
    wide = calibration.mean(0) + 3 * (calibration - calibration.mean(0))
    if np.isclose(_scores(answer, train, wide, test, "wide calibration rows")[1], threshold):
        raise Failed(
            "I spread the calibration rows three times as wide, and your threshold stayed. It is "
            "set on rows the scaling was fitted to, which flatters it. Which part is kept for "
            "thresholds?"
        )
    fresh = _scores(answer, train, calibration, calibration, "the calibration rows")[0]
    rate = float(np.mean(fresh > threshold))
    if not 0.03 <= rate <= 0.07:
        raise Failed(
            f"{rate:.0%} of the calibration rows lie above your threshold; the original aimed at "
            "5 %. Mend where the numbers come from, and leave the rule as it was."
        )


register(
    Exercise(
        name="4.1-budget",
        title="a threshold for at most 5 % false alarms",
        cell="budget-answer",
        examine=examine_budget,
        hints=(
            "Sort the scores in your head. Which of 100 has exactly five above it?",
            "A percentile or a sorted list does it; no mean, no standard deviation.",
            "np.quantile takes a share between 0 and 1, np.percentile a percentage.",
        ),
    )
)
register(
    Exercise(
        name="4.1-leak",
        title="mend the leak",
        cell="leak-answer",
        examine=examine_leak,
        hints=(
            "Follow every number back: which rows did it come from?",
            "There are two leaks: one in the scaling, one in the threshold.",
            "Centre and spread belong to train, the threshold to calibration, test to nobody.",
        ),
    )
)
