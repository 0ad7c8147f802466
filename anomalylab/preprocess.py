"""Fill the gaps of a table and scale it.

`Preprocess` is a small module with buffers, so that a split, a pipeline and an exported
model can all carry the same one.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from anomalylab.inputs import Array, as_array, column_name

ROUNDING = 1e-14
FAR = 1e6  # scaled values beyond count as this far: their squares stay finite


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
                f"{column_name(names, int(np.argmax(empty)))} has no value at all. Drop it."
            )
        low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
        with np.errstate(over="ignore"):
            spread = high - low
        if not np.isfinite(spread).all():
            column = column_name(names, int(np.argmin(np.isfinite(spread))))
            raise ValueError(f"{column} holds values too large to compute with. Rescale it first.")
        # rounding in the last digits is no variation
        constant = spread <= ROUNDING * np.maximum(abs(low), abs(high))
        # relative to low and spread, for the squares of huge and tiny values leave the range
        relative = (rows - low) / np.where(spread == 0, 1.0, spread)
        mean = low + spread * np.nanmean(relative, axis=0)
        standard = self.method == "standard"
        scale = spread * np.nanstd(relative, axis=0) if standard else spread
        if constant.any():
            listed = ", ".join(column_name(names, i)[7:] for i in np.flatnonzero(constant)[:5])
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
