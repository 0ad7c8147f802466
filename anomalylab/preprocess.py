"""Check what came in; fill its gaps and scale it.

`as_array` is the one door through which data enters the library: it either returns
clean numbers or says what is wrong, in which column, and what to do. `Preprocess` is
a small module with buffers, so that a split, a pipeline and an exported model can
all carry the same one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Array = NDArray[np.float64]
ROUNDING = 1e-14
FAR = 1e6  # scaled values beyond count as this far: their squares stay finite


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
                f"{_column(names, position)} is not numeric: it holds {value!r}. "
                "Encode it as numbers or drop the column."
            )
    return np.column_stack(
        [
            pd.to_numeric(table.iloc[:, c], errors="coerce").to_numpy(np.float64)
            for c in range(table.shape[1])
        ]
    )


def _column(names: list[str] | None, position: int) -> str:
    return f"Column {names[position]!r}" if names else f"Column {position}"


def _no_gaps(array: Array, names: list[str] | None, allow_nan: bool) -> None:
    """Raise on the first infinite (or missing) value, naming where it stands."""
    bad = np.isinf(array) if allow_nan else ~np.isfinite(array)
    if not bad.any():
        return
    where = np.argwhere(bad)[0]
    column, row = _column(names, int(where[-1])), int(where[0])
    if np.isnan(array[tuple(where)]):
        raise ValueError(
            f"{column} has a missing value (NaN) in row {row}. Fill it, for example with "
            "anomalylab.Preprocess fitted on the training rows, or drop the row."
        )
    raise ValueError(f"{column} holds an infinite value in row {row}. Replace it or drop the row.")


class Preprocess(nn.Module):
    """Fill missing values, then shift and scale every column: (x − shift) / scale.

    Everything it knows comes from the rows given to `fit`. Fit it on training rows only.

    Parameters
    ----------
    method : {"standard", "minmax"}
        "standard" gives mean 0 and standard deviation 1, "minmax" the range [0, 1].
        A gap is filled with the column's mean. A constant column keeps scale 1.
    """

    fill: Tensor
    shift: Tensor
    scale: Tensor

    def __init__(self, method: str = "standard") -> None:
        super().__init__()
        if method not in ("standard", "minmax"):
            raise ValueError(f"method should be 'standard' or 'minmax', not {method!r}.")
        self.method = method
        for name in ("fill", "shift", "scale"):
            self.register_buffer(name, torch.empty(0, dtype=torch.float64))

    def fit(self, x: Any) -> Self:
        """Learn fill, shift and scale from `x` of shape (rows, columns), at least 2 rows.

        Warns of constant columns; raises ValueError for a column without any value, or with
        values so large that their spread is no finite number.
        """
        names = [str(c) for c in x.columns] if isinstance(x, pd.DataFrame) else None
        rows = as_array(x, minimum_rows=2, allow_nan=True)
        empty = np.isnan(rows).all(axis=0)
        if empty.any():
            raise ValueError(
                f"{_column(names, int(np.argmax(empty)))} has no value at all. Drop it."
            )
        low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
        with np.errstate(over="ignore"):
            spread = high - low
        if not np.isfinite(spread).all():
            column = _column(names, int(np.argmin(np.isfinite(spread))))
            raise ValueError(f"{column} holds values too large to compute with. Rescale it first.")
        # rounding in the last digits is no variation
        constant = spread <= ROUNDING * np.maximum(abs(low), abs(high))
        # relative to low and spread, for the squares of huge and tiny values leave the range
        relative = (rows - low) / np.where(spread == 0, 1.0, spread)
        mean = low + spread * np.nanmean(relative, axis=0)
        standard = self.method == "standard"
        scale = spread * np.nanstd(relative, axis=0) if standard else spread
        if constant.any():
            listed = ", ".join(_column(names, i)[7:] for i in np.flatnonzero(constant)[:5])
            warnings.warn(f"Constant column(s) {listed}: left unscaled (scale 1).", stacklevel=2)
        self.fill = torch.from_numpy(mean)
        self.shift = torch.from_numpy(mean if standard else low)
        self.scale = torch.from_numpy(np.where(constant, 1.0, scale))
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Fill and scale a float64 tensor of shape (rows, columns)."""
        scaled = (torch.where(torch.isnan(x), self.fill, x) - self.shift) / self.scale
        return scaled.clamp(-FAR, FAR)

    def transform(self, x: Any) -> Array:
        """Fill and scale an array or DataFrame of shape (rows, columns)."""
        if not len(self.scale):
            raise ValueError("This Preprocess has not learned anything yet. Call fit(rows) first.")
        rows = as_array(x, sample_shape=tuple(self.scale.shape), allow_nan=True)
        return np.asarray(self(torch.from_numpy(rows)).numpy())
