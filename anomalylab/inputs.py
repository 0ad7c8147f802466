"""What may come in: every check of tables, scores and labels, with what is wrong and the remedy.

It loads no PyTorch, so that metrics and thresholds can work without it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]

# float() would take some of these: a time as nanoseconds, a complex number's real part
NOT_NUMBERS = (np.datetime64, np.timedelta64, np.complexfloating, np.ndarray)


def as_table(x: Any) -> Any:
    """Make a table of any library a DataFrame or an array.

    Parameters
    ----------
    x : DataFrame of pandas, polars or Arrow, array, masked array, tensor, or list of rows

    Returns
    -------
    DataFrame for frames, column by column, so that dates stay dates. A masked array becomes an
    array with NaN for what is masked, a tensor becomes an array, all else stays as it is.
    """
    if isinstance(x, pd.DataFrame):
        return x
    if hasattr(x, "detach"):
        tensor = x.detach().cpu()
        return (tensor.double() if tensor.is_floating_point() else tensor).numpy()
    if isinstance(x, list) and any(isinstance(row, np.ma.MaskedArray) for row in x):
        x = np.ma.stack(x)
    if isinstance(x, np.ma.MaskedArray):
        if x.dtype.kind in "mMc":  # refused in any case, and times would become integers
            return x.data
        kind = np.float64 if x.dtype.kind in "biuf" else object
        return np.ma.filled(x.astype(kind), np.nan)
    names = getattr(x, "column_names", getattr(x, "columns", None))
    if names is None:
        return x
    columns = {name: np.asarray(x[name]) for name in names}
    return pd.DataFrame({name: c if c.ndim == 1 else list(c) for name, c in columns.items()})


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
        Any numeric dtype. One sample a row. A float64 array or tensor is not copied (unless a
        stride is negative, which PyTorch cannot hold): do not write into the result.
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
    table = as_table(x)
    array = np.asarray(table)
    if array.ndim < 2 or 0 in array.shape[1:]:
        raise ValueError(
            f"Expected a table with one sample a row, but got an array of shape {array.shape}. "
            "For a single sample use x.reshape(1, -1)."
        )
    if array.dtype.kind not in "biuf":
        array = _columns(table if isinstance(table, pd.DataFrame) else array)
    elif array.dtype != np.float64 or isinstance(table, pd.DataFrame) or min(array.strides) < 0:
        array = array.astype(np.float64)
    if len(array) < minimum_rows:
        raise ValueError(
            f"Need at least {minimum_rows} row(s) but got {len(array)}. Pass more data."
        )
    if sample_shape is not None and array.shape[1:] != tuple(sample_shape):
        raise ValueError(
            f"Every sample should have shape {tuple(sample_shape)}, as the detector was built for, "
            f"but these have {array.shape[1:]}. Pass the same columns as in training."
        )
    _no_gaps(array, table, allow_nan)
    return array


def _columns(table: Any) -> Array:
    """The numbers of a DataFrame or an array of objects, gaps as NaN."""
    frame = table
    if not isinstance(table, pd.DataFrame):
        frame = pd.DataFrame(table.reshape(-1, table.shape[-1]), dtype=object)
    columns = [
        _numbers(frame.iloc[:, position], column_name(table, position))
        for position in range(frame.shape[1])
    ]
    return np.column_stack(columns).reshape(table.shape)


def _numbers(series: pd.Series[Any], column: str) -> Array:
    """The numbers of one column, gaps as NaN, or an error that shows what is none."""
    kind = series.dtype.kind
    if kind in "biuf":
        return series.to_numpy(np.float64, na_value=np.nan)
    values = series.tolist()
    gaps = series.isna() & (kind not in "mM")  # a missing time is still a time
    numbers = [np.nan if gap else _number(v) for v, gap in zip(values, gaps.tolist(), strict=True)]
    if None in numbers:
        value = values[numbers.index(None)]
        remedy = "Encode it as numbers or drop the column."
        if isinstance(value, complex | np.complexfloating):
            remedy = "Complex data not supported: pass real and imaginary parts as columns."
        raise ValueError(f"{column} is not numeric: it holds {value!r}. {remedy}")
    return np.array(numbers, dtype=np.float64)


def _number(value: Any) -> float | None:
    """`value` as a number, also from text such as "1.5", or None."""
    try:
        return None if isinstance(value, NOT_NUMBERS) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def column_name(table: Any, position: int) -> str:
    """What a message calls a column: by its name if the table has names."""
    frame = isinstance(table, pd.DataFrame)
    return f"Column {str(table.columns[position])!r}" if frame else f"Column {position}"


def _no_gaps(array: Array, table: Any, allow_nan: bool) -> None:
    """Raise on the first infinite (or missing) value, naming where it stands."""
    bad = np.isinf(array) if allow_nan else ~np.isfinite(array)
    if not bad.any():
        return
    where = np.argwhere(bad)[0]
    column, row = column_name(table, int(where[-1])), int(where[0])
    if np.isnan(array[tuple(where)]):
        raise ValueError(
            f"{column} has a missing value (NaN) in row {row}. Fill it, for example with "
            "anomalylab.Preprocess fitted on the training rows, or drop the row."
        )
    raise ValueError(f"{column} holds an infinite value in row {row}. Replace it or drop the row.")


def check_count(name: str, value: Any, least: int = 1, most: int | None = None) -> int:
    """Return `value`, a whole number that counts something, or say what is wrong with it.

    Parameters
    ----------
    name : str
        What the message calls it, such as "window (in rows)".
    value : int
        A boolean counts nothing.
    least, most : int, int or None
        What it may be; None sets no upper limit.
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        limits = f"{least} or more" if most is None else f"between {least} and {most} here"
        raise ValueError(f"{name} is a whole number, {limits}, and cannot be {value!r}.")
    return int(value)


