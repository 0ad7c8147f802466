"""Turn the weight between the two parts of a VAE's score (chapter 4.2.3)."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from anomalylab.explore.base import DPI, Explorer
from anomalylab.explore.parts import BINS, area, finite_scores, legend_above, zero_or_one
from anomalylab.plots import ANOMALY, NEUTRAL, NORMAL

STEPS = 50
REST = 0.005  # share of rows at either end that the first and the last bar gather


class WeightExplorer(Explorer):
    """Weigh the two parts of a score against each other; nothing is trained again.

    score = (1 − w) · reconstruction + w · KL, which ranks as the chapter's reconstruction +
    β · KL with β = w / (1 − w). Left: how the scores are distributed. Right: ROC-AUC against w.
    See `weight_explorer` for the parameters.
    """

    def __init__(self, reconstruction: Any, kl: Any, labels: Any) -> None:
        first, second = finite_scores("reconstruction", reconstruction), finite_scores("kl", kl)
        if len(first) != len(second):
            raise ValueError(
                f"reconstruction and kl should have the same rows, not {len(first)} and "
                f"{len(second)}."
            )
        self._first, self._second = first, second
        self._odd = zero_or_one(labels, len(first)) == 1
        self._weights = np.round(np.linspace(0, 1, STEPS + 1), 6)
        self._areas = [self._area(weight) for weight in self._weights]
        self._draw_still_parts()
        slider = widgets.FloatSlider(
            value=0.5, min=0, max=1, step=1 / STEPS, readout_format=".2f", description="weight w"
        )
        super().__init__("Weight explorer", {"weight": slider})

    def render(self, **state: Any) -> tuple[Figure, str]:
        """Move the bars and the point."""
        weight = float(state["weight"])
        scores = self._standardised(weight)
        for bars, chosen in ((self._bars[0], ~self._odd), (self._bars[1], self._odd)):
            bars.set_data(_shares(scores[chosen], self._edges))
        reached = self._area(weight)
        self._point.set_data([weight], [reached])
        return self._figure, self._tell(weight, reached)

    def _tell(self, weight: float, reached: float) -> str:
        beta = "only the KL" if weight == 1 else f"β = {weight / (1 - weight):.2f}"
        best = int(np.argmax(self._areas))
        return (
            f"Weight {weight:.2f} ({beta}): ROC-AUC {reached:.2f}; reconstruction alone "
            f"{self._areas[0]:.2f}, β = 1 {self._area(0.5):.2f}, KL alone {self._areas[-1]:.2f}; "
            f"highest {self._areas[best]:.2f} at weight {self._weights[best]:.2f}."
        )

    def _score(self, weight: float) -> np.ndarray:
        return (1 - weight) * self._first + weight * self._second

    def _area(self, weight: float) -> float:
        scores = self._score(weight)
        return area(scores[~self._odd], scores[self._odd])

    def _standardised(self, weight: float) -> np.ndarray:
        """Scores in standard deviations of the normal rows from their mean."""
        scores = self._score(weight)
        normal = scores[~self._odd]
        return (scores - normal.mean()) / (float(normal.std()) or 1.0)

    def _draw_still_parts(self) -> None:
        """Draw what no weight changes, and keep the artists that it moves."""
        every = np.concatenate([self._standardised(weight) for weight in self._weights])
        low, high = np.quantile(every, [REST, 1 - REST])
        self._edges = np.linspace(low, high, BINS + 1)
        self._figure = Figure(figsize=(8, 3), dpi=DPI)
        left, right = self._figure.subplots(1, 2, width_ratios=(5, 4))
        self._figure.subplots_adjust(left=0.075, right=0.985, bottom=0.2, top=0.89, wspace=0.22)
        self._bars = self._draw_bars(left)
        self._point = self._draw_curve(right)
        for ax in (left, right):
            ax.spines[["top", "right"]].set_visible(False)
            legend_above(ax)

    def _draw_bars(self, ax: Axes) -> list[Any]:
        tallest, bars = 0.0, []
        for chosen, name, colour, hatch in (
            (~self._odd, "normal", NORMAL, ""),
            (self._odd, "anomaly", ANOMALY, "///"),
        ):
            shares = [_shares(self._standardised(w)[chosen], self._edges) for w in self._weights]
            tallest = max(tallest, float(np.max(shares)))
            look: dict[str, Any] = {"facecolor": (colour, 0.45), "edgecolor": colour}
            bars.append(
                ax.stairs(
                    shares[0],
                    self._edges,
                    fill=True,
                    hatch=hatch,
                    label=name,
                    animated=True,
                    **look,
                )
            )
        ax.set(xlim=(self._edges[0], self._edges[-1]), ylim=(0, 1.03 * tallest))
        ax.set_xlabel(
            "score, in standard deviations of the normal rows\n(end bars: and beyond)", fontsize=9
        )
        ax.set_ylabel("% of the rows of its kind")
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
        return bars

    def _draw_curve(self, ax: Axes) -> Any:
        ax.plot(self._weights, self._areas, color="black", lw=1.2, label="ROC-AUC")
        ax.axhline(0.5, color=NEUTRAL, lw=0.8, ls=":")
        ax.axvline(0.5, color=NEUTRAL, lw=0.8, ls="--", label="β = 1")
        (point,) = ax.plot([], [], "o", color="black", ms=8, label="now", animated=True)
        low, high = min(*self._areas, 0.5), max(*self._areas, 0.5)
        room = max(0.03, 0.08 * (high - low))
        ax.set(xlim=(-0.02, 1.02), ylim=(low - room, high + room), ylabel="ROC-AUC (tuning part)")
        ax.set_xlabel("weight w   (0: reconstruction, 1: KL)", fontsize=9)
        return point


def weight_explorer(reconstruction: Any, kl: Any, labels: Any) -> WeightExplorer:
    """Turn the weight between reconstruction error and KL divergence, and see who ranks better.

    Parameters
    ----------
    reconstruction, kl : array (rows,)
        The two parts of the score, in the same units (nats), of the TUNING part. Never the test
        part: a weight chosen on it would make every number reported from it too good.
    labels : array (rows,)
        0 (normal) or 1 (anomaly); some of each.

    Returns
    -------
    WeightExplorer
        End a cell with it, or with ``explorer.set(weight=0.8)``.

    Raises
    ------
    ValueError
        If lengths disagree, a value is not finite, or one kind of row is missing.
    """
    return WeightExplorer(reconstruction, kl, labels)


def _shares(scores: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Per cent of the rows in every bin; the first and the last hold what lies beyond."""
    counts, _ = np.histogram(np.clip(scores, edges[0], edges[-1]), edges)
    return 100 * counts / len(scores)
