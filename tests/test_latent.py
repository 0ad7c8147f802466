"""Going into latent space and back, with an autoencoder and with a VAE."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from anomalylab import latent
from anomalylab.detector import Detector, reconstruct
from anomalylab.models import VAE, Autoencoder, ConvAutoencoder
from anomalylab.seeding import seeded

ROWS = np.random.default_rng(0).random((30, 12))


def detectors() -> list[Detector]:
    with seeded(0):
        return [
            Autoencoder(12, latent=3, dropout=0.5),
            ConvAutoencoder((3, 4), (4,), latent=3),
            VAE(12, latent=3),
            VAE(12, latent=3, image_shape=(3, 4), channels=(4,), likelihood="gaussian"),
        ]


@pytest.fixture(params=range(4), ids=["dense", "convolutional", "VAE", "convolutional VAE"])
def detector(request: pytest.FixtureRequest) -> Detector:
    return detectors()[request.param]


def test_there_and_back_is_the_reconstruction(detector: Detector) -> None:
    before = {k: v.clone() for k, v in detector.state_dict().items()}
    detector.train()
    z = latent.encode(detector, ROWS)
    assert z.shape == (30, 3) and latent.width(detector) == 3
    np.testing.assert_allclose(latent.decode(detector, z), reconstruct(detector, ROWS))
    assert detector.training
    assert all(torch.equal(before[k], v) for k, v in detector.state_dict().items())
    with pytest.raises(ValueError, match=r"shape \(3,\).*\(12,\)"):
        latent.decode(detector, ROWS)


def test_samples_come_from_the_prior(detector: Detector) -> None:
    drawn = latent.sample(detector, 5, seed=3)
    z = np.random.default_rng(3).standard_normal((5, 3))
    np.testing.assert_array_equal(drawn, latent.decode(detector, z))
    assert not np.allclose(drawn, latent.sample(detector, 5))
    with pytest.raises(ValueError, match="at least 1"):
        latent.sample(detector, 0)


def test_traverse_turns_one_unit(detector: Detector) -> None:
    z = latent.encode(detector, ROWS)[4]
    kept = z.copy()
    walk = latent.traverse(detector, z, 1, [-2, float(z[1]), 2])
    np.testing.assert_array_equal(z, kept)
    np.testing.assert_allclose(walk[1], reconstruct(detector, ROWS)[4])
    np.testing.assert_allclose(walk[2], latent.decode(detector, [[z[0], 2, z[2]]])[0])
    for wrong, unit in ((z, 3), (z, -1), (z[None], 0)):
        with pytest.raises(ValueError, match="z should be one row and unit"):
            latent.traverse(detector, wrong, unit, [0.0])


def test_interpolate_walks_in_a_straight_line(detector: Detector) -> None:
    way = latent.interpolate(detector, ROWS[0], ROWS[1], steps=5)
    z = latent.encode(detector, ROWS[:2])
    np.testing.assert_allclose(way[[0, -1]], reconstruct(detector, ROWS[:2]))
    quarter = 0.75 * z[0] + 0.25 * z[1]
    np.testing.assert_allclose(way[1], latent.decode(detector, quarter[None])[0])
    with pytest.raises(ValueError, match="at least 2, not 1"):
        latent.interpolate(detector, ROWS[0], ROWS[1], steps=1)


def test_projection() -> None:
    z = np.random.default_rng(1).normal(size=(20, 4)) * [1, 9, 3, 1]
    np.testing.assert_array_equal(latent.projection(z[:, :2]), z[:, :2])
    expected = PCA(2, svd_solver="full").fit_transform(z)
    np.testing.assert_allclose(latent.projection(z), expected)
    np.testing.assert_allclose(latent.projection(z[:5], fitted_on=z), expected[:5])
    with pytest.raises(ValueError, match="nothing to project"):
        latent.projection(z[:, :1])


def test_active_units_are_those_that_move() -> None:
    with seeded(0):
        detector = VAE(12, (), latent=3)
    (layer,) = detector.encoder
    assert isinstance(layer, torch.nn.Linear)
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.fill_(4.0)  # far from 0 all the time, which says nothing about x
        layer.weight[1, 0] = 1.0
        layer.weight[2, 0] = 0.1
    assert ROWS[:, 0].var() > 0.05
    np.testing.assert_array_equal(latent.active_units(detector, ROWS), [False, True, False])
    np.testing.assert_array_equal(
        latent.active_units(detector, ROWS, least=1e-4), [False, True, True]
    )
    with pytest.raises(ValueError, match="at least 2"):
        latent.active_units(detector, ROWS[:1])
