"""Exercise 4.1-masked: a score over the observed pixels only, which the library lacks."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalylab.classroom.core import Failed, call, vector
from anomalylab.inputs import Array

Mask = np.ndarray


def examine_masked(answer: Any) -> str:
    """`answer(x, x_hat, mask)` should return one score a row."""
    _everything_observed(answer)
    _unobserved_do_not_matter(answer)
    _same_error_same_score(answer)
    _random_masks(answer)
    _gaps_are_nan(answer)
    _nothing_observed(answer)
    return "Only what was observed counts, however much of it there is."


def _score(answer: Any, x: Array, x_hat: Array, mask: Mask, on: str) -> Array:
    """The learner's scores of the rows; their arrays may not be changed."""
    given = (x.copy(), x_hat.copy(), mask.copy())
    result = call(answer, *given, on=on)
    if np.ndim(result) == 0:
        raise Failed(f"On {on} you returned a single value. How many rows went in?")
    if np.shape(result) == x.shape[1:] != (len(x),):
        raise Failed(
            f"On {on} you returned {x.shape[1]} numbers, one a pixel. A score belongs to a row. "
            "Which axis did you sum over?"
        )
    scores = vector(result, len(x), on)
    same = (np.array_equal(a, b, equal_nan=True) for a, b in zip(given, (x, x_hat), strict=False))
    if not all(same) or not np.array_equal(given[2], mask):
        raise Failed(
            f"On {on} your function changed the arrays it was given. Whoever calls it wants to "
            "use them again. Which line writes into an argument?"
        )
    return scores


def _everything_observed(answer: Any) -> None:
    rng = np.random.default_rng(5)
    x, x_hat = rng.random((5, 7)), rng.random((5, 7))
    on = "5 rows of 7 pixels, all observed,"
    scores = _score(answer, x, x_hat, np.ones((5, 7), dtype=bool), on)
    expected = ((x - x_hat) ** 2).mean(1)
    if np.allclose(scores, expected):
        return
    if not np.nan_to_num(scores).any():
        raise Failed(
            f"On {on} every score is {scores[0]:g}: no pixel came in. What does True in the mask "
            "mean?"
        )
    guess = {
        "7 times": expected * 7,
        "the root of": np.sqrt(expected),
        "minus": -expected,
    }
    for words, values in guess.items():
        if np.allclose(scores, values):
            raise Failed(
                f"On {on} row 0 scores {scores[0]:.3f}, {words} the mean squared error. With "
                "nothing missing your score should be the one you know."
            )
    if np.allclose(scores, scores[0]):
        raise Failed(f"On {on} all rows get the same score, {scores[0]:.3f}. What differs by row?")
    raise Failed(
        f"On {on} row 0 scores {scores[0]:.3f}, but its mean squared error is {expected[0]:.3f}. "
        "With nothing missing your score should be the one you know."
    )


def _unobserved_do_not_matter(answer: Any) -> None:
    rng = np.random.default_rng(6)
    x, x_hat, mask = rng.random((6, 6)), rng.random((6, 6)), rng.random((6, 6)) > 0.4
    mask[:, 0], mask[:, 1] = True, False
    on = "6 rows of 6 pixels, some of them not observed,"
    before = _score(answer, x, x_hat, mask, on)
    hidden = _score(answer, np.where(mask, x, x + 5), x_hat, mask, on)
    seen = _score(answer, np.where(mask, x + 5, x), x_hat, mask, on)
    if np.allclose(before, hidden):
        return
    if np.allclose(before, seen):
        raise Failed(
            "I changed the observed pixels and no score moved; I changed the others and all did. "
            "Which pixels are yours to judge?"
        )
    raise Failed(
        "I changed only pixels that were not observed, and the scores changed. Print the errors "
        "of one row beside its mask: which of them come into your sum?"
    )


def _same_error_same_score(answer: Any) -> None:
    x, x_hat = np.full((3, 8), 0.75), np.full((3, 8), 0.25)
    mask = np.arange(8) < np.array([[8], [4], [1]])
    on = "three rows with 8, 4 and 1 observed pixels, each off by 0.5,"
    scores = _score(answer, x, x_hat, mask, on)
    if not np.allclose(scores, scores[0]):
        listed = ", ".join(f"{score:.3g}" for score in scores)
        raise Failed(
            f"On {on} you returned {listed}. All three rows fit equally badly, so they should "
            "score the same. What do you divide by?"
        )


def _random_masks(answer: Any) -> None:
    rng = np.random.default_rng(7)
    x, x_hat, mask = rng.normal(size=(9, 12)), rng.normal(size=(9, 12)), rng.random((9, 12)) > 0.5
    mask[:, 3] = True
    on = "9 rows of 12 pixels with half of them observed,"
    scores = _score(answer, x, x_hat, mask, on)
    expected = np.array([np.mean((a - b)[m] ** 2) for a, b, m in zip(x, x_hat, mask, strict=True)])
    if not np.allclose(scores, expected):
        row = int(np.argmax(~np.isclose(scores, expected)))
        raise Failed(
            f"On {on} row {row} scores {scores[row]:.3f}, but its observed pixels have a mean "
            f"squared error of {expected[row]:.3f}. Work out one such row by hand."
        )


def _gaps_are_nan(answer: Any) -> None:
    rng = np.random.default_rng(8)
    x_hat, mask = rng.random((4, 6)), rng.random((4, 6)) > 0.5
    mask[:, 2] = True
    whole = rng.random((4, 6))
    on = "rows whose unobserved pixels hold NaN"
    scores = _score(answer, np.where(mask, whole, np.nan), x_hat, mask, on)
    expected = _score(answer, whole, x_hat, mask, on)
    if np.isnan(scores).any():
        raise Failed(
            f"On {on} a score is nan, though pixels of that row were observed. One NaN in a sum "
            "makes it NaN, even with a factor. What is 0 · NaN in NumPy?"
        )
    if not np.allclose(scores, expected):
        raise Failed(
            f"On {on} you return other scores than with numbers there. Nobody looked at those "
            "pixels. Where do they come in?"
        )


def _nothing_observed(answer: Any) -> None:
    rng = np.random.default_rng(9)
    x, x_hat, mask = rng.random((3, 5)), rng.random((3, 5)), np.ones((3, 5), dtype=bool)
    mask[1] = False
    scores = _score(answer, x, x_hat, mask, "three rows, nothing observed in the second,")
    if not np.isnan(scores[1]):
        raise Failed(
            f"A row of which nothing was observed scores {scores[1]:.3g}. That reads like a "
            "verdict, and nobody has seen the row. What should such a row get, says the exercise?"
        )
    if not np.allclose(scores[[0, 2]], ((x - x_hat) ** 2).mean(1)[[0, 2]]):
        raise Failed(
            "One row of which nothing was observed spoils the scores of the rows beside it. A "
            "row's score should depend on that row alone."
        )
