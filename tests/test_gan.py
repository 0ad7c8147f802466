"""What is special about the GAN: the two losses, who moves when, and what its health says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from anomalylab import latent
from anomalylab.detector import fit, reconstruct, score
from anomalylab.models import GAN, AnoGAN, FastAnoGAN, health
from anomalylab.models.gan import Discriminator
from anomalylab.seeding import seeded

ROWS = np.random.default_rng(0).normal(size=(40, 6))
X = torch.from_numpy(ROWS)


def build(seed: int = 0, hidden: tuple[int, ...] = (8,), **settings: object) -> GAN:
    """A small GAN in 64-bit numbers."""
    with seeded(seed):
        gan = GAN(6, hidden, 2, **{"output": "linear", **settings})  # type: ignore[arg-type]
    return gan.double()


def linear(**settings: Any) -> tuple[GAN, Tensor]:
    """A GAN whose D is linear, and the weights of this D: the slope of D(x) everywhere."""
    gan = build(**settings)
    gan.discriminator = Discriminator(nn.Identity(), 6).double()
    return gan, gan.discriminator.head.weight


def test_slope_is_the_gradient_of_d() -> None:
    """Against finite differences, row by row."""
    gan = build(hidden=(8, 5))
    said, slope = gan.slope(X)
    torch.testing.assert_close(said, gan.discriminator(X))
    for column in range(6):
        step = torch.zeros(6).double()
        step[column] = 1e-6
        difference = gan.discriminator(X + step) - gan.discriminator(X - step)
        torch.testing.assert_close(slope[:, column], difference / 2e-6, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("penalty", [None, 0.0, 5.0])
def test_the_penalty_on_real_rows_is_r1(penalty: float | None) -> None:
    gan, weight = linear(penalty=penalty)
    real, drawn = X[:10], X[10:20]
    known = -logsigmoid(gan.discriminator(real)).mean()
    made = -logsigmoid(-gan.discriminator(drawn)).mean()
    paid = (3.0 if penalty is None else penalty) / 2 * (weight**2).sum()
    loss = gan.play(real, drawn)
    torch.testing.assert_close(loss, known + made + paid)
    # it also moves D: the gradient is that of the sum, penalty and all
    expected = torch.autograd.grad(known + made + paid, weight)[0]
    torch.testing.assert_close(torch.autograd.grad(loss, weight)[0], expected)


@pytest.mark.parametrize("penalty", [None, 0.0, 2.0])
def test_the_penalty_of_wasserstein(penalty: float | None) -> None:
    gan, weight = linear(game="wasserstein", penalty=penalty)
    real, drawn = X[:10], X[10:20]
    distance = gan.discriminator(drawn).mean() - gan.discriminator(real).mean()
    paid = (10.0 if penalty is None else penalty) * (weight.norm() - 1) ** 2
    torch.testing.assert_close(gan.play(real, drawn), distance + paid)


def test_wasserstein_asks_for_the_slope_between_real_and_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gan, seen = build(game="wasserstein"), []
    honest = gan.slope

    def spy(x: Tensor) -> tuple[Tensor, Tensor]:
        seen.append(x)
        return honest(x)

    monkeypatch.setattr(gan, "slope", spy)
    real, drawn = X[:20], X[20:]
    gan.play(real, drawn)
    share = (seen[0] - real) / (drawn - real)
    torch.testing.assert_close(share, share[:, :1].expand(-1, 6))  # one place a row, on the line
    assert 0 <= share.min() < 0.3 < 0.7 < share.max() <= 1


@pytest.mark.parametrize("game", ["non-saturating", "wasserstein"])
def test_losses_of_both_players(game: str) -> None:
    gan = build(game=game)
    with seeded(3):
        loss = gan.loss(X, "generator")
    with seeded(3):
        drawn = gan.generator(torch.randn(40, 2, dtype=torch.float64))
    said = gan.discriminator(drawn)
    expected = -said if game == "wasserstein" else -logsigmoid(said)
    torch.testing.assert_close(loss, expected.mean())
    for turn in list(gan.turns())[:-1]:
        with seeded(3):
            loss = gan.loss(X, turn)
        with seeded(3):
            gan.prior(X)
            torch.testing.assert_close(loss, gan.play(X, drawn))


@pytest.mark.parametrize("game", ["non-saturating", "wasserstein"])
def test_each_turn_moves_one_player_only(game: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for turn in GAN(6, game=game).turns():
        gan = build(game=game)
        moving = gan.turns()[turn]
        assert moving is (gan.generator if turn == "generator" else gan.discriminator)
        other = gan.discriminator if turn == "generator" else gan.generator
        before = [p.detach().clone() for p in gan.parameters()]

        def only(turn: str = turn, moving: nn.Module = moving) -> Mapping[str, nn.Module]:
            return {turn: moving}

        monkeypatch.setattr(gan, "turns", only)
        fit(gan, ROWS, steps=1)
        changed = {
            id(p) for p, q in zip(gan.parameters(), before, strict=True) if not torch.equal(p, q)
        }
        assert changed and changed <= {id(p) for p in moving.parameters()}
        assert all(p.grad is None for p in other.parameters()), "a gradient leaked"


def test_d_learns_nothing_about_g() -> None:
    gan = build()
    leaks = torch.autograd.grad(
        gan.loss(X, "discriminator"), list(gan.generator.parameters()), allow_unused=True
    )
    assert all(gradient is None for gradient in leaks)


def test_turns_and_optimisers() -> None:
    plain, critic = build(), build(game="wasserstein")
    assert list(fit(plain, ROWS, steps=1).losses) == ["discriminator", "generator"]
    assert [p is critic.generator for p in critic.turns().values()] == [False, False, False, True]
    for gan, betas in (
        (plain, (0.5, 0.999)),
        (critic, (0.5, 0.9)),
        (build(momentum=0.0), (0, 0.999)),
    ):
        optimiser = gan.optimiser("generator", list(gan.generator.parameters()), 0.01)
        assert optimiser.defaults["betas"] == betas and optimiser.defaults["lr"] == 0.01


def test_a_loss_of_the_two_is_no_progress_to_watch() -> None:
    gan = build()
    history = fit(gan, ROWS, validation=ROWS[:5], patience=1, epochs=4)
    assert history.validation == [] and history.best_epoch == 4


def test_it_draws_from_the_prior() -> None:
    gan = build()
    with seeded(0):
        z = gan.prior(torch.zeros(20_000, 6))
    assert z.shape == (20_000, 2) and z.dtype == torch.float32
    assert z.mean(0).abs().max() < 0.03 and (z.std(0) - 1).abs().max() < 0.03
    np.testing.assert_allclose(score(gan, ROWS), -gan.discriminator(X).detach())
    for call in (gan.encode, gan.reconstruct):
        with pytest.raises(NotImplementedError, match="no way from x to z: use AnoGAN"):
            call(X)


def test_output_decides_what_can_be_drawn() -> None:
    bounded = latent.sample(build(output="sigmoid"), 200)
    assert bounded.min() > 0 and bounded.max() < 1
    assert latent.sample(build(), 200).min() < 0
    with pytest.raises(ValueError, match=r"values in \[0, 1\].*output='linear'"):
        fit(build(output="sigmoid"), ROWS)


def test_the_tools_of_latent_space_work_on_a_gan() -> None:
    gan = build()
    z = np.random.default_rng(4).standard_normal((7, 2))
    np.testing.assert_array_equal(latent.sample(gan, 7, seed=4), latent.decode(gan, z))


def test_a_detector_on_a_gan_holds_a_frozen_copy() -> None:
    gan = build(hidden=(8, 5), game="wasserstein", penalty=2.0)
    fit(gan, ROWS, steps=1)
    detector = AnoGAN.on(gan, steps=3)
    assert (detector.game, detector.penalty, detector.steps) == ("wasserstein", 2.0, 3)
    assert not detector.training and not any(p.requires_grad for p in detector.parameters())
    assert all(p.requires_grad for p in gan.parameters()), "the GAN itself may learn on"
    found = score(detector, ROWS)
    for ours, theirs in zip(detector.parameters(), gan.parameters(), strict=True):
        assert ours.dtype == torch.float64 and torch.equal(ours, theirs)
        theirs.data.add_(1.0)
    np.testing.assert_array_equal(score(detector, ROWS), found)
    with pytest.raises(ValueError, match="discriminator turn.*no parameters to train"):
        fit(detector, ROWS)


def test_health_of_points_on_a_line() -> None:
    """Rows 0, 1, …, 9: the third neighbour of the outermost is 3 away, of all others 2."""
    train = np.arange(10.0)[:, None]
    fresh = train + 0.25
    perfect = health(train, train, fresh)
    assert perfect == {"coverage": 1.0, "diversity": 1.0, "distance": 0.0}
    collapsed = health(np.zeros((50, 1)), train, fresh)
    assert collapsed == {"coverage": pytest.approx(0.3), "diversity": 0.0, "distance": 0.0}
    far = health(train + 100, train, fresh)  # 91 to 100 from row 9
    assert far["coverage"] == 0.0 and far["diversity"] == pytest.approx(1.0)
    assert far["distance"] == pytest.approx(95.5 / 0.25)
    half = health(np.array([[3.0], [5.0]]), train, fresh)  # 0 to 7 are near enough
    assert half["coverage"] == pytest.approx(0.8)
    assert half["diversity"] == pytest.approx(2 / (11 / 3))  # 11/3: mean distance of two rows


@pytest.mark.parametrize(
    ("drawn", "train", "message"),
    [
        (ROWS[:1], ROWS, "at least 2"),
        (ROWS, ROWS[:4], "at least 5"),
        (ROWS[:, :3], ROWS, r"should have shape \(6,\)"),
        (np.full((5, 6), np.nan), ROWS, "NaN|missing"),
    ],
)
def test_health_needs_rows_like_those_of_training(
    drawn: np.ndarray, train: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        health(drawn, train, ROWS)


@pytest.mark.parametrize("settings", [{}, {"game": "wasserstein"}])
def test_a_gan_that_diverges_says_so_and_loses_nothing(settings: dict[str, Any]) -> None:
    gan = build(hidden=(8, 8), **settings)
    fit(gan, ROWS, steps=2)
    before = {name: value.clone() for name, value in gan.state_dict().items()}
    with pytest.raises(ValueError, match=r"diverged.*loss became.*lower lr.*as they were before"):
        fit(gan, ROWS, epochs=30, lr=1e60)
    assert all(torch.equal(before[name], value) for name, value in gan.state_dict().items())
    fit(gan, ROWS, steps=2)
    assert np.isfinite(score(gan, ROWS)).all()


@pytest.mark.parametrize("shape", [(2, 5), (28, 28)])
@pytest.mark.parametrize("game", ["non-saturating", "wasserstein"])
def test_convolutional_by_an_argument(shape: tuple[int, int], game: str) -> None:
    pixels = shape[0] * shape[1]
    with seeded(0):
        gan = GAN(pixels, (12,), 3, game=game, image_shape=shape, channels=(4, 6))
    for player in (gan.generator, gan.discriminator):
        kinds = {type(module) for module in player.modules()}
        assert kinds & {nn.Conv2d, nn.ConvTranspose2d}
    rows = np.random.default_rng(0).random((8, pixels))
    before = [p.detach().clone() for p in gan.parameters()]
    fit(gan, rows, steps=1)
    unmoved = {
        name
        for (name, p), q in zip(gan.named_parameters(), before, strict=True)
        if torch.equal(p, q)
    }
    # an offset in D's last layers moves real and drawn alike: Wasserstein does not notice
    offsets = {"discriminator.head.bias", "discriminator.body.6.bias"}
    assert unmoved <= (offsets if game == "wasserstein" else set())
    features = gan.discriminator.features(torch.from_numpy(rows).float())
    assert features.shape == (8, 12) and score(gan, rows).shape == (8,)
    drawn = latent.sample(gan, 5)
    assert drawn.shape == (5, pixels) and drawn.min() > 0 and drawn.max() < 1


def test_d_has_a_slope_below_zero_too() -> None:
    """Its features are leaky, dense or not: where ReLU is silent, D would stop teaching G."""
    shapes: tuple[dict[str, Any], ...] = ({}, {"image_shape": (2, 3), "channels": (4,)})
    for settings in shapes:
        gan = build(**settings)
        features = gan.discriminator.features(10 * X)
        assert features.min() < 0 < features.max()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"game": "chess"}, "one of 'non-saturating', 'wasserstein', not 'chess'"),
        ({"penalty": -1.0}, "penalty is at least 0"),
        ({"penalty": float("inf")}, "penalty is at least 0"),
        ({"penalty": float("nan")}, "penalty is at least 0"),
        ({"momentum": 1.0}, "momentum at least 0 and below 1"),
        ({"momentum": -0.1}, "momentum at least 0"),
        ({"hidden": ()}, "one or more hidden widths"),
        ({"hidden": (4, 0)}, "at least 1"),
        ({"latent": 0}, "at least 1"),
        ({"output": "softmax"}, "output"),
        ({"image_shape": (2, 2)}, r"\(2, 2\) has no 6 features"),
        ({"image_shape": (2, 3), "channels": ()}, "one channel or more"),
        ({"image_shape": (2, 3), "channels": (0,)}, "one channel or more"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, Any], message: str) -> None:
    for kind in (GAN, AnoGAN, FastAnoGAN):
        with pytest.raises(ValueError, match=message):
            kind(6, **settings)


def test_a_gan_alone_has_no_reconstruction_to_show() -> None:
    with pytest.raises(NotImplementedError, match="use AnoGAN, FastAnoGAN or EGBAD"):
        reconstruct(build(), ROWS)


def test_health_refuses_what_it_cannot_compare() -> None:
    rng = np.random.default_rng(0)
    train, drawn = rng.normal(size=(20, 3)), rng.normal(size=(40, 3))
    for known, fresh in ((train, train[:5]), (np.ones((20, 3)), drawn)):
        with pytest.raises(ValueError, match="should differ"):
            health(drawn, known, fresh)


@pytest.mark.parametrize("columns", [3, 20])
def test_health_does_not_depend_on_where_the_rows_lie(columns: int) -> None:
    """Such as times in seconds since 1970; with many columns distances come from products."""
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(n, columns)).round(6) for n in (200, 60, 20)]
    found = health(*parts)
    assert health(*(part + 1e9 for part in parts)) == pytest.approx(found, rel=1e-5)


def test_a_perfect_generator_reaches_the_coverage_that_is_told() -> None:
    rng = np.random.default_rng(0)
    for drawn, rows in ((200, 200), (100, 400)):
        found = [
            health(*(rng.normal(size=(n, 2)) for n in (drawn, rows, 20)))["coverage"]
            for _ in range(20)
        ]
        assert np.mean(found) == pytest.approx(1 - (rows / (rows + drawn)) ** 3, abs=0.04)


def test_a_width_from_numpy_is_a_width() -> None:
    gan = GAN(6, (8,), np.int64(4))  # type: ignore[arg-type]
    assert latent.sample(gan, 5).shape == (5, 6)
