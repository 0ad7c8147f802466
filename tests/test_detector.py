"""The training loop itself."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from anomalylab.detector import Detector, fit, score
from anomalylab.models import Autoencoder
from anomalylab.seeding import seeded

X = np.random.default_rng(0).random((64, 6))


def build(**settings: object) -> Autoencoder:
    with seeded(0):
        return Autoencoder(6, hidden=(8,), latent=2, **settings)  # type: ignore[arg-type]


class Players(Detector):
    """Two players; the loss of each flows through both networks."""

    def __init__(self) -> None:
        super().__init__()
        self.sample_shape = (6,)
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.seen: list[bool] = []

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.second(self.first(x))

    def loss(self, x: Tensor, turn: str = "first", epoch: int = 0) -> Tensor:
        self.seen.append(self.second.weight.grad is not None)
        loss = self.score(x).mean()
        return loss if turn == "first" else -0.1 * loss

    def turns(self) -> Mapping[str, nn.Module]:
        return {"first": self.first, "second": self.second}


def test_history_tells_what_happened() -> None:
    history = fit(build(), X, validation=X[:10], epochs=5, seed=3)
    assert len(history.train) == len(history.validation) == 5
    assert history.train[-1] < history.train[0]
    assert history.validation[history.best_epoch - 1] == min(history.validation)
    assert "Trained 5 epochs (seed 3)" in str(history)


def test_best_weights_are_kept() -> None:
    detector = build()
    history = fit(detector, X[:8], validation=X[8:], epochs=300, lr=3e-2)
    assert history.best_epoch < 300, "this set should overfit"
    kept = float(np.mean(score(detector, X[8:])))
    assert kept == pytest.approx(min(history.validation), rel=1e-5)


def test_patience_stops_early() -> None:
    history = fit(build(), X[:8], validation=X[8:], epochs=2000, lr=3e-2, patience=5)
    assert history.stopped == "early"
    assert len(history.train) == history.best_epoch + 5


def test_interrupt_keeps_the_best_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    detector, calls = build(), []
    honest = detector.loss

    def impatient(x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        calls.append(epoch)
        if epoch == 3:
            raise KeyboardInterrupt
        return honest(x, turn, epoch)

    monkeypatch.setattr(detector, "loss", impatient)
    history = fit(detector, X, validation=X[:10], epochs=50)
    assert history.stopped == "by you" and len(history.train) == 3
    assert np.mean(score(detector, X[:10])) == pytest.approx(min(history.validation), rel=1e-5)


def test_one_players_loss_leaves_no_gradient_on_the_other() -> None:
    with seeded(0):
        players = Players()
    start = players.second.weight.clone()
    fit(players, X, epochs=1, batch_size=64)
    assert players.seen == [False, False], "the first turn leaked a gradient into the second player"
    assert not torch.equal(start, players.second.weight)
    assert set(fit(players, X, epochs=1).losses) == {"first", "second"}


def test_unused_parameter_is_named() -> None:
    detector = build()
    detector.idle = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="does not depend on idle.weight"):
        fit(detector, X)


def test_exploding_loss_is_reported() -> None:
    detector = build(output="linear")
    with pytest.raises(ValueError, match="Scale the data or lower lr"):
        fit(detector, X * 1e160, epochs=3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs should be above 0"),
        ({"batch_size": -1}, "batch_size"),
        ({"lr": 0}, "lr"),
        ({"patience": 3}, "patience needs validation"),
    ],
)
def test_bad_settings(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fit(build(), X, **settings)  # type: ignore[arg-type]


def test_seeding_leaves_no_trace() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    fit(build(), X, epochs=1)
    assert torch.equal(torch.rand(1), expected)
    threads = torch.get_num_threads()
    assert threads == torch.get_num_threads()


def test_progress_is_one_line_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    history = fit(build(), X, epochs=3, progress=True)
    out, err = capsys.readouterr()
    assert out.count("\n") == 1 and str(history) in out and err == ""


def test_autoencoder_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Autoencoder(6, latent=0)
    with pytest.raises(ValueError, match="'sigmoid' or 'linear'"):
        Autoencoder(6, output="relu")
    assert any(isinstance(m, nn.Dropout) for m in Autoencoder(6, dropout=0.2).modules())
