"""Exercise 4.4-leak: windows of two parts that share rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalylab.classroom.core import Failed, kind, numbers
from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.inputs import Array


def cut(rows: NDArray[Any], size: int) -> NDArray[Any]:
    """Return all windows of so many rows, shape (windows, size, columns)."""
    return np.stack([rows[start : start + size] for start in range(len(rows) - size + 1)])


def probes(windows: Any, size: int, columns: int, on: str) -> Array:
    """How many windows there are, and all numbers of five of them, from the first to the last.

    So two answers can be compared, however many windows each of them has: NaN stands for those of
    an answer that has none.
    """
    found = numbers(windows)
    if found is None or (found.size and found.shape[1:] != (size, columns)):
        raise Failed(
            f"On {on} you returned {kind(windows)}. Expected windows: numbers of shape "
            f"(windows, {size}, {columns})."
        )
    return np.append(
        len(found),
        found[np.linspace(0, len(found) - 1, 5).astype(int)]
        if found.size
        else np.full((5, size, columns), np.nan),
    )


def _both(result: Any, inputs: Inputs, on: str) -> Array:
    rows, size, _ = inputs
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Failed(f"On {on} return two things: the training windows and the test windows.")
    return np.stack([probes(part, size, rows.shape[1], on) for part in result])


def _scaled(rows: Array, known: Array) -> Array:
    return (rows - known.mean(axis=0)) / known.std(axis=0)


def mended(rows: Array, size: int, first: int) -> list[Array]:
    """Scale by the training rows, split, then cut."""
    return [cut(part, size) for part in np.split(_scaled(rows, rows[:first]), [first])]


def _plant(
    rng: np.random.Generator,
    count: int = 40,
    columns: int = 3,
    size: int = 5,
    first: int = 28,
    wild: float = 3.0,
) -> Inputs:
    """Columns of different height and spread; the test rows spread `wild` times as far."""
    x = np.cumsum(rng.normal(size=(count, columns)), axis=0)
    x[first:] *= wild
    return x * 10 ** rng.uniform(-1, 1, columns) + rng.normal(0, 9, columns), size, first


_LOOK = (
    "Print the first and last window of each part. Which rows does it hold, in which order, "
    "scaled by what?"
)

declare(
    Declared(
        name="4.4-leak",
        title="mend the leak",
        reference=mended,
        view=_both,
        said=lambda where, found, right: (
            f"a number of the {('training', 'test')[where[0]]} windows is {found}, where {right} "
            "is right"
            if where[1]
            else f"there are {found} {('training', 'test')[where[0]]} windows, where {right} are "
            "due"
        ),
        atol=1e-5,
        cases=[
            Case("40 rows, 28 of them for training, windows of 5,", _plant, _LOOK),
            Case("wild test rows", lambda rng: _plant(rng, wild=200.0), _LOOK),
            Case("a single column", lambda rng: _plant(rng, 30, 1, 4, 17), _LOOK),
            Case("windows of 1 row", lambda rng: _plant(rng, 20, 2, 1, 12), _LOOK),
            Case(
                "as many training rows as a window has",
                lambda rng: _plant(rng, 25, 2, 6, 6),
                _LOOK,
            ),
            Case("as many test rows as a window has", lambda rng: _plant(rng, 25, 2, 6, 19), _LOOK),
            Case(
                "as many columns as rows in a window", lambda rng: _plant(rng, 50, 4, 4, 31), _LOOK
            ),
            Case("300 rows, windows of 20,", lambda rng: _plant(rng, 300, 2, 20, 211), _LOOK),
            Case("32-bit numbers", lambda rng: (_plant(rng)[0].astype("f"), 5, 28), _LOOK),
        ],
        slips=[
            Slip(
                lambda rows, size, first: np.split(
                    np.random.default_rng(0).permutation(cut(_scaled(rows, rows), size)), [first]
                ),
                "This is still the colleague's preparation: there are {found} training windows, "
                "where {right} are due. The windows are shuffled before the split, and neighbours "
                "share all rows but one. What should be split, and when?",
            ),
            Slip(
                lambda rows, size, first: [
                    cut(part, size) for part in np.split(_scaled(rows, rows), [first])
                ],
                "I made the test rows larger, and your training windows changed: a number is "
                "{found}, where {right} is right. From which rows come mean and std?",
            ),
            Slip(
                lambda rows, size, first: np.split(cut(_scaled(rows, rows[:first]), size), [first]),
                "Your last training windows reach into the test rows: there are {found} of them, "
                "where {right} are due. Split the rows, or the windows?",
            ),
            Slip(
                lambda rows, size, first: np.split(
                    cut(_scaled(rows, rows[:first]), size), [first - size + 1]
                ),
                "Your first test windows reach back into the training rows: there are {found}, "
                "where {right} are due. Which rows may a test window hold?",
            ),
            Slip(
                lambda rows, size, first: [
                    cut(_scaled(part, part), size) for part in np.split(rows, [first])
                ],
                "I made the test rows larger, and your test windows stayed: you scale each part by "
                "itself, so a change of the plant cannot be seen. One scale is for both. Whose?",
            ),
            Slip(
                lambda rows, size, first: [
                    cut((part - rows[:first].mean()) / rows[:first].std(), size)
                    for part in np.split(rows, [first])
                ],
                "A number is {found}, where {right} is right: all columns share one mean and one "
                "std, so a column with large numbers drowns the others. Over which axis?",
            ),
            Slip(
                lambda rows, size, first: [x[:, ::-1] for x in mended(rows, size, first)],
                "A number is {found}, where {right} is right: the rows of your windows run "
                "backwards. A window keeps the order of time. Print one beside its rows.",
            ),
        ],
        hints=(
            "Follow a test row through the colleague's code. Where does it meet the training part?",
            "There are two leaks: mean and std know all rows, and windows are split after the cut.",
            "Mean and std of rows[:first]. Scale all rows. Then cut the first part and the rest by "
            "themselves.",
        ),
        praise="No row stands in both parts, and nothing is learned from the test rows.",
    )
)
