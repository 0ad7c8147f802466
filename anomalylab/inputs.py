"""What may come in: every check of arrays and tables, with the name of the column and the remedy.

`as_array` is the one door through which data enters the library: it either returns
clean numbers or says what is wrong, in which column, and what to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor

Array = NDArray[np.float64]


def as_array(
    x: Any,
    *,
    sample_shape: Sequence[int] | None = None,
    minimum_rows: int = 1,
    allow_nan: bool = False,
) -> Array:
    """Return `x` as a finite float64 array of shape (rows, ...), or say what is wrong.

    Parameters
    ----------
    x : array, DataFrame, list of rows or tensor
        Any numeric dtype. One sample a row.
    sample_shape : sequence of int, optional
        The shape every sample must have, such as ``(64,)``.
    minimum_rows : int
        Fewer rows than this are an error.
    allow_nan : bool
        Let missing values through (an imputer comes next).

    Raises
    ------
    ValueError
        Names the column, the row and the remedy.
    """
    names = [str(c) for c in x.columns] if isinstance(x, pd.DataFrame) else None
    array = _numbers(x, names)
    if array.ndim < 2:
        raise ValueError(
            f"Expected a table with one sample a row, but got an array of shape {array.shape}. "
            "For a single sample use x.reshape(1, -1)."
        )
    if len(array) < minimum_rows:
        raise ValueError(
            f"Need at least {minimum_rows} row(s) but got {len(array)}. Pass more data."
        )
    if sample_shape is not None and array.shape[1:] != tuple(sample_shape):
        raise ValueError(
            f"Every sample should have shape {tuple(sample_shape)}, as the detector was built for, "
            f"but these have {array.shape[1:]}. Pass the same columns as in training."
        )
    _no_gaps(array, names, allow_nan)
    return array


def _numbers(x: Any, names: list[str] | None) -> Array:
    """Convert to float64; name the first column that holds something else."""
    raw = x.detach().cpu().numpy() if isinstance(x, Tensor) else x
    array = np.asarray(raw)
    if array.dtype.kind == "c":
        raise ValueError(
            "Complex numbers cannot be scored. Pass real and imaginary parts as columns."
        )
    if array.dtype.kind in "biuf":
        return array.astype(np.float64)
    table = x if isinstance(x, pd.DataFrame) else pd.DataFrame(array)
    for position in range(table.shape[1]):
        series = table.iloc[:, position]
        if series.dtype.kind in "biuf":
            continue
        bad = series[series.notna() & pd.to_numeric(series, errors="coerce").isna()]
        if len(bad) or series.dtype.kind in "mM":
            value = bad.iloc[0] if len(bad) else series.iloc[0]
            raise ValueError(
                f"{column_name(names, position)} is not numeric: it holds {value!r}. "
                "Encode it as numbers or drop the column."
            )
    return np.column_stack(
        [
            pd.to_numeric(table.iloc[:, c], errors="coerce").to_numpy(np.float64)
            for c in range(table.shape[1])
        ]
    )


def column_name(names: list[str] | None, position: int) -> str:
    return f"Column {names[position]!r}" if names else f"Column {position}"


def _no_gaps(array: Array, names: list[str] | None, allow_nan: bool) -> None:
    """Raise on the first infinite (or missing) value, naming where it stands."""
    bad = np.isinf(array) if allow_nan else ~np.isfinite(array)
    if not bad.any():
        return
    where = np.argwhere(bad)[0]
    column, row = column_name(names, int(where[-1])), int(where[0])
    if np.isnan(array[tuple(where)]):
        raise ValueError(
            f"{column} has a missing value (NaN) in row {row}. Fill it, for example with "
            "anomalylab.Preprocess fitted on the training rows, or drop the row."
        )
    raise ValueError(f"{column} holds an infinite value in row {row}. Replace it or drop the row.")


def check_columns(x: Any) -> None:
    """Refuse text, times, and a column name that occurs twice.

    Anything else that is wrong is left to scikit-learn's own checks.

    Raises
    ------
    ValueError
        Names the column and the remedy.
    """
    if not isinstance(x, pd.DataFrame):
        array = np.asarray(x) if isinstance(x, list | np.ndarray) else None
        if array is None or array.ndim != 2 or array.dtype.kind not in "OUSMm":
            return
        table, names = pd.DataFrame(array), None
    else:
        table, names = x, [str(c) for c in x.columns]
        if not table.columns.is_unique:
            twice = table.columns[table.columns.duplicated()][0]
            raise ValueError(f"Column {str(twice)!r} occurs twice. Rename or drop one of them.")
    for position in range(table.shape[1]):
        series = table.iloc[:, position]
        if series.dtype.kind in "biufc":
            continue
        bad = _no_number(series)
        if bad is not None:
            raise ValueError(
                f"{column_name(names, position)} is not numeric: it holds {bad!r}. "
                "Encode it as numbers or drop the column."
            )


def _no_number(series: pd.Series[Any]) -> Any:
    """The first text or time in a column, or None."""
    if series.dtype.kind in "mM":
        return series.iloc[0] if len(series) else series.dtype
    texts = series[[isinstance(v, str | bytes | pd.Timestamp | pd.Timedelta) for v in series]]
    bad = texts[pd.to_numeric(texts, errors="coerce").isna()]
    return None if bad.empty else bad.iloc[0]


def check_rows(rows: Array, x: Any) -> None:
    """Refuse an infinite value, and a row in which nothing was observed.

    Parameters
    ----------
    rows : array (rows, columns)
        The numbers of `x`, gaps as NaN.
    x : array or DataFrame
        Where the names of rows and columns come from.
    """
    frame = isinstance(x, pd.DataFrame)
    _no_gaps(rows, [str(c) for c in x.columns] if frame else None, allow_nan=True)
    blank = np.isnan(rows).all(axis=1)
    if blank.any():
        row = int(np.argmax(blank))
        label = x.index[row] if frame else row
        raise ValueError(
            f"Row {label} holds no value at all, so there is nothing to judge. Drop such rows, "
            "for example with frame.dropna(how='all')."
        )