def check_choice(name: str, value: Any, choices: Collection[Any]) -> Any:
    """Return `value` if it is one of the choices; else say what they are."""
    if value not in choices:
        raise ValueError(f"{name} should be one of {', '.join(map(repr, choices))}, not {value!r}.")
    return value


def check_columns(x: Any) -> Any:
    """Return `x` with every column as numbers, gaps as NaN.

    Refuses what is no number, and a column name that occurs twice. Anything else that is wrong is
    left to scikit-learn's own checks.

    Raises
    ------
    ValueError
        Names the column and the remedy.
    """
    table = as_table(np.asarray(x) if isinstance(x, list) else x)
    if isinstance(table, pd.DataFrame):
        if not table.columns.is_unique:
            twice = table.columns[table.columns.duplicated()][0]
            raise ValueError(f"Column {str(twice)!r} occurs twice. Rename or drop one of them.")
        settled = all(dtype.kind in "biuf" for dtype in table.dtypes)
    else:
        settled = (
            not isinstance(table, np.ndarray)
            or table.ndim != 2
            or table.dtype.kind in "biuf"
            # scikit-learn's suite wants its own TypeError for a dict in an array without names
            or any(isinstance(value, dict) for value in table.flat)
        )
    if settled:
        return table
    numbers = _columns(table)
    if not isinstance(table, pd.DataFrame):
        return numbers
    return pd.DataFrame(numbers, table.index, table.columns)


def check_rows(rows: Array, x: Any) -> None:
    """Refuse an infinite value, and a row in which nothing was observed.

    Parameters
    ----------
    rows : array (rows, columns)
        The numbers of `x`, gaps as NaN.
    x : array or DataFrame
        Where the names of rows and columns come from.
    """
    _no_gaps(rows, x, allow_nan=True)
    blank = np.isnan(rows).all(axis=1)
    if blank.any():
        row = int(np.argmax(blank))
        label = x.index[row] if isinstance(x, pd.DataFrame) else row
        raise ValueError(
            f"Row {label} holds no value at all, so there is nothing to judge. Drop such rows, "
            "for example with frame.dropna(how='all'); a series needs a time index for that, or "
            "windows would reach over the gap."
        )


def check_scores(scores: Any) -> Array:
    """Return `scores` as a float64 array of shape (rows,), or say what is wrong.

    Raises
    ------
    ValueError
        If there are none, or more than one a row, or one is NaN or infinite; gives its position.
    """
    given = np.asarray(as_table(scores))
    if given.dtype.kind in "mMc":
        raise ValueError(f"Scores should be real numbers, but are of type {given.dtype}.")
    values = given.astype(np.float64)
    if values.ndim != 1 or not len(values):
        raise ValueError(f"Scores should be one number a row, but have shape {values.shape}.")
    if not np.isfinite(values).all():
        position = int(np.argmin(np.isfinite(values)))
        raise ValueError(
            f"Score {position} is {values[position]}, not a finite number. Leave such rows out."
        )
    return values


def check_labels(labels: Any, rows: int) -> NDArray[np.int64]:
    """Return `labels` (0 normal, 1 anomaly) as integers of shape (rows,), or say what is wrong.

    Raises
    ------
    ValueError
        If there is not one label a row, or one is neither 0 nor 1 (nor a boolean).
    """
    given = np.asarray(as_table(labels))
    if given.shape != (rows,):
        raise ValueError(f"{rows} rows need {rows} labels, but these have shape {given.shape}.")
    values = given.tolist() if given.dtype.kind not in "mM" else list(given)
    wrong = set(values) - {0, 1}
    if wrong:
        first = next(value for value in values if value in wrong)
        hint = " For scikit-learn's −1 (anomaly) and 1 pass labels == -1." if -1 in wrong else ""
        raise ValueError(f"Labels are 0 (normal) or 1 (anomaly), but one is {first!r}.{hint}")
    return given.astype(np.int64)
