"""Turn a threshold, see what it flags (chapter 4.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, log10
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from anomalylab import plots
from anomalylab.explore.base import Explorer, slider
from anomalylab.inputs import check_scores
from anomalylab.metrics import decisions

STEPS = 60


def threshold_explorer(
    normal_scores: Any,
    anomaly_scores: Any,
    *,
    calibration_scores: Any = None,
    rules: Mapping[str, float] = MappingProxyType({}),
) -> Explorer:
    """Turn a threshold and see what it flags: in the distribution of scores, and on the ROC curve.

    Parameters
    ----------
    normal_scores, anomaly_scores : array (rows,)
        Scores of the TUNING part, higher = more anomalous. Never the test part: a threshold
        chosen on it would make every number reported from it too good.
    calibration_scores : array (rows,), optional
        Scores of normals that no label is needed for. If given, the sentence says which share
        of them lies above the threshold, to compare with the normals of the tuning part.
    rules : mapping of name to threshold
        What rules have chosen, such as ``{"percentile": 0.012}``: marked in both pictures.

    Returns
    -------
    Explorer
        End a cell with it, or with ``explorer.set(threshold=0.03)``.

    Raises
    ------
    ValueError
        If scores are missing, not finite, not one number a row, or all the same.
    """
    normal, anomalous = check_scores(normal_scores), check_scores(anomaly_scores)
    calibration = None if calibration_scores is None else check_scores(calibration_scores)
    scores = np.concatenate([normal, anomalous])
    labels = np.repeat([0, 1], [len(normal), len(anomalous)])
    step, low, high, start, digits = _round_scale(scores, float(np.median(normal)))
    edges = np.linspace(low, high, STEPS // 2 + 1)

    def still(left: Axes, right: Axes) -> None:
        plots.score_histogram(normal, anomalous, ax=left, bins=edges)
        plots.threshold_lines(rules, left)
        plots.roc(labels, {"ROC-AUC": scores}, right)
        plots.threshold_points(rules, labels, scores, right)

    def draw(left: Axes, right: Axes, threshold: float) -> str:
        plots.threshold_lines({"threshold": threshold}, left)
        plots.threshold_points({"threshold": threshold}, labels, scores, right)
        counts = decisions(labels, scores, threshold)
        sentence = (
            f"Threshold {f'{threshold:#{digits}}'.rstrip('.')}: "
            f"{_share(counts.fp, normal, 'normal rows flagged')}, "
            f"{_share(counts.tp, anomalous, 'anomalies found')}"
        )
        if calibration is not None:
            above = int(np.sum(calibration > threshold))
            sentence += f"; {_share(above, calibration, 'calibration rows lie above')}"
        return f"{sentence}."

    control = slider("threshold", low, high, step, start, digits)
    return Explorer("Threshold explorer", {"threshold": control}, draw, still)


def _share(count: int, rows: Any, what: str) -> str:
    return f"{count} of {len(rows)} {what} ({100 * count / len(rows):.1f} %)"


def _round_scale(scores: Any, middle: float) -> tuple[float, float, float, float, str]:
    """Step, first, last and middle value of about 60 round numbers, and the digits they need."""
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        raise ValueError(f"All scores are {low:g}: no threshold can separate them.")
    width = (high - low) / STEPS
    power = 10.0 ** floor(log10(width))
    step = min((power, 2 * power, 5 * power, 10 * power), key=lambda s: abs(log10(s / width)))
    first, last, start = (
        float(f"{count * step:.12g}")
        for count in (floor(low / step), ceil(high / step), round(middle / step))
    )
    digits = max(3, ceil(log10(max(abs(first), abs(last)) / step)))
    return step, first, last, start, f".{digits}g"
