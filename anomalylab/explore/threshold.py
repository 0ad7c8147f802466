"""Turn a threshold, see what it flags (chapter 4.1.2)."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, isfinite, log10
from types import MappingProxyType
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from anomalylab import plots
from anomalylab.explore.base import Explorer, slider
from anomalylab.inputs import check_scores
from anomalylab.metrics import decisions
from anomalylab.thresholds import Rule

STEPS = 60


def threshold_explorer(
    normal_scores: Any,
    anomaly_scores: Any,
    *,
    calibration_scores: Any = None,
    rules: Mapping[str, float | Rule] = MappingProxyType({}),
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
    rules : mapping of name to threshold, or to a fitted rule
        Such as ``{"percentile": 0.012}`` or ``{"percentile": rule}``: marked in both pictures.

    Returns
    -------
    Explorer
        End a cell with it, or with ``explorer.set(threshold=0.03)``.

    Raises
    ------
    ValueError
        If scores are missing, not finite, not one number a row, or all the same; if a rule has no
        threshold.
    """
    normal, anomalous = check_scores(normal_scores), check_scores(anomaly_scores)
    calibration = None if calibration_scores is None else check_scores(calibration_scores)
    scores = np.concatenate([normal, anomalous])
    labels = np.repeat([0, 1], [len(normal), len(anomalous)])
    marked = {name: _value(name, rule) for name, rule in rules.items()}
    step, low, high, start, digits = _round_scale(scores, float(np.median(normal)), marked)
    edges = np.linspace(low, high, STEPS // 2 + 1)

    def still(left: Axes, right: Axes) -> None:
        plots.score_histogram(normal, anomalous, ax=left, bins=edges)
        plots.threshold_lines(marked, left)
        plots.roc(labels, {"ROC-AUC": scores}, right)
        plots.threshold_points(marked, labels, scores, right)

    def draw(left: Axes, right: Axes, threshold: float) -> str:
        plots.threshold_lines({"threshold": threshold}, left)
        plots.threshold_points({"threshold": threshold}, labels, scores, right)
        counts = decisions(labels, scores, threshold)
        sentence = (
            f"Threshold {_number(threshold, digits)}: "
            f"{_share(counts.fp, normal, 'normal rows flagged')}, "
            f"{_share(counts.tp, anomalous, 'anomalies found')}"
        )
        if calibration is not None:
            above = int(np.sum(calibration > threshold))
            sentence += f"; {_share(above, calibration, 'calibration rows lie above')}"
        if marked:
            listed = (f"{name} {_number(value, digits)}" for name, value in marked.items())
            sentence += f"; marked are {', '.join(listed)}"
        return f"{sentence}."

    control = slider("threshold", low, high, step, start, digits)
    return Explorer("Threshold explorer", {"threshold": control}, draw, still)


def _share(count: int, rows: Any, what: str) -> str:
    return f"{count} of {len(rows)} {what} ({100 * count / len(rows):.1f} %)"


def _number(threshold: float, digits: str) -> str:
    return f"{threshold:#{digits}}".rstrip(".")


def _value(name: str, rule: Any) -> float:
    """The threshold of a rule, or a threshold itself."""
    value = getattr(rule, "value", rule)
    if name == "threshold" or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(
            f"rules maps names to thresholds or fitted rules, but {name!r} is {value!r}. Call "
            'fit(scores) on a rule first; the name "threshold" is the slider\'s.'
        )
    return float(value)


def _round_scale(
    scores: Any, middle: float, marked: Mapping[str, float]
) -> tuple[float, float, float, float, str]:
    """Step, first, last and middle value of about 60 round numbers, and the digits they need.

    They also reach what is marked.
    """
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        raise ValueError(f"All scores are {low:g}: no threshold can separate them.")
    low, high = min([low, *marked.values()]), max([high, *marked.values()])
    width = (high - low) / STEPS
    power = 10.0 ** floor(log10(width))
    step = min((power, 2 * power, 5 * power, 10 * power), key=lambda s: abs(log10(s / width)))
    first, last, start = (
        float(f"{count * step:.12g}")
        for count in (floor(low / step), ceil(high / step), round(middle / step))
    )
    digits = max(3, ceil(log10(max(abs(first), abs(last)) / step)))
    return step, first, last, start, f".{digits}g"
