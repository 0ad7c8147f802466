"""What only the exercises of 4.1 promise."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch

import anomalylab as al
from anomalylab.classroom.autoencoder import pump
from anomalylab.classroom.autoencoder.thresholds import choose_threshold, rows_needed


@pytest.mark.parametrize("rows", [1, 3, 15, 20, 59, 243, 400])
@pytest.mark.parametrize("share", [0.05, 0.1, 0.3])
def test_the_library_and_the_exercise_mean_the_same_threshold(rows: int, share: float) -> None:
    for scores in np.random.default_rng(rows).gamma(3.0, 1.0, (20, rows)):
        for given in (scores, scores.round(0), 1e-12 * scores, -scores):
            own = choose_threshold(given, share)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                library = al.thresholds.Percentile(100 * (1 - share)).fit(given).value
            above = int((given > own).sum())
            assert above == int((given > library).sum())
            assert above <= share * rows < above + max((given == own).sum(), 1)


@pytest.mark.parametrize(("rate", "confidence"), [(0.05, 0.95), (0.1, 0.9), (0.02, 0.8)])
def test_the_library_asks_for_as_many_rows_as_the_exercise(rate: float, confidence: float) -> None:
    needed = rows_needed(rate, confidence)
    rule = al.thresholds.FalsePositiveBudget(rate, confidence)
    scores = np.random.default_rng(0).gamma(3.0, 1.0, needed)
    assert (scores > rule.fit(scores).value).sum() == 0
    with pytest.raises(ValueError, match=str(needed)):
        rule.fit(scores[1:])


def test_that_many_rows_keep_the_promise_and_two_less_do_not() -> None:
    rng = np.random.default_rng(0)
    needed = rows_needed(0.2, 0.9)
    for rows, kept in ((needed, True), (needed - 2, False)):
        largest = rng.uniform(0, 1, (40_000, rows)).max(axis=1)  # 1 - largest: the rate
        assert (np.mean(1 - largest <= 0.2) >= 0.9) == kept


def test_the_pump_needs_a_network_that_bends() -> None:
    x = pump(500, seed=3)
    assert x.shape == (500, 6)
    assert torch.equal(x, pump(500, seed=3)) and not torch.equal(x, pump(500, seed=4))
    assert x.mean(dim=0).abs().max() < 0.15 and (x.std(dim=0) - 1).abs().max() < 0.15
    spread = torch.linalg.svdvals((x - x.mean(dim=0)).double()) ** 2
    assert 0.6 < spread[0] / spread.sum() < 0.8
