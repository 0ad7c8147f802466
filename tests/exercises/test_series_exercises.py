"""What only the exercises of 4.4 promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from anomalylab.classroom.core import EXERCISES
from anomalylab.classroom.series import own
from anomalylab.metrics import roc_auc
from anomalylab.windows import layout
from tests.exercises.grading import PLACES, answer, sources


@pytest.mark.parametrize("name", ["4.4-rows", "4.4-leak", "4.4-gaps"])
def test_the_notebooks_answers_are_right_for_many_seeds(name: str) -> None:
    right = answer(name, sources("4.4")[PLACES[name].cell])
    assert not any(EXERCISES[name].problems(right, range(100, 120)))


def test_the_shaft_never_turns_backwards_and_single_rows_do_not_tell() -> None:
    x = own.shaft(3000, seed=3).numpy()
    assert np.allclose(x.mean(axis=(0, 1)), 0, atol=0.06)
    assert np.allclose(x.std(axis=(0, 1)), 1, atol=0.06)
    turned = x[:, 1:, 1] * x[:, :-1, 0] - x[:, 1:, 0] * x[:, :-1, 1]
    assert (turned.mean(axis=1) > 0).all()
    both = np.concatenate([x, x[:, ::-1]])
    norms = np.sort((both**2).sum(axis=2), axis=1)
    for score in norms.T:
        assert roc_auc(np.repeat([0, 1], 3000), score) == pytest.approx(0.5)


def test_the_text_says_what_is_judged() -> None:
    text = sources("4.4")["own-question"]
    assert f"after {own.STEPS} steps" in text and f"at least {own.ENOUGH}" in text
    assert f"After {own.FEW[-1]} steps" in text and f"more than {own.LEFT:.1f}" in text
    assert f"`shaft({own.WINDOWS}, seed=0)`" in text
    assert "import shaft" in sources("4.4")["setup"], "so that a learner can call it"
    assert tuple(own.shaft(2, 0).shape) == (2, 12, 2) and "windows of 12 rows" in text


def test_the_preparation_to_mend_shares_rows_and_learns_from_test_rows() -> None:
    space: dict[str, Any] = {"np": np}
    exec(sources("4.4")["leak-given"], space)
    rows = np.arange(40.0)[:, None]
    train, test = space["leaky"](rows, 5, 28)
    assert np.isin(test, train).any()
    rows[35:] *= 10
    assert not np.allclose(space["leaky"](rows, 5, 28)[0], train)


def test_the_scores_of_rows_are_those_of_the_library() -> None:
    to_rows = answer("4.4-rows", sources("4.4")["rows-answer"])
    scores = np.random.default_rng(0).normal(size=30)
    np.testing.assert_allclose(to_rows(scores, 7), layout(None, 36, 7).to_steps(scores, "mean"))


def test_windows_over_no_gap_are_those_of_the_library() -> None:
    over_gaps = answer("4.4-gaps", sources("4.4")["gaps-answer"])
    rng = np.random.default_rng(0)
    times = np.flatnonzero(rng.random(60) < 0.9)
    rows = rng.normal(size=(len(times), 2))
    index = pd.Timestamp("2026-01-01") + pd.to_timedelta(times, unit="min")
    due = layout(index, len(rows), 4).of(rows)[:]
    np.testing.assert_array_equal(over_gaps(times, rows, 4, 0), due)
    assert len(over_gaps(times, rows, 4, 1)) > len(due)
