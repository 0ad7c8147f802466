"""What is special about the variational autoencoder; libraries in use fail some of these."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from anomalylab.detector import evaluate, fit, score
from anomalylab.models import VAE
from anomalylab.models.vae import SCORINGS, normal_kl, reparameterise
from anomalylab.seeding import seeded

ROWS = np.random.default_rng(0).random((60, 12))
X = torch.from_numpy(ROWS).float()


def build(seed: int = 0, **settings: object) -> VAE:
    with seeded(seed):
        return VAE(12, (16,), 3, **settings)  # type: ignore[arg-type]


def test_a_likelihood_for_any_number_is_the_default() -> None:
    """A score that taxes grey pixels should be a choice, not an accident."""
    detector = build()
    assert detector.likelihood == "gaussian"
    fit(detector, 100 * ROWS - 50, epochs=1)
    with torch.no_grad():
        drawn = detector(X)
    assert drawn.min() < 0, "no sigmoid"


def test_spread_is_the_standard_deviation_of_the_posterior() -> None:
    detector = build()
    logvar = detector.posterior(X)[1]
    torch.testing.assert_close(detector.spread(X) ** 2, torch.exp(logvar))


def test_beta_changes_the_weights_in_one_step() -> None:
    weights = []
    for beta in (0.0, 10.0):
        detector = build(beta=beta)
        fit(detector, ROWS, epochs=1, batch_size=60)
        weights.append(torch.cat([p.detach().flatten() for p in detector.encoder.parameters()]))
    assert (weights[0] - weights[1]).abs().max() > 1e-4


def test_kl_is_above_zero_before_training_and_falls_under_pressure() -> None:
    detector = build(beta=30.0)
    before = evaluate(detector, "kl", ROWS)
    assert before.min() > 1e-3
    np.testing.assert_allclose(before, evaluate(detector, "kl_per_unit", ROWS).sum(1))
    fit(detector, ROWS, epochs=100, lr=3e-3)
    assert evaluate(detector, "kl", ROWS).mean() < 0.2 * before.mean()


def test_closed_form_of_kl_equals_monte_carlo() -> None:
    mu = torch.tensor([0.0, 1.0, -2.0, 0.3], dtype=torch.float64)
    logvar = torch.tensor([0.0, -1.0, 1.0, 0.5], dtype=torch.float64)
    q = torch.distributions.Normal(mu, torch.exp(logvar / 2))
    prior = torch.distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    torch.testing.assert_close(normal_kl(mu, logvar), torch.distributions.kl_divergence(q, prior))
    with seeded(0):
        z = q.sample((200_000,))
    sampled = (q.log_prob(z) - prior.log_prob(z)).mean(0)
    torch.testing.assert_close(normal_kl(mu, logvar), sampled, atol=0.02, rtol=0)


def test_gradient_flows_through_a_sample() -> None:
    """Against finite differences, for μ and log σ², through the whole decoder."""
    detector, x = build().double(), X[:2].double()
    with seeded(0):
        mu, logvar = torch.randn(2, 2, 3, dtype=torch.float64).requires_grad_().unbind()
        eps = torch.randn(2, 3, dtype=torch.float64)

    def through(mu: Tensor, logvar: Tensor) -> Tensor:
        return detector.reconstruction(x, reparameterise(mu, logvar, eps))

    assert torch.autograd.gradcheck(through, (mu, logvar))
    assert torch.autograd.grad(through(mu, logvar).sum(), logvar)[0].abs().min() > 0


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_reconstruction_is_minus_log_p(likelihood: str) -> None:
    detector = build(likelihood=likelihood)
    x, z = X.round(), torch.randn(60, 3)
    p: torch.distributions.Distribution
    if likelihood == "gaussian":
        detector.log_sigma.data.fill_(-0.7)
        p = torch.distributions.Normal(detector.decode(z), float(np.exp(-0.7)))
    else:
        p = torch.distributions.Bernoulli(detector.decode(z))
    torch.testing.assert_close(detector.reconstruction(x, z), -p.log_prob(x).sum(1))


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_loss_is_the_negative_elbo_of_one_draw(likelihood: str) -> None:
    detector = build(likelihood=likelihood, beta=3.0)
    with seeded(5):
        loss = detector.loss(X)
    mu, logvar = detector.posterior(X)
    with seeded(5):
        z = mu + torch.exp(logvar / 2) * torch.randn(60, 3)
    expected = detector.reconstruction(X, z).mean() + 3 * normal_kl(mu, logvar).sum() / 60
    torch.testing.assert_close(loss, expected)


def test_warmup_raises_beta_in_training_only() -> None:
    detector = build(beta=4.0, warmup=10)
    losses = []
    for epoch in (0, 5, 10, 11):
        with seeded(0):
            losses.append(detector.loss(X, epoch=epoch))
    kl = detector.kl(X).mean()
    torch.testing.assert_close(losses[1] - losses[0], 2 * kl)
    torch.testing.assert_close(losses[2] - losses[0], 4 * kl)
    assert losses[2] == losses[3]
    detector.eval()
    with seeded(0):
        assert detector.loss(X, epoch=0) == losses[2], "validation should use the full beta"


def test_patience_waits_for_the_end_of_the_warmup() -> None:
    """With so large a step the validation loss never gets better again."""
    settings = {"validation": ROWS, "epochs": 40, "lr": 3.0, "patience": 2}
    plain = fit(build(beta=0.0), ROWS, **settings)  # type: ignore[arg-type]
    waiting = fit(build(beta=0.0, warmup=12), ROWS, **settings)  # type: ignore[arg-type]
    assert plain.stopped == waiting.stopped == "early"
    assert len(plain.train) < 12 <= len(waiting.train) - 2


@pytest.mark.parametrize("scoring", SCORINGS)
def test_scoring_twice_gives_the_same_labels(scoring: str) -> None:
    """The draws are a part of the detector: no clock, no global seed, no other row changes them."""
    detector = build(scoring=scoring)
    with seeded(1):
        first = score(detector, ROWS)
        state = torch.get_rng_state()
    with seeded(2):
        second = score(detector, ROWS[::-1])[::-1]
    np.testing.assert_allclose(first, second, rtol=1e-12)
    with seeded(1):
        assert torch.equal(torch.get_rng_state(), state), "scoring should leave the generator alone"
    assert torch.equal(build(seed=7).eps, detector.eps)


def test_draws_do_not_depend_on_the_number_type() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        wide = build().eps
    finally:
        torch.set_default_dtype(torch.float32)
    torch.testing.assert_close(wide, build().eps.double(), atol=1e-6, rtol=0)
    assert wide.dtype == torch.float64


def linear(draws: int, scoring: str, slant: float) -> VAE:
    """A VAE with linear networks and known p(x) = N(b, W Wᵀ + σ² I), in 64-bit numbers.

    Its encoder has the right mean; the covariance of p(z|x) is diagonal only without `slant`.
    """
    detector = VAE(4, (), 2, likelihood="gaussian", scoring=scoring, draws=draws).double()
    encoder, decoder = only(detector.encoder), only(detector.decoder)
    weight = torch.tensor([[1.0, slant], [0.5, -0.6], [0.3, 1.2], [0.2, 0.4]]).double()
    weight[:, 1] -= (1 - slant) * weight[:, 0] * (weight[:, 0] @ weight[:, 1]) / 1.38
    offset, variance = torch.tensor([0.5, -1.0, 0.0, 2.0]).double(), 0.25
    precision = torch.eye(2).double() + weight.T @ weight / variance
    mean_map = torch.linalg.inv(precision) @ weight.T / variance
    spread = -torch.log(torch.diagonal(precision))
    with torch.no_grad():
        detector.log_sigma.fill_(0.5 * np.log(variance))
        decoder.weight.copy_(weight)
        decoder.bias.copy_(offset)
        encoder.weight.copy_(torch.cat([mean_map, torch.zeros(2, 4).double()]))
        encoder.bias.copy_(torch.cat([-mean_map @ offset, 10 * torch.atanh(spread / 10)]))
    return detector


def only(network: nn.Sequential) -> nn.Linear:
    """The one layer of a linear network."""
    (layer,) = network
    assert isinstance(layer, nn.Linear)
    return layer


def truth(detector: VAE, x: Tensor) -> Tensor:
    """log p(x), exactly."""
    layer = only(detector.decoder)
    noise = torch.exp(2 * detector.log_sigma) * torch.eye(4).double()
    covariance = layer.weight @ layer.weight.T + noise
    return torch.distributions.MultivariateNormal(layer.bias, covariance).log_prob(x).detach()


def exact_elbo(detector: VAE, x: Tensor) -> Tensor:
    """E_q log p(x|z) − KL, the expectation done by hand for a linear decoder."""
    layer = only(detector.decoder)
    mu, logvar = detector.posterior(x)
    sigma = torch.exp(detector.log_sigma)
    at_mean = torch.distributions.Normal(layer(mu), sigma).log_prob(x).sum(1)
    blur = 0.5 * (logvar.exp() * (layer.weight**2).sum(0)).sum(1) / sigma**2
    return (at_mean - blur - normal_kl(mu, logvar).sum(1)).detach()


def points() -> Tensor:
    return 1.5 * torch.from_numpy(np.random.default_rng(1).normal(size=(40, 4)))


def test_every_scoring_is_what_it_says() -> None:
    x, many = points(), 3_000
    detector = linear(many, "mean", slant=0.9)
    layer = only(detector.decoder)
    mu, _ = detector.posterior(x)
    at_mean = torch.distributions.Normal(layer(mu), 0.5).log_prob(x).sum(1).detach()
    kl = detector.kl(x).detach()
    torch.testing.assert_close(detector.score(x), kl - at_mean)
    detector.beta = 3.0
    torch.testing.assert_close(detector.score(x), 3 * kl - at_mean)
    detector.beta, expected = 1.0, exact_elbo(detector, x)
    for scoring, value in {
        "elbo": -expected,
        "probability": -expected - kl,
        "importance": -truth(detector, x),
    }.items():
        detector.scoring = scoring
        torch.testing.assert_close(detector.score(x).detach(), value, atol=0.1, rtol=0)


def test_importance_tightens_from_the_elbo_to_log_p() -> None:
    """The same 1024 draws in ever larger groups: one alone is the ELBO, all are log p(x)."""
    x, detector = points(), linear(1024, "importance", slant=0.9)
    known, elbo = truth(detector, x).mean(), exact_elbo(detector, x).mean()
    bounds = []
    for size in (1, 8, 64, 1024):
        groups = linear(1024, "importance", slant=0.9).eps.split(size)
        values = []
        for detector.eps in groups:
            values.append(-float(detector.score(x).detach().mean()))
        bounds.append(np.mean(values))
    assert known - elbo > 0.1
    assert all(lower + 0.001 < upper for lower, upper in pairwise(bounds))
    assert bounds[0] == pytest.approx(float(elbo), abs=0.04)
    assert bounds[-1] == pytest.approx(float(known), abs=0.04)


def test_every_bound_is_log_p_where_the_encoder_is_right() -> None:
    """Then all weights p(x, z)/q(z|x) are p(x), so that two draws already give it."""
    x, detector = points(), linear(2, "importance", slant=0.0)
    torch.testing.assert_close(exact_elbo(detector, x), truth(detector, x))
    torch.testing.assert_close(detector.score(x).detach(), -truth(detector, x))


def test_beta_and_scoring_may_change_after_training() -> None:
    detector = build(likelihood="gaussian")
    fit(detector, ROWS, epochs=3)
    found = {}
    for scoring in SCORINGS:
        detector.scoring = scoring
        for detector.beta in (1.0, 5.0):
            found[scoring, detector.beta] = score(detector, ROWS)
    assert len({values.tobytes() for values in found.values()}) == 6
    for scoring in ("probability", "importance"):
        np.testing.assert_array_equal(found[scoring, 1.0], found[scoring, 5.0])


def test_grey_pays_even_when_drawn_perfectly() -> None:
    """Cross-entropy is a likelihood of black and white only."""
    detector = build(likelihood="bernoulli")
    z = torch.randn(60, 3)
    drawn = detector.decode(z)
    assert (detector.reconstruction(drawn, z) > 12 * 0.5).all()


def test_bernoulli_scores_rise_outside_its_range() -> None:
    """Cross-entropy alone would fall without end where the decoder is sure."""
    with pytest.raises(ValueError, match=r"values in \[0, 1\].*'gaussian'"):
        fit(build(likelihood="bernoulli"), ROWS * 2)
    for scoring in SCORINGS:
        detector = build(likelihood="bernoulli", scoring=scoring)
        with torch.no_grad():
            list(detector.decoder.parameters())[-1].add_(5.0)  # sure that every value is 1
        found = []
        for far in (1.0, 1.5, 3.0, 10.0, -1.0, -10.0):
            wild = ROWS[:1].copy()
            wild[0, 2] = far
            found.append(float(score(detector, wild)[0]))
        assert found[:4] == sorted(found[:4]) and found[4] < found[5]
    inside = build(likelihood="bernoulli").reconstruction(X, torch.zeros(60, 3))
    assert torch.isfinite(inside).all()


@pytest.mark.parametrize("scoring", SCORINGS)
def test_a_wild_row_scores_high_not_infinite(scoring: str) -> None:
    detector = build(likelihood="gaussian", scoring=scoring)
    fit(detector, ROWS, epochs=3)
    far = np.concatenate([ROWS, np.full((1, 12), 1e6)])
    found = score(detector, far)
    assert np.isfinite(found).all()
    assert found[-1] > 100 * found[:-1].max()


@pytest.mark.parametrize("channels", [None, (4,), (2, 3, 4)])
def test_convolutional_by_an_argument(channels: tuple[int, ...] | None) -> None:
    detector = VAE(35, latent=3, image_shape=(7, 5), channels=channels)
    x = torch.rand(5, 35)
    mu, logvar = detector.posterior(x)
    assert mu.shape == logvar.shape == (5, 3)
    assert detector(x).shape == x.shape
    assert any(isinstance(m, torch.nn.Conv2d) for m in detector.modules())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"likelihood": "poisson"}, "'gaussian', 'bernoulli', not 'poisson'"),
        ({"scoring": "median"}, "'mean', 'elbo', 'probability', 'importance'"),
        ({"beta": -1.0}, "at least 0, such as 1, not -1"),
        ({"beta": float("nan")}, "at least 0"),
        ({"warmup": -2}, "number of epochs"),
        ({"draws": 0}, "at least 1"),
        ({"latent": 0}, "at least 1"),
        ({"channels": (4,)}, "pass image_shape"),
        ({"image_shape": (3, 3)}, "no 12 features"),
        ({"image_shape": (3, 4), "channels": ()}, "one channel or more"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        VAE(12, **settings)  # type: ignore[arg-type]


def test_a_change_is_checked_too() -> None:
    detector = build()
    with pytest.raises(ValueError, match="at least 0"):
        detector.beta = -1
    with pytest.raises(ValueError, match="should be one of"):
        detector.scoring = "best"
