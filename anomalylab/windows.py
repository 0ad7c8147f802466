"""From a series to windows, and from window values back to time steps.

A window is where it starts in the rows put in order (by series, then by time), so that every
layout (a table without time, a series, several series, gaps, rows out of order) is the same thing
afterwards. Windows overlap almost wholly: they stay views of the rows until a batch needs them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from anomalylab.inputs import Array, check_choice, check_count

Rows = NDArray[np.int64]
ALIGNMENTS = ("end", "mean")
Steps = dict[Any, float]
ROUNDING = 1e-9
FEW = 5  # steps
MONTH, DAY = r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
READS_AS_TIME = re.compile(
    rf"(\d{{4}}[-/.]{MONTH}[-/.]{DAY}|{DAY}[-/.]{MONTH}[-/.]\d{{4}}|{MONTH}/{DAY}/\d{{4}})([T ].*)?"
    r"|(-?\d+ days? )?[+-]?\d{1,2}:\d{2}(:\d{2}.*)?"
)
TIMES = (
    datetime.date,
    datetime.time,
    datetime.timedelta,
    pd.Period,
    np.datetime64,
    np.timedelta64,
)
LONGEST_STEP = 1.5  # of the usual step; a longer one is a gap


@dataclass(frozen=True)
class Layout:
    """Which windows a frame holds.

    Attributes
    ----------
    order : array (rows,)
        Row numbers, series after series, each in the order of time.
    starts : array (windows,)
        Places in `order` where a window starts. None reaches over a gap or into another series.
    size : int
        Rows in a window.
    pieces : int
        Stretches of rows without a gap.
    """

    order: Rows
    starts: Rows
    size: int
    pieces: int = 1

    def __len__(self) -> int:
        return len(self.starts)

    def of(self, values: NDArray[Any]) -> Windows:
        """The windows of these rows of shape (rows, columns)."""
        ordered = torch.from_numpy(np.ascontiguousarray(values[self.order]))
        return Windows(ordered, torch.from_numpy(self.starts), self.size)

    def to_steps(self, values: Array, align: str) -> Array:
        """Values of windows as values of rows, shape (rows, ...).

        Parameters
        ----------
        values : array (windows, ...)
            One value (or one array) a window.
        align : {"end", "mean"}
            "end": a window's value belongs to its last row, so a row's value uses no later row;
            the first size − 1 rows after a gap or the beginning have none. "mean": a row's value
            is the mean over all windows that cover it, which use up to size − 1 later rows.

        Returns
        -------
        array (rows, ...)
            NaN where no window gives a value: before the first window of a stretch, in a stretch
            shorter than a window, and where a stride leaves rows out.
        """
        shape = (len(values), self.size, *values.shape[1:])
        return self.errors_to_steps(np.broadcast_to(values[:, None], shape), align)

    def errors_to_steps(self, errors: Array, align: str) -> Array:
        """Errors inside windows as errors of rows and columns.

        Parameters
        ----------
        errors : array (windows, size, ...)
            Such as those of a detector, (windows, size, columns).
        align : {"end", "mean"}
            "end": of every window only the errors of its last row, so that nothing later is used.
            "mean": a row's own errors, mean over all windows that cover it.

        Returns
        -------
        array (rows, ...)
            NaN where `to_steps` has it. Near the edges of a stretch fewer windows cover a row: one
            at its first and last row, `size` in the middle (with a stride of 1).

        Raises
        ------
        ValueError
            If there are errors of another number of windows or rows, or `align` is neither.
        """
        check_choice("align", align, ALIGNMENTS)
        if errors.shape[:2] != (len(self), self.size):
            raise ValueError(
                f"There are {len(self)} window(s) of {self.size} row(s), but errors of shape "
                f"{errors.shape}. Pass (windows, size, ...), as al.errors gives for these windows."
            )
        total = np.zeros((len(self.order), *errors.shape[2:]))
        count = np.zeros((len(total), *[1] * (total.ndim - 1)))
        # within one place of the window no row occurs twice
        for place in range(0 if align == "mean" else self.size - 1, self.size):
            total[self.starts + place] += errors[:, place]
            count[self.starts + place] += 1
        steps = np.empty_like(total)
        steps[self.order] = total / np.where(count == 0, np.nan, count)
        return steps


@dataclass(frozen=True)
class Windows:
    """Samples that are views of the rows of a series; an index gives a batch of them.

    Attributes
    ----------
    values : tensor (rows, columns)
        The rows in the order of the layout.
    starts : tensor (windows,)
    size : int
        Rows in a window.
    sample_shape : tuple of int
        What a window is reshaped to; by default (size, columns).
    """

    values: Tensor
    starts: Tensor
    size: int
    sample_shape: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, which: Tensor | slice) -> Tensor:
        """Return those windows, shape (len(which), \\*sample_shape)."""
        starts, (rows, columns) = self.starts[which].to(self.values.device), self.values.shape
        batch = self.values.unfold(0, min(self.size, rows), 1)[starts].transpose(1, 2)
        return batch.reshape(len(starts), *(self.sample_shape or (self.size, columns)))

    def shaped(self, sample_shape: Sequence[int]) -> Self:
        """The same windows, each as a sample of this shape, or an error if it has other values."""
        columns = self.values.shape[1]
        if prod(sample_shape) != self.size * columns:
            raise ValueError(
                f"The detector takes samples of shape {tuple(sample_shape)}, but {columns} "
                f"column(s) in windows of {self.size} row(s) are {self.size * columns} values. "
                "Build it for that many."
            )
        return replace(self, sample_shape=tuple(sample_shape))

    def to(self, like: Tensor) -> Self:
        """The same windows in the dtype and on the device of `like`."""
        return replace(self, values=self.values.to(like), starts=self.starts.to(like.device))


def layout(
    index: Any,
    rows: int,
    size: int,
    groups: Any = None,
    steps: Steps | None = None,
    stride: int = 1,
) -> Layout:
    """Which windows rows with this index hold.

    Parameters
    ----------
    index : pandas index or None
        With a time index the windows follow its order, whatever the order of the rows, and none
        reaches over a gap: a step of more than 1.5 times the usual one of its series. Otherwise
        the rows of a series count as consecutive steps.
    rows : int
        How many rows there are.
    size : int
        Rows in a window. 1 gives every row by itself.
    groups : array (rows,), optional
        Which series each row belongs to.
    steps : dict, optional
        From `usual_steps` of the training rows; by default those of these rows.
    stride : int
        Rows from the start of one window to that of the next, within a stretch without a gap. With
        1 every window is taken. Rows at the end of a stretch may lie in no window.

    Raises
    ------
    ValueError
        If size or stride is below 1; if windows are longer than one row and a time is missing or
        occurs twice in a series, or the index holds times that are no time index.
    """
    check_count("size (in rows)", size)
    check_count("stride (in rows)", stride)
    timed = is_time(index)
    times = _ticks(index) if timed else np.arange(rows)
    series, names = _series(groups, rows)
    order = np.lexsort((times, series))
    breaks = np.diff(series[order]) != 0
    if size > 1 and not timed:
        _refuse_hidden_times(index)
    if size > 1 and timed and rows > 1:
        passed = np.diff(times[order])
        twice = (passed == 0) & ~breaks
        if twice.any():
            time = index[order[int(np.argmax(twice))]]
            raise ValueError(
                f"The time {time} occurs twice. Windows need one row a time: drop one, or say "
                "with groups= which series each row belongs to."
            )
        usual = usual_steps(index, groups) if steps is None else steps
        several = np.bincount(series, minlength=len(names)) > 1
        new = [n for n, many in zip(names, several, strict=True) if many and n not in usual]
        if new and steps and None not in usual:
            raise ValueError(
                f"Series {str(new[0])!r} was not there in training, where series had different "
                "steps: what is a gap in it? Leave it out, or train with it."
            )
        limits = np.array([usual.get(name, usual.get(None, np.inf)) for name in names])
        longest = (1 + ROUNDING) * LONGEST_STEP * limits
        breaks |= passed * _seconds(index) > longest[series[order[1:]]]
    piece = np.concatenate([[0], np.cumsum(breaks)])[:rows]
    # a window is whole if it starts and ends in the same piece
    starts = np.flatnonzero(piece[: max(0, rows - size + 1)] == piece[size - 1 :])
    into = starts - np.searchsorted(piece, piece[starts])  # how far into its piece each starts
    return Layout(order, starts[into % stride == 0], size, 1 + int(breaks.sum()))


def usual_steps(index: Any, groups: Any = None) -> Steps:
    """The median step of every series in seconds, and under None the step of any other.

    Without None where series differ by more than what would be a gap. Empty without a time index,
    or without two rows in a series.
    """
    if not is_time(index):
        return {}
    times = _ticks(index)
    series, names = _series(groups, len(times))
    order = np.lexsort((times, series))
    inside = np.diff(series[order]) == 0
    steps = pd.Series(np.diff(times[order])[inside] * _seconds(index))
    if steps.empty:
        return {}
    by_series = steps.groupby(series[order][1:][inside])
    medians, many = by_series.median(), by_series.size() >= FEW
    known = dict(zip([names[code] for code in medians.index], medians.tolist(), strict=True))
    told = medians[many] if many.any() else medians  # two rows an hour apart say little
    alike = told.max() <= LONGEST_STEP * told.min()
    return {**({None: float(steps.median())} if alike else {}), **known}


def _series(groups: Any, rows: int) -> tuple[Rows, Sequence[Any]]:
    """A number for the series of every row, and the names of the series."""
    if groups is None:
        return np.zeros(rows, dtype=np.int64), [None]
    codes, names = pd.factorize(groups)
    return codes, list(names)


def as_index(index: Any) -> Any:
    """A time index if the labels are times of another library's type, else as it is."""
    if isinstance(index, pd.CategoricalIndex):
        index = index.astype(index.categories.dtype)
    kind = getattr(getattr(index, "dtype", None), "kind", "O")
    if is_time(index) or kind not in "mM":
        return index
    return pd.DatetimeIndex(index) if kind == "M" else pd.TimedeltaIndex(index)


