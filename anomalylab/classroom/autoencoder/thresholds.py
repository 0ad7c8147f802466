"""Exercises 4.1-budget and 4.1-sure: a threshold for these scores, and one for fresh rows."""

from __future__ import annotations

from math import ceil, floor, log
from typing import Any

import numpy as np

from anomalylab.classroom.core import number
from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.inputs import Array
from anomalylab.thresholds import FalsePositiveBudget


def choose_threshold(scores: Array, at_most: float) -> float:
    """The lowest threshold with at most this share of the scores above it."""
    return _leaving(scores, floor(at_most * len(scores) + 1e-9))


def _leaving(scores: Array, above: int) -> float:
    """A threshold that leaves this many scores above it; fewer where scores are tied."""
    return float(np.sort(scores)[len(scores) - min(above, len(scores) - 1) - 1])


def _above(result: Any, inputs: Inputs, on: str) -> float:
    """Which threshold it is does not matter, only how many scores lie above it."""
    return float(np.sum(np.asarray(inputs[0], dtype=np.float64) > number(result, on)))


def _skewed(rows: int, at_most: float, size: float = 1.0, shift: float = 0.0) -> Any:
    return lambda rng: (rng.gamma(3.0, size, rows) + shift, at_most)


_COUNT = "Print len(scores) * at_most, and count what lies above your threshold."
_TIED = "Some scores are equal. A threshold has all of them above it, or none."

declare(
    Declared(
        name="4.1-budget",
        title="a threshold that spends the budget",
        reference=choose_threshold,
        view=_above,
        said=lambda where, found, right: (
            f"the count of scores above your threshold is {found}, where {right} is right"
        ),
        cases=[
            Case("400 scores, 5 % allowed,", _skewed(400, 0.05), _COUNT),
            Case("242 scores, 5 % allowed,", _skewed(242, 0.05), _COUNT),
            Case("97 scores, 10 % allowed,", _skewed(97, 0.1), _COUNT),
            Case("20 scores, 5 % allowed,", _skewed(20, 0.05), _COUNT),
            Case("15 scores, 5 % allowed,", _skewed(15, 0.05), "Is one score of 15 within 5 %?"),
            Case("a single score", _skewed(1, 0.05), "Is one score of one within 5 %?"),
            Case("3 scores, half of them allowed,", _skewed(3, 0.5), _COUNT),
            Case("300 scores, 30 % allowed,", _skewed(300, 0.3), _COUNT),
            Case(
                "60 scores from 0 to 5, whole numbers,",
                lambda rng: (rng.permutation(np.arange(60) % 6).astype(float), 0.2),
                _TIED,
            ),
            Case("30 equal scores", lambda rng: (np.full(30, rng.uniform(1, 2)), 0.1), _TIED),
            Case(
                "143 rounded scores, 7 % allowed,",
                lambda rng: (rng.gamma(3.0, 1.0, 143).round(1), 0.07),
                _TIED,
            ),
            Case("210 scores below zero", _skewed(210, 0.05, shift=-99.0), _COUNT),
            Case("130 scores of about 1e-12", _skewed(130, 0.05, 1e-12), _COUNT),
            Case(
                "170 scores in 32 bits",
                lambda r: (r.gamma(3.0, 1.0, 170).astype("f"), 0.05),
                _COUNT,
            ),
        ],
        slips=[
            Slip(
                lambda s, a: float(np.quantile(s, a)),
                "The count of scores above your threshold is {found}; {right} is right. Nearly "
                "all lie above. A budget is for the few highest scores. Which tail did you cut?",
            ),
            Slip(
                lambda s, a: float(np.quantile(s, 1 - a)),
                "The count of scores above your threshold is {found}; {right} is right. "
                "A quantile of "
                "NumPy lies between two scores, and not always between the right two. Count with "
                "whole numbers of scores.",
            ),
            Slip(
                lambda s, a: _leaving(s, ceil(a * len(s) - 1e-9)),
                "The count of scores above your threshold is {found}; {right} is right. "
                "Which whole number "
                "of scores is still within the share, if the share is no whole number of them?",
            ),
            Slip(
                lambda s, a: _leaving(s, round(a * len(s))),
                "The count of scores above your threshold is {found}; {right} is right. "
                "Is the nearest "
                "whole number of scores always within the budget?",
            ),
            Slip(
                lambda s, a: float(np.quantile(s, 1 - a, method="higher")),
                "The count of scores above your threshold is {found}; {right} is right. "
                "One false alarm of "
                "the budget stays unused, and with it some anomalies. Count on paper: 20 scores.",
            ),
            Slip(
                lambda s, a: float(np.percentile(s, 1 - a)),
                "The count of scores above your threshold is {found}; {right} is right. Nearly "
                "all lie above. Did a share end up where a percentage was expected?",
            ),
            Slip(
                lambda s, a: FalsePositiveBudget(a).fit(s).value,
                "The count of scores above your threshold is {found}; {right} is right. "
                "Your rule keeps a "
                "reserve, so that fresh rows stay within the budget too. That comes next.",
            ),
            Slip(
                lambda s, a: choose_threshold(s, 0.05),
                "The count of scores above your threshold is {found}; {right} is right. You "
                "allow 5 % in every case. Which argument says how many may?",
            ),
        ],
        hints=(
            "On paper: 20 scores, 5 % allowed. How many may lie above? And of 15 scores?",
            "First how many may lie above: a whole number, never more than the share. Then, which "
            "of the sorted scores has that many above it?",
            "If k may lie above, the threshold is the score number k + 1 from above. It does not "
            "lie above itself.",
        ),
        praise="As many false alarms as allowed, and not one more, whatever the scores are like.",
    )
)


