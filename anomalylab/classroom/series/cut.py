"""Check 4.4-cut: a series into windows that overlap."""

from __future__ import annotations

import numpy as np

from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.inputs import Array

_LOOK = "Print the first and the last row of your first two windows, and of your last one."


def cut(rows: Array, size: int) -> Array:
    """Return every window of so many rows, shape (windows, size, columns)."""
    return np.stack([rows[start : start + size] for start in range(len(rows) - size + 1)])


def _given(rng: np.random.Generator, rows: int, columns: int, size: int) -> Inputs:
    return rng.normal(size=(rows, columns)), size


declare(
    Declared(
        name="4.4-cut",
        title="cut",
        reference=cut,
        cases=[
            Case("10 rows of 2 columns, windows of 4,", lambda r: _given(r, 10, 2, 4), _LOOK),
            Case("9 rows of 3 columns, windows of 3,", lambda r: _given(r, 9, 3, 3), _LOOK),
            Case("7 rows of 7 columns, windows of 2,", lambda r: _given(r, 7, 7, 2), _LOOK),
            Case("as many rows as one window has", lambda r: _given(r, 5, 2, 5), _LOOK),
            Case("windows of 1 row", lambda r: _given(r, 6, 2, 1), _LOOK),
            Case("a single column", lambda r: _given(r, 8, 1, 3), _LOOK),
        ],
        slips=[
            Slip(
                lambda rows, size: cut(rows, size)[:, ::-1],
                "A number is {found}, where {right} is right: the rows in your windows run "
                "backwards. A window keeps the order of time. Print one beside the rows that it "
                "was cut from.",
            ),
            Slip(
                lambda rows, size: cut(rows, size)[::-1],
                "A number is {found}, where {right} is right: your last window comes first. Where "
                "does the loop begin?",
            ),
        ],
        hints=(
            "With 10 rows and windows of 4, the first window holds the rows 0 to 3. Where does "
            "the last one start, and how many are there?",
            "rows[start : start + size] is one window. `start` goes through "
            "range(len(rows) - size + 1).",
            "for start in range(len(rows) - size + 1): then pieces.append(rows[start : start + "
            "size]).",
        ),
        praise="Every stretch of so many rows is a sample now, and neighbours share all but one.",
    )
)
