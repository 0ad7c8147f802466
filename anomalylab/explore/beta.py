"""Turn the weight β of the KL divergence and watch a VAE retrain (chapter 4.2.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from anomalylab.explore.parts import (
    area,
    different_numbers,
    finite_rows,
    finite_scores,
    legend_above,
    one_a_row,
    picture_rows,
    reconstructed_rows,
)
from anomalylab.explore.retrain import HERE, Retraining, number_points
from anomalylab.plots import NORMAL

TrainBeta = Callable[[int, float], "BetaRun"]


@dataclass(frozen=True)
class BetaRun:
    """What one training run of a variational autoencoder gave.

    Parameters
    ----------
    normal_scores, anomaly_scores : array (rows,)
        Scores of rows that were not trained on, higher = more anomalous; of the TUNING part,
        for a setting is chosen by them.
    reconstruction, kl : float
        Means over fresh normal rows of the two parts of the loss, both in nats (natural units
        of information) a row: −log p(x | z), and KL(q(z | x) ‖ N(0, I)) without its weight β.
    active, latent : int
        Units of z that carry something, and units in all.
    x, x_hat : array (samples, pixels)
        A few samples, about 4 to 6, and their reconstructions.
    samples : array (samples, pixels)
        About as many pictures decoded from z ~ N(0, I).
    names : sequence of str
        What the samples x are, one text each, or empty.

    Attributes
    ----------
    auc : float
        Area under the ROC curve: how often an anomaly scores above a normal row.
    """

    normal_scores: Any
    anomaly_scores: Any
    reconstruction: float
    kl: float
    active: int
    latent: int
    x: Any
    x_hat: Any
    samples: Any
    names: Sequence[str] = ()
    auc: float = field(init=False)

    def __post_init__(self) -> None:
        normal = finite_scores("normal_scores", self.normal_scores)
        anomaly = finite_scores("anomaly_scores", self.anomaly_scores)
        rows, drawn = reconstructed_rows(self.x, self.x_hat)
        kept = {
            "x": rows,
            "x_hat": drawn,
            "samples": _samples(self.samples, rows.shape[1]),
            "names": one_a_row("names", self.names, len(rows)) if len(self.names) else [],
            "reconstruction": _one_number("reconstruction", self.reconstruction),
            "kl": _one_number("kl", self.kl),
            "active": _count(self.active, self.latent),
            "auc": area(normal, anomaly),
        }
        for name, value in kept.items():
            object.__setattr__(self, name, value)  # the way to fill a frozen dataclass


class BetaExplorer(Retraining):
    """Retrain with another β, and keep a trail of the results.

    Left: ROC-AUC against β, one point for every β tried with this digit, with the number of
    active units above it. Right: samples, their reconstructions, and pictures decoded from the
    prior. See `beta_explorer`.
    """

    result = BetaRun

    def __init__(
        self,
        train: TrainBeta,
        *,
        betas: Sequence[float] = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0),
        digits: Sequence[int] = tuple(range(10)),
        image_shape: tuple[int, int] = (8, 8),
    ) -> None:
        weights = sorted(float(beta) for beta in different_numbers("betas", betas, least=0))
        left_out = [int(digit) for digit in different_numbers("digits", digits, least=0)]
        self._places = {beta: place for place, beta in enumerate(weights)}
        start = 1.0 if 1.0 in weights else weights[len(weights) // 2]
        controls = {
            "digit": widgets.Dropdown(options=left_out, description="digit left out"),
            "beta": widgets.SelectionSlider(
                options=[(f"{beta:g}", beta) for beta in weights],
                value=start,
                description="weight β of the KL",
            ),
        }
        super().__init__("Beta explorer", train, controls, image_shape)

    def _so_far(self, digit: int) -> dict[float, BetaRun]:
        """What was trained for this digit, by β."""
        return {beta: run for (d, beta), run in sorted(self._trained.items()) if d == digit}

    def _named(self, state: dict[str, Any]) -> str:
        return f"β {state['beta']:g}, digit {state['digit']} left out"

    def _tell(self, state: dict[str, Any]) -> str:
        here, runs = self._trained[self._key(state)], self._so_far(state["digit"])
        told = (
            f"{here.active} of {here.latent} units active, reconstruction error "
            f"{here.reconstruction:.1f} and KL {_nats(here.kl)} nats per fresh normal, "
            f"ROC-AUC {here.auc:.2f}."
        )
        if len(runs) == 1:
            return told
        each = "; ".join(f"{b:g}: {r.active}, {_nats(r.kl)}, {r.auc:.2f}" for b, r in runs.items())
        return f"{told} So far (β: active units, KL, ROC-AUC) {each}."

    def _draw_trail(self, ax: Axes, state: dict[str, Any]) -> None:
        runs = self._so_far(state["digit"])
        points = {beta: (self._places[beta], run.auc) for beta, run in runs.items()}
        across, areas = zip(*points.values(), strict=True)
        ax.plot(across, areas, "-o", color=NORMAL, lw=1, label="number: units active")
        for beta, run in runs.items():
            number_points(ax, {run.active: points[beta]}, NORMAL)
        here = points[state["beta"]]
        ax.plot(*here, label=f"β {state['beta']:g}", **HERE)
        margin = max(0.05, 0.25 * (max(areas) - min(areas)))
        ax.set_ylim(min(areas) - margin, max(areas) + margin)
        ax.set_xlim(-0.5, len(self._places) - 0.5)
        ax.set_xticks(list(self._places.values()), [f"{beta:g}" for beta in self._places])
        ax.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        ax.set(xlabel="weight β of the KL divergence", ylabel="ROC-AUC (tuning part)")
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.25)
        legend_above(ax, markerscale=0.75)

    def _draw_strip(self, ax: Axes, result: BetaRun) -> None:
        parts = {"x": result.x, "x_hat": result.x_hat, "new": result.samples}
        picture_rows(ax, parts, self._image_shape, result.names)


def beta_explorer(
    train: TrainBeta,
    *,
    betas: Sequence[float] = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0),
    digits: Sequence[int] = tuple(range(10)),
    image_shape: tuple[int, int] = (8, 8),
) -> BetaExplorer:
    """Turn β, the weight of the KL divergence, and the digit left out; it trains anew.

    Parameters
    ----------
    train : callable (digit, beta) -> BetaRun
        Trains a variational autoencoder without this digit and with this weight, and scores
        the TUNING part: never the test part, for the picture invites to choose. Called once for
        every state; it should take at most a second or so, print nothing and give the same
        answer each time (seed it).
    betas, digits : sequence of numbers
        What the controls offer. The first digit and β = 1 (if offered, else the middle one)
        come first.
    image_shape : (height, width)
        Of the samples in `BetaRun`.

    Returns
    -------
    BetaExplorer
        End a cell with it, or with ``explorer.set(beta=3)``.

    Raises
    ------
    ValueError
        If `train` is no function or a control has nothing to offer. What goes wrong inside
        `train` is shown above the picture; ``set`` raises it too.
    """
    return BetaExplorer(train, betas=betas, digits=digits, image_shape=image_shape)


def _samples(samples: Any, features: int) -> Any:
    rows = finite_rows("samples", samples)
    if rows.shape[1] != features:
        raise ValueError(f"samples have {rows.shape[1]} pixels, but x has {features}.")
    return rows


def _one_number(name: str, value: Any) -> float:
    (number,) = finite_scores(name, [value])
    return float(number)


def _count(active: int, latent: int) -> int:
    if not 0 <= active <= latent or latent < 1:
        raise ValueError(f"active should be 0 to latent, but is {active} of {latent}.")
    return int(active)


def _nats(value: float) -> str:
    """One decimal; two where the number is small, for a collapse shows there."""
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"
