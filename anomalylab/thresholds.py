"""From scores to a decision: a row is flagged if score > threshold.

A rule is fitted on scores, never on data, and offers `value` (the threshold) and
`promised_fpr` (the false-positive rate it promises on fresh normals). Rules without
labels want calibration scores: those of normals the detector was not trained on.
"""

from __future__ import annotations

import copy
import warnings
from math import ceil, floor, log
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm

from anomalylab.inputs import Array, check_labels, check_scores


class Rule:
    """Base class: `fit` learns `value` and `promised_fpr`; `predict` applies the threshold."""

    value: float
    promised_fpr: float
    # a row's score varies in its last digits with the batch it is in: closer scores are tied
    rounding: float = 1e-9  # a pipeline sets 1e-5 or more where scores are of 32 bits

    def fit(self, scores: Any, labels: Any = None) -> Self:
        """Learn the threshold from scores of shape (rows,).

        Parameters
        ----------
        scores : array (rows,)
            Higher = more anomalous.
        labels : array (rows,), optional
            0 normal, 1 anomaly. A rule without labels then learns from the normals among them.
        """
        raise NotImplementedError

    def check_rows(self, n: int) -> None:
        """Say, before anything is trained, what `n` calibration scores cannot do for this rule.

        Warns, or raises ValueError where `fit` would.
        """

    def predict(self, scores: Any) -> NDArray[np.int64]:
        """Return 1 where a score lies above the threshold, else 0."""
        if not hasattr(self, "value"):
            raise ValueError("This rule has no threshold yet: call fit(scores) first.")
        return (check_scores(scores) > self.value).astype(np.int64)

    def __repr__(self) -> str:
        given = {k: v for k, v in vars(self).items() if k not in Rule.__annotations__}
        settings = ", ".join(f"{k}={v}" for k, v in given.items())
        learned = f" → {self.value:.4f}" if hasattr(self, "value") else ""
        return f"{type(self).__name__}({settings}){learned}"


class Percentile(Rule):
    """The q-th percentile of normal scores (chapter 4.1.2).

    With k of n calibration scores at or below the threshold, a fresh normal row lies above it
    with probability (n − k + 1) / (n + 1) at most: that is what `promised_fpr` says (Wilks 1941;
    the rule of conformal prediction, Vovk, Gammerman and Shafer 2005). So 10 scores promise 9 %
    at best, whatever q. It is a mean: about half of all calibration sets give more than that.
    Needs exchangeable rows: not a time series.
    """

    def __init__(self, q: float = 95) -> None:
        if not 1 < q < 100:
            raise ValueError(f"q is a percentage between 1 and 100, such as 95, not {q}.")
        self.q = q

    def fit(self, scores: Any, labels: Any = None) -> Self:
        """Learn from scores of normals."""
        ordered = _normals(scores, labels)
        n = len(ordered)
        above = floor(n * (1 - self.q / 100) + 1e-9)
        self.value = between(ordered, n - above, self.rounding)
        self.promised_fpr = float((ordered > self.value).sum() + 1) / (n + 1)
        return self

    def check_rows(self, n: int) -> None:
        """Warn if `n` scores promise more false positives than asked, whatever they are."""
        share = 1 - self.q / 100
        needed = ceil(1 / share - 1 - 1e-9)
        if n < needed:
            warnings.warn(
                f"{n} calibration rows promise {100 / (n + 1):.2g} % false positives at best, "
                f"not {100 * share:.2g} %: that takes {needed} of them (of the rows given to a "
                "pipeline's fit, 15 % calibrate).",
                stacklevel=4,
            )


