"""How good was the ranking, and how good was the decision?

For series, aeon (extra "course") has metrics of ranges in ``aeon.benchmarking.metrics
.anomaly_detection``, such as ``range_pr_vus_score(labels, scores, max_buffer_size=32)``: VUS-PR,
the mean precision over thresholds and over widths of a margin around each event (Paparrizos et al.
2022).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, confusion_matrix, roc_auc_score

from anomalylab.inputs import Array, check_count, check_labels, check_scores


def roc_auc(labels: Any, scores: Any) -> float:
    """Chance that a random anomaly scores above a random normal row: 1 perfect, 0.5 a coin.

    Parameters
    ----------
    labels : array (rows,)
        0 normal, 1 anomaly; both kinds must occur.
    scores : array (rows,)
        Finite; higher = more anomalous.
    """
    return float(roc_auc_score(*_two_kinds(labels, scores)))


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
    return float(average_precision_score(*_two_kinds(labels, scores)))


def _two_kinds(labels: Any, scores: Any) -> tuple[NDArray[np.int64], Array]:
    """Labels and scores, checked: without both kinds of rows there is no ranking to judge."""
    values = check_scores(scores)
    truth = check_labels(labels, len(values))
    if len(np.unique(truth)) < 2:
        raise ValueError(
            "ROC-AUC and average precision compare normal rows with anomalies, but only one kind "
            "was given."
        )
    return truth, values


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


def event_counts(labels: Any, flags: Any, late: int = 0) -> dict[str, float]:
    """Count what somebody who is called by alarms sees: events and alarms, not rows.

    An event is a run of rows with label 1, an alarm a run of flagged rows. An event is found if a
    row of it, or one of the `late` rows after it, is flagged. An alarm is false if it has no row
    in common with any event and the `late` rows after it.

    Parameters
    ----------
    labels : array (rows,)
        0 normal, 1 anomaly, in the order of time.
    flags : array (rows,)
        True or 1 where there is an alarm, else False or 0, such as ``scores > threshold`` (False
        where a score is NaN).
    late : int
        Rows after an event in which an alarm still means the event: window − 1 where a window's
        score belongs to its last row.

    Returns
    -------
    dict
        "events"; "found"; "false alarms"; "delay": median rows from the start of a found event to
        its first flagged row; NaN if none is found, 0 if an alarm was on already.
    """
    check_count("late (in rows)", late, 0)
    flagged = check_labels(flags, len(flags))
    events = runs(check_labels(labels, len(flagged)))
    delays = [
        int(flagged[start : end + late].argmax())
        for start, end in events
        if flagged[start : end + late].any()
    ]
    false = sum(
        not any(begin < end + late and start < stop for start, end in events)
        for begin, stop in runs(flagged)
    )
    return {
        "events": len(events),
        "found": len(delays),
        "false alarms": false,
        "delay": float(np.median(delays)) if delays else float("nan"),
    }


def point_adjusted(labels: Any, scores: Any) -> Array:
    """The scores with every row of an event raised to the highest of that event.

    So one flagged row counts as if the whole event had been flagged (Xu et al. 2018). Random scores
    then look excellent where events are long (Kim et al. 2022): show what this gives only beside
    what it gives to random scores.

    Parameters
    ----------
    labels, scores : array (rows,)
        In the order of time. An event is a run of rows with label 1.

    Returns
    -------
    array (rows,)
    """
    adjusted = check_scores(scores).copy()
    for start, end in runs(check_labels(labels, len(adjusted))):
        adjusted[start:end] = adjusted[start:end].max()
    return adjusted


def runs(flags: Any) -> NDArray[np.int64]:
    """First row, and row after the last, of every run of ones, shape (runs, 2)."""
    edges = np.diff(check_labels(flags, len(flags)), prepend=0, append=0)
    return np.flatnonzero(edges).reshape(-1, 2)
