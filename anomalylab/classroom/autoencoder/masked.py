"""Exercise 4.1-masked: a score over the observed pixels only, which the library lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.inputs import Array


def masked_score(x: Array, x_hat: Array, mask: np.ndarray) -> Array:
    """Mean squared error over the observed pixels of every row, NaN where there are none."""
    rows = zip(x, x_hat, mask, strict=True)
    return np.array([np.mean((a - b)[m] ** 2) if m.any() else np.nan for a, b, m in rows])


def _rows(
    rng: np.random.Generator,
    rows: int,
    pixels: int,
    filler: Any = None,
    observed: float = 0.6,
    *,
    size: Any = 1.0,
    exact: Sequence[int] = (),
    unseen: Sequence[int] = (),
) -> Inputs:
    """Rows of which the first pixel, and this share of the others, was observed.

    Some are drawn exactly where they were observed, of some no pixel was observed.
    """
    x, x_hat = size * rng.normal(size=(rows, pixels)), size * rng.normal(size=(rows, pixels))
    mask = rng.random((rows, pixels)) < observed
    mask[:, 0] = True
    mask[list(unseen)] = False
    x_hat[list(exact)] = x[list(exact)]
    return (x if filler is None else np.where(mask, x, filler)), x_hat, mask


def _equal(rng: np.random.Generator) -> Inputs:
    x_hat, mask = rng.normal(size=(3, 8)), np.arange(8) < np.array([[8], [4], [1]])
    return x_hat + rng.uniform(0.5, 1), x_hat, mask


def _zeros(rng: np.random.Generator) -> Inputs:
    """Like digits: most pixels are 0, drawn as 0 or not, and some are drawn exactly."""
    x, x_hat, mask = _rows(rng, 7, 40)
    x, x_hat = np.maximum(x.round(1), 0), np.maximum(x_hat.round(1), 0)
    return x, np.where(rng.random(x.shape) < 0.2, x, x_hat), mask


_HAND = "Work out this row by hand, from its observed pixels alone."
_FILLER = "What x holds where nothing was observed must not matter."

declare(
    Declared(
        name="4.1-masked",
        title="a score that looks only at observed pixels",
        reference=masked_score,
        by_row=(0, 1, 2),
        cases=[
            Case(
                "5 rows of 7 pixels, all observed,",
                lambda rng: _rows(rng, 5, 7, observed=2.0),
                "With nothing missing your score should be the one you know.",
            ),
            Case("6 rows of 9 pixels, some not observed,", lambda r: _rows(r, 6, 9, 5.0), _HAND),
            Case("as many rows as pixels, some not observed,", lambda r: _rows(r, 6, 6), _HAND),
            Case(
                "rows off by the same in 8, 4 and 1 observed pixels",
                _equal,
                "All rows fit equally badly, so they should score the same.",
            ),
            Case("rows full of zeros", _zeros, _HAND),
            Case(
                "three rows, row 1 drawn exactly,",
                lambda rng: _rows(rng, 3, 6, 2.0, exact=[1]),
                "A row without error is not a row without observations.",
            ),
            Case("50 rows of 9 pixels", lambda rng: _rows(rng, 50, 9), _HAND),
            Case(
                "rows whose unobserved pixels hold NaN", lambda r: _rows(r, 4, 6, np.nan), _FILLER
            ),
            Case(
                "rows whose unobserved pixels hold ∞ or −∞",
                lambda rng: _rows(rng, 5, 8, rng.choice([-np.inf, np.inf], 8)),
                _FILLER,
            ),
            Case(
                "three rows, nothing observed in row 1,",
                lambda rng: _rows(rng, 3, 5, unseen=[1]),
                "What should a row get that nobody has seen, says the exercise?",
            ),
            Case(
                "a single row, not observed at all,",
                lambda rng: _rows(rng, 1, 4, np.nan, unseen=[0]),
                "Read the exercise's last points.",
            ),
            Case("a single row", lambda rng: _rows(rng, 1, 7), _HAND),
            Case(
                "300 pixels, small and large,",
                lambda rng: _rows(rng, 4, 300, 1e6, size=np.array([[1e-4], [1.0], [30.0], [1e5]])),
                _HAND,
            ),
            Case(
                "32-bit numbers",
                lambda r: tuple(a if a.dtype == bool else a.astype("f") for a in _rows(r, 4, 11)),
                _HAND,
            ),
        ],
        slips=[
            Slip(
                lambda x, x_hat, mask: ((x - x_hat) ** 2).mean(axis=1),
                "I changed only pixels that were not observed, and the scores changed. Print the "
                "errors of one row beside its mask: which of them come into your mean?",
            ),
            Slip(
                lambda x, x_hat, mask: masked_score(x, x_hat, ~mask),
                "A row scores {found}, where {right} is right. Your score moves with the pixels "
                "that were not observed, and never with the others. What does True mean?",
            ),
            Slip(
                lambda x, x_hat, mask: np.where(mask, (x - x_hat) ** 2, 0).mean(axis=1),
                "Rows that fit equally badly, with 8, 4 and 1 observed pixels, get different "
                "scores, the least for the one least seen. What do you divide by?",
            ),
            Slip(
                lambda x, x_hat, mask: np.where(mask, (x - x_hat) ** 2, 0).sum(axis=1),
                "A row scores {found}, where {right} is right: the more pixels were observed, the "
                "higher your score. Two rows of different length should compare.",
            ),
            Slip(
                lambda x, x_hat, mask: np.sqrt(masked_score(x, x_hat, mask)),
                "A row scores {found}, the root of {right}. With nothing missing your score should "
                "be the mean squared error, as in the notebook.",
            ),
            Slip(
                lambda x, x_hat, mask: (mask * (x - x_hat) ** 2).sum(axis=1) / mask.sum(axis=1),
                "Where unobserved pixels hold NaN or ∞ a score is {found}, though pixels of that "
                "row were observed. One NaN in a sum makes it NaN. What is 0 · NaN in NumPy?",
            ),
            Slip(
                lambda x, x_hat, mask: np.nan_to_num(masked_score(x, x_hat, mask)),
                "A row of which nothing was observed scores {found}. A number says that the row "
                "was judged, but nobody has seen it. What should it get, says the exercise?",
            ),
            Slip(
                lambda x, x_hat, mask: masked_score(abs(x - x_hat) ** 0.5, 0 * x_hat, mask),
                "A row scores {found}, its mean absolute error; {right} is right. How much more "
                "should an error of 2 count than an error of 1?",
            ),
        ],
        hints=(
            "On paper: four pixels, two observed. What is the mean squared error of those two?",
            "Two numbers a row: the sum of the observed errors, and how many there are.",
            "np.where(mask, a, b) takes a where the mask is True and never looks at a elsewhere.",
        ),
        praise="Only what was observed counts, however much of it there is.",
    )
)
