"""Figures from arrays. Every function returns its Axes.

Each Axes carries its description (``ax.get_label()``): one sentence with the key numbers,
which is the caption in a notebook, the alternative text for a screen reader, and what the
tests compare. Colours are from Okabe and Ito's colour-blind safe palette, and no meaning
rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from sklearn.metrics import roc_curve

from anomalylab.inputs import Array
from anomalylab.metrics import roc_auc

NORMAL, ANOMALY, NEUTRAL = "#0072B2", "#D55E00", "#555555"


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
    bins: int = 40,
) -> Axes:
    """Distribution of the scores of normal and anomalous rows, with a threshold line."""
    ax = _axes(ax)
    both = normal if anomalous is None else np.concatenate([normal, anomalous])
    edges = np.histogram_bin_edges(both, bins)
    density: dict[str, Any] = {"density": True, "bins": edges, "histtype": "stepfilled"}
    ax.hist(normal, label="normal", color=NORMAL, alpha=0.6, **density)
    parts = [f"{len(normal)} normal rows, median {np.median(normal):.3f}"]
    if anomalous is not None:
        ax.hist(anomalous, label="anomaly", alpha=0.6, hatch="//", color=ANOMALY, **density)
        parts.append(f"{len(anomalous)} anomalies, median {np.median(anomalous):.3f}")
    if threshold is not None:
        ax.axvline(threshold, color="black", linestyle="--", label=f"threshold {threshold:.3f}")
        share = np.mean(normal > threshold)
        parts.append(f"threshold {threshold:.3f} with {share:.1%} of the normals above it")
        if anomalous is not None:
            parts[-1] += f" and {np.mean(anomalous > threshold):.1%} of the anomalies"
    ax.set(xlabel="score (higher = more anomalous)", ylabel="density")
    ax.legend()
    ax.set_label(f"Histogram of scores: {'; '.join(parts)}.")
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
    tiles = [np.concatenate([_tile(p, image_shape) for p in part], axis=1) for part in (x, x_hat)]
    error = (tiles[0] - tiles[1]) ** 2
    ax = _axes(ax, 1.05 * len(x) + 1.1, 3.6)
    ax.imshow(np.concatenate([*tiles, error]), cmap="gray_r", vmin=0, vmax=1)
    height, width = tiles[0].shape[0], tiles[0].shape[1] / len(x)
    ax.set_yticks([height * (i + 0.5) for i in range(3)], ["x", "x_hat", "(x − x_hat)²"])
    ax.set_xticks([width * (i + 0.5) for i in range(len(x))], titles or [""] * len(x), fontsize=9)
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    means = ((x - x_hat) ** 2).mean(axis=1)
    named = ", ".join(
        f"{t} {m:.3f}".strip() for t, m in zip(titles or [""] * len(x), means, strict=True)
    )
    what = f"{len(x)} samples above their reconstructions and squared errors"
    ax.set_label(f"{what}; mean error: {named}.")
    return ax


def pictures(
    x: Array, image_shape: tuple[int, int], columns: int | None = None, ax: Axes | None = None
) -> Axes:
    """Samples side by side as pictures, dark = 1; in rows of so many `columns`, if given."""
    columns = columns or len(x)
    blank = np.zeros((-len(x) % columns, x.shape[1]))
    tiles = [_tile(p, image_shape) for p in np.concatenate([x, blank])]
    lines = [np.concatenate(tiles[i : i + columns], axis=1) for i in range(0, len(tiles), columns)]
    ax = _axes(ax, 0.9 * columns, 0.9 * len(lines) + 0.3)
    ax.imshow(np.concatenate(lines), cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()
    height, width = image_shape
    ax.set_label(f"{len(x)} samples of {height} × {width} pixels, mean darkness {x.mean():.2f}.")
    return ax


def latent_plane(z: Array, labels: np.ndarray, ax: Axes | None = None) -> Axes:
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
    for radius in (1, 2, 3):
        ax.add_patch(plt.Circle((0, 0), radius, fill=False, color=NEUTRAL, linewidth=0.8))
    ax.set(xlabel="z₁", ylabel="z₂", aspect="equal")
    ax.legend()
    ax.set_label(f"Latent plane: {'; '.join(parts)}; rings at 1, 2 and 3.")
    return ax


def _tile(pixels: Array, shape: tuple[int, int]) -> Array:
    """One picture with a white border of a pixel on the right and below."""
    return np.pad(pixels.reshape(shape), ((0, 1), (0, 1)))


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
) -> Axes:
    """A result against a setting: every run a dot, the mean a square. For widths, depths, rates.

    Parameters
    ----------
    values : mapping of setting to results
        In the order to be drawn, evenly spaced; each setting with one result a run. A line
        joins the means if the settings are numbers.
    marked : sequence of settings
        Shaded in the background, such as what a rule of thumb recommends.
    """
    ax = _axes(ax, 4.6, 3.2)
    places = {setting: place for place, setting in enumerate(values)}
    means = [float(np.mean(runs)) for runs in values.values()]
    for setting in marked:
        edges = places[setting] - 0.5, places[setting] + 0.5
        ax.axvspan(*edges, color=NEUTRAL, alpha=0.15, linewidth=0)
    ordered = all(str(setting).rstrip("%").replace(".", "").isdigit() for setting in values)
    ax.plot(range(len(means)), means, "-s" if ordered else "s", color="black", markersize=5)
    for place, runs in enumerate(values.values()):
        ax.plot([place] * len(runs), runs, "o", color=NORMAL, alpha=0.6, markersize=4)
    ax.set_xticks(range(len(values)), [str(setting) for setting in values])
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(-0.5, len(values) - 0.5))
    listed = ", ".join(f"{s}: {m:#.2g}" for s, m in zip(values, means, strict=True))
    shaded = f" Shaded: {', '.join(map(str, marked))}." if len(marked) else ""
    ax.set_label(f"{ylabel} against {xlabel}, mean of {len(runs)} runs each: {listed}.{shaded}")
    return ax


def error_maps(
    x: Array,
    x_hat: Array,
    image_shape: tuple[int, int],
    titles: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Samples side by side, each pixel coloured by its squared error, the drawing outlined.

    Unlike in `reconstructions` the errors have a scale of their own, shown by a colour bar.
    """
    error = (x - x_hat) ** 2
    strip = np.concatenate([_tile(e, image_shape) for e in error], axis=1)
    drawing = np.concatenate([_tile(p, image_shape) for p in x], axis=1)
    ax = _axes(ax, 1.25 * len(x) + 1.2, 2.0)
    picture = ax.imshow(strip, cmap="cividis", vmin=0)
    ax.contour(drawing, levels=[0.5], colors="white", linewidths=0.7)
    ax.figure.colorbar(picture, ax=ax, label="(x − x_hat)²", shrink=0.8)
    width = strip.shape[1] / len(x)
    ax.set_xticks([width * (i + 0.5) for i in range(len(x))], titles or [""] * len(x), fontsize=9)
    ax.set_yticks([])
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)
    peaks = [np.unravel_index(int(np.argmax(e)), image_shape) for e in error]
    named = ", ".join(
        f"{title} {e.max():.2f} in row {row}, column {column}".strip()
        for title, e, (row, column) in zip(titles or [""] * len(x), error, peaks, strict=True)
    )
    ax.set_label(f"Error maps of {len(x)} samples; largest error: {named}.")
    return ax
