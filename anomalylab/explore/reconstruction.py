"""Leaf through samples: what came in, what came out, where they differ (chapter 4.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from anomalylab.explore.base import DPI, Explorer
from anomalylab.explore.parts import (
    bare,
    check_image_shape,
    finite_scores,
    histogram,
    legend_above,
    one_a_row,
    reconstructed_rows,
    zero_or_one,
)
from anomalylab.plots import ANOMALY, NEUTRAL

ORDERS = ("as given", "by score", "by kind and score")
LEGIBLE = 32  # names of features beside bars
BRIGHT = 0.9  # the brightest colour stands for the largest error of all but a tenth of the rows


class ReconstructionExplorer(Explorer):
    """Show any row beside its reconstruction, and where its score stands.

    Left: x, x_hat and the errors between them, of pixels or (without `image_shape`) of
    features. Right: its score among all. See `reconstruction_explorer` for the parameters.
    """

    def __init__(
        self,
        x: Any,
        x_hat: Any,
        scores: Any,
        labels: Any,
        *,
        image_shape: tuple[int, int] | None = None,
        threshold: float | None = None,
        names: Sequence[str] | None = None,
        feature_names: Sequence[str] | None = None,
    ) -> None:
        rows, drawn = reconstructed_rows(x, x_hat)
        self._scores = finite_scores("scores", scores)
        self._labels = zero_or_one(labels, len(rows))
        if len(self._scores) != len(rows):
            raise ValueError(f"scores should be one a row: {len(self._scores)} for {len(rows)}.")
        if self._scores.min() == self._scores.max():
            raise ValueError(f"scores are all {self._scores[0]:g}: no row stands out.")
        self._normal = np.sort(self._scores[self._labels == 0])
        self._threshold = None if threshold is None else float(threshold)
        self._names = None if names is None else one_a_row("names", names, len(rows))
        self._orders = {
            ORDERS[0]: np.arange(len(rows)),
            ORDERS[1]: np.argsort(self._scores, kind="stable"),
            ORDERS[2]: np.lexsort((self._scores, self._labels)),
        }
        self._draw_still_parts(rows, drawn, image_shape, feature_names)
        order = widgets.Dropdown(options=ORDERS, description="order of the rows")
        order.layout.width = "360px"
        place = widgets.IntSlider(min=0, max=len(rows) - 1, description="place in this order")
        super().__init__("Reconstruction explorer", {"order": order, "place": place})

    def render(self, **state: Any) -> tuple[Figure, str]:
        """Exchange the sample on the left and move the line on the right."""
        row = int(self._orders[state["order"]][state["place"]])
        self._line.set_xdata([self._scores[row]])
        return self._figure, self._tell(row, self._panel.show(row))

    def _tell(self, row: int, largest: str) -> str:
        score, name = self._scores[row], f", {self._names[row]}" if self._names else ""
        kind = "anomaly" if self._labels[row] else "normal"
        below = float(np.mean(self._normal < score))
        told = (
            f"Row {row} ({kind}{name}): score {_number(score)}, "
            f"higher than {floor(100 * below)} % of the normal rows"
        )
        if self._threshold is not None:
            side = "above" if score > self._threshold else "not above"
            told += f", {side} the threshold {_number(self._threshold)}"
        return f"{told}; largest error in {largest}."

    def _draw_still_parts(
        self,
        x: np.ndarray,
        x_hat: np.ndarray,
        image_shape: tuple[int, int] | None,
        feature_names: Sequence[str] | None,
    ) -> None:
        """Draw what no row changes, and keep the artists that a row moves."""
        listed = x.shape[1] if not image_shape and x.shape[1] <= LEGIBLE else 0
        height = max(2.9, 0.9 + 0.15 * listed)
        self._figure = Figure(figsize=(8, height), dpi=DPI)
        left, right = self._figure.subplots(1, 2, width_ratios=(9, 8))
        self._figure.subplots_adjust(
            left=0.19 if listed else 0.01 if image_shape else 0.08,
            right=0.985,
            bottom=0.49 / height,
            top=1 - 0.38 / height,
            wspace=0.2,
        )
        self._panel: _Pictures | _Bars = (
            _Pictures(left, x, x_hat, image_shape)
            if image_shape
            else _Bars(left, x, x_hat, feature_names)
        )
        span, log = _span(self._scores, self._threshold)
        histogram(right, self._normal, self._scores[self._labels == 1], span, log=log)
        if self._threshold is not None:
            right.axvline(self._threshold, color=NEUTRAL, linestyle="--", label="threshold")
        self._line = right.axvline(span[0], color="black", lw=2, label="this row", animated=True)
        if not log:
            right.locator_params(axis="x", nbins=5)
        right.spines[["top", "right"]].set_visible(False)
        legend_above(right, fontsize=8, columnspacing=0.8, handletextpad=0.5)


class _Pictures:
    """A sample, its reconstruction and its error map side by side in one axes."""

    def __init__(
        self, ax: Axes, x: np.ndarray, x_hat: np.ndarray, image_shape: tuple[int, int]
    ) -> None:
        self._shape = height, width = check_image_shape(image_shape, x.shape[1])
        self._x, self._x_hat, self._errors = x, x_hat, (x - x_hat) ** 2
        self._low, self._high = float(x.min()), float(x.max())
        self._peak = float(np.quantile(self._errors.max(axis=1), BRIGHT)) or 1.0
        blank = np.ones((height, 3 * width + 2, 3))
        self._image = ax.imshow(blank, interpolation="nearest", animated=True)
        self._mark = Rectangle((0, 0), 1, 1, fill=False, ec=ANOMALY, lw=2, animated=True)
        ax.add_patch(self._mark)
        places = [(width + 1) * number + width / 2 - 0.5 for number in range(3)]
        ax.set_xticks(places, ["x", "x_hat", "(x − x_hat)²"])
        ax.set_yticks([])
        ax.set_xlabel(
            "frame: the largest error of this row\n"
            f"yellow: an error of {_number(self._peak)} or more",
            fontsize=9,
        )
        bare(ax)

    def show(self, row: int) -> str:
        """Draw this row; return the name of the pixel that is reconstructed worst."""
        grey = [self._grey(part[row]) for part in (self._x, self._x_hat)]
        heat = colormaps["cividis"](self._errors[row] / self._peak)[:, :3]
        gap = np.ones((self._shape[0], 1, 3))
        left, middle, right = (part.reshape(*self._shape, 3) for part in (*grey, heat))
        self._image.set_data(np.concatenate([left, gap, middle, gap, right], axis=1))
        down, across = divmod(int(np.argmax(self._errors[row])), self._shape[1])
        self._mark.set_xy((2 * (self._shape[1] + 1) + across - 0.5, down - 0.5))
        return f"pixel ({down}, {across})"

    def _grey(self, pixels: np.ndarray) -> np.ndarray:
        scaled = (pixels - self._low) / ((self._high - self._low) or 1)
        return colormaps["gray_r"](np.clip(scaled, 0, 1))[:, :3]


class _Bars:
    """What every feature contributes to the error of a row, as a share of it."""

    def __init__(
        self, ax: Axes, x: np.ndarray, x_hat: np.ndarray, feature_names: Sequence[str] | None
    ) -> None:
        count = x.shape[1]
        given = [f"feature {number}" for number in range(count)]
        self._names = [str(name) for name in (given if feature_names is None else feature_names)]
        if len(self._names) != count:
            raise ValueError(
                f"feature_names should be one a column: {len(self._names)} for {count} columns."
            )
        errors = (x - x_hat) ** 2
        totals = errors.sum(axis=1, keepdims=True)
        self._shares = 100 * errors / np.where(totals == 0, 1, totals)
        self._bars = ax.barh(range(count), np.zeros(count), color=ANOMALY, animated=True)
        ax.set(xlim=(0, self._shares.max() or 1), xlabel="% of the error of this row")
        ax.set_ylim(count - 0.4, -0.6)
        if count <= LEGIBLE:
            ax.set_yticks(range(count), self._names, fontsize=8)
        else:
            ax.set_ylabel("feature")
        ax.spines[["top", "right"]].set_visible(False)

    def show(self, row: int) -> str:
        """Draw this row; return the name and the share of the worst feature."""
        shares = self._shares[row]
        for bar, share in zip(self._bars, shares, strict=True):
            bar.set_width(share)
        worst = int(np.argmax(shares))
        return f"{self._names[worst]} ({shares[worst]:.0f} % of it all)"


def reconstruction_explorer(
    x: Any,
    x_hat: Any,
    scores: Any,
    labels: Any,
    *,
    image_shape: tuple[int, int] | None = None,
    threshold: float | None = None,
    names: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
) -> ReconstructionExplorer:
    """Leaf through rows: sample, reconstruction, errors, and the place of the score.

    Parameters
    ----------
    x, x_hat : array (rows, features) or (rows, height, width)
        Samples of the TUNING part and their reconstructions. Never the test part: who studies
        its mistakes and then changes the detector has trained on it.
    scores, labels : array (rows,)
        Their scores, higher = more anomalous, and 0 (normal) or 1 (anomaly); some of each.
    image_shape : (height, width), optional
        If a row is a picture. Otherwise bars show the share of every feature in the error.
    threshold : float, optional
        Drawn as a line; the sentence says on which side the row lies.
    names : sequence of str, optional
        What every row is, such as "digit 8".
    feature_names : sequence of str, optional
        One a column, for the bars.

    Returns
    -------
    ReconstructionExplorer
        End a cell with it, or with ``explorer.set(place=17)`` or ``.set(order="by score")``.

    Raises
    ------
    ValueError
        If lengths or shapes disagree, a value is not finite, or all scores are the same.
    """
    return ReconstructionExplorer(
        x,
        x_hat,
        scores,
        labels,
        image_shape=image_shape,
        threshold=threshold,
        names=names,
        feature_names=feature_names,
    )


def _span(scores: np.ndarray, threshold: float | None) -> tuple[tuple[float, float], bool]:
    """The axis of scores and threshold, with a little room; logarithmic if a few are huge."""
    every = scores if threshold is None else np.append(scores, threshold)
    low, high = float(every.min()), float(every.max())
    if low > 0 and high > 10 * float(np.median(scores)):
        return (low / 1.1, 1.1 * high), True
    room = 0.02 * (high - low)
    return (low - room, high + room), False


def _number(value: float) -> str:
    """Three digits, trailing zeros kept."""
    return f"{value:#.3g}".rstrip(".")
