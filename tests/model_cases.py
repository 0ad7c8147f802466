"""The detectors that the invariant suite examines. A new detector joins by one line in CASES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from anomalylab.detector import Detector
from anomalylab.inputs import Array
from anomalylab.models import (
    EGBAD,
    VAE,
    AnoGAN,
    Autoencoder,
    ConvAutoencoder,
    DenoisingAutoencoder,
    FastAnoGAN,
    LSTMAutoencoder,
    LSTMForecaster,
    SparseAutoencoder,
    TableAutoencoder,
)
from tests.stand_ins import BesideFrozen, Literal, Normed, Opposed, Recurrent


@dataclass(frozen=True)
class Problem:
    """Normals to train on, and a labelled test set."""

    train: Array
    test: Array
    labels: np.ndarray


def curved_manifold(seed: int = 0) -> Problem:
    """Normals on a closed curve in ten dimensions; anomalies at its centre.

    The centre is the most ordinary point for ‖z‖² and lies in every plane that PCA
    could choose; only a method that learns the curve can see that nothing lives there.
    """
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, 700)
    curve = np.stack([np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)], axis=1)
    lift = np.linalg.qr(rng.normal(size=(10, 4)))[0].T
    normal = 0.5 + 0.25 * curve @ lift + rng.normal(0, 0.01, (700, 10))
    odd = 0.5 + rng.normal(0, 0.03, (100, 10)) @ lift.T @ lift
    test = np.concatenate([normal[500:], odd])
    return Problem(normal[:500], test, np.repeat([0, 1], [200, 100]))


def shrunken_noise(seed: int = 0) -> Problem:
    """Structureless noise; anomalies are the same noise, but weaker. Error ranks them backwards."""
    rng = np.random.default_rng(seed)
    normal = np.clip(0.5 + rng.normal(0, 0.2, (700, 10)), 0, 1)
    odd = np.clip(0.5 + rng.normal(0, 0.1, (100, 10)), 0, 1)
    test = np.concatenate([normal[500:], odd])
    return Problem(normal[:500], test, np.repeat([0, 1], [200, 100]))


def centred_curve(seed: int = 0) -> Problem:
    """The curved manifold around 0 and of size 1, as standardised data are."""
    problem = curved_manifold(seed)
    return Problem(8 * (problem.train - 0.5), 8 * (problem.test - 0.5), problem.labels)


def faded(seed: int = 0) -> Problem:
    """Grey rows; anomalies are normal rows at half their darkness. Cross-entropy prefers them."""
    grey = curved_manifold(seed)
    normal = 0.8 * np.concatenate([grey.train, grey.test[:200]])
    test = np.concatenate([normal[500:], 0.5 * normal[:100]])
    return Problem(normal[:500], test, np.repeat([0, 1], [200, 100]))


def folding(seed: int = 0) -> Problem:
    """Windows of 5 rows and 2 columns in which each row is 1 − 2 · (the row before)².

    Anomalies hold rows of different windows: each value is as usual, and the columns have no
    linear relation, so only what makes a row from the one before tells them apart.
    """
    rng = np.random.default_rng(seed)
    rows = [np.cos(rng.uniform(0, 2 * np.pi, (800, 2)))]
    for _ in range(4):
        rows.append(1 - 2 * rows[-1] ** 2)
    windows = np.stack(rows, axis=1)
    odd = np.stack([windows[rng.permutation(100), row] for row in range(5)], axis=1)
    test = np.concatenate([windows[600:], odd])
    return Problem(
        windows[100:600].reshape(500, 10), test.reshape(300, 10), np.repeat([0, 1], [200, 100])
    )


@dataclass(frozen=True)
class Case:
    """How to build a detector for ten features, and the sets on which it should win and lose.

    `rtol` is how far a row's score alone may be from its score in a batch.
    """

    name: str
    build: Callable[[], Detector]
    wins: Callable[[int], Problem] = curved_manifold
    loses: Callable[[int], Problem] = shrunken_noise
    epochs: int = 120
    rtol: float = 1e-5

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("autoencoder", lambda: Autoencoder(10, hidden=(32, 16), latent=1)),
    Case(
        "autoencoder, linear output",
        lambda: Autoencoder(10, hidden=(32, 16), latent=1, output="linear"),
    ),
    Case("denoising", lambda: DenoisingAutoencoder(10, (32, 16), latent=4, noise=0.05)),
    Case("sparse, L1", lambda: SparseAutoencoder(10, (32,), 32, penalty="l1", weight=1e-4)),
    Case("sparse, KL", lambda: SparseAutoencoder(10, (32,), 32, penalty="kl", weight=1e-3)),
    Case("convolutional", lambda: ConvAutoencoder((2, 5), (32,), latent=1)),
    # noise in the units of these unscaled columns
    Case("table", lambda: TableAutoencoder(10, noise=(0.02, 0.2), probe=0.05)),
    # cross-entropy of these greys hardly differs: at β = 1 the whole z would collapse
    Case(
        "VAE, Bernoulli",
        lambda: VAE(10, (32, 16), 2, likelihood="bernoulli", beta=0.01),
        loses=faded,
    ),
    Case("VAE, Gaussian", lambda: VAE(10, (32, 16), 2), wins=centred_curve),
    *(
        Case(
            f"VAE, {scoring}",
            lambda scoring=scoring: VAE(10, (32, 16), 2, scoring=scoring),  # type: ignore[misc]
            wins=centred_curve,
        )
        for scoring in ("elbo", "probability", "importance")
    ),
    Case(
        "VAE, convolutional",
        lambda: VAE(10, latent=2, image_shape=(2, 5), channels=(32,)),
        wins=centred_curve,
    ),
    Case("LSTM autoencoder", lambda: LSTMAutoencoder(5, 2, 32, 2, patch=1), rtol=1e-3),
    # at the centre of the curve every row is like the one before: nothing is easier to forecast
    Case(
        "LSTM forecaster",
        lambda: LSTMForecaster(5, 2, 32),
        wins=folding,
        loses=curved_manifold,
        rtol=1e-3,
    ),
    *(
        Case(
            name,
            # without momentum the game settles in the few steps of these tests
            lambda kind=kind, settings=settings: kind(  # type: ignore[misc]
                10, (32, 32), 3, output="linear", momentum=0.0, **settings
            ),
            wins=centred_curve,
            epochs=40,
        )
        for name, kind, settings in (
            ("AnoGAN", AnoGAN, {"steps": 3, "starts": 16, "price": 0.0}),
            ("f-AnoGAN", FastAnoGAN, {}),
            ("EGBAD", EGBAD, {}),
        )
    ),
]

# what the sections to come will ask of the contract; no detectors to rely on
STAND_INS = [
    Case("errors and loss only", Literal),
    Case("two turns, changing weights", Opposed),
    Case("recurrent", Recurrent, rtol=1e-3),
    Case("beside a frozen network", BesideFrozen),
    Case("weight norm", Normed),
]
