"""What a graphics card must not change. Skipped where there is none."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from anomalylab.detector import Detector, History, fit, score
from anomalylab.inputs import Array
from anomalylab.models import DenoisingAutoencoder
from anomalylab.seeding import seeded
from anomalylab.windows import layout
from tests.model_cases import CASES, STAND_INS, Case

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no graphics card here")
X = np.random.default_rng(0).random((300, 10))
every = pytest.mark.parametrize("case", [*CASES, *STAND_INS], ids=str)


def run(case: Case, **settings: object) -> tuple[Detector, History, Array]:
    with seeded(0):
        detector = case.build()
    rows = X.reshape(len(X), *detector.sample_shape)
    history = fit(detector, rows, epochs=3, device="cuda", **settings)  # type: ignore[arg-type]
    return detector, history, rows


@every
def test_the_same_seed_gives_the_same_losses_and_scores(case: Case) -> None:
    detector, first, rows = run(case)
    again, second, _ = run(case)
    assert first.losses == second.losses
    np.testing.assert_array_equal(score(detector, rows), score(again, rows))


def test_validation_does_not_freeze_the_shuffling() -> None:
    """Rewinding the generator for the validation rows must not rewind the training."""
    seen: list[list[int]] = []

    class Spy(DenoisingAutoencoder):
        def loss(self, x: torch.Tensor, turn: str = "train", epoch: int = 0) -> torch.Tensor:
            if self.training:
                seen.append(x[:, 0].tolist())
            return super().loss(x, turn, epoch)

    fit(Spy(10), X, validation=X[:20], epochs=2, batch_size=300, device="cuda")
    assert sorted(seen[0]) == sorted(seen[1]) and seen[0] != seen[1]


def test_the_cards_generator_is_left_as_it_was() -> None:
    torch.cuda.manual_seed(7)
    expected = torch.rand(1, device="cuda")
    torch.cuda.manual_seed(7)
    fit(DenoisingAutoencoder(10), X, validation=X[:20], epochs=1, device="cuda")
    assert torch.equal(torch.rand(1, device="cuda"), expected)


@every
def test_a_detector_fitted_on_the_card_scores_on_the_cpu(case: Case) -> None:
    detector, _, rows = run(case)
    there = score(detector, rows)
    here = score(detector.cpu(), rows)
    np.testing.assert_allclose(here, there, rtol=max(case.rtol, 1e-4))


def test_windows_train_on_the_card() -> None:
    detector = DenoisingAutoencoder(20)
    windows = layout(None, len(X), 2).of(X).shaped((20,))
    history = fit(detector, windows, validation=windows, epochs=2, device="cuda")
    assert len(history.validation) == 2
    np.testing.assert_allclose(score(detector, windows), score(detector, windows[:].numpy()))
