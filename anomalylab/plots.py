"""Figures from arrays. Every function returns its Axes.

Each Axes carries its description (``ax.get_label()``): one sentence with the key numbers,
which is the caption in a notebook, the alternative text for a screen reader, and what the
tests compare. Colours are from Okabe and Ito's colour-blind safe palette, and no meaning
rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from anomalylab.inputs import Array
from anomalylab.metrics import roc_auc, runs

NORMAL, ANOMALY, NEUTRAL = "#0072B2", "#D55E00", "#555555"
COLOURS = (NORMAL, ANOMALY, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKERS = "sD^vPX"
# a name in the middle of what it names, readable on any colour
NAMED: dict[str, Any] = {
    "ha": "center",
    "va": "center",
    "fontweight": "bold",
    "bbox": {"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.8, "linewidth": 0},
}


def _axes(ax: Axes | None, width: float = 6.4, height: float = 3.2) -> Axes:
    if ax is not None:
        return ax
    return plt.subplots(figsize=(width, height), layout="constrained")[1]


def learning_curve(
    train: Sequence[float], validation: Sequence[float] = (), ax: Axes | None = None
) -> Axes:
    """Loss against epoch, for training rows and for validation rows (if any).

    The axis is logarithmic if every loss is above 0.
    """
    ax = _axes(ax)
    epochs = np.arange(1, len(train) + 1)
    ax.plot(epochs, train, color=NORMAL, label="training")
    first, last = f"{train[0]:z.3f}", f"{train[-1]:z.3f}"
    way = "falls" if train[-1] < train[0] else "rises"
    told = f"stays at {last}" if first == last else f"{way} from {first} to {last}"
    sentence = f"Learning curve: training loss {told}"
    if len(validation):
        best = int(np.argmin(validation))
        ax.plot(epochs, validation, color=ANOMALY, linestyle="--", label="validation")
        ax.plot(best + 1, validation[best], "o", color=ANOMALY, label="kept")
        sentence += f"; validation loss is lowest, {validation[best]:.3f}, in epoch {best + 1}"
    scale = "log" if min([*train, *validation]) > 0 else "linear"
    ax.set(xlabel="epoch", ylabel="loss", yscale=scale)
    ax.legend()
    ax.set_label(f"{sentence}, of {len(train)} epochs.")
    return ax


def score_histogram(
    normal: Array,
    anomalous: Array | None = None,
    threshold: float | None = None,
    ax: Axes | None = None,
    *,
    bins: int | Array = 40,
    log: bool = False,
) -> Axes:
    """Distribution of the scores of normal and anomalous rows, with a threshold line.

    `bins` is a number or the edges. A `log` axis helps where a few scores are far above the others;
    all must be above 0. Further thresholds can be added with `threshold_lines`.
    """
    ax = _axes(ax)
    both = np.asarray(normal) if anomalous is None else np.concatenate([normal, anomalous])
    even = log and np.ndim(bins) == 0  # bars that look equally wide on the axis
    edges = np.histogram_bin_edges(np.log10(both) if even else both, bins)
    ax.set_xscale("log" if log else "linear")
    look: dict[str, Any] = {
        "bins": 10**edges if even else edges,
        "histtype": "stepfilled",
        "alpha": 0.6,
    }
    ax.hist(normal, label="normal", color=NORMAL, weights=_percent(normal), **look)
    parts = [f"{len(normal)} normal rows, median {np.median(normal):.3f}"]
    if anomalous is not None:
        look |= {"weights": _percent(anomalous), "hatch": "//"}
        ax.hist(anomalous, label="anomaly", color=ANOMALY, **look)
        parts.append(f"{len(anomalous)} anomalies, median {np.median(anomalous):.3f}")
    if threshold is not None:
        threshold_lines({"threshold": threshold}, ax)
        share = np.mean(normal > threshold)
        parts.append(f"threshold {threshold:.3f} with {share:.1%} of the normals above it")
        if anomalous is not None:
            parts[-1] += f" and {np.mean(anomalous > threshold):.1%} of the anomalies"
    ax.set(xlabel="score (higher = more anomalous)", ylabel="% of the rows of its kind")
    ax.legend()
    ax.set_label(f"Histogram of scores: {'; '.join(parts)}.")
    return ax


def _percent(rows: Array) -> Array:
    """What each row counts, so that all of them are 100."""
    return np.full(len(rows), 100 / len(rows))


def threshold_lines(thresholds: Mapping[str, float], ax: Axes | None = None) -> Axes:
    """Lines over a histogram of scores; what one named "threshold" flags is shaded."""
    ax = _axes(ax)
    if "threshold" in thresholds:
        flagged = thresholds["threshold"], max(ax.get_xlim()[1], thresholds["threshold"])
        ax.axvspan(*flagged, color=NEUTRAL, alpha=0.12, linewidth=0)
    for name, (value, style) in _marks(thresholds).items():
        ax.axvline(value, markevery=[1], clip_on=False, label=name, **style)
    return _add_sentence(ax, thresholds, "Lines")


def threshold_points(
    thresholds: Mapping[str, float], labels: Array, scores: Array, ax: Axes | None = None
) -> Axes:
    """Where thresholds stand on a ROC curve; the marks are those of `threshold_lines`."""
    ax = _axes(ax, 4.6, 4.2)
    normal, anomalous = scores[labels == 0], scores[labels == 1]
    for name, (value, style) in _marks(thresholds).items():
        rates = [np.mean(normal > value)], [np.mean(anomalous > value)]
        ax.plot(*rates, clip_on=False, label=name, **style)
    return _add_sentence(ax, thresholds, "Points")


def _marks(thresholds: Mapping[str, float]) -> dict[str, tuple[float, dict[str, Any]]]:
    """Value and style of every threshold, by name."""
    looks = zip(cycle(MARKERS), cycle(COLOURS[2:]), strict=False)
    styles: dict[str, Any] = {
        name: (value, {"color": colour, "linestyle": ":", "marker": marker})
        for (name, value), (marker, colour) in zip(thresholds.items(), looks, strict=False)
    }
    if "threshold" in styles:
        black = {"color": "black", "linestyle": "--", "marker": "o"}
        styles["threshold"] = thresholds["threshold"], black
    return styles


def _add_sentence(ax: Axes, thresholds: Mapping[str, float], what: str) -> Axes:
    listed = ", ".join(f"{name} {value:.3g}" for name, value in thresholds.items())
    ax.set_label(f"{ax.get_label()} {what} at {listed}.".strip())
    return ax


def roc(labels: np.ndarray, scores: Mapping[str, Array], ax: Axes | None = None) -> Axes:
    """ROC curves: recall against false-positive rate, one curve a detector."""
    ax = _axes(ax, 4.6, 4.2)
    styles = ["-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1))]
    areas = {name: roc_auc(labels, values) for name, values in scores.items()}
    for number, (name, values) in enumerate(scores.items()):
        fpr, recall, _ = roc_curve(labels, values)
        style = styles[number % len(styles)]
        ax.plot(fpr, recall, linestyle=style, label=f"{name} ({areas[name]:.2f})")
    ax.plot([0, 1], [0, 1], color=NEUTRAL, linewidth=0.8)
    ax.set(xlabel="false-positive rate", ylabel="recall", aspect="equal")
    ax.legend(title="ROC-AUC", loc="lower right")
    listed = ", ".join(f"{name} {area:.2f}" for name, area in areas.items())
    ax.set_label(f"ROC curves, area under each: {listed}; the diagonal is a coin, 0.50.")
    return ax


def reconstructions(
    x: Array,
    x_hat: Array,
    image_shape: tuple[int, int],
    titles: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Pictures in three rows on one Axes: sample, reconstruction, squared error."""
    ax = _axes(ax, 1.05 * len(x) + 1.1, 3.6)
    parts = {"x": x, "x_hat": x_hat, "(x − x_hat)²": (x - x_hat) ** 2}
    picture_rows(parts, image_shape, titles, ax)
    means = ((x - x_hat) ** 2).mean(axis=1)
    named = ", ".join(
        f"{t} {m:.3f}".strip() for t, m in zip(titles or [""] * len(x), means, strict=True)
    )
    what = f"{len(x)} samples above their reconstructions and squared errors"
    ax.set_label(f"{what}; mean error: {named}.")
    return ax


