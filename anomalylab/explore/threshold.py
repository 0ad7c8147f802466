"""Turn a threshold, see what it flags (chapter 4.1.2)."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import roc_auc_score, roc_curve

from anomalylab.explore.base import DPI, Explorer
from anomalylab.explore.parts import finite_scores, histogram, legend_above
from anomalylab.plots import NEUTRAL

STEPS = 60


class ThresholdExplorer(Explorer):
    """Move a threshold over the scores of two kinds of rows (chapter 4.1.2).

    Left: how the scores are distributed, with the flagged side shaded. Right: where the
    threshold stands on the ROC curve. See `threshold_explorer` for the parameters.
    """

    def __init__(
        self, normal_scores: Any, anomaly_scores: Any, *, calibration_scores: Any = None
    ) -> None:
        self._normal = _sorted("normal_scores", normal_scores)
        self._anomaly = _sorted("anomaly_scores", anomaly_scores)
        self._calibration = (
            None
            if calibration_scores is None
            else _sorted("calibration_scores", calibration_scores)
        )
        slider = _slider(np.concatenate([self._normal, self._anomaly]), self._normal)
        self._format = slider.readout_format
        self._draw_still_parts(slider.min, slider.max)
        super().__init__("Threshold explorer", {"threshold": slider})

    def render(self, **state: Any) -> tuple[Figure, str]:
        """Move the line, the shade and the point; count what lies above the threshold."""
        threshold = float(state["threshold"])
        alarms, found = _above(self._normal, threshold), _above(self._anomaly, threshold)
        rate, recall = alarms / len(self._normal), found / len(self._anomaly)
        self._line.set_xdata([threshold])
        self._shade.set_x(threshold)
        self._shade.set_width(max(self._right - threshold, 0))
        self._point.set_data([rate], [recall])
        self._guide.set_data([0, rate, rate], [recall, recall, 0])
        return self._figure, self._tell(threshold, alarms, found)

    def _tell(self, threshold: float, alarms: int, found: int) -> str:
        normals, anomalies = len(self._normal), len(self._anomaly)
        told = (
            f"Threshold {_digits(threshold, self._format)}: "
            f"{alarms} of {normals} normal rows flagged ({100 * alarms / normals:.1f} %), "
            f"{found} of {anomalies} anomalies found ({100 * found / anomalies:.1f} %)"
        )
        if self._calibration is not None:
            over, rows = _above(self._calibration, threshold), len(self._calibration)
            told += f"; {over} of {rows} calibration rows lie above ({100 * over / rows:.1f} %)"
        return f"{told}."

    def _draw_still_parts(self, left: float, right: float) -> None:
        """Draw what no threshold changes, and keep the artists that it moves."""
        self._right = right
        self._figure = Figure(figsize=(8, 3), dpi=DPI)
        scores, curve = self._figure.subplots(1, 2, width_ratios=(5, 3))
        self._figure.subplots_adjust(left=0.08, right=0.985, bottom=0.17, top=0.87, wspace=0.26)
        histogram(scores, self._normal, self._anomaly, (left, right))
        moves: dict[str, Any] = {"animated": True}
        self._shade = scores.axvspan(
            left, right, color=NEUTRAL, alpha=0.15, label="flagged", **moves
        )
        self._line = scores.axvline(left, color="black", linestyle="--", label="threshold", **moves)
        self._point, self._guide = _roc(curve, self._normal, self._anomaly)
        for ax in (scores, curve):
            ax.spines[["top", "right"]].set_visible(False)
            legend_above(ax)


def threshold_explorer(
    normal_scores: Any, anomaly_scores: Any, *, calibration_scores: Any = None
) -> ThresholdExplorer:
    """Turn a threshold and see what it flags.

    Parameters
    ----------
    normal_scores, anomaly_scores : array (rows,)
        Scores of the TUNING part, higher = more anomalous. Never the test part: a threshold
        chosen on it would make every number reported from it too good.
    calibration_scores : array (rows,), optional
        Scores of normals that no label is needed for. If given, the sentence says which share
        of them lies above the threshold, to compare with the normals of the tuning part.

    Returns
    -------
    ThresholdExplorer
        End a cell with it, or with ``explorer.set(threshold=0.03)``.

    Raises
    ------
    ValueError
        If scores are missing, not finite, not one number a row, or all the same.
    """
    return ThresholdExplorer(normal_scores, anomaly_scores, calibration_scores=calibration_scores)


def _sorted(name: str, scores: Any) -> np.ndarray:
    return np.sort(finite_scores(name, scores))


def _above(ordered: np.ndarray, threshold: float) -> int:
    """How many scores a threshold flags: score > threshold."""
    return len(ordered) - int(np.searchsorted(ordered, threshold, side="right"))


def _slider(both: np.ndarray, normal: np.ndarray) -> Any:
    """About 60 steps from the lowest to the highest score, each a round number."""
    low, high = float(both.min()), float(both.max())
    if low == high:
        raise ValueError(
            f"normal_scores and anomaly_scores are all {low:g}: no threshold can separate them."
        )
    step = _round_step((high - low) / STEPS)
    first, last, middle = (
        float(f"{count * step:.12g}")
        for count in (floor(low / step), ceil(high / step), round(float(np.median(normal)) / step))
    )
    digits = max(3, ceil(log10(max(abs(first), abs(last)) / step)))
    return widgets.FloatSlider(
        value=middle,
        min=first,
        max=last,
        step=step,
        readout_format=f".{digits}g",
        description="threshold",
    )


def _round_step(width: float) -> float:
    """The nearest of 1, 2, 5 times a power of ten."""
    power = 10.0 ** floor(log10(width))
    return min((1 * power, 2 * power, 5 * power, 10 * power), key=lambda s: abs(log10(s / width)))


def _digits(value: float, form: str) -> str:
    """A number as the slider shows it, trailing zeros kept."""
    return f"{value:#{form}}".rstrip(".")


def _roc(ax: Axes, normal: np.ndarray, anomaly: np.ndarray) -> tuple[Any, Any]:
    """The ROC curve; returns the point and the guide lines that a threshold moves."""
    labels = np.repeat([0, 1], [len(normal), len(anomaly)])
    scores = np.concatenate([normal, anomaly])
    rates, recalls, _ = roc_curve(labels, scores)
    area = roc_auc_score(labels, scores)
    ax.plot(rates, recalls, color="black", linewidth=1.2, label=f"ROC (area {area:.2f})")
    ax.plot([0, 1], [0, 1], color=NEUTRAL, linewidth=0.8, linestyle=":")
    moves: dict[str, Any] = {"animated": True, "color": "black"}
    (guide,) = ax.plot([], [], "--", linewidth=0.8, **moves)
    (point,) = ax.plot([], [], "o", markersize=8, label="threshold", clip_on=False, **moves)
    ax.set(xlabel="false-positive rate", ylabel="recall", xlim=(0, 1), ylim=(0, 1.02))
    return point, guide