def rows_needed(rate: float, confidence: float) -> int:
    """The smallest n with (1 − rate)ⁿ ≤ 1 − confidence."""
    return ceil(log(1 - confidence) / log(1 - rate))


def _some(rng: np.random.Generator) -> Inputs:
    return round(rng.uniform(0.01, 0.3), 3), round(rng.uniform(0.5, 0.99), 3)


_TRY = "Try n on paper: with which chance do n rows all lie below the limit?"

declare(
    Declared(
        name="4.1-sure",
        title="how many rows a promise takes",
        reference=rows_needed,
        cases=[
            Case("rate 0.05, confidence 0.95,", lambda rng: (0.05, 0.95), _TRY),
            Case("rate 0.01, confidence 0.95,", lambda rng: (0.01, 0.95), _TRY),
            Case("rate 0.1, confidence 0.9,", lambda rng: (0.1, 0.9), _TRY),
            Case("rate 0.05, confidence 0.99,", lambda rng: (0.05, 0.99), _TRY),
            Case("rate 0.2, confidence 0.5,", lambda rng: (0.2, 0.5), _TRY),
            Case("rate 0.5, confidence 0.4,", lambda rng: (0.5, 0.4), _TRY),
            Case("rate 0.02, confidence 0.98,", lambda rng: (0.02, 0.98), _TRY),
            Case("rate 0.5, confidence 0.75,", lambda rng: (0.5, 0.75), _TRY),
            Case("rate 0.5, confidence 0.875,", lambda rng: (0.5, 0.875), _TRY),
            Case("rate 0.25, confidence 0.4375,", lambda rng: (0.25, 0.4375), _TRY),
            Case("another rate and confidence", _some, _TRY),
            Case("yet another rate and confidence", _some, _TRY),
        ],
        slips=[
            Slip(
                lambda r, c: log(1 - c) / log(1 - r),
                "You return {found}, where {right} is right. Rows come in whole numbers. Is the "
                "promise kept with the next lower one?",
            ),
            Slip(
                lambda r, c: floor(log(1 - c) / log(1 - r)),
                "You return {found}, where {right} is right. Work out the chance for {found} rows: "
                "is it already small enough?",
            ),
            Slip(
                lambda r, c: ceil(log(r) / log(c)),
                "You return {found}, where {right} is right. With 0.05 and 0.95, rate and "
                "confidence may change places without harm. What does each of them say?",
            ),
            Slip(
                lambda r, c: ceil(log(c) / log(1 - r)),
                "You return {found}, where {right} is right. The chance that the promise breaks "
                "should be small. What is that chance, if it is kept with this confidence?",
            ),
            Slip(
                lambda r, c: ceil(1 / r),
                "You return {found}, where {right} is right. So many rows hold one beyond the "
                "limit on average. In how many of 100 such sets is there none at all?",
            ),
            Slip(
                lambda r, c: rows_needed(r, c) + 1,
                "You return {found}, where {right} is right: one row more than it takes. Is the "
                "promise kept without the last one?",
            ),
            Slip(
                lambda r, c: rows_needed(r, 0.95),
                "You return {found}, where {right} is right: the number for a confidence of 0.95. "
                "Which argument says how sure one wants to be?",
            ),
        ],
        hints=(
            "The promise breaks if all n calibration rows lie below the limit that 5 % of normal "
            "rows exceed. How likely is that for one row? For two?",
            "For n rows it is (1 − rate)ⁿ. The promise wants this to be at most 1 − confidence. "
            "A loop over n will do.",
            "Or with logarithms: n · log(1 − rate) ≤ log(1 − confidence). Both logarithms are "
            "negative.",
        ),
        praise="59 rows for 5 % at 95 %: so few rows promise nothing smaller.",
    )
)
