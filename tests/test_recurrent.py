"""What is special about the LSTMs: patches, order, teacher forcing, forecasts, joint errors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch

from anomalylab import data
from anomalylab.detector import Detector, errors, fit, reconstruct, score
from anomalylab.models import LSTMAutoencoder, LSTMForecaster, gaussian_score
from anomalylab.models.recipes import RECIPES, build
from anomalylab.pipeline import AnomalyDetectionPipeline
from anomalylab.seeding import seeded

Build = Callable[[], Detector]
EVERY: list[Build] = [
    lambda: LSTMAutoencoder(6, 2, 8, 3, patch=2),
    lambda: LSTMAutoencoder(6, 2, 8, 3, patch=3, layers=2),
    lambda: LSTMAutoencoder(6, 2, 8, 3, patch=2, teacher_forced=True),
    lambda: LSTMForecaster(6, 2, 8),
]


def built(build: Build) -> Detector:
    with seeded(0):
        return build().double()


def drawn(detector: Detector, x: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return detector.reconstruct(x)


@pytest.fixture
def x() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(size=(5, 6, 2)))


@pytest.mark.parametrize("build", EVERY)
def test_windows_are_apart_and_time_has_an_order(build: Build, x: torch.Tensor) -> None:
    detector, other = built(build), torch.tensor([3, 1, 4, 0, 2])
    torch.testing.assert_close(drawn(detector, x[other]), drawn(detector, x)[other])
    assert not torch.allclose(drawn(detector, x.flip(1)), drawn(detector, x).flip(1), atol=1e-4)


def test_an_autoencoder_draws_from_z_alone(x: torch.Tensor) -> None:
    """Two windows with the same z have the same drawing: nothing goes past the bottleneck."""
    detector = LSTMAutoencoder(6, 2, 8, 3, patch=2).double()
    monkey = torch.zeros(5, 3, dtype=torch.float64)
    detector.encode = lambda _: monkey  # type: ignore[method-assign, assignment]
    found = drawn(detector, x)
    torch.testing.assert_close(found, found[:1].expand_as(found))


def test_teacher_forced_each_patch_sees_only_what_follows_it(x: torch.Tensor) -> None:
    """With z held, row t is drawn from the patches after its own, in the order of the window."""
    detector = LSTMAutoencoder(6, 2, 8, 3, patch=2, teacher_forced=True).double()
    z = detector.encode(x).detach()
    detector.encode = lambda _: z  # type: ignore[method-assign, assignment]
    plain = drawn(detector, x)
    for row in range(6):
        changed = x.clone()
        changed[:, row] += 1
        moved = (drawn(detector, changed) - plain).abs().amax(dim=(0, 2)) > 1e-9
        own = row // 2 * 2
        assert moved.tolist() == [t < own for t in range(6)]


def test_a_patch_is_consecutive_rows() -> None:
    """A decoder whose output is its bias draws the same rows in every patch."""
    detector = LSTMAutoencoder(6, 2, 8, 3, patch=3)
    with torch.no_grad():
        detector.output.weight.zero_()
        detector.output.bias.copy_(torch.arange(6.0))
    found = reconstruct(detector, np.zeros((1, 6, 2)))
    np.testing.assert_array_equal(found[0], [[0, 1], [2, 3], [4, 5]] * 2)


def test_a_forecast_uses_earlier_rows_only(x: torch.Tensor) -> None:
    detector = LSTMForecaster(6, 2, 8, given=2).double()
    plain = drawn(detector, x)
    torch.testing.assert_close(plain[:, :2], x[:, :2])
    for row in range(6):
        changed = x.clone()
        changed[:, row] += 1
        moved = (drawn(detector, changed) - plain).abs().amax(dim=(0, 2)) > 1e-9
        assert moved.tolist() == [t > row if t >= 2 else t == row for t in range(6)]


def test_a_forecaster_that_learned_nothing_repeats_the_last_row(x: torch.Tensor) -> None:
    detector = LSTMForecaster(6, 2, 8)
    with torch.no_grad():
        detector.output.weight.zero_()
        detector.output.bias.zero_()
    steps = np.diff(x.numpy(), axis=1) ** 2
    found = errors(detector, x.numpy())
    np.testing.assert_allclose(found[:, 1:], steps, rtol=1e-5)
    assert (found[:, 0] == 0).all()
    np.testing.assert_allclose(score(detector, x.numpy()), found.mean(axis=(1, 2)), rtol=1e-5)
    last = LSTMForecaster(6, 2, 8, given=5)
    assert (errors(last, x.numpy())[:, :5] == 0).all() and (score(last, x.numpy()) > 0).all()


@pytest.mark.parametrize(
    "build",
    [
        lambda: LSTMAutoencoder(6, 2, patch=4),
        lambda: LSTMAutoencoder(6, 2, 0),
        lambda: LSTMAutoencoder(6, 2, patch=0),
        lambda: LSTMForecaster(6, 2, given=6),
        lambda: LSTMForecaster(6, 2, given=0),
        lambda: LSTMForecaster(6, 0),
    ],
)
def test_sizes_that_cannot_be(build: Build) -> None:
    with pytest.raises(ValueError, match=r"window (is|of) 6.*|for a window of 6"):
        build()


def test_gaussian_score_knows_what_goes_together() -> None:
    rng = np.random.default_rng(0)
    shared = rng.normal(size=(4000, 1))
    normal = np.concatenate([shared, shared], axis=1) + 0.1 * rng.normal(size=(4000, 2)) + 5
    rows = np.array([[5.0, 5], [6, 6], [6, 4]])
    found = gaussian_score(normal, rows)
    inverse = np.linalg.inv(np.cov(normal.T, bias=True))
    apart = rows - normal.mean(axis=0)
    np.testing.assert_allclose(found, np.einsum("ij,jk,ik->i", apart, inverse, apart))
    assert found[2] > 50 * found[1]
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        gaussian_score(normal, np.zeros((3, 3)))
    with pytest.raises(ValueError, match="NaN"):
        gaussian_score(normal, [[np.nan, 1]])
    huge = normal * [1, 1e9]  # a pseudo-inverse would leave out the first column
    nearly = normal[:, [0, 0]] + 5e-8 * rng.normal(size=(4000, 2))  # off by some 10 %
    for some in (normal * [1, 0], normal[:, [0, 0]], huge, nearly, normal[:2]):
        with pytest.raises(ValueError, match="no inverse"):
            gaussian_score(some, rows)


def waves(rows: int, seed: int) -> pd.DataFrame:
    t, rng = np.arange(rows), np.random.default_rng(seed)
    values = np.stack([np.sin(t / 4), np.cos(t / 4)], axis=1) + rng.normal(0, 0.1, (rows, 2))
    return pd.DataFrame(values, pd.date_range("2026", periods=rows, freq="h"), ["a", "b"])


def test_lstm_ae_gives_every_time_step_a_score() -> None:
    """The chapter's own program returns one score a feature."""
    frame, fresh = waves(600, 0), waves(200, 1)
    fresh.iloc[120:130, 0] = 0.0
    for align, without in (("end", 11), ("mean", 0)):
        pipeline = AnomalyDetectionPipeline(
            "lstm_ae", window=12, align=align, fit_settings={"steps": 150}
        ).fit(frame)
        found = pipeline.detect(fresh)
        assert len(found) == 200 and found.score.isna().sum() == without
        assert 120 <= int(np.nanargmax(found.score)) <= 141
    shares = pipeline.contributions(fresh)
    assert shares.shape == fresh.shape and shares.iloc[120:130].mean().idxmax() == "a"


