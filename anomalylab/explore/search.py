"""Watch a search for z step by step, and compare the settings of many (chapters 4.3.2, 4.3.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from anomalylab import plots
from anomalylab.explore.base import Explorer, choice, slider
from anomalylab.explore.retraining import mean_and_range
from anomalylab.explore.table import Trail, table_explorer
from anomalylab.inputs import as_array, check_labels

KINDS = ("normal", "anomaly")
SETTINGS = {
    "steps": "steps of the search",
    "starts": "starts",
    "price": "price of an unlikely z",
    "weight": "weight λ of L_D",
}
TICKS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]  # on the logarithmic axis of the objective


def search_explorer(
    x: Any,
    labels: Any,
    z: Any,
    decode: Callable[[np.ndarray], Any],
    features: Callable[[np.ndarray], Any],
    *,
    weight: float,
    price: float,
    names: Sequence[Any] | NDArray[Any] | None = None,
    image_shape: tuple[int, int] = (8, 8),
) -> Explorer:
    """Follow the search for z, of a normal row and of an anomaly beside it, step by step.

    A search minimises over z (Schlegl et al. 2017), with f for the features,

        (1 − weight) · L_R + weight · L_D + price · mean(z²),
        L_R = mean |x − G(z)|,   L_D = mean |f(x) − f(G(z))|

    Everything is computed once, when the explorer is made.

    Parameters
    ----------
    x : array (rows, pixels)
        A few rows of the TUNING part, with values from 0 to 1.
    labels : array (rows,)
        0 (normal) or 1 (anomaly); some of each.
    z : array (rows, steps + 1, latent)
        Every z that the search of each row came through, at least two. Of an `AnoGAN`:
        ``al.detector.evaluate(anogan, "walk", x)``.
    decode : callable, array (n, latent) -> array (n, pixels)
        The generator G, such as ``lambda z: al.latent.decode(anogan, z)``.
    features : callable, array (n, pixels) -> array (n, width)
        The discriminator's feature layer f.
    weight, price : float
        Of the feature loss (λ), and of a z that the prior would hardly draw: those of the search.
    names : sequence, optional
        What every row is, such as "digit 8".
    image_shape : (height, width)
        Of a row.

    Returns
    -------
    Explorer
        Its buttons play the search. End a cell with it, or with ``explorer.set(step=30)``.

    Raises
    ------
    ValueError
        If lengths or shapes disagree, a value is not finite, or one kind of row is missing.
    """
    rows = as_array(x, sample_shape=(image_shape[0] * image_shape[1],))
    kinds, paths = check_labels(labels, len(rows)), as_array(z)
    if (
        not len(rows) == len(paths) == len(rows if names is None else names)
        or paths.ndim != 3
        or paths.shape[1] < 2
        or len(set(kinds.tolist())) < 2
    ):
        raise ValueError(
            f"x has {len(rows)} rows, so z needs shape ({len(rows)}, 2 or more steps, latent), not "
            f"{paths.shape}; names need one entry a row, and labels some 0 and some 1."
        )
    flat, places = paths.reshape(-1, paths.shape[2]), paths.shape[:2]
    pictures = as_array(decode(flat), sample_shape=rows.shape[1:], minimum_rows=len(flat))
    drawn = pictures.reshape(*places, -1)
    found = as_array(features(pictures), minimum_rows=len(flat)).reshape(*places, -1)
    residuals = np.abs(rows[:, None] - drawn)
    losses = residuals.mean(2), np.abs(as_array(features(rows))[:, None] - found).mean(2)
    objective = (1 - weight) * losses[0] + weight * losses[1] + price * (paths**2).mean(2)
    as_array(objective.reshape(len(rows), -1))  # refuses what is no finite number
    steps = places[1] - 1

    called = [
        f"row {row}" if names is None else f"row {row} ({names[row]})" for row in range(len(rows))
    ]

    def still(left: Axes, right: Axes) -> None:
        blank = dict.fromkeys(KINDS, np.zeros((3, rows.shape[1])))
        plots.picture_rows(blank, image_shape, ["x", "G(z)", "|x − G(z)|"], left)
        right.set(xlim=(-0.02 * steps, 1.05 * steps), ylim=(0, 1.05 * objective.max()))

    def draw(left: Axes, right: Axes, step: int, **chosen: int) -> str:
        parts = {
            kind: np.stack([rows[row], drawn[row, step], residuals[row, step]])
            for kind, row in chosen.items()
        }
        told = [
            f"{kind} {called[row]} has L_R {losses[0][row, step]:.3f}, L_D "
            f"{losses[1][row, step]:.3f}, objective {objective[row, step]:.3f} (lowest "
            f"{objective[row].min():.3f}, in step {objective[row].argmin()})"
            for kind, row in chosen.items()
        ]
        plots.picture_rows(parts, image_shape, ax=left)
        left.set_ylim(left.get_ylim()[0], -3)  # room for the titles below the legend
        plots.search_curves({kind: objective[row] for kind, row in chosen.items()}, right)
        # without a mark of its own, which would look like a value of the objective
        right.axvline(step, color=plots.NEUTRAL, linestyle=":", label="this step")
        return f"In step {step} of {steps}: {'; '.join(told)}."

    controls = {}
    for label, (kind, description) in enumerate(zip(KINDS, ("normal row", "anomaly"), strict=True)):
        listed = np.flatnonzero(kinds == label).tolist()
        controls[kind] = choice(description, listed, ordered=False)
        controls[kind].options = [(called[row], row) for row in listed]
    controls["step"] = slider("step of the search", 0, steps, 1, 0)
    return Explorer("Search explorer", controls, draw, still, widths=(4, 3)).with_play("step")


def search_settings_explorer(table: Any) -> Explorer:
    """Turn steps, starts, price and λ of a search; see what becomes of objective and ROC-AUC.

    Nothing is searched here: the results are those of a table of many runs.

    Parameters
    ----------
    table : DataFrame
        One run a row, with the columns "digit", "seed", "steps", "starts", "price", "weight" (λ),
        "roc_auc" and "objective" (a mean over rows), such as
        ``results.load("gan_search")``. Every setting in it has one run of each digit with each of
        at least three seeds. A seed counts with its mean over the digits.

    Returns
    -------
    Explorer
        End a cell with it, or with ``explorer.set(steps=30, starts=4)``.

    Raises
    ------
    ValueError
        If a column or a run is missing, a run occurs twice, or a result is not finite.
    """

    def dress(left: Axes, right: Axes, values: Any) -> None:
        left.set_ylim(values[:, 0].min() - 0.02, values[:, 0].max() + 0.02)
        right.set(
            yscale="log",
            yticks=TICKS,
            yticklabels=TICKS,
            ylim=(0.9 * values[:, 1].min(), 1.1 * values[:, 1].max()),
        )
        right.minorticks_off()

    def tell(state: dict[str, Any], trail: Trail, seeds: int) -> str:
        steps, starts, price, weight = state.values()
        area, objective = (
            {count: float(runs[place].mean()) for count, runs in trail.items()} for place in (0, 1)
        )
        best, least = max(area, key=area.__getitem__), min(objective, key=objective.__getitem__)
        return (
            f"Steps {steps}, starts {starts}, price {price:g}, λ {weight:g}: ROC-AUC "
            f"{mean_and_range(trail[steps][0])}, objective {mean_and_range(trail[steps][1], 3)}, "
            f"of {seeds} seeds, each the mean of {table['digit'].nunique()} digits; G draws "
            f"{starts * (steps + 1)} times for each row. ROC-AUC is highest, {area[best]:.2f}, "
            f"after {best} steps, the objective lowest, {objective[least]:.3f}, after {least}."
        )

    return table_explorer(
        "Search settings explorer",
        table,
        SETTINGS,
        {"roc_auc": "ROC-AUC", "objective": "objective"},
        tell,
        along="steps",
        over=["digit"],
        dress=dress,
    )
