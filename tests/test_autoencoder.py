"""What is special about each kind of autoencoder."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from anomalylab.detector import fit, score
from anomalylab.models import (
    Autoencoder,
    ConvAutoencoder,
    DenoisingAutoencoder,
    SparseAutoencoder,
)
from anomalylab.models.autoencoder import bernoulli_kl
from anomalylab.seeding import seeded

ROWS = np.random.default_rng(0).random((60, 12))
X = torch.from_numpy(ROWS).float()


def test_denoising_sees_noise_and_is_asked_for_the_clean_row() -> None:
    with seeded(0):
        detector = DenoisingAutoencoder(12, noise=0.3)
    with seeded(1):
        loss = detector.loss(X)
    with seeded(1):
        noisy = X + 0.3 * torch.randn_like(X)
    torch.testing.assert_close(loss, ((X - detector.reconstruct(noisy)) ** 2).mean())
    quiet = DenoisingAutoencoder(12, noise=0)
    torch.testing.assert_close(quiet.loss(X), ((X - quiet.reconstruct(X)) ** 2).mean())
    np.testing.assert_array_equal(score(detector, ROWS), score(detector, ROWS))
    with pytest.raises(ValueError, match="standard deviation"):
        DenoisingAutoencoder(12, noise=-1)


def test_bernoulli_kl_matches_torch() -> None:
    rate = torch.tensor([0.01, 0.05, 0.5, 0.9])
    coins = torch.distributions.Bernoulli
    expected = torch.distributions.kl_divergence(coins(torch.tensor(0.05)), coins(rate))
    torch.testing.assert_close(bernoulli_kl(0.05, rate), expected)
    assert torch.isfinite(bernoulli_kl(0.05, torch.tensor([0.0, 1.0]))).all()


@pytest.mark.parametrize(("kind", "rounding"), [(torch.float32, 2e-7), (torch.float64, 1e-15)])
def test_bernoulli_kl_of_equal_coins_is_zero_and_never_below(
    kind: torch.dtype, rounding: float
) -> None:
    shares = np.linspace(0.01, 0.99, 99).tolist()
    equal = torch.stack([bernoulli_kl(t, torch.tensor(t, dtype=kind)) for t in shares])
    assert equal.dtype == kind and equal.min() >= 0 and equal.max() <= rounding


def test_l1_activity_is_the_mean_of_row_sums() -> None:
    detector = SparseAutoencoder(12, latent=3, penalty="l1", weight=0.5)
    z = torch.tensor([[1.0, 2.0, 0.0], [0.0, 0.0, 5.0]])
    assert detector.activity(z) == 4
    error = ((X - detector.reconstruct(X)) ** 2).mean()
    torch.testing.assert_close(
        detector.loss(X), error + 0.5 * detector.activity(detector.encode(X))
    )


@pytest.mark.parametrize("penalty", ["l1", "kl"])
def test_a_price_makes_z_sparse(penalty: str) -> None:
    activity = []
    for weight in (0.0, 0.01):
        with seeded(0):
            detector = SparseAutoencoder(12, (16,), latent=24, penalty=penalty, weight=weight)
        fit(detector, ROWS, epochs=60, lr=3e-3)
        activity.append(float(detector.encode(X).detach().mean()))
    assert activity[1] < 0.7 * activity[0]


def test_sparse_refuses_bad_settings() -> None:
    for wrong, message in (
        ({"penalty": "l2"}, "one of 'l1', 'kl', not 'l2'"),
        ({"weight": -1}, "at least 0"),
        ({"target": 5}, "between 0 and 1"),
    ):
        with pytest.raises(ValueError, match=message):
            SparseAutoencoder(12, **wrong)


@pytest.mark.parametrize(
    "build", [lambda p: Autoencoder(12, dropout=p), lambda p: ConvAutoencoder((3, 4), dropout=p)]
)
def test_dropout_works_while_training_only(build) -> None:  # type: ignore[no-untyped-def]
    with seeded(0):
        detector = build(0.5)
    detector.train()
    assert not torch.equal(detector.reconstruct(X), detector.reconstruct(X))
    detector.eval()
    assert torch.equal(detector.reconstruct(X), detector.reconstruct(X))


def test_activation_is_named() -> None:
    assert any(isinstance(m, torch.nn.Tanh) for m in Autoencoder(12, activation="tanh").encoder)
    with pytest.raises(ValueError, match="'relu', 'leaky', 'tanh', 'sigmoid'"):
        Autoencoder(12, activation="step")
