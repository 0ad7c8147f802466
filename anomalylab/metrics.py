"""How good was the ranking, and how good was the decision?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from anomalylab.inputs import check_labels, check_scores


def roc_auc(labels: Any, scores: Any) -> float:
    """Chance that a random anomaly scores above a random normal row: 1 perfect, 0.5 a coin.

    Parameters
    ----------
    labels : array (rows,)
        0 normal, 1 anomaly; both kinds must occur.
    scores : array (rows,)
        Finite; higher = more anomalous.
    """
    values = check_scores(scores)
    truth = check_labels(labels, len(values))
    if len(np.unique(truth)) < 2:
        raise ValueError("ROC-AUC compares two kinds of rows, but only one kind was given.")
    return float(roc_auc_score(truth, values))


def average_precision(labels: Any, scores: Any) -> float:
    """Mean precision over all recalls: 1 perfect; a coin gets the share of anomalies.

    Unlike ROC-AUC it falls when anomalies become rare, as every alarm list does.

    Parameters
    ----------
    labels : array (rows,)
        0 normal, 1 anomaly; both kinds must occur.
    scores : array (rows,)
        Finite; higher = more anomalous.
    """
    values = check_scores(scores)
    truth = check_labels(labels, len(values))
    if len(np.unique(truth)) < 2:
        raise ValueError("Average precision needs normal and anomalous rows, but got one kind.")
    return float(average_precision_score(truth, values))


@dataclass(frozen=True)
class Decisions:
    """Counts of a decision: true and false positives (flagged), true and false negatives."""

    tp: int
    fp: int
    tn: int
    fn: int

    @property
    def false_positive_rate(self) -> float:
        """Share of the normals that were flagged."""
        return _share(self.fp, self.fp + self.tn)

    @property
    def recall(self) -> float:
        """Share of the anomalies that were flagged."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def precision(self) -> float:
        """Share of the flagged rows that are anomalies."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2·TP / (2·TP + FP + FN)."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")


def decisions(labels: Any, scores: Any, threshold: float) -> Decisions:
    """Count what flagging every score above `threshold` does; labels as in `roc_auc`."""
    values = check_scores(scores)
    truth = check_labels(labels, len(values))
    if not isinstance(threshold, int | float | np.number) or np.isnan(threshold):
        raise ValueError(f"threshold is one number, such as rule.value, not {threshold!r}.")
    tn, fp, fn, tp = confusion_matrix(truth, values > threshold, labels=[0, 1]).ravel().tolist()
    return Decisions(tp=tp, fp=fp, tn=tn, fn=fn)
