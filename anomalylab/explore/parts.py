"""What several explorers check and draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from sklearn.metrics import roc_auc_score

from anomalylab.plots import ANOMALY, NORMAL

BINS = 30


def finite_scores(name: str, scores: Any) -> np.ndarray:
    """One finite float a row, shape (rows,), or a ValueError that says what is wrong."""
    try:
        values = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} should hold numbers, but: {error}") from error
    if values.ndim != 1 or not len(values):
        raise ValueError(f"{name} should be one number a row, but has shape {values.shape}.")
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values)))
        raise ValueError(f"{name} holds {values[row]} in row {row}: every score must be finite.")
    return values


def finite_rows(name: str, x: Any) -> np.ndarray:
    """Samples as flat finite rows, shape (rows, features), or a ValueError."""
    try:
        values = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} should hold numbers, but: {error}") from error
    if values.ndim < 2 or not values.size:
        raise ValueError(f"{name} should hold one sample a row, but has shape {values.shape}.")
    values = values.reshape(len(values), -1)
    if not np.isfinite(values).all():
        row = int(np.argmin(np.isfinite(values).all(axis=1)))
        raise ValueError(f"{name} holds a gap or an infinite value in row {row}.")
    return values


def reconstructed_rows(x: Any, x_hat: Any) -> tuple[np.ndarray, np.ndarray]:
    """Samples and their reconstructions as flat rows of one shape, or a ValueError."""
    rows, drawn = finite_rows("x", x), finite_rows("x_hat", x_hat)
    if rows.shape != drawn.shape:
        raise ValueError(
            f"x_hat should have the shape of x, but is {np.shape(x_hat)} and x is {np.shape(x)}."
        )
    return rows, drawn


def one_a_row(name: str, values: Any, rows: int) -> list[str]:
    """Texts, one a row, or a ValueError."""
    texts = [str(value) for value in values]
    if len(texts) != rows:
        raise ValueError(f"{name} should be one text a row: {len(texts)} for {rows} rows.")
    return texts


def zero_or_one(labels: Any, rows: int) -> np.ndarray:
    """Labels, one a row and some of each kind, shape (rows,), or a ValueError."""
    kinds = np.asarray(labels)
    if kinds.shape != (rows,) or set(np.unique(kinds).tolist()) != {0, 1}:
        raise ValueError(
            f"labels should be 0 (normal) or 1 (anomaly), one for each of the {rows} rows and "
            f"some of each, but have shape {kinds.shape} and hold {np.unique(kinds)[:5]}."
        )
    return kinds.astype(np.int64)


def different_numbers(name: str, values: Sequence[Any], *, least: float) -> list[Any]:
    """What a control offers: numbers of at least `least`, none twice, or a ValueError."""
    listed = list(values)
    if not listed or len(set(listed)) < len(listed):
        raise ValueError(f"{name} should hold different numbers, at least one, not {listed}.")
    if not all(value >= least for value in listed):
        raise ValueError(f"{name} should all be at least {least}, not {listed}.")
    return listed


def area(normal: np.ndarray, anomaly: np.ndarray) -> float:
    """ROC-AUC: how often an anomaly scores above a normal row."""
    labels = np.repeat([0, 1], [len(normal), len(anomaly)])
    return float(roc_auc_score(labels, np.concatenate([normal, anomaly])))


def check_image_shape(image_shape: tuple[int, int], features: int) -> tuple[int, int]:
    """The (height, width) of samples with so many pixels, or a ValueError."""
    height, width = (int(side) for side in image_shape)
    if height * width != features:
        raise ValueError(
            f"image_shape {height} × {width} is {height * width} pixels, but a sample has "
            f"{features}. Pass the height and width of your pictures."
        )
    return height, width


def histogram(
    ax: Axes,
    normal: np.ndarray,
    anomaly: np.ndarray,
    span: tuple[float, float],
    *,
    log: bool = False,
) -> None:
    """Share of the normals and of the anomalies in every bin of scores."""
    edges = (np.geomspace if log else np.linspace)(*span, BINS + 1).tolist()
    for scores, name, colour, hatch in (
        (normal, "normal", NORMAL, ""),
        (anomaly, "anomaly", ANOMALY, "///"),
    ):
        share = np.full(len(scores), 100 / len(scores))
        ax.hist(
            scores,
            edges,
            weights=share,
            histtype="stepfilled",
            facecolor=(colour, 0.45),
            edgecolor=colour,
            hatch=hatch,
            label=name,
        )
    ax.set(xlabel="score (higher = more anomalous)", ylabel="% of the rows of its kind")
    ax.set_xscale("log" if log else "linear")
    ax.set_xlim(*span)


def legend_above(ax: Axes, **settings: Any) -> None:
    """A legend in one line above the axes, where it hides nothing."""
    usual: dict[str, Any] = {
        "loc": "lower left",
        "bbox_to_anchor": (0, 1),
        "ncols": 4,
        "frameon": False,
        "fontsize": 9,
        "borderaxespad": 0.2,
        "handlelength": 1.5,
        "columnspacing": 1.2,
    }
    ax.legend(**{**usual, **settings})


def bare(ax: Axes) -> None:
    """An axes for pictures: names beside them, neither frame nor ticks."""
    ax.tick_params(length=0)
    ax.xaxis.tick_top()
    ax.spines[:].set_visible(False)


def picture_rows(
    ax: Axes, parts: Mapping[str, np.ndarray], shape: tuple[int, int], names: Sequence[str] = ()
) -> None:
    """Rows of pictures with white gaps, dark = high, on the scale of the first part.

    Parameters
    ----------
    parts : mapping of a row's name to an array (pictures, pixels)
        The longest row decides the width.
    names : sequence of str
        Above the pictures of the first part.
    """
    columns = max(map(len, parts.values()))
    height, width = shape[0] + 1, shape[1] + 1
    canvas = np.full((height * len(parts), width * columns), np.nan)
    for down, part in enumerate(parts.values()):
        for across, pixels in enumerate(part):
            corner = canvas[down * height :, across * width :]
            corner[: shape[0], : shape[1]] = pixels.reshape(shape)
    first = next(iter(parts.values()))
    ax.imshow(canvas, cmap="gray_r", vmin=first.min(), vmax=first.max())
    ax.set_yticks([height * (i + 0.5) - 1 for i in range(len(parts))], list(parts))
    places = [width * (i + 0.5) - 1 for i in range(len(first))]
    ax.set_xticks(places, list(names) or [""] * len(places), fontsize=9)
    bare(ax)
