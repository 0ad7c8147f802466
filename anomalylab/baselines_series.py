"""Rivals for series: each gives one error for every row and column, higher = more anomalous.

None is trained for long, and none is tuned. Where a row has no error (too few rows before it), it
is NaN: pass the rows before the ones you ask for too, and leave the first ones out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from anomalylab.extras import extra
from anomalylab.inputs import Array, as_array, check_count
from anomalylab.windows import layout


def moving_z(x: Any, rows: int = 48) -> Array:
    """Squared z-score of every value among the `rows` values before it, shape of x.

        ((x_t − mean) / sd)², mean and sd of x_{t−rows} … x_{t−1}

    The first `rows` rows, 2 or more, are NaN. An sd counts as 1e-6 at least, so pass scaled rows:
    a value that leaves a channel that stood still scores very high.
    """
    before = pd.DataFrame(as_array(x)).rolling(check_count("rows", rows, 2), closed="left")
    return np.asarray(((as_array(x) - before.mean()) / before.std().clip(lower=1e-6)) ** 2)


def seasonal_naive(x: Any, period: int) -> Array:
    """Squared difference to the value one period before, shape of x; the first period is NaN."""
    return np.asarray(pd.DataFrame(as_array(x)).diff(check_count("period (in rows)", period)) ** 2)


def window_errors(
    errors: Callable[..., Array],
    train: Any,
    x: Any,
    size: int,
    align: str = "mean",
    **settings: Any,
) -> Array:
    """Errors of a rival that knows rows only, given windows as long rows.

    Parameters
    ----------
    errors : callable
        Such as `pca_errors` or `knn_errors`: takes training rows and rows, and returns errors of
        the shape of the rows.
    train, x : array (rows, columns)
        Rows of one series each, without gaps, in the order of time.
    size : int
        Rows in a window.
    align : {"mean", "end"}
        As in `Layout.errors_to_steps`.
    **settings
        For `errors`, such as ``components=16``.

    Returns
    -------
    array (rows of x, columns)
    """
    known, rows = as_array(train), as_array(x)
    where = layout(None, len(rows), size)
    flat = [
        windows[:].numpy().reshape(-1, size * rows.shape[1])
        for windows in (layout(None, len(known), size).of(known), where.of(rows))
    ]
    return where.errors_to_steps(
        errors(*flat, **settings).reshape(len(where), size, rows.shape[1]), align
    )


def matrix_profile(train: Any, x: Any, size: int, align: str = "mean") -> Array:
    """How far every window of a channel is from the nearest training window of that channel.

    Each window is standardised by itself, so only shape counts, not level or height (Yeh et al.
    2016; stumpy computes it). Its first call compiles, for a minute or more.

    Parameters
    ----------
    train, x : array (rows, columns)
        Rows of one series each, without gaps, in the order of time.
    size : int
        Rows in a window, 3 or more.
    align : {"mean", "end"}
        As in `Layout.to_steps`.

    Returns
    -------
    array (rows of x, columns)
        Euclidean distances.
    """
    with extra("course"):
        import stumpy

    known = as_array(train)
    rows = as_array(x, sample_shape=known.shape[1:])
    distances = [
        stumpy.stump(fresh, size, memory, ignore_trivial=False)[:, 0]
        for memory, fresh in zip(known.T.copy(), rows.T.copy(), strict=True)
    ]
    return layout(None, len(rows), size).to_steps(np.array(distances, float).T, align)
