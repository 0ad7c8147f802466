"""Inject an anomaly into a series and see who finds it; compare window lengths (chapter 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from anomalylab.explore.base import Explorer, choice
from anomalylab.explore.retraining import mean_and_range
from anomalylab.explore.table import Trail, check_names, table_explorer
from anomalylab.inputs import Array, as_array
from anomalylab.metrics import event_counts
from anomalylab.plots import ANOMALY, NEUTRAL, NORMAL

SPREAD = 7  # standard deviations of a channel between its line and the next
MOST, UP = 3, 0.8  # times its threshold: what a score is drawn up to, so far up
MEASURES = {"roc_auc": "ROC-AUC", "vus_pr": "VUS-PR"}
SHOWN = {"delay": "delay (rows)", "found": "events found", "false_alarms": "false alarms"}


def injection_explorer(
    inject: Callable[[str, str, int, float], tuple[Any, Any]],
    score: Mapping[str, Callable[[Array], Any]],
    thresholds: Mapping[str, float],
    *,
    kinds: Sequence[str],
    channels: Sequence[str],
    lengths: Sequence[int] = (1, 2, 5, 10, 20, 48, 96),
    sizes: Sequence[float] = (0.5, 1.0, 1.5, 2.0),
    late: int = 0,
) -> Explorer:
    """Choose an anomaly; see it in the series, and who finds it.

    Above are the channels, with the injected rows shaded; below, on the same axis of time, the
    score of each detector from 0 to three times its threshold, and what it finds. One place
    shows chance as if it were insight: inject the same anomaly at three or more.

    Parameters
    ----------
    inject : callable (kind, channel, length, size) -> rows, labels
        Returns some hundred standardised rows of a series, always as many, and labels of the same
        shape (rows, channels), 1 where a value was changed. The detectors look back: begin with
        normal rows.
    score : mapping of a detector's name to callable, rows -> array (rows,)
        Higher = more anomalous; NaN where a row has no score. It is called at every turn.
    thresholds : mapping of a detector's name to number
        Above 0, of the calibration part.
    kinds, channels : sequence of str
        What can be chosen. The channels are in the order of the columns.
    lengths : sequence of int
        Rows of the anomaly.
    sizes : sequence of number
        As shares of the size that is usual for this kind; 1, if offered, comes first. What a size
        means depends on the kind: a larger one need not be easier to find.
    late : int
        Rows after an anomaly in which an alarm still means it, as in `event_counts`.

    Returns
    -------
    Explorer
        End a cell with it, or with ``explorer.set(kind="spike", length=2)``.

    Raises
    ------
    ValueError
        If score and thresholds have other names, or a threshold is not above 0; while it is
        turned, if rows, labels or scores have the wrong shape.
    """
    names, shape = [*score], (len(channels),)
    if not names or {*names} != {*thresholds} or not all(t > 0 for t in thresholds.values()):
        raise ValueError(
            "Every detector needs a score and a threshold above 0, but the scores are of "
            f"{names}, and the thresholds {dict(thresholds)}."
        )
    above = -np.arange(len(channels))
    below = -0.4 - len(channels) - np.arange(len(names))  # where the score is 0

    def injected(*what: Any) -> tuple[Array, Array]:
        rows, labels = (as_array(part, sample_shape=shape) for part in inject(*what))
        if len(rows) != len(labels):
            raise ValueError(f"inject returned {len(rows)} rows with {len(labels)} labels.")
        return rows, labels

    def still(ax: Axes) -> None:
        shown = len(injected(*(control.value for control in controls.values()))[0])
        ax.set_yticks([*above, *(below + UP / 2)], [*channels, *names])
        ax.set(xlabel="row", xlim=(0, shown - 1), ylim=(below[-1] - 0.6, 0.9))
        ax.axhline(above[-1] - 0.5, color="black", linewidth=0.8)
        look: dict[str, Any] = {"linestyles": "--", "linewidth": 0.8, "color": NEUTRAL}
        ax.hlines(below + UP / MOST, 0, shown - 1, label="threshold", **look)

    def draw(ax: Axes, kind: str, channel: str, length: int, size: float) -> str:
        rows, labels = injected(kind, channel, length, size)
        _draw_series(ax, above + rows / SPREAD, labels.astype(bool))
        shares = np.stack([_scores(name, score[name], rows) / thresholds[name] for name in names])
        _draw_scores(ax, shares, below)
        told = []
        for name, foot, share in zip(names, below, shares, strict=True):
            found = event_counts(labels.any(axis=1), share > 1, late)
            delay = f", delay {found['delay']:g}" if found["found"] else ""
            verdict = f"found {found['found']} of {found['events']}{delay}"
            alarms = f"false alarms {found['false alarms']}"
            ax.text(1.02 * len(rows), foot, f"{verdict}\n{alarms}", fontsize=9)
            told.append(f"{name} {verdict}, {alarms}")
        what = f"{kind.capitalize()} of {length} row(s), size {size:g}, in {channel}"
        return f"{what}: {'; '.join(told)}."

    usual = 1.0 if 1.0 in sizes else None
    controls = {
        "kind": choice("kind of anomaly", kinds, ordered=False),
        "channel": choice("channel", channels, ordered=False),
        "length": choice("length in rows", lengths, lengths[len(lengths) // 2]),
        "size": choice("size (1: usual)", [float(size) for size in sizes], usual),
    }
    size = (9.5, 0.9 + 0.36 * (len(channels) + len(names)))
    return Explorer(
        "Injection explorer", controls, draw, still, widths=[1], size=size, left=1.6, right=1.8
    )


def _scores(name: str, score: Callable[[Array], Any], rows: Array) -> Array:
    """The scores of these rows, or an error that names the detector."""
    scores = np.asarray(score(rows.copy()), dtype=float)
    if scores.shape != (len(rows),):
        raise ValueError(f"{name} gave scores of shape {scores.shape} for {len(rows)} rows.")
    return scores


def _draw_series(ax: Axes, series: Array, changed: Array) -> None:
    """Channels one above the other; where one was changed it is thicker, and the rows shaded."""
    (low, high), t = ax.get_ylim(), np.arange(len(series))
    look: dict[str, Any] = {"color": ANOMALY, "label": "injected", "alpha": 0.25, "linewidth": 0}
    ax.fill_between(t, low, np.where(changed.any(axis=1), high, low), step="mid", **look)
    ax.plot(t, series, color=NORMAL, linewidth=0.8)
    parts = np.where(changed, series, np.nan)[:, changed.any(axis=0)]
    ax.plot(t, parts, ".-", markersize=3, color=ANOMALY)


def _draw_scores(ax: Axes, shares: NDArray[Any], below: NDArray[Any]) -> None:
    """Scores in shares of their threshold, shape (detectors, rows), and where they are above it."""
    heights = below + UP / MOST * shares.T.clip(0, MOST)
    ax.plot(heights, color="black", linewidth=0.8, label="score")
    which, when = np.nonzero(shares > 1)
    ax.plot(when, below[which], "^", color="black", markersize=4, label="alarm")


def window_explorer(table: Any) -> Explorer:
    """Turn the window length; see what becomes of a detector's result and of its delay.

    Nothing is trained here: the results are those of a table of many runs.

    Parameters
    ----------
    table : DataFrame
        One run a row, with the columns "detector", "window" (rows), "seed", "roc_auc", "vus_pr",
        "delay" (median rows from the start of an event that is found to its first flagged row),
        "found" (events) and "false_alarms" (in 1000 normal rows), such as
        ``results.load("series_window")``. Every detector has one run of every window with each of
        at least three seeds.

    Returns
    -------
    Explorer
        End a cell with it, or with ``explorer.set(detector="PCA", window=32)``.

    Raises
    ------
    ValueError
        If a column or a run is missing, a run occurs twice, or a result is not finite.
    """
    check_names(table, ["detector", "window", "seed", *MEASURES, *SHOWN])
    windows = table.groupby("detector")["window"].nunique()
    if (windows < table["window"].nunique()).any():
        raise ValueError(f"{windows.idxmin()} has no run of some windows that others have.")
    both = [table.assign(measure=name, result=table[column]) for column, name in MEASURES.items()]

    def dress(left: Axes, right: Axes, values: Any) -> None:
        left.set_ylim(values[:, 0].min() - 0.05, values[:, 0].max() + 0.05)
        right.set_ylim(0, 1.1 * values[:, 1].max())

    def tell(state: dict[str, Any], trail: Trail, seeds: int) -> str:
        score, delay, found, false = trail[state["window"]]
        return (
            f"{state['detector']}, windows of {state['window']} rows: {state['measure']} "
            f"{mean_and_range(score)}, {mean_and_range(found, 0)} events found, with a delay of "
            f"{mean_and_range(delay, 1)} rows and {mean_and_range(false, 1)} false alarms in 1000 "
            f"normal rows, of {seeds} seeds."
        )

    settings = {"detector": "detector", "measure": "measure", "window": "rows in a window"}
    return table_explorer(
        "Window explorer",
        pd.concat(both),
        settings,
        {"result": "ROC-AUC or VUS-PR, as chosen", **SHOWN},
        tell,
        along="window",
        dress=dress,
    )
