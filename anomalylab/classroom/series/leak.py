"""Exercise 4.4-leak: windows of two parts that share rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from anomalylab.classroom.core import Failed, kind, numbers
from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.inputs import Array

Scale = Callable[[Array, int], Array]


def cut(rows: Array, size: int) -> Array:
    """Return all windows of so many rows, shape (windows, size, columns)."""
    return np.stack([rows[start : start + size] for start in range(len(rows) - size + 1)])


def probes(windows: Any, size: int, columns: int, on: str) -> tuple[int, Array]:
    """How many windows there are, and the numbers of five of them, from the first to the last.

    So two answers compare, however many windows each of them gives.
    """
    found = numbers(windows)
    if found is None or found.shape[1:] != (size, columns) or not len(found):
        raise Failed(
            f"On {on} you returned {kind(windows)}. Expected windows: numbers of shape "
            f"(windows, {size}, {columns})."
        )
    return len(found), found[np.linspace(0, len(found) - 1, 5).astype(int)].ravel()


def _both(result: Any, inputs: Inputs, on: str) -> Array:
    """Training windows and test windows, in numbers that compare."""
    rows, size, _ = inputs
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Failed(f"On {on} return two things: the training windows and the test windows.")
    (train, some), (test, others) = (probes(x, size, rows.shape[1], on) for x in result)
    return np.concatenate([[train, test], some, others])


def _said(where: tuple[int, ...], found: str, right: str) -> str:
    if where[0] < 2:
        part = "test" if where[0] else "training"
        return f"there are {found} {part} windows, where {right} are due"
    return f"a number of your windows is {found}, where {right} is right"


def mended(rows: Array, size: int, first: int) -> tuple[Array, Array]:
    """Split the rows, then scale by the training rows, then cut."""
    return _prepared(lambda rows, first: rows[:first])(rows, size, first)


def _prepared(known: Scale, train: int = 0, test: int = 0) -> Callable[..., Any]:
    """A preparation: which rows the scaling knows, and how many rows the parts take too many.

    The last 1 of `train` stands for size - 1 rows of test, that of `test` for as many of train.
    """

    def prepare(rows: Array, size: int, first: int) -> tuple[Array, Array]:
        x = (rows - known(rows, first).mean(axis=0)) / known(rows, first).std(axis=0)
        return cut(x[: first + train * (size - 1)], size), cut(x[first - test * (size - 1) :], size)

    return prepare


def _leaky(rows: Array, size: int, first: int) -> tuple[Array, Array]:
    windows = cut((rows - rows.mean(axis=0)) / rows.std(axis=0), size)
    order = np.random.default_rng(0).permutation(len(windows))
    return windows[order[:first]], windows[order[first:]]


def _plant(
    count: int = 40, columns: int = 3, size: int = 5, first: int = 28, *, wild: float = 3.0
) -> Callable[[np.random.Generator], Inputs]:
    """Columns of different height and spread; the test rows spread `wild` times as far."""

    def make(rng: np.random.Generator) -> Inputs:
        x = np.cumsum(rng.normal(size=(count, columns)), axis=0)
        x[first:] *= wild
        return x * 10 ** rng.uniform(-1, 1, columns) + rng.normal(0, 9, columns), size, first

    return make


_LOOK = "Print the first window of each part, and the last. Which rows does it hold, and in which order?"

declare(
    Declared(
        name="4.4-leak",
        title="mend the leak",
        reference=mended,
        view=_both,
        said=_said,
        atol=1e-5,
        cases=[
            Case("40 rows, 28 of them for training, windows of 5,", _plant(), _LOOK),
            Case("wild test rows", _plant(wild=200.0), _LOOK),
            Case("a single column", _plant(30, 1, 4, 17), _LOOK),
            Case("windows of 1 row", _plant(20, 2, 1, 12), _LOOK),
            Case("as many training rows as a window has", _plant(25, 2, 6, 6), _LOOK),
            Case("as many test rows as a window has", _plant(25, 2, 6, 19), _LOOK),
            Case("as many columns as rows in a window", _plant(50, 4, 4, 31), _LOOK),
            Case("300 rows, windows of 20,", _plant(300, 2, 20, 211), _LOOK),
            Case(
                "32-bit numbers",
                lambda rng: (_plant()(rng)[0].astype("f"), 5, 28),
                _LOOK,
            ),
        ],
        slips=[
            Slip(
                _leaky,
                "This is still the colleague's preparation: there are {found} training windows, "
                "where {right} are due. The windows are shuffled before the split, and neighbours "
                "share all rows but one. What should be split, and when?",
            ),
            Slip(
                _prepared(lambda rows, first: rows),
                "I made the test rows larger, and your training windows changed: a number is "
                "{found}, where {right} is right. From which rows come mean and std?",
            ),
            Slip(
                _prepared(lambda rows, first: rows[:first], train=1),
                "Your last training windows reach into the test rows: there are {found} of them, "
                "where {right} are due. Split the rows, or the windows?",
            ),
            Slip(
                _prepared(lambda rows, first: rows[:first], test=1),
                "Your first test windows reach back into the training rows: there are {found}, "
                "where {right} are due. Which rows may a test window hold?",
            ),
            Slip(
                lambda rows, size, first: [
                    cut((x - x.mean(axis=0)) / x.std(axis=0), size)
                    for x in (rows[:first], rows[first:])
                ],
                "I made the test rows larger, and your test windows stayed: you scale each part by "
                "itself, so a change of the plant cannot be seen. One scale is for both. Whose?",
            ),
            Slip(
                lambda rows, size, first: [
                    cut((x - rows[:first].mean()) / rows[:first].std(), size)
                    for x in (rows[:first], rows[first:])
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