class FalsePositiveBudget(Rule):
    """At most this false-positive rate on fresh normals, and how sure one wants to be.

    If k of n calibration scores lie at or below the threshold, its true false-positive rate
    has a Beta(n − k + 1, k) distribution, whatever the scores look like (Wilks 1941). The rule
    takes the smallest k for which that rate stays within the budget with the wanted
    confidence. Needs exchangeable rows: not a time series.

    Parameters
    ----------
    at_most : float in (0, 1)
        The budget, such as 0.05.
    confidence : float in (0, 1)
        Share of calibration sets for which the promise holds.
    """

    def __init__(self, at_most: float = 0.05, confidence: float = 0.95) -> None:
        for name, value in (("at_most", at_most), ("confidence", confidence)):
            if not 0 < value < 1:
                raise ValueError(f"{name} is a share between 0 and 1, such as 0.05, not {value}.")
        self.at_most, self.confidence = at_most, confidence

    def fit(self, scores: Any, labels: Any = None) -> Self:
        """Learn from calibration scores of normals.

        Raises
        ------
        ValueError
            If there are too few scores for such a promise; says how many it takes.
        """
        ordered = _normals(scores, labels)
        n = len(ordered)
        self.check_rows(n)
        below = np.arange(1, n + 1)
        safe = beta.ppf(self.confidence, n - below + 1, below) <= self.at_most
        self.value = between(ordered, int(below[safe][0]), self.rounding)
        self.promised_fpr = self.at_most
        return self

    def check_rows(self, n: int) -> None:
        """Raise if `n` scores are too few for the promise, and say how many it takes."""
        needed = ceil(log(1 - self.confidence) / log(1 - self.at_most))
        if n < needed:
            raise ValueError(
                f"{n} calibration scores cannot promise a false-positive rate of at most "
                f"{self.at_most:g} with confidence {self.confidence:g}: that takes {needed}. "
                "Collect more normals, or ask for less."
            )


class MeanStd(Rule):
    """Mean plus k standard deviations of normal scores (chapter 4.1.2).

    For k = 3 it promises a false-positive rate of 0.13 %, the upper tail of the normal
    distribution. Reconstruction errors have a longer tail than that, so expect more.

    Parameters
    ----------
    k : float
        Standard deviations above the mean.
    """

    def __init__(self, k: float = 3) -> None:
        if not np.isfinite(k):
            raise ValueError(f"k counts standard deviations, such as 3, and cannot be {k}.")
        self.k = k

    def fit(self, scores: Any, labels: Any = None) -> Self:
        """Learn from calibration scores of normals, at least 2."""
        values = _normals(scores, labels)
        self.check_rows(len(values))
        value = float(values.mean() + self.k * values.std(ddof=1))
        if not np.isfinite(value):
            raise ValueError("The scores are too large for a standard deviation. Rescale them.")
        self.value = value + self.rounding * abs(value)  # equal scores lie below it, all of them
        self.promised_fpr = float(norm.sf(self.k))
        return self

    def check_rows(self, n: int) -> None:
        """Raise if there are fewer than 2 scores."""
        if n < 2:
            raise ValueError("One score has no standard deviation: pass at least 2.")


class _Tuned(Rule):
    """A rule that looks at labelled scores and takes the threshold of the greatest worth."""

    def _worth(self, fpr: Array, recall: Array, rate: float) -> Array:
        """Worth of every threshold, from its false-positive rate, recall, and anomaly rate."""
        raise NotImplementedError

    def fit(self, scores: Any, labels: Any = None) -> Self:
        """Learn from scores and labels (0 normal, 1 anomaly) of the tuning part.

        `promised_fpr` is the false-positive rate there: a hope for fresh rows, since the
        threshold was chosen on these very scores.
        """
        values = check_scores(scores)
        if labels is None:
            self.check_rows(len(values))
        truth = check_labels(labels, len(values))
        anomalies = truth.sum()
        if anomalies in (0, len(truth)):
            raise ValueError("labels should hold some 0 (normal) and some 1 (anomaly).")
        order = np.argsort(values)
        below = _cuts(values[order], self.rounding)[::-1]  # the strictest threshold first
        missed = np.append(0, np.cumsum(truth[order]))[below]
        recall = (anomalies - missed) / anomalies
        normals = len(truth) - anomalies
        fpr = (normals - below + missed) / normals
        best = int(np.argmax(self._worth(fpr, recall, float(truth.mean()))))
        self.value = between(values[order], int(below[best]), self.rounding)
        self.promised_fpr = float(fpr[best])
        return self

    def check_rows(self, n: int) -> None:
        """Raise: calibration scores have no labels."""
        raise ValueError("This rule needs labels: it comes in through calibrate(X, labels).")


class ROC(_Tuned):
    """The point of the ROC curve farthest above chance: max(recall − false-positive rate).

    Youden's index (Youden 1950). The area under the curve has no threshold to choose; this
    is what "the best threshold on the ROC curve" can mean. Needs tuning labels.
    """

    def _worth(self, fpr: Array, recall: Array, rate: float) -> Array:
        return recall - fpr


