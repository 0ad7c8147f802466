"""Turn the width of the bottleneck and watch it retrain (chapter 4.1.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets
from matplotlib.axes import Axes

from anomalylab.explore.parts import (
    area,
    different_numbers,
    finite_scores,
    legend_above,
    one_a_row,
    picture_rows,
    reconstructed_rows,
)
from anomalylab.explore.retrain import HERE, Retraining, number_points
from anomalylab.plots import NEUTRAL, NORMAL

MARKERS = "osD^v<>P"
Train = Callable[[int, int, float], "Trained"]


@dataclass(frozen=True)
class Trained:
    """What one training run gave.

    Parameters
    ----------
    normal_scores, anomaly_scores : array (rows,)
        Mean reconstruction errors of rows that were not trained on; of the TUNING part, for
        a setting is chosen by them.
    x, x_hat : array (samples, pixels)
        A few samples, about 4 to 6, and their reconstructions.
    names : sequence of str
        What the samples are, one text each, or empty.

    Attributes
    ----------
    error : float
        Mean of `normal_scores`.
    auc : float
        Area under the ROC curve: how often an anomaly scores above a normal row.
    """

    normal_scores: Any
    anomaly_scores: Any
    x: Any
    x_hat: Any
    names: Sequence[str] = ()
    error: float = field(init=False)
    auc: float = field(init=False)

    def __post_init__(self) -> None:
        normal = finite_scores("normal_scores", self.normal_scores)
        anomaly = finite_scores("anomaly_scores", self.anomaly_scores)
        rows, drawn = reconstructed_rows(self.x, self.x_hat)
        kept = {
            "x": rows,
            "x_hat": drawn,
            "names": one_a_row("names", self.names, len(rows)) if len(self.names) else [],
            "error": float(normal.mean()),
            "auc": area(normal, anomaly),
        }
        for name, value in kept.items():
            object.__setattr__(self, name, value)  # the way to fill a frozen dataclass


class BottleneckExplorer(Retraining):
    """Retrain with another bottleneck, and keep a trail of the results.

    Left: error of fresh normals against ROC-AUC, one point for every state of this digit that
    was trained so far. Right: samples above their reconstructions. See `bottleneck_explorer`.
    """

    result = Trained

    def __init__(
        self,
        train: Train,
        *,
        digits: Sequence[int] = tuple(range(10)),
        widths: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
        noises: Sequence[float] = (0.0, 0.1, 0.2, 0.3),
        image_shape: tuple[int, int] = (8, 8),
    ) -> None:
        self._noises = [float(noise) for noise in different_numbers("noises", noises, least=0)]
        every = [int(width) for width in different_numbers("widths", widths, least=1)]
        left_out = [int(digit) for digit in different_numbers("digits", digits, least=0)]
        controls = {
            "digit": widgets.Dropdown(options=left_out, description="digit left out"),
            "width": widgets.SelectionSlider(
                options=every, value=every[len(every) // 2], description="width of z"
            ),
            "noise": widgets.SelectionSlider(
                options=[(f"{noise:g}", noise) for noise in self._noises],
                description="noise in training",
            ),
        }
        super().__init__("Bottleneck explorer", train, controls, image_shape)

    def _so_far(self, digit: int, noise: float) -> dict[int, Trained]:
        """What was trained for this digit and noise, by width."""
        known = sorted(self._trained.items())
        return {w: result for (d, w, n), result in known if (d, n) == (digit, noise)}

    def _draw_trail(self, ax: Axes, state: dict[str, Any]) -> None:
        digit, width, noise = self._key(state)
        for marker, other in zip(MARKERS * len(self._noises), self._noises, strict=False):
            if results := self._so_far(digit, other):
                _draw_line(ax, results, marker, f"noise {other:g}", width, now=other == noise)
        here = self._trained[digit, width, noise]
        ax.plot(here.error, here.auc, label=f"width {width}", **HERE)
        _frame(ax, [r for (d, _, _), r in self._trained.items() if d == digit])
        legend_above(ax, ncols=len(self._noises) + 1, handletextpad=0.4, markerscale=0.75)

    def _draw_strip(self, ax: Axes, result: Trained) -> None:
        parts = {"x": result.x, "x_hat": result.x_hat}
        picture_rows(ax, parts, self._image_shape, result.names)

    def _named(self, state: dict[str, Any]) -> str:
        digit, width, noise = self._key(state)
        return f"Width {width}, digit {digit} left out, noise {noise:g}"

    def _tell(self, state: dict[str, Any]) -> str:
        here = self._trained[self._key(state)]
        told = f"mean error of fresh normals {here.error:#.2g}, ROC-AUC {here.auc:.2f}."
        results = self._so_far(state["digit"], state["noise"])
        if len(results) == 1:
            return told
        each = "; ".join(f"{w}: {r.error:#.2g}, {r.auc:.2f}" for w, r in results.items())
        return f"{told} So far with this noise (width: error, ROC-AUC) {each}."


def bottleneck_explorer(
    train: Train,
    *,
    digits: Sequence[int] = tuple(range(10)),
    widths: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    noises: Sequence[float] = (0.0, 0.1, 0.2, 0.3),
    image_shape: tuple[int, int] = (8, 8),
) -> BottleneckExplorer:
    """Turn the width of the bottleneck, the noise and the digit left out; it trains anew.

    Parameters
    ----------
    train : callable (digit, width, noise) -> Trained
        Trains a detector without this digit, with a z of this width, on rows with Gaussian
        noise of this standard deviation, and scores the TUNING part: never the test part, for
        the picture invites to choose. Called once for every state; it should take at most a
        second or so, print nothing and give the same answer each time (seed it).
    digits, widths, noises : sequence of numbers
        What the controls offer. The first digit, the middle width and the first noise come first.
    image_shape : (height, width)
        Of the samples in `Trained`.

    Returns
    -------
    BottleneckExplorer
        End a cell with it, or with ``explorer.set(width=8)``.

    Raises
    ------
    ValueError
        If `train` is no function or a control has nothing to offer. What goes wrong inside
        `train` is shown above the picture; ``set`` raises it too.
    """
    return BottleneckExplorer(
        train, digits=digits, widths=widths, noises=noises, image_shape=image_shape
    )


def _draw_line(
    ax: Axes, results: dict[int, Trained], marker: str, name: str, here: int, *, now: bool
) -> None:
    """The results of one noise, from width to width.

    Grey and hollow unless that noise is on now; then only the width `here` bears its number.
    """
    errors, areas = ([getattr(r, n) for r in results.values()] for n in ("error", "auc"))
    colour = NORMAL if now else NEUTRAL
    line, fill = ("-", colour) if now else (":", "white")
    ax.plot(errors, areas, line, marker=marker, color=colour, lw=1, mfc=fill, label=name)
    points = dict(zip(results, zip(errors, areas, strict=True), strict=True))
    named = points if now else {here: points[here]} if here in points else {}
    number_points(ax, named, colour, 9 if now else -14)


def _frame(ax: Axes, results: list[Trained]) -> None:
    """Room for all points of this digit; what is small stays small in the picture."""
    areas = [result.auc for result in results]
    margin = max(0.05, 0.2 * (max(areas) - min(areas)))
    ax.set_ylim(min(areas) - margin, max(areas) + margin)
    ax.set_xlim(0, 1.15 * max(result.error for result in results))
    ax.set(xlabel="reconstruction error of fresh normals", ylabel="ROC-AUC (tuning part)")
    ax.spines[["top", "right"]].set_visible(False)
    ax.locator_params(axis="x", nbins=5)
    ax.grid(alpha=0.25)