def test_lstm_ae_needs_windows_and_finds_a_patch() -> None:
    with pytest.raises(ValueError, match="'lstm_ae' reads windows.*window=32"):
        AnomalyDetectionPipeline("lstm_ae").fit(waves(50, 0))
    for window, patch in ((32, 4), (30, 2), (9, 1)):
        detector, settings = build(RECIPES["lstm_ae"], window, 3, 100, 0)
        assert isinstance(detector, LSTMAutoencoder)
        assert detector.encoder.input_size == 3 * patch
        assert detector.sample_shape == (window, 3)
        assert {p.dtype for p in detector.parameters()} == {torch.float32}
        assert {"steps", "lr", "lr_decay", "max_grad_norm"} == set(settings)


def test_several_series_never_share_a_window() -> None:
    frames = [waves(300, seed).assign(machine=name) for seed, name in enumerate("xy")]
    frame = pd.concat(frames).sample(frac=1, random_state=0)
    pipeline = AnomalyDetectionPipeline(
        "lstm_ae", window=8, groups="machine", fit_settings={"steps": 20}
    ).fit(frame)
    found = pipeline.detect(frame)
    assert found.score.isna().groupby(frame.machine.to_numpy()).sum().tolist() == [7, 7]
    alone = pipeline.detect(frames[0])
    both = found[(frame.machine == "x").to_numpy()].sort_index()
    np.testing.assert_allclose(both.score, alone.score, rtol=1e-3)


@pytest.mark.slow
def test_a_patch_learns_more_in_the_same_steps() -> None:
    plant = data.sensors(0)
    known = (plant.train - plant.train.mean()) / plant.train.std()
    windows = np.lib.stride_tricks.sliding_window_view(known.to_numpy(), 32, axis=0)[::2]
    x = np.ascontiguousarray(windows.transpose(0, 2, 1))
    ends = {}
    for name, make in (
        ("patched", lambda: LSTMAutoencoder(32, 6)),
        ("chapter", lambda: LSTMAutoencoder(32, 6, 64, 32, patch=1, layers=2)),
    ):
        with seeded(0):
            detector = make()
        fit(detector, x, steps=600, lr=1e-2, lr_decay="cosine", max_grad_norm=1.0)
        ends[name] = score(detector, x).mean()
    assert ends["patched"] < 0.5 * ends["chapter"]
