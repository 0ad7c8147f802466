"""What may not stand in a table: checks that name the column or the row, and the remedy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from anomalylab.preprocess import Array, _column, _no_gaps


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
                f"{_column(names, position)} is not numeric: it holds {bad!r}. "
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
