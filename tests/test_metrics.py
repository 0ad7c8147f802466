"""Metrics: values by hand, and labels and scores that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from anomalylab import metrics


def test_average_precision_by_hand() -> None:
    assert metrics.average_precision([0, 1, 0, 1], [1, 2, 3, 4]) == pytest.approx((1 + 2 / 3) / 2)
    with pytest.raises(ValueError, match="one kind"):
        metrics.average_precision([1, 1], [1, 2])


def test_metrics_by_hand() -> None:
    counted = metrics.decisions([0, 0, 0, 1, 1], [1, 2, 9, 8, 1], threshold=5)
    assert (counted.tp, counted.fp, counted.tn, counted.fn) == (1, 1, 2, 1)
    assert counted.false_positive_rate == pytest.approx(1 / 3)
    assert counted.recall == counted.precision == counted.f1 == 0.5
    assert metrics.roc_auc([0, 1, 0, 1], [1, 2, 3, 4]) == 0.75
    assert metrics.roc_auc([False, True], [1, 2]) == 1
    with pytest.raises(ValueError, match="only one kind"):
        metrics.roc_auc([0, 0], [1, 2])


@pytest.mark.parametrize(
    "metric",
    [
        metrics.roc_auc,
        metrics.average_precision,
        lambda labels, scores: metrics.decisions(labels, scores, 1.5),
    ],
)
def test_metrics_refuse_what_would_vanish(metric: Callable[[Any, Any], Any]) -> None:
    for labels, scores, message in (
        ([0, 1, -1], [1, 2, 3], "one is -1"),
        ([0, 1, 2], [1, 2, 3], "one is 2"),
        ([0, 1], [1, 2, 3], r"3 rows need 3 labels, but these have shape \(2,\)"),
        ([0, 1, 1], [1, np.nan, 3], "Score 1 is nan"),
        ([0, 1, 1], [1, 2, np.inf], "Score 2 is inf"),
    ):
        with pytest.raises(ValueError, match=message):
            metric(labels, scores)


def test_events_and_alarms_by_hand() -> None:
    labels = [0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1]
    flags = [1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0]
    assert metrics.event_counts(labels, flags) == {
        "events": 3,
        "found": 2,
        "false alarms": 2,  # rows 4, and 9 to 10
        "delay": 0.5,  # 0 and 1
    }
    late = metrics.event_counts(labels, flags, late=2)
    assert late["false alarms"] == 0 and late["found"] == 2
    quiet = metrics.event_counts(labels, [False] * 12)
    assert quiet["found"] == quiet["false alarms"] == 0 and np.isnan(quiet["delay"])
    calm = metrics.event_counts([0, 0, 0], [1, 0, 1])
    assert (calm["events"], calm["false alarms"]) == (0, 2)
    with pytest.raises(ValueError, match="3 rows need 3 labels"):
        metrics.event_counts([0, 1], [1, 0, 1])
    wrong: list[tuple[Any, str]] = [
        ([-1, 1], "one is -1.*labels == -1"),  # scikit-learn's, which would all be alarms
        ([0.2, 0.9], "one is 0.2"),
        ([np.nan, 1], "one is nan"),
        ([[0, 1], [0, 0]], r"shape \(2, 2\)"),
    ]
    for given, message in wrong:
        with pytest.raises(ValueError, match=message):
            metrics.event_counts([0, 1], given)
    with pytest.raises(ValueError, match=r"shape \(2, 2\)"):
        metrics.runs(np.eye(2))
    rows: Any
    for rows in (-1, 1.5):
        with pytest.raises(ValueError, match=f"0 or more, and cannot be {rows}"):
            metrics.event_counts([0, 1], [0, 1], late=rows)


def test_an_alarm_after_the_event_is_late() -> None:
    labels, flags = [0, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0, 1]
    for late, found, false, delay in ((0, 0, 2, np.nan), (1, 0, 2, np.nan), (2, 1, 1, 3.0)):
        counted = metrics.event_counts(labels, flags, late=late)
        assert (counted["found"], counted["false alarms"]) == (found, false)
        np.testing.assert_equal(counted["delay"], delay)


def test_point_adjustment_flatters_chance() -> None:
    found = metrics.point_adjusted([0, 1, 1, 0, 1], [9, 2, 7, 1, 3])
    np.testing.assert_array_equal(found, [9, 7, 7, 1, 3])
    labels = np.zeros(5000, dtype=int)
    for start in range(100, 5000, 500):
        labels[start : start + 80] = 1
    random = np.random.default_rng(0).random(5000)
    adjusted = metrics.point_adjusted(labels, random)
    assert metrics.roc_auc(labels, random) < 0.55
    assert metrics.decisions(labels, random, 0.97).f1 < 0.3
    assert metrics.decisions(labels, adjusted, 0.97).f1 > 0.75
