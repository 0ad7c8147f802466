"""From a series to windows, and from window values back to time steps.

A window is named by the rows it covers, so that every layout (a table without time, a series,
a series with gaps or out of order) is the same thing afterwards: an array of row numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anomalylab.inputs import Array

Rows = NDArray[np.int64]
ALIGNMENTS = ("end", "mean")
LONGEST_STEP = 1.5  # of the usual step; a longer one is a gap


def window_rows(index: Any, rows: int, size: int) -> Rows:
    """Which rows every window covers, shape (windows, size), in the order of time.

    Parameters
    ----------
    index : pandas index or None
        With a time index the windows follow its order, whatever the order of the rows, and
        none reaches over a gap: a step of more than 1.5 times the median step. Otherwise the
        rows count as consecutive steps.
    rows : int
        How many rows there are.
    size : int
        Rows in a window. 1 gives every row by itself.

    Raises
    ------
    ValueError
        If a time is missing or occurs twice, and windows are longer than one row.
    """
    order = np.arange(rows)
    breaks = np.empty(0, dtype=np.int64)
    if is_time(index):
        times = _nanoseconds(index)
        order = np.argsort(times, kind="stable")
        if size > 1:
            breaks = _gaps(times[order], index)
    pieces = [p for p in np.split(order, breaks) if len(p) >= size]
    if not pieces:
        return np.empty((0, size), dtype=np.int64)
    views = [np.lib.stride_tricks.sliding_window_view(piece, size) for piece in pieces]
    return np.concatenate(views)


def is_time(index: Any) -> bool:
    """Whether the labels of the rows are times."""
    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex | pd.TimedeltaIndex)


def _nanoseconds(index: Any) -> Rows:
    if index.hasnans:
        raise ValueError(f"Row {int(np.argmax(index.isna()))} has no time (NaT). Drop it.")
    stamps = index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index
    return np.asarray(stamps.as_unit("ns").asi8)


def _gaps(times: Rows, index: Any) -> Rows:
    """Where the ordered times jump: the positions behind a gap."""
    steps = np.diff(times)
    if (steps == 0).any():
        twice = index[index.duplicated()][0]
        raise ValueError(f"The time {twice} occurs twice. Windows need one row a time: drop one.")
    if not len(steps):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(steps > LONGEST_STEP * np.median(steps)) + 1


def to_steps(values: Array, covered: Rows, rows: int, align: str) -> Array:
    """Values of windows as values of rows, shape (rows, ...).

    Parameters
    ----------
    values : array (windows, ...)
        One value (or one array) a window.
    covered : array (windows, size)
        From `window_rows`.
    rows : int
        How many rows there are.
    align : {"end", "mean"}
        "end": a window's value belongs to its last row, so a row's value uses no later row;
        the first size − 1 rows after a gap or the beginning have none. "mean": a row's value
        is the mean over all windows that cover it.

    Returns
    -------
    array (rows, ...)
        NaN where no window gives a value.
    """
    if align == "end":
        steps = np.full((rows, *values.shape[1:]), np.nan)
        steps[covered[:, -1]] = values
        return steps
    total = np.zeros((rows, *values.shape[1:]))
    for place in covered.T:  # within one place of the window no row occurs twice
        total[place] += values
    count = np.bincount(covered.ravel(), minlength=rows).astype(np.float64)
    count[count == 0] = np.nan
    return total / count.reshape(-1, *[1] * (values.ndim - 1))
