"""Exercise 4.4-gaps: windows that reach over short gaps, which the library lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.classroom.series.leak import cut, probes
from anomalylab.inputs import Array


def _windows(
    allowed: Callable[[Array, int], Any] = lambda missing, most: missing.sum() <= most,
    fill: Callable[..., Array] = lambda times, rows, grid: rows[
        np.searchsorted(times, grid, side="right") - 1
    ],
    join: Callable[..., Array] = np.array,
) -> Callable[..., Array]:
    """Return all windows on the regular grid that are allowed, with the missing rows filled in.

    As the exercise wants it; slips have another rule for windows, or another way to fill. Where
    no window is left, `np.stack` raises, and `np.array` does not: learners use both.
    """

    def windows(times: Array, rows: Array, size: int, most: int) -> Array:
        grid = np.arange(times[0], times[-1] + 1)
        missing = cut(~np.isin(grid, times)[:, None], size)[:, :, 0]
        pairs = zip(cut(fill(times, rows, grid), size), missing, strict=True)
        return join([window for window, lost in pairs if allowed(lost, most)])

    return windows


def _logged(
    rng: np.random.Generator,
    grid: int = 30,
    size: int = 5,
    most: int = 2,
    columns: int = 2,
    lost: float = 0.3,
) -> Inputs:
    """Rows of which a share was lost at random; the first three and the last three are there."""
    there = rng.random(grid) >= lost
    there[[0, 1, 2, -3, -2, -1]] = True
    times = np.flatnonzero(there) + rng.integers(1, 99)
    return times, rng.normal(3, 1, (len(times), columns)), size, most


_LOOK = "Write down all times. Which are missing in this window, and what stands there?"

declare(
    Declared(
        name="4.4-gaps",
        title="windows over short gaps",
        reference=_windows(),
        view=lambda result, inputs, on: probes(result, inputs[2], inputs[1].shape[1], on),
        said=lambda where, found, right: (
            f"a number of a window is {found}, where {right} is right"
            if where[0]
            else f"there are {found} windows, where {right} are due"
        ),
        cases=[
            Case("30 times of which some are missing, windows of 5,", _logged, _LOOK),
            Case("nothing missing", lambda rng: _logged(rng, lost=0.0), _LOOK),
            Case("most=0", lambda rng: _logged(rng, 40, 3, 0, lost=0.2), _LOOK),
            Case("most=1, windows of 4,", lambda rng: _logged(rng, 40, 4, 1), _LOOK),
            Case(
                "a gap of 4 rows, most=3,",
                lambda rng: (
                    np.delete(np.arange(4, 24), [5, 6, 7, 8, 14]),
                    rng.normal(3, 1, (15, 3)),
                    5,
                    3,
                ),
                _LOOK,
            ),
            Case("windows of 1 row", lambda rng: _logged(rng, 20, 1, 0), _LOOK),
            Case(
                "windows that may miss all their rows",
                lambda rng: _logged(rng, 20, 3, 3, lost=0.6),
                _LOOK,
            ),
            Case(
                "one window that holds all times",
                lambda rng: _logged(rng, 12, 12, 9, lost=0.0),
                _LOOK,
            ),
            Case(
                "a single column that holds 0 or 1",
                lambda rng: tuple(
                    np.where(x > 3, 1.0, 0.0) if i == 1 else x
                    for i, x in enumerate(_logged(rng, 25, 4, 2, 1))
                ),
                _LOOK,
            ),
            Case(
                "200 times, windows of 16,", lambda rng: _logged(rng, 200, 16, 2, lost=0.1), _LOOK
            ),
            Case(
                "times below zero",
                lambda rng: (np.array([-7, -6, -4, -1, 0, 1, 2]), rng.normal(3, 1, (7, 2)), 4, 2),
                _LOOK,
            ),
            Case(
                "32-bit numbers",
                lambda rng: tuple(
                    x.astype("f") if i == 1 else x for i, x in enumerate(_logged(rng))
                ),
                _LOOK,
            ),
        ],
        slips=[
            Slip(
                lambda times, rows, size, most: cut(rows, size),
                "There are {found} windows, where {right} are due. You cut the rows as if no time "
                "were missing, so two neighbours in a window may lie hours apart. What do the "
                "times say?",
            ),
            *(
                Slip(
                    _windows(lambda missing, most: missing.sum() < most, join=join),
                    "There are {found} windows, where {right} are due. What about windows with "
                    "exactly as many as allowed?",
                )
                for join in (np.array, np.stack)
            ),
            Slip(
                _windows(lambda missing, most: not missing.any()),
                "There are {found} windows, where {right} are due: you leave out every window with "
                "a missing row, as the library does. How many may one miss?",
            ),
            Slip(
                _windows(
                    lambda missing, most: np.diff(missing, prepend=False)[missing].sum() <= most
                ),
                "There are {found} windows, where {right} are due: you count gaps. A gap of five "
                "rows misses as much as five gaps of one. What is to be counted?",
            ),
            Slip(
                _windows(fill=lambda times, rows, grid: rows[np.searchsorted(times, grid)]),
                "A missing row holds {found}, where {right} is right: the row after the gap, which "
                "comes later. When the alarm is due, nobody knows it yet. Which row is known?",
            ),
            Slip(
                _windows(
                    fill=lambda times, rows, grid: np.stack(
                        [np.interp(grid, times, column) for column in rows.T], axis=1
                    )
                ),
                "A missing row holds {found}, where {right} is right: a number on the straight "
                "line over the gap. Its other end comes later. What is known at that moment?",
            ),
            Slip(
                _windows(lambda missing, most: missing.sum() <= most and not missing[0]),
                "There are {found} windows, where {right} are due: none of yours begins with a "
                "missing row. The row before it is known, also outside of the window.",
            ),
        ],
        hints=(
            "On paper: times 3, 4, 6 and 7. Which times has the grid, and which row stands at 5?",
            "Make two lists with one entry a time of the grid: the filled row, and whether it was "
            "missing. Then cut both alike.",
            "filled = rows[np.searchsorted(times, grid, side='right') - 1], missing = "
            "~np.isin(grid, times); keep a start if missing[start : start + size].sum() <= most.",
        ),
        praise="Short gaps no longer cost whole windows, and nothing later is used.",
    )
)