def picture_rows(
    parts: Mapping[str, Array],
    image_shape: tuple[int, int],
    titles: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Rows of pictures on one Axes, dark = 1: each row with its name, the first with titles.

    Parameters
    ----------
    parts : mapping of name to array (pictures, pixels)
        The longest row decides the width.
    """
    columns = max(map(len, parts.values()))
    height, width = image_shape[0] + 1, image_shape[1] + 1
    ax = _axes(ax, 1.05 * columns + 1.1, 1.2 * len(parts))
    canvas = _canvas([*parts.values()], columns, image_shape)
    ax.imshow(canvas, cmap="gray_r", vmin=0, vmax=1)
    ax.set_yticks([height * (row + 0.5) for row in range(len(parts))], list(parts))
    ax.set_xticks([])
    ax.tick_params(length=0)
    for column, title in enumerate(titles):
        ax.text(width * (column + 0.5), -1, title, ha="center", fontsize=9)
    ax.spines[:].set_visible(False)
    listed = ", ".join(f"{len(part)} in row {name!r}" for name, part in parts.items())
    ax.set_label(f"Pictures of {image_shape[0]} × {image_shape[1]} pixels: {listed}.")
    return ax


def _canvas(lines: Sequence[Array], columns: int, image_shape: tuple[int, int]) -> Array:
    """Pictures line by line, each with a white border of a pixel on the right and below."""
    height, width = image_shape[0] + 1, image_shape[1] + 1
    canvas = np.zeros((len(lines), columns, height, width))
    for number, line in enumerate(lines):
        canvas[number, : len(line), :-1, :-1] = np.reshape(line, (-1, *image_shape))
    return canvas.swapaxes(1, 2).reshape(len(lines) * height, -1)


def pictures(
    x: Array, image_shape: tuple[int, int], columns: int | None = None, ax: Axes | None = None
) -> Axes:
    """Samples side by side as pictures, dark = 1; in rows of so many `columns`, if given."""
    columns = columns or len(x)
    lines = [x[i : i + columns] for i in range(0, len(x), columns)]
    ax = _axes(ax, 0.9 * columns, 0.9 * len(lines) + 0.3)
    ax.imshow(_canvas(lines, columns, image_shape), cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()
    height, width = image_shape
    ax.set_label(f"{len(x)} samples of {height} × {width} pixels, mean darkness {x.mean():.2f}.")
    return ax


def latent_plane(z: Array, labels: Any, ax: Axes | None = None) -> Axes:
    """Codes in a plane: normal rows as dots, anomalies as crosses, rings for the prior.

    The rings lie 1, 2 and 3 from the centre and hold 39 %, 86 % and 99 % of N(0, I).

    Parameters
    ----------
    z : array (rows, 2)
    labels : array (rows,)
        0 normal, 1 anomaly.
    """
    ax = _axes(ax, 4.6, 4.6)
    marks = (("normal", NORMAL, "o", "normal rows"), ("anomaly", ANOMALY, "x", "anomalies"))
    parts = []
    for label, (name, colour, marker, what) in enumerate(marks):
        rows = z[labels == label]
        ax.plot(*rows.T, marker, color=colour, alpha=0.6, markersize=4, label=name)
        far = float(np.median(np.linalg.norm(rows, axis=1)))
        parts.append(f"{len(rows)} {what}, median distance from the centre {far:.2f}")
    _rings(ax)
    ax.legend()
    ax.set_label(f"Latent plane: {'; '.join(parts)}; rings at 1, 2 and 3.")
    return ax


def named_codes(z: Array, names: Sequence[str], ax: Axes | None = None) -> Axes:
    """Codes in a plane, each drawn as its name, which should be short; rings as in `latent_plane`.

    Parameters
    ----------
    z : array (rows, 2)
    names : sequence of str
        Such as "3" for a digit 3; an empty name is drawn as a dot.
    """
    ax = _axes(ax, 4.6, 4.6)
    kinds = sorted(set(names))
    for number, kind in enumerate(kinds):
        rows = z[np.array(names) == kind]
        look: dict[str, Any] = {"color": COLOURS[number % len(COLOURS)], "alpha": 0.8}
        marker = f"${kind}$" if kind else "."
        ax.plot(*rows.T, marker=marker, linestyle="none", markersize=5, mew=0.2, **look)
    _rings(ax)
    ax.set_label(f"{len(z)} codes of {len(kinds)} kinds in the latent plane; rings at 1, 2 and 3.")
    return ax


def latent_clouds(
    mu: Array, sigma: Array, kinds: Sequence[Any] | NDArray[Any], ax: Axes | None = None
) -> Axes:
    """Clouds N(μ, σ²) in a plane: each an ellipse of one σ, each kind named at its centre.

    Rings as in `latent_plane`, for the prior.

    Parameters
    ----------
    mu, sigma : array (rows, 2), array (rows, 2)
        As `latent.clouds` returns them.
    kinds : sequence (rows,)
        Such as the digit; kinds of the same colour differ in their line.
    """
    ax = _axes(ax, 4.6, 4.6)
    named = np.asarray(kinds)
    if not len(named) == len(mu) == len(sigma):
        raise ValueError(
            f"mu, sigma and kinds should have one entry a row, but have {len(mu)}, {len(sigma)} "
            f"and {len(named)}."
        )
    for number, kind in enumerate(sorted(set(named.tolist()))):
        centres, (widths, heights) = mu[named == kind], 2 * sigma[named == kind].T
        colour = COLOURS[number % len(COLOURS)]
        line = "-" if number < len(COLOURS) else ":"
        look: dict[str, Any] = {"facecolors": "none", "edgecolors": colour, "linestyles": line}
        ellipses = EllipseCollection(widths, heights, 0 * widths, units="xy", **look)
        ellipses.set_offsets(centres)
        ellipses.set(offset_transform=ax.transData, alpha=0.8, linewidth=0.9)
        ax.add_collection(ellipses)
        middle = np.median(centres, axis=0)
        ax.text(middle[0], middle[1], str(kind), **NAMED)
    _rings(ax)
    limit = 1.05 * max(3.0, float((np.abs(mu) + sigma).max()))
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit))
    far = float(np.median(np.linalg.norm(mu, axis=1)))
    ax.set_label(
        f"{len(mu)} clouds of {len(set(named.tolist()))} kinds in the latent plane: median "
        f"distance of μ from the centre {far:#.2g}, median σ {np.median(sigma):#.2g}; rings at "
        "1, 2 and 3."
    )
    return ax


def code_marks(place: Array, near: Array, ax: Axes | None = None) -> Axes:
    """A place in a plane of codes as a cross, and codes `near` it, shape (rows, 2), in circles."""
    ax = _axes(ax, 4.6, 4.6)
    look: dict[str, Any] = {"color": "black", "linestyle": "none"}
    ax.plot(*near.T, marker="o", markersize=12, mfc="none", label="nearest", **look)
    ax.plot(*place, marker="P", markersize=11, mec="white", label="z", **look)
    ax.set_label(f"A cross at z = ({place[0]:.2f}, {place[1]:.2f}); {len(near)} codes circled.")
    return ax


def _rings(ax: Axes) -> None:
    """Circles at 1, 2 and 3 standard deviations of the prior N(0, I)."""
    for radius in (1, 2, 3):
        ax.add_patch(plt.Circle((0, 0), radius, fill=False, color=NEUTRAL, linewidth=0.8))
    ax.set(xlabel="z₁", ylabel="z₂", aspect="equal")


def contributions(shares: Array, names: Sequence[str], ax: Axes | None = None) -> Axes:
    """What each feature contributes to a score, in per cent, as bars from top to bottom."""
    ax = _axes(ax, 4.6, 0.18 * len(names) + 1)
    ax.barh(range(len(names)), shares, color=ANOMALY)
    ax.set_yticks(range(len(names)), names, fontsize=8)
    ax.set(xlabel="% of the score", ylim=(len(names) - 0.4, -0.6))
    largest = int(np.argmax(shares))
    ax.set_label(f"Contributions: largest {names[largest]}, {shares[largest]:.0f} %.")
    return ax


def series(
    rows: pd.DataFrame | Mapping[str, Any],
    labels: Any = None,
    x_hat: pd.DataFrame | Mapping[str, Any] = MappingProxyType({}),
    ax: Axes | None = None,
) -> Axes:
    """Several series below each other, each from its lowest to its highest value (at the left).

    Parameters
    ----------
    rows : DataFrame, or mapping of name to array (rows,)
        Channels, or the scores of detectors.
    labels : array (rows,), optional
        The background is shaded where it is 1.
    x_hat : like rows, optional
        What a detector draws for them: dashed, on the scale of its series.
    """
    names = [str(name) for name in rows]
    ax = _axes(ax, 8.0, 0.55 * len(names) + 0.9)
    told, ticks = f"{len(rows[names[0]])} rows of {', '.join(names)}.", []
    for place, name in enumerate(names):
        values = np.asarray(rows[name], dtype=float)
        low, high = np.nanmin(values), np.nanmax(values)
        ticks.append(f"{name}\n{low:.3g} to {high:.3g}")
        foot, height = -place - 0.4, 0.8 / max(high - low, 1e-12)
        ax.plot(foot + height * (values - low), color=NORMAL, linewidth=1)
        if name in x_hat:
            drawn = foot + height * (np.asarray(x_hat[name]) - low)
            ax.plot(drawn, "--", color=ANOMALY, linewidth=1, label="x_hat" if place == 0 else "")
    for start, end in runs(labels) if labels is not None else ():
        ax.axvspan(start - 0.5, end - 0.5, color=ANOMALY, alpha=0.15, linewidth=1.5)
        told += f" Shaded: rows {start} to {end - 1}."
    if len(x_hat):
        ax.legend(loc="upper right")
    ax.set_yticks([-place for place in range(len(names))], ticks)
    ax.set(xlabel="row", ylim=(0.6 - len(names), 0.6))
    ax.margins(x=0.01)
    ax.set_label(told)
    return ax


def spread(values: Mapping[str, Sequence[float]], xlabel: str, ax: Axes | None = None) -> Axes:
    """One row a name: every value as a dot, their mean as a bar. For results over seeds."""
    order = sorted(values, key=lambda name: float(np.mean(values[name])))
    ax = _axes(ax, 6.4, 0.42 * len(order) + 1.1)
    for height, name in enumerate(order):
        ax.plot(values[name], [height] * len(values[name]), "o", color=NORMAL, alpha=0.5)
        ax.plot([np.mean(values[name])], [height], "|", color="black", markersize=16)
    ax.set_yticks(range(len(order)), order)
    ax.set(xlabel=xlabel)
    listed = ", ".join(f"{name} {np.mean(values[name]):.2f}" for name in reversed(order))
    ax.set_label(f"{xlabel}, mean of {len(values[order[0]])} each: {listed}.")
    return ax


def against(
    values: Mapping[Any, Sequence[float]],
    xlabel: str,
    ylabel: str,
    ax: Axes | None = None,
    *,
    marked: Sequence[Any] = (),
    notes: Mapping[Any, str] = MappingProxyType({}),
    noted: str = "",
    each: str = "one run",
) -> Axes:
    """A result against a setting: every run a dot, the mean a square. For widths, depths, rates.

    Parameters
    ----------
    values : mapping of setting to results
        In the order to be drawn, evenly spaced; each setting with one result a run, or with none
        yet. A line joins the means if the settings are numbers.
    marked : sequence of settings
        Shaded in the background, such as what a rule of thumb recommends.
    notes : mapping of setting to text
        Written above the results.
    noted : str
        What the notes are, for a legend.
    each : str
        What a dot is, for a legend.
    """
    ax = _axes(ax, 4.6, 3.2)
    places = {setting: place for place, setting in enumerate(values)}
    means = {setting: float(np.mean(runs)) for setting, runs in values.items() if len(runs)}
    for setting in marked:
        edges = places[setting] - 0.5, places[setting] + 0.5
        ax.axvspan(*edges, color=NEUTRAL, alpha=0.15, linewidth=0)
    ordered = all(str(setting).rstrip("%").replace(".", "").isdigit() for setting in values)
    spots = [places[setting] for setting in means]
    most = max(map(len, values.values()))
    mean: dict[str, Any] = {"color": "black", "label": "mean" if most > 1 else ylabel}
    ax.plot(spots, [*means.values()], "-s" if ordered else "s", markersize=5, **mean)
    dot: dict[str, Any] = {"color": NORMAL, "alpha": 0.6, "markersize": 4, "label": each}
    for setting in means if most > 1 else ():
        runs = values[setting]
        ax.plot([places[setting]] * len(runs), runs, "o", **dot)
    above: dict[str, Any] = {"xytext": (0, 7), "textcoords": "offset points", "ha": "center"}
    for setting, note in notes.items():
        ax.annotate(note, (places[setting], max(values[setting])), fontsize=9, **above)
    if notes:
        ax.margins(y=0.15)
        ax.plot([], [], " ", label=f"number: {noted}")
    ax.set_xticks(range(len(values)), [str(setting) for setting in values])
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(-0.5, len(values) - 0.5))
    listed = ", ".join(f"{setting}: {mean:#.2g}" for setting, mean in means.items())
    shaded = f" Shaded: {', '.join(map(str, marked))}." if len(marked) else ""
    ax.set_label(f"{ylabel} against {xlabel}, mean of {most} runs each: {listed}.{shaded}")
    return ax


def search_curves(objectives: Mapping[str, Array], ax: Axes | None = None) -> Axes:
    """Objective of a search against its steps, one curve a row; a dot for the lowest value.

    Parameters
    ----------
    objectives : mapping of name to array (steps + 1,)
        From the start, step 0, on. For at most four rows the lines differ too.
    """
    ax, told = _axes(ax), []
    for number, (name, values) in enumerate(objectives.items()):
        best = int(np.argmin(values))
        look: dict[str, Any] = {"color": COLOURS[number], "marker": "o", "markevery": [best]}
        line = ("-", "--", "-.", ":")[number % 4]
        ax.plot(values, linestyle=line, label=f"{name} (dot: lowest)", **look)
        told.append(f"{name} from {values[0]:.3f} to {values[best]:.3f} in step {best}")
    ax.set(xlabel="step of the search", ylabel="objective")
    ax.legend()
    ax.set_label(f"Objective against steps, start and lowest value: {'; '.join(told)}.")
    return ax