class F1Max(_Tuned):
    """The threshold of the greatest F1 = 2·TP / (2·TP + FP + FN) on the tuning part.

    F1 depends on how common anomalies are, so the rule expects tuning rows mixed as in use.
    """

    def _worth(self, fpr: Array, recall: Array, rate: float) -> Array:
        return 2 * recall * rate / (rate * (1 + recall) + fpr * (1 - rate))


class RecallTarget(_Tuned):
    """The highest threshold that finds at least this share of the tuning part's anomalies.

    Parameters
    ----------
    at_least : float in (0, 1]
        The recall asked for, such as 0.9.
    """

    def __init__(self, at_least: float = 0.9) -> None:
        if not 0 < at_least <= 1:
            raise ValueError(f"at_least is a share above 0 and up to 1, not {at_least}.")
        self.at_least = at_least

    def _worth(self, fpr: Array, recall: Array, rate: float) -> Array:
        return np.where(recall >= self.at_least - 1e-12, -fpr, -np.inf)


class Cost(_Tuned):
    """The threshold of the least expected cost a row.

        cost = false_alarm · (1 − rate) · FPR + miss · rate · (1 − recall)

    Parameters
    ----------
    false_alarm, miss : float
        What one false alarm and one missed anomaly cost, in the same currency; above 0.
    rate : float in (0, 1), optional
        How common anomalies will be in use; by default as common as in the tuning part.
    """

    def __init__(self, false_alarm: float = 1, miss: float = 10, rate: float | None = None) -> None:
        if not (0 < false_alarm < np.inf and 0 < miss < np.inf):
            raise ValueError(f"Costs are above 0, but got {false_alarm} and {miss}.")
        if rate is not None and not 0 < rate < 1:
            raise ValueError(f"rate is a share between 0 and 1, such as 0.01, not {rate}.")
        self.false_alarm, self.miss, self.rate = false_alarm, miss, rate

    def _worth(self, fpr: Array, recall: Array, rate: float) -> Array:
        share = rate if self.rate is None else self.rate
        return -(self.false_alarm * (1 - share) * fpr + self.miss * share * (1 - recall))


def as_rule(threshold: Any) -> Rule:
    """An unfitted copy of a rule; a share stands for the percentile that promises it.

    Parameters
    ----------
    threshold : Rule, or float in (0, 0.99)
    """
    if isinstance(threshold, Rule):
        return copy.deepcopy(threshold)
    number = isinstance(threshold, int | float | np.number) and not isinstance(threshold, bool)
    if not number or not 0 < threshold < 0.99:
        raise ValueError(
            "threshold should be a share of false positives between 0 and 0.99, such as 0.05, or "
            f"a rule such as thresholds.Percentile(95), not {threshold!r}."
        )
    return Percentile(100 * (1 - threshold))


def _normals(scores: Any, labels: Any) -> Array:
    """The scores in order; where there are labels, only those of the normals."""
    values = check_scores(scores)
    if labels is not None:
        values = values[check_labels(labels, len(values)) == 0]
        if not len(values):
            raise ValueError("This rule learns from normals, but no label is 0 (normal).")
    return np.sort(values)


def _cuts(ordered: Array, rounding: float) -> NDArray[np.int64]:
    """How many of the ordered scores can lie under a threshold: no cut goes through tied ones."""
    apart = ordered[:-1] < ordered[1:] - rounding * abs(ordered[1:])
    return np.concatenate([[0], np.flatnonzero(apart) + 1, [len(ordered)]])


def between(ordered: Array, below: int, rounding: float = Rule.rounding) -> float:
    """A threshold over `below` of the ordered scores and what is tied with them.

    It lies midway to the next score, so that neither side touches it by its last digits.
    """
    cuts = _cuts(ordered, rounding)
    below = int(cuts[np.searchsorted(cuts, below)])
    if below == len(ordered):
        return float(ordered[-1] + rounding * abs(ordered[-1]))
    upper = float(ordered[below])
    lower = upper - 2 * rounding * abs(upper) if below == 0 else float(ordered[below - 1])
    # halves, for the sum of two huge scores is no number; midway of two tiny ones can be the upper
    return float(min(lower / 2 + upper / 2, np.nextafter(upper, -np.inf)))
