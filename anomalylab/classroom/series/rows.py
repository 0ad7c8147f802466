"""Exercise 4.4-rows: from scores of windows to scores of rows, as means."""

from __future__ import annotations

import numpy as np

from anomalylab.classroom.engine import Case, Declared, Slip, declare
from anomalylab.inputs import Array

_LOOK = "Which windows hold this row, and what do they say together?"


def to_rows(scores: Array, size: int) -> Array:
    """Return the mean score of all windows that hold a row, shape (windows + size - 1,)."""
    return np.convolve(scores, np.ones(size)) / np.convolve(np.ones(len(scores)), np.ones(size))


declare(
    Declared(
        name="4.4-rows",
        title="to_rows",
        reference=to_rows,
        cases=[
            Case("7 windows of 4 rows", lambda rng: (rng.exponential(size=7), 4), _LOOK),
            Case("5 windows of 5 rows", lambda rng: (rng.exponential(size=5), 5), _LOOK),
            Case("3 windows of 8 rows", lambda rng: (rng.exponential(size=3), 8), _LOOK),
            Case("a single window of 6 rows", lambda rng: (rng.exponential(size=1), 6), _LOOK),
            Case("6 windows of 1 row", lambda rng: (rng.exponential(size=6), 1), _LOOK),
            Case(
                "9 windows of 3 rows, all with the same score,",
                lambda rng: (np.full(9, rng.uniform(1, 9)), 3),
                "Where all windows agree, what can a row get?",
            ),
            Case(
                "8 windows of 3 rows, one of which alone scores more than 0,",
                lambda rng: (np.eye(8)[rng.integers(8)], 3),
                _LOOK,
            ),
            Case("scores below zero", lambda rng: (rng.normal(-9, 1, 10), 4), _LOOK),
            Case("whole numbers", lambda rng: (rng.integers(1, 99, 11), 2), _LOOK),
            Case("60 windows of 9 rows", lambda rng: (rng.exponential(size=60), 9), _LOOK),
            Case("32-bit numbers", lambda rng: (rng.exponential(size=9).astype("f"), 4), _LOOK),
        ],
        rtol=1e-4,
        slips=[
            Slip(
                lambda scores, size: np.convolve(scores, np.ones(size)) / size,
                "The row at the edge gets {found}, where {right} is right: few windows hold it, "
                "and you divide as if more did. How many hold the first row?",
            ),
            Slip(
                lambda scores, size: np.convolve(scores, np.ones(size)),
                "A row gets {found}, where {right} is right: the sum of the scores. It is the "
                "larger, the more windows hold the row. What is due instead?",
            ),
            Slip(
                lambda scores, size: np.append(np.full(size - 1, np.nan), scores),
                "A row gets {found}, where {right} is right: the score of a window goes to its "
                "last row alone. Which rows does a window hold?",
            ),
            Slip(
                lambda scores, size: np.append(scores, np.full(size - 1, np.nan)),
                "A row gets {found}, where {right} is right: the score of a window goes to its "
                "first row alone. Which rows does a window hold?",
            ),
            Slip(
                lambda scores, size: to_rows(scores, size + 1)[:-1],
                "A row gets {found}, where {right} is right: each window reaches one row too many. "
                "Write down the rows of the first window.",
            ),
            Slip(
                lambda scores, size: np.array(
                    [
                        max(scores[max(0, i + 1 - size) : i + 1])
                        for i in range(len(scores) + size - 1)
                    ]
                ),
                "A row gets {found}, where {right} is right: the highest score of its windows. One "
                "high score then reaches over many rows. What is due instead?",
            ),
        ],
        hints=(
            "On paper: 3 windows of 2 rows make 4 rows. Which windows hold row 0, and which row 1?",
            "By windows: for start, score in enumerate(scores), the window holds the rows "
            "start : start + size. By rows: which is the first window that holds a row, which the "
            "last?",
            "By windows: total[start : start + size] += score, the same for count with += 1, then "
            "total / count. By rows: the mean of scores[max(0, row - size + 1) : row + 1].",
        ),
        praise="Each row is judged by all windows that hold it, at the edges too.",
    )
)
