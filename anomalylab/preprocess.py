"""Fill the gaps of a table and scale it.

`Preprocess` is a small module with buffers, so that a split, a pipeline and an exported
model can all carry the same one.
"""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
import torch
from sklearn.covariance import ledoit_wolf
from torch import Tensor, nn

from anomalylab.inputs import Array, as_array, as_table, check_choice, column_name

METHODS = ("standard", "minmax", "pixels")
BUFFERS = ("fill", "shift", "scale", "precision")
ROUNDING = 1e-14
FAR = 1e6  # scaled values beyond count as this far: their squares stay finite
RIDGE = 0.01  # of every column's variance, so that columns may copy each other
WIDEST = 2000  # columns; of more, the precision would take too long
TINY = 1e-300
ROUNDS = 30  # of the search for a fill, which ends sooner with fewer gaps in a row


class Preprocess(nn.Module):
    """Shift and scale every column, (x − shift) / scale, and fill what is missing.

    Everything it knows comes from the rows given to `fit`. Fit it on training rows only.

    A gap is filled with what the row's other values suggest: the mean of a normal distribution
    with the rows' mean μ and precision P (inverse covariance), given the values observed,

        x_gaps = μ_gaps − P_gaps,gaps⁻¹ · P_gaps,observed · (x_observed − μ_observed)

    (Little and Rubin 2002, chapter 11). The covariance is shrunk as Ledoit and Wolf (2004) do, so
    that from few rows, or columns that do not go together, little more than μ remains. Found by
    30 rounds of conjugate gradients: exact for some 25 gaps in a row, nearer to μ for more. Of
    more than 2,000 columns the fill is μ itself.

    Parameters
    ----------
    method : {"standard", "minmax", "pixels"}
        "standard" gives mean 0 and standard deviation 1, "minmax" the range [0, 1]. "pixels" is
        "minmax" with one range for all columns, which share a unit. A constant column keeps
        scale 1.
    """

    fill: Tensor
    shift: Tensor
    scale: Tensor
    precision: Tensor

    def __init__(self, method: str = "standard") -> None:
        super().__init__()
        self.method = check_choice("method", method, METHODS)
        for name in BUFFERS:
            self.register_buffer(name, torch.empty(0, dtype=torch.float64))

    def fit(self, x: Any) -> Self:
        """Learn fill, shift and scale from `x` of shape (rows, columns), at least 2 rows.

        Warns of constant columns; raises ValueError for a column without any value, or with
        values so large that their spread is no finite number.
        """
        table = as_table(x)
        rows = as_array(table, minimum_rows=2, allow_nan=True)
        empty = np.isnan(rows).all(axis=0)
        if empty.any():
            raise ValueError(
                f"{column_name(table, int(np.argmax(empty)))} has no value at all in the "
                f"{len(rows)} rows to learn from (in a pipeline these are the training part; for "
                "series, the earliest rows). Drop it, or pass rows in which it is known."
            )
        low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
        if self.method == "pixels":
            low, high = np.full_like(low, low.min()), np.full_like(high, high.max())
        with np.errstate(over="ignore"):
            spread = high - low
        if not np.isfinite(spread).all():
            column = column_name(table, int(np.argmin(np.isfinite(spread))))
            raise ValueError(f"{column} holds values too large to compute with. Rescale it first.")
        # rounding in the last digits is no variation
        constant = spread <= ROUNDING * np.maximum(abs(low), abs(high))
        # relative to low and spread, for the squares of huge and tiny values leave the range
        relative = (rows - low) / np.where(spread == 0, 1.0, spread)
        mean = low + spread * np.nanmean(relative, axis=0)
        standard = self.method == "standard"
        scale = spread * np.nanstd(relative, axis=0) if standard else spread
        if constant.any():
            listed = ", ".join(column_name(table, i)[7:] for i in np.flatnonzero(constant)[:5])
            warnings.warn(f"Constant column(s) {listed}: left unscaled (scale 1).", stacklevel=2)
        self.fill = torch.from_numpy(mean)
        self.shift = torch.from_numpy(mean if standard else low)
        self.scale = torch.from_numpy(np.where(constant, 1.0, scale))
        self.precision = torch.eye(len(mean), dtype=torch.float64)  # fills with means
        if len(mean) <= WIDEST:
            for _ in range(1 + np.isnan(rows).any()):  # again, with better fills
                self.precision = self._precision(self.transform(rows))
        return self

    def _precision(self, scaled: Array) -> Tensor:
        """The inverse covariance of complete, scaled rows."""
        centred = scaled - self._middle().numpy()
        covariance, _ = ledoit_wolf(centred, assume_centered=True)
        variance = covariance.diagonal()
        ridge = np.where(variance > 0, RIDGE * variance, 1.0)
        return torch.from_numpy(np.linalg.inv(covariance + np.diag(ridge)))

    def _middle(self) -> Tensor:
        """The means of the columns, scaled."""
        return (self.fill - self.shift) / self.scale

    def forward(self, x: Tensor) -> Tensor:
        """Fill and scale a float64 tensor of shape (rows, columns)."""
        gap, middle = torch.isnan(x), self._middle()
        scaled = ((torch.where(gap, self.fill, x) - self.shift) / self.scale).clamp(-FAR, FAR)
        # conjugate gradients, all rows together; of a row with k gaps exact after k rounds
        filled = torch.zeros_like(scaled)
        rest = torch.where(gap, -(scaled - middle) @ self.precision, 0.0)
        step, length = rest, (rest**2).sum(1, keepdim=True)
        for _ in range(ROUNDS):
            turned = torch.where(gap, step @ self.precision, 0.0)
            rate = length / (step * turned).sum(1, keepdim=True).clamp(min=TINY)
            filled, rest = filled + rate * step, rest - rate * turned
            before, length = length, (rest**2).sum(1, keepdim=True)
            step = rest + step * length / before.clamp(min=TINY)
        return (scaled + filled).clamp(-FAR, FAR)

    def transform(self, x: Any) -> Array:
        """Fill and scale an array or DataFrame of shape (rows, columns)."""
        if not len(self.scale):
            raise ValueError("This Preprocess has not learned anything yet. Call fit(rows) first.")
        rows = as_array(x, sample_shape=tuple(self.scale.shape), allow_nan=True)
        scaled = ((rows - self.shift.numpy()) / self.scale.numpy()).clip(-FAR, FAR)
        gaps = np.isnan(rows).any(axis=1)
        if gaps.any():
            scaled[gaps] = self(torch.from_numpy(rows[gaps])).numpy()
        return scaled

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        for name in BUFFERS:  # take its sizes: how many columns there are
            if prefix + name in state_dict:
                setattr(self, name, getattr(self, name).new_empty(state_dict[prefix + name].shape))
        super()._load_from_state_dict(state_dict, prefix, *rest)
