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
