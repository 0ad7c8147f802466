"""Leaf through samples: what came in, what came out, where they differ (chapter 4.1.1)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from anomalylab import plots
from anomalylab.explore.base import Explorer, choice, slider
from anomalylab.inputs import Array, as_array, check_labels, check_scores

BRIGHT = 0.9  # black stands for the largest error of all but a tenth of the rows
FAR = 10  # times the median: the axis of scores becomes logarithmic


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
) -> Explorer:
    """Leaf through rows: sample, reconstruction, errors, and the place of the score.

    Parameters
    ----------
    x, x_hat : array (rows, features)
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
    Explorer
        End a cell with it, or with ``explorer.set(place=17)`` or ``.set(order="by score")``.

    Raises
    ------
    ValueError
        If lengths or shapes disagree, or a value is not finite.
    """
    rows = as_array(x)
    drawn = as_array(x_hat, sample_shape=rows.shape[1:], minimum_rows=len(rows))
    values, kinds = check_scores(scores), check_labels(labels, len(rows))
    features = list(feature_names or [f"feature {number}" for number in range(rows.shape[1])])
    lengths = {len(rows), len(drawn), len(values), len(names or rows)}
    if len(lengths) > 1 or len(features) != rows.shape[1] or len(set(kinds.tolist())) < 2:
        raise ValueError(
            f"x has {len(rows)} rows and {rows.shape[1]} columns, so x_hat, scores and names need "
            "one entry a row, feature_names one a column, and labels some 0 and some 1."
        )
    if image_shape and image_shape[0] * image_shape[1] != rows.shape[1]:
        raise ValueError(f"image_shape {image_shape} does not fit {rows.shape[1]} pixels.")
    normal, anomalous = values[kinds == 0], values[kinds == 1]
    far = values.min() > 0 and values.max() > FAR * np.median(values)
    orders = {
        "as given": np.arange(len(rows)),
        "by score": np.argsort(values, kind="stable"),
        "by kind and score": np.lexsort((values, kinds)),
    }
    empty, fill = (
        _pictures(rows, drawn, image_shape) if image_shape else _bars(rows, drawn, features)
    )

    def still(left: Axes, right: Axes) -> None:
        empty(left)
        plots.score_histogram(normal, anomalous, threshold, right, bins=30, log=bool(far))

    def draw(left: Axes, right: Axes, order: str, place: int) -> str:
        row = int(orders[order][place])
        largest = fill(left, row)
        plots.threshold_lines({"this row": values[row]}, right)
        kind = "anomaly" if kinds[row] else "normal"
        below = 100 * int((normal < values[row]).sum()) // len(normal)
        side = ""
        if threshold is not None:
            side = f", {'' if values[row] > threshold else 'not '}above the threshold"
            side += f" {threshold:.3g}"
        return (
            f"Row {row} ({kind}{f', {names[row]}' if names else ''}): score {values[row]:.3g}, "
            f"higher than {below} % of the normal rows{side}; largest error in {largest}."
        )

    controls = {
        "order": choice("order of the rows", [*orders], ordered=False),
        "place": slider("place in this order", 0, len(rows) - 1, 1, 0),
    }
    left, height = (0.05, 3.2) if image_shape else (1.5, max(3.2, 1.2 + 0.15 * len(features)))
    look: dict[str, Any] = {"widths": (1, 1), "left": left, "size": (8, height)}
    return Explorer("Reconstruction explorer", controls, draw, still, **look)


Panel = tuple[Callable[[Axes], None], Callable[[Axes, int], str]]


def _pictures(x: Array, x_hat: Array, shape: tuple[int, int]) -> Panel:
    """What draws an empty place for a row, and what fills it and names its worst pixel."""
    errors = (x - x_hat) ** 2
    peak = float(np.quantile(errors.max(axis=1), BRIGHT)) or 1.0

    def empty(ax: Axes) -> None:
        plots.picture_rows({"": np.zeros((3, x.shape[1]))}, shape, ax=ax).images[0].remove()

    def fill(ax: Axes, row: int) -> str:
        parts = np.stack([x[row], x_hat[row], errors[row] / peak])
        plots.picture_rows(
            {"": parts}, shape, ["x", "x_hat", f"(x − x_hat)²\nblack: {peak:.2g}"], ax
        )
        return f"pixel {divmod(int(np.argmax(errors[row])), shape[1])}"

    return empty, fill


def _bars(x: Array, x_hat: Array, features: list[str]) -> Panel:
    """The same for rows that are no pictures: the share of each feature in the error."""
    errors = (x - x_hat) ** 2
    shares = 100 * errors / (errors.sum(axis=1, keepdims=True) + np.finfo(float).tiny)

    def empty(ax: Axes) -> None:
        plots.contributions(0 * shares[0], features, ax).set_xlim(0, shares.max() or 1)

    def fill(ax: Axes, row: int) -> str:
        plots.contributions(shares[row], features, ax)
        worst = int(np.argmax(shares[row]))
        return f"{features[worst]} ({shares[row, worst]:.0f} % of it all)"

    return empty, fill
