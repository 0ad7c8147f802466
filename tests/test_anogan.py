"""What is special about AnoGAN and its successors: the search, the routes, the pairs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from anomalylab.detector import CHUNK, errors, evaluate, fit, score
from anomalylab.models import EGBAD, GAN, AnoGAN, FastAnoGAN
from anomalylab.models.recipes import RECIPES
from anomalylab.pipeline import AnomalyDetectionPipeline, _settled
from anomalylab.seeding import seeded
from tests.model_cases import centred_curve

ROWS = np.random.default_rng(0).normal(size=(12, 6))
X = torch.from_numpy(ROWS)


@pytest.fixture(scope="module")
def gan() -> GAN:
    """A GAN that has taken a few steps, in 64-bit numbers."""
    with seeded(0):
        found = GAN(6, (16, 8), 2, output="linear").double()
    fit(found, ROWS, steps=5, lr=1e-2)
    return found


def snapshot(module: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(module: nn.Module, before: dict[str, Tensor]) -> bool:
    return all(torch.equal(before[name], value) for name, value in module.state_dict().items())


def one_search(detector: AnoGAN, x: Tensor, start: Tensor) -> tuple[float, list[Tensor]]:
    """The search as a loop: one row, one start. Returns the best objective and every z."""
    z = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=detector.rate)
    best, waited, path = float("inf"), 0, []
    for _ in range(detector.steps + 1):
        x_hat, f = detector.generator(z), detector.discriminator.features
        residual, feature = (x - x_hat).abs().mean(), (f(x) - f(x_hat)).abs().mean()
        score = (1 - detector.weight) * residual + detector.weight * feature
        objective = score + detector.price * (z**2).mean()
        path.append(z.detach().clone())
        waited = 0 if objective < best else waited + 1
        best = min(best, float(objective.detach()))
        if waited >= detector.patience:
            break
        optimiser.zero_grad()
        objective.backward()
        optimiser.step()
    return best, path


@pytest.mark.parametrize(("patience", "rate"), [(None, 0.3), (1, 0.3), (4, 1.5)])
def test_the_search_is_that_of_a_loop(gan: GAN, patience: int | None, rate: float) -> None:
    """Batched over rows and starts it finds what one row and one start alone find.

    With the large rate the objective goes up and down, and patience starts anew.
    """
    detector = AnoGAN.on(gan, steps=25, starts=3, patience=patience, rate=rate)
    found, walked = detector.encode(X), detector.walk(X)
    stopped = 0
    for row, z, path in zip(X, found, walked, strict=True):
        runs = [one_search(detector, row[None], start[None]) for start in detector.starts]
        best, expected = min(runs, key=lambda run: run[0])
        torch.testing.assert_close(float(detector.objective(row[None], z[None]).detach()), best)
        steps = torch.cat(expected)
        torch.testing.assert_close(path[: len(steps)], steps)
        # a start that has stopped stays where it is
        torch.testing.assert_close(path[len(steps) :], steps[-1].expand(len(path) - len(steps), 2))
        stopped += len(steps) < 26
    assert (stopped > 0) == (patience is not None), "patience should matter here"


def test_losses_by_hand_with_dimensions_in_front(gan: GAN) -> None:
    detector = AnoGAN.on(gan)
    z = torch.from_numpy(np.random.default_rng(1).normal(size=(3, 2, 12, 2)))
    residual, feature = detector.losses(X, z)
    assert residual.shape == feature.shape == (3, 2, 12)
    for place in np.ndindex(3, 2, 12):
        x_hat = gan.generator(z[place][None])[0]
        x = X[place[-1]]
        seen = gan.discriminator.features(torch.stack([x, x_hat]))
        torch.testing.assert_close(residual[place], (x - x_hat).abs().sum() / 6)
        torch.testing.assert_close(feature[place], (seen[0] - seen[1]).abs().sum() / 8)
    flat = detector.losses(X, z[0, 0])
    torch.testing.assert_close(flat[0], residual[0, 0])
    torch.testing.assert_close(flat[1], feature[0, 0])


def test_objective_and_score_by_hand(gan: GAN) -> None:
    detector = AnoGAN.on(gan, weight=0.3, price=0.7, steps=4)
    z = detector.encode(X)
    residual, feature = detector.losses(X, z)
    expected = 0.7 * residual + 0.3 * feature
    torch.testing.assert_close(detector.objective(X, z), expected + 0.7 * (z**2).sum(1) / 2)
    torch.testing.assert_close(detector.score(X), expected)  # the price is no part of the score
    torch.testing.assert_close(detector.errors(X), (X - gan.generator(z)).abs())
    np.testing.assert_allclose(errors(detector, ROWS).mean(1), residual.detach())


@pytest.mark.parametrize(("weight", "which"), [(0.0, 0), (1.0, 1)])
def test_the_ends_of_the_weight(gan: GAN, weight: float, which: int) -> None:
    detector = AnoGAN.on(gan, weight=weight, steps=5)
    expected = detector.losses(X, detector.encode(X))[which]
    torch.testing.assert_close(detector.score(X), expected)


def test_the_search_lowers_the_objective_of_every_row(gan: GAN) -> None:
    """And more steps never raise it, for the best z of all steps is kept, also with this rate."""
    for rate in (0.1, 5.0):
        values = []
        for steps in (0, 1, 3, 10, 40):
            detector = AnoGAN.on(gan, steps=steps, rate=rate)
            values.append(detector.objective(X, detector.encode(X)).detach())
        assert all((after <= before + 1e-12).all() for before, after in pairwise(values))
        if rate < 1:
            assert (values[-1] < values[0] - 1e-3).all()


def test_no_steps_pick_the_nearest_start(gan: GAN) -> None:
    detector = AnoGAN.on(gan, steps=0, starts=5)
    every = torch.stack([detector.objective(X, z.expand(12, 2)) for z in detector.starts])
    torch.testing.assert_close(detector.encode(X), detector.starts[every.argmin(0)])
    assert len(set(every.argmin(0).tolist())) > 1
    assert detector.walk(X).shape == (12, 1, 2)


@pytest.mark.parametrize("frozen", [True, False])
def test_the_search_leaves_g_and_d_as_they_were(gan: GAN, frozen: bool) -> None:
    detector = AnoGAN.on(gan, steps=5) if frozen else AnoGAN(6, (16, 8), 2, steps=5).double()
    detector.generator.train()
    before = snapshot(detector)
    modes = [module.training for module in detector.modules()]
    wanted = [p.requires_grad for p in detector.parameters()]
    for method in ("score", "errors", "encode", "walk"):
        evaluate(detector, method, ROWS)
        with torch.no_grad():
            getattr(detector, method)(X)
        assert same(detector, before)
        assert all(p.grad is None for p in detector.parameters()), "a gradient leaked"
    assert [module.training for module in detector.modules()] == modes
    assert [p.requires_grad for p in detector.parameters()] == wanted == [not frozen] * len(wanted)


@pytest.mark.parametrize("patience", [None, 1, 2])
def test_a_row_has_its_own_z_and_no_neighbours(gan: GAN, patience: int | None) -> None:
    detector = AnoGAN.on(gan, steps=20, patience=patience, rate=0.3)
    whole, z = score(detector, ROWS), evaluate(detector, "encode", ROWS)
    assert len(np.unique(z, axis=0)) == len(ROWS)
    alone = np.concatenate([score(detector, row[None]) for row in ROWS])
    np.testing.assert_allclose(alone, whole, rtol=1e-5)
    for others in (1e4, 0.0):
        beside = np.full_like(ROWS, others)
        beside[5] = ROWS[5]
        np.testing.assert_allclose(score(detector, beside)[5], whole[5], rtol=1e-5)
    np.testing.assert_allclose(score(detector, ROWS[::-1]), whole[::-1], rtol=1e-5)


def test_the_price_pulls_z_towards_the_prior(gan: GAN) -> None:
    lengths = []
    for price in (0.0, 0.3, 10.0):
        detector = AnoGAN.on(gan, price=price, steps=60)
        lengths.append(float(detector.encode(X).norm(dim=1).mean()))
    assert lengths[0] > lengths[1] > lengths[2] and lengths[2] < 0.3


def test_the_walk_goes_from_a_start_to_the_code(gan: GAN) -> None:
    detector = AnoGAN.on(gan, steps=15, starts=3)
    path, z = detector.walk(X), detector.encode(X)
    assert path.shape == (12, 16, 2)
    objective = torch.stack([detector.objective(X, step) for step in path.unbind(1)], 1)
    for row in range(12):
        assert any(torch.equal(path[row, 0], start) for start in detector.starts)
        best = objective[row].argmin()
        torch.testing.assert_close(path[row, best], z[row])
    others = AnoGAN.on(gan, steps=15, starts=1)
    assert (objective.amin(1) <= others.objective(X, others.encode(X)) + 1e-12).all()


def test_starts_belong_to_the_detector_not_to_the_seed(gan: GAN) -> None:
    first = AnoGAN.on(gan, starts=7)
    with seeded(5):
        again = AnoGAN.on(gan, starts=7)
        state = torch.get_rng_state()
        score(again, ROWS)
        assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.starts, again.starts) and first.starts.shape == (7, 2)
    assert "starts" in first.state_dict()


def test_many_rows_go_in_pieces(gan: GAN) -> None:
    """10,000 rows by 4 starts at once would fill the memory of a small machine."""
    detector, seen = AnoGAN.on(gan, steps=1), []
    detector.generator.register_forward_hook(lambda _m, _i, out: seen.append(len(out)))
    assert score(detector, np.repeat(ROWS, 834, axis=0)).shape == (10_008,)
    assert max(seen) <= 4 * CHUNK


# f-AnoGAN


def features(gan: GAN, x: Tensor) -> Tensor:
    return gan.discriminator.features(x)


@pytest.mark.parametrize("route", ["izi_f", "izi", "ziz"])
def test_three_routes_by_hand(gan: GAN, route: str) -> None:
    with seeded(2):
        detector = FastAnoGAN.on(gan, route=route, kappa=2.0, price=0.4)
    with seeded(3):
        loss = detector.loss(X)
    code = detector.encoder(X)
    x_hat = gan.generator(code)
    if route == "ziz":
        with seeded(3):
            z = torch.randn(12, 2, dtype=torch.float64)
        error = ((z - detector.encoder(gan.generator(z))) ** 2).sum() / (12 * 2)
    else:
        error = ((X - x_hat) ** 2).sum() / (12 * 6)
        if route == "izi_f":
            error = error + 2 * ((features(gan, X) - features(gan, x_hat)) ** 2).sum() / (12 * 8)
    torch.testing.assert_close(loss, error + 0.4 * (code**2).sum() / (12 * 2))
    apart = (features(gan, X) - features(gan, x_hat)) ** 2
    expected = ((X - x_hat) ** 2).mean(1) + 2 * apart.mean(1)
    torch.testing.assert_close(detector.score(X), expected)  # of all routes
    torch.testing.assert_close(detector.reconstruct(X), x_hat)


@pytest.mark.parametrize("route", ["izi_f", "izi", "ziz"])
def test_the_encoder_learns_and_the_frozen_gan_does_not(gan: GAN, route: str) -> None:
    with seeded(0):
        detector = FastAnoGAN.on(gan, route=route, price=0.0)
    assert list(detector.turns()) == ["encoder"]
    players = nn.ModuleList([detector.generator, detector.discriminator])
    before = snapshot(players)
    history = fit(detector, ROWS, epochs=60, lr=1e-2)
    assert same(players, before), "bitwise as it was"
    assert all(p.grad is None for p in players.parameters())
    assert np.mean(history.train[-5:]) < 0.8 * history.train[0]


def test_without_a_gan_the_encoder_has_its_turn_last() -> None:
    detector = FastAnoGAN(6, (8,), 2, output="linear").double()
    assert list(detector.turns()) == ["discriminator", "generator", "encoder"]
    before = snapshot(detector)
    fit(detector, ROWS, steps=1)
    changed = {n.split(".")[0] for n, v in detector.state_dict().items() if (v != before[n]).any()}
    assert changed == {"generator", "discriminator", "encoder"}
    plain = GAN(6, (8,), 2, output="linear").double()
    plain.load_state_dict({k: v for k, v in before.items() if "encoder" not in k})
    for turn in ("discriminator", "generator"):
        detector.load_state_dict(before)
        with seeded(1):
            expected = plain.loss(X, turn)
        with seeded(1):
            torch.testing.assert_close(detector.loss(X, turn), expected)


# EGBAD


def egbad(**settings: object) -> EGBAD:
    with seeded(0):
        detector = EGBAD(6, (16, 8), 2, **{"output": "linear", **settings})  # type: ignore[arg-type]
    return detector.double()


@pytest.mark.parametrize("penalty", [0.0, 3.0])
def test_both_losses_of_pairs_by_hand(penalty: float) -> None:
    detector = egbad(reconstruction=0.7, penalty=penalty)
    with seeded(3):
        z = torch.randn(12, 2, dtype=torch.float64)
    code = detector.encoder(X)
    real, made = torch.cat([X, code], 1), torch.cat([detector.generator(z), z], 1)
    d = detector.discriminator
    slope = detector.slope(real)[1]
    assert slope.shape == (12, 8), "of the pair, not of x alone"
    judged = -logsigmoid(d(real)).mean() - logsigmoid(-d(made)).mean()
    with seeded(3):
        loss = detector.loss(X, "discriminator")
    torch.testing.assert_close(loss, judged + penalty / 2 * (slope**2).sum() / 12)
    others = [*detector.generator.parameters(), *detector.encoder.parameters()]
    leaks = torch.autograd.grad(loss, others, allow_unused=True)
    assert all(gradient is None for gradient in leaks)
    fooled = -logsigmoid(d(made)).mean() - logsigmoid(-d(real)).mean()
    error = ((X - detector.generator(code)) ** 2).sum() / (12 * 6)
    with seeded(3):
        loss = detector.loss(X, "generator and encoder")
    torch.testing.assert_close(loss, fooled + 0.7 * error)
    assert all(g.abs().sum() > 0 for g in torch.autograd.grad(loss, others))


def test_frozen_freezes_both_players() -> None:
    """D is built anew for pairs, and is frozen all the same."""
    detector = egbad(frozen=True)
    for player in (detector.generator, detector.discriminator):
        assert not any(p.requires_grad for p in player.parameters())
    assert all(p.requires_grad for p in detector.encoder.parameters())
    with pytest.raises(ValueError, match="discriminator turn.*no parameters to train"):
        fit(detector, ROWS)


def test_score_of_pairs_by_hand() -> None:
    detector = egbad(weight=0.25)
    z = detector.encode(X)
    x_hat = detector.generator(z)
    f = detector.discriminator.features
    feature = (f(torch.cat([X, z], 1)) - f(torch.cat([x_hat, z], 1))).abs().sum(1) / 8
    expected = 0.75 * (X - x_hat).abs().sum(1) / 6 + 0.25 * feature
    torch.testing.assert_close(detector.score(X), expected)
    torch.testing.assert_close(detector.errors(X), (X - x_hat).abs())


def test_it_cannot_stand_on_a_gan_that_judges_no_pairs(gan: GAN) -> None:
    with pytest.raises(ValueError, match="judges pairs.*build it anew"):
        EGBAD.on(gan)


def test_generator_and_encoder_move_together() -> None:
    detector = egbad()
    turns = detector.turns()
    assert list(turns) == ["discriminator", "generator and encoder"]
    assert turns["discriminator"] is detector.discriminator
    before = snapshot(detector)
    fit(detector, ROWS, steps=1)
    assert all((value != before[name]).any() for name, value in detector.state_dict().items())


def test_the_game_alone_hardly_makes_the_encoder_invert_g() -> None:
    """Share of the variance of x that is left after x → z → x_hat."""
    problem = centred_curve()
    left = {}
    for reconstruction in (0.0, 1.0):
        with seeded(0):
            detector = EGBAD(10, (32,), 3, output="linear", reconstruction=reconstruction)
        fit(detector, problem.train, steps=200, lr=3e-3)
        left[reconstruction] = evaluate(detector, "errors", problem.train) ** 2
    spread = problem.train.var(0).mean()
    assert left[0.0].mean() / spread > 0.5 > 0.2 > left[1.0].mean() / spread


# all of them


@pytest.mark.parametrize("kind", [AnoGAN, FastAnoGAN, EGBAD])
@pytest.mark.parametrize("shape", [(2, 5), (28, 28)])
def test_convolutional_by_an_argument(kind: type[GAN], shape: tuple[int, int]) -> None:
    pixels = shape[0] * shape[1]
    with seeded(0):
        detector = kind(pixels, (12,), 3, image_shape=shape, channels=(4, 6))
    rows = np.random.default_rng(0).random((6, pixels))
    before = snapshot(detector)
    fit(detector, rows, steps=1)
    learned = [name for name in before if name != "starts"]
    assert all((detector.state_dict()[name] != before[name]).any() for name in learned)
    found = score(detector, rows)
    assert found.shape == (6,) and np.ptp(found) > 0
    np.testing.assert_allclose(score(detector, rows[:1]), found[:1], rtol=1e-5)
    assert evaluate(detector, "encode", rows).shape == (6, 3)
    convolutions = [module for module in detector.modules() if isinstance(module, nn.Conv2d)]
    assert convolutions, "an encoder or a discriminator of convolutions"
    if isinstance(detector, AnoGAN):
        path = evaluate(detector, "walk", rows)
        assert path.shape == (6, detector.steps + 1, 3)
        assert latent_starts(detector, path[:, 0])


def latent_starts(detector: AnoGAN, z: np.ndarray) -> bool:
    """Whether every row of z is one of the starts."""
    starts = detector.starts.double().numpy()
    return bool((np.abs(z[:, None] - starts).max(2).min(1) < 1e-12).all())


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (AnoGAN, {"steps": -1}, "steps is at least 0"),
        (AnoGAN, {"steps": 2.5}, "steps is at least 0 and whole"),
        (AnoGAN, {"steps": float("inf")}, "steps is at least 0 and whole"),
        (AnoGAN, {"starts": 0}, "starts and patience are at least 1"),
        (AnoGAN, {"patience": 0}, "starts and patience are at least 1"),
        (AnoGAN, {"weight": 1.1}, "weight is between 0 and 1"),
        (AnoGAN, {"weight": float("nan")}, "weight is between 0 and 1"),
        (AnoGAN, {"price": -0.1}, "price at least 0"),
        (AnoGAN, {"rate": 0.0}, "rate above 0"),
        (FastAnoGAN, {"route": "zi"}, "one of 'izi_f', 'izi', 'ziz', not 'zi'"),
        (FastAnoGAN, {"kappa": -1.0}, "kappa and price are at least 0"),
        (FastAnoGAN, {"price": float("inf")}, "kappa and price"),
        (EGBAD, {"weight": -0.1}, "weight is between 0 and 1"),
        (EGBAD, {"reconstruction": -1.0}, "reconstruction at least 0"),
        (EGBAD, {"game": "wasserstein"}, "non-saturating game only: leave game out"),
    ],
)
def test_bad_settings_are_named(kind: type[GAN], settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kind(6, **settings)  # type: ignore[arg-type]
    if kind is not EGBAD:
        with pytest.raises(ValueError, match=message):
            kind.on(GAN(6), **settings)


@pytest.mark.parametrize(
    ("name", "kind"), [("anogan", AnoGAN), ("fast_anogan", FastAnoGAN), ("egbad", EGBAD)]
)
def test_the_pipeline_knows_them_by_name(name: str, kind: type[GAN]) -> None:
    """Any number can be drawn, so any table will do; the settings of `GAN` are at hand."""
    rows = 100 * np.random.default_rng(0).normal(size=(200, 8)) + 50
    settings = {"latent": 3, "hidden": (8,)}
    pipeline = AnomalyDetectionPipeline(name, model_settings=settings, fit_settings={"steps": 5})
    detector = pipeline.fit(rows).detector_
    assert type(detector) is kind and detector.latent == 3
    assert detector.output_range == (-np.inf, np.inf)
    assert pipeline.detect(rows).score.notna().all()
    assert RECIPES[name].build(1, 100, 1000)[0].latent == 25
    assert RECIPES[name].build(5, 100, 1000)[0].sample_shape == (500,)


def test_a_frozen_one_is_built_again_frozen(gan: GAN) -> None:
    fast = FastAnoGAN.on(gan)
    again = fast.untrained()
    again.load_state_dict(fast.state_dict())
    assert list(again.turns()) == ["encoder"]
    before = snapshot(again.generator)
    fit(again, ROWS, steps=3)
    assert same(again.generator, before)


def test_the_encoder_alone_can_be_watched(gan: GAN) -> None:
    fast = FastAnoGAN.on(gan)
    history = fit(fast, ROWS[:8], validation=ROWS[8:], epochs=40, patience=1, lr=0.1)
    assert history.stopped == "early" and history.validation
    joint = FastAnoGAN(6, (16, 8), 2, output="linear")
    assert not fit(joint, ROWS[:8], validation=ROWS[8:], epochs=2).validation


def test_walks_of_all_chunks_have_one_length(gan: GAN) -> None:
    detector = AnoGAN.on(gan, steps=20, patience=1, rate=0.5)
    walks = evaluate(detector, "walk", ROWS, chunk=3)
    assert walks.shape == (12, 21, 2)
    np.testing.assert_allclose(walks, evaluate(detector, "walk", ROWS))


def test_a_patience_that_is_no_number_is_refused(gan: GAN) -> None:
    for patience in (0, float("nan")):
        with pytest.raises(ValueError, match="patience are at least 1"):
            AnoGAN.on(gan, patience=patience)


def test_a_search_runs_inside_inference_mode(gan: GAN) -> None:
    detector = AnoGAN.on(gan, steps=3)
    expected = score(detector, ROWS)
    with torch.inference_mode():
        np.testing.assert_array_equal(score(detector, ROWS), expected)


def test_whole_steps_may_be_written_as_a_float(gan: GAN) -> None:
    """1e2 is 100; before, the search failed after training."""
    detector = AnoGAN.on(gan, steps=1e1)
    np.testing.assert_array_equal(score(detector, ROWS), score(AnoGAN.on(gan, steps=10), ROWS))


def test_no_last_digit_decides_about_a_filled_gap() -> None:
    """|x − G(z)| bends at 0. A gap filled with exactly G(z) would lie there when the search comes
    by this z again, and rounding, which depends on the batch, would say where it goes on."""
    rows = np.random.default_rng(0).normal(size=(64, 8))
    pipeline = AnomalyDetectionPipeline("anogan", fit_settings={"steps": 20}).fit(rows)
    for column in (0, 2, 6):
        known = rows.copy()
        known[:, column] = np.nan
        gap = torch.from_numpy(np.isnan(known))
        plain = torch.from_numpy(np.array(pipeline.preprocess_.transform(known)))
        filled = _settled(pipeline.detector_, plain, gap)
        found = score(pipeline.detector_, filled)
        for nudge in (1e-14, -1e-14):
            nudged = score(pipeline.detector_, filled + nudge * gap)
            np.testing.assert_allclose(nudged, found, rtol=1e-7)
