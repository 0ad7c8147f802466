"""Going into latent space and back, with an autoencoder and with a VAE."""

from __future__ import annotations

import numpy as np
import pytest
import torch

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
    with pytest.raises(ValueError, match="n .*1 or more, and cannot be 0"):
        latent.sample(detector, 0)


def linear(noise: list[float]) -> VAE:
    """A VAE with μ = (4, 4 + x₀, 4 + x₀ / 10) and these σ, for every x."""
    with seeded(0):
        detector = VAE(12, (), latent=3)
    (layer,) = detector.encoder
    assert isinstance(layer, torch.nn.Linear)
    logvar = 2 * torch.log(torch.tensor(noise))
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[1, 0], layer.weight[2, 0] = 1.0, 0.1
        layer.bias[:3] = 4.0  # far from 0 all the time, which says nothing about x
        layer.bias[3:] = 10 * torch.atanh(logvar / 10)
    return detector


def test_clouds_are_centre_and_standard_deviation() -> None:
    mu, sigma = latent.clouds(linear([0.5, 1.0, 2.0]), ROWS)
    first = ROWS[:, 0]
    np.testing.assert_allclose(mu, np.stack([0 * first, first, first / 10], axis=1) + 4, rtol=1e-6)
    np.testing.assert_allclose(sigma, np.tile([0.5, 1.0, 2.0], (30, 1)), rtol=1e-6)
    with pytest.raises(ValueError, match=r"Autoencoder gives every row a point.*pass a VAE"):
        latent.clouds(Autoencoder(12, latent=3), ROWS)


def test_activity_is_the_share_of_the_variance_that_comes_from_x() -> None:
    variance = ROWS[:, 0].var()
    shares = latent.activity(linear([1.0, 0.5, 0.1]), ROWS)
    expected = [0, variance / (variance + 0.25), 0.01 * variance / (0.01 * variance + 0.01)]
    np.testing.assert_allclose(shares, expected, rtol=1e-5)


def test_activity_is_that_of_draws_of_z() -> None:
    """Against draws: what is left of the variance of z_j once the mean of each x is known."""
    detector = detectors()[2]
    mu, sigma = latent.clouds(detector, ROWS)
    z = mu[:, None] + sigma[:, None] * np.random.default_rng(0).normal(size=(30, 4000, 3))
    within, total = z.var(axis=1).mean(axis=0), z.reshape(-1, 3).var(axis=0)
    np.testing.assert_allclose(latent.activity(detector, ROWS), 1 - within / total, atol=0.01)


def test_active_units_are_not_drowned_by_their_noise() -> None:
    """μ of the second unit varies by more than 0.01 each time: the usual rule sees no change."""
    assert ROWS[:, 0].var() == pytest.approx(0.07, abs=0.001)
    loud, quiet = linear([1.0, 1.0, 1.0]), linear([1.0, 0.5, 0.05])
    assert latent.active_units(loud, ROWS).tolist() == [False, False, False]
    assert latent.active_units(quiet, ROWS).tolist() == [False, True, True]
    assert latent.active_units(quiet, ROWS, least=0.3).tolist() == [False, False, False]
    with pytest.raises(ValueError, match="at least 2"):
        latent.active_units(loud, ROWS[:1])
    with pytest.raises(ValueError, match="least is a share above 0 and at most 1"):
        latent.active_units(loud, ROWS, least=10)


def test_kinds_among_names_the_nearest_row() -> None:
    rows, kinds = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]]), np.array(["a", "b", "a"])
    drawn = [[1.9, 0.0], [2.1, 0.0], [0.0, 9.0], [4.0, 0.1]]
    assert latent.kinds_among(drawn, rows, kinds).tolist() == ["a", "b", "a", "b"]
    assert latent.kinds_among(drawn, rows, [7, 8, 9]).tolist() == [7, 8, 9, 8]
    with pytest.raises(ValueError, match=r"3 rows and kinds of shape \(2,\)"):
        latent.kinds_among(drawn, rows, kinds[:2])
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        latent.kinds_among([[1.0]], rows, kinds)


def test_log_density_of_a_linear_vae_is_that_of_a_normal_distribution() -> None:
    """x = W z + b + noise with z ~ N(0, I): x is normal with covariance W Wᵀ + σ² I."""
    with seeded(0):
        vae = VAE(5, hidden=(), latent=2)
    weight, bias = (p.detach().double() for p in vae.decoder.parameters())
    variance = float(torch.exp(2 * vae.log_sigma.detach()))
    covariance = weight @ weight.T + variance * torch.eye(5, dtype=torch.float64)
    right = torch.distributions.MultivariateNormal(bias, covariance)
    x = right.sample((4,))
    np.testing.assert_allclose(latent.log_density(vae, x), right.log_prob(x), rtol=1e-4)
    with pytest.raises(ValueError, match="code of 2 numbers"):
        latent.log_density(VAE(5, latent=3), x)


def test_log_density_refuses_a_grid_that_misses_the_rows() -> None:
    with seeded(0):
        vae = VAE(5, hidden=(), latent=2)
    with pytest.raises(ValueError, match="pass a larger reach"):
        latent.log_density(vae, np.full((1, 5), 100.0))
    with pytest.raises(ValueError, match="step lies between 0 and reach"):
        latent.log_density(vae, np.zeros((1, 5)), step=0)
    with torch.no_grad():
        list(vae.encoder.parameters())[1][2:] = -12.0
    with pytest.raises(ValueError, match="pass a step of at most"):
        latent.log_density(vae, np.zeros((1, 5)))