def is_time(index: Any) -> bool:
    """Whether the labels of the rows are times."""
    return isinstance(index, pd.DatetimeIndex | pd.PeriodIndex | pd.TimedeltaIndex)


def _stamps(index: Any) -> Any:
    return index.to_timestamp() if isinstance(index, pd.PeriodIndex) else index


def _ticks(index: Any) -> Rows:
    """The times as whole numbers, in the index's own unit: nanoseconds end in the year 2262."""
    if index.hasnans:
        raise ValueError(f"Row {int(np.argmax(index.isna()))} has no time (NaT). Drop it.")
    return np.asarray(_stamps(index).asi8)


def _seconds(index: Any) -> float:
    """Seconds in a tick."""
    return {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[_stamps(index).unit]


def _refuse_hidden_times(index: Any) -> None:
    """Rows count as consecutive without a time index, which must not hide times that are there."""
    if isinstance(index, pd.MultiIndex):
        raise ValueError(
            "The index has several levels, and windows must not reach from one series into "
            "another. Name the level that tells the series apart: groups='…'."
        )
    if index is None or not len(index):
        return
    if isinstance(index, pd.IntervalIndex):
        index = index.left
    for label in index:
        if isinstance(label, TIMES) or (isinstance(label, str) and READS_AS_TIME.fullmatch(label)):
            raise ValueError(
                f"The index holds times as text or objects, such as {label!r}, so that gaps "
                "cannot be seen. Make it a time index: frame.index = pd.to_datetime(frame.index)."
            )
