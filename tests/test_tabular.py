"""The default detector for tables: what is special about it."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

import anomalylab as al
from anomalylab.inputs import Array
from anomalylab.models.tabular import STEPS, TableAutoencoder, table_recipe


def clusters(rows: int, seed: int = 0) -> Array:
    """Three groups in six columns, the last column always 0."""
    rng = np.random.default_rng(seed)
    centres = 3 * np.eye(3, 6)
    x = centres[rng.integers(0, 3, rows)] + rng.normal(0, 0.3, (rows, 6))
    x[:, 5] = 0
    return x


def trained(x: Array, seed: int = 0, **changed: float) -> TableAutoencoder:
    detector, settings = table_recipe(x.shape[1], len(x))
    with al.seeded(seed):
        detector = TableAutoencoder(x.shape[1], **changed)  # type: ignore[arg-type]
    al.fit(detector, x, seed=seed, **settings)
    return detector


@pytest.fixture(scope="module")
def scale() -> al.Preprocess:
    with pytest.warns(UserWarning, match="Constant column"):
        return al.Preprocess().fit(clusters(600))


@pytest.fixture(scope="module")
def ready(scale: al.Preprocess) -> TableAutoencoder:
    return trained(scale.transform(clusters(600)))


def test_the_formula_by_hand() -> None:
    detector = TableAutoencoder(1, width=2, cap=3.0, probe=0.0)
    detector.load_state_dict(
        {
            "encoder.weight": torch.tensor([[1.0], [-2.0]]),
            "encoder.bias": torch.tensor([0.0, 1.0]),
            "decoder.weight": torch.tensor([[0.5, -1.0]]),
            "decoder.bias": torch.tensor([0.25]),
        },
        strict=False,  # the pushes of scoring stay
    )
    # x = 0: z = (0, 1); x = 2: z = (2, 0); x = 100: z = (3, 0); x = -100: z = (0, 3)
    drawn = al.reconstruct(detector, [[0.0], [2.0], [100.0], [-100.0]])
    np.testing.assert_allclose(drawn.ravel(), [-0.75, 1.25, 1.75, -2.75])
    np.testing.assert_allclose(al.score(detector, [[2.0]]), [0.75**2])
    detector.pushes[:4], detector.pushes[4:] = 1.0, -1.0  # x = 3 and x = 1 draw 1.75 and 0.75
    np.testing.assert_allclose(al.score(detector, [[2.0]]), [(0.25**2 + 1.25**2) / 2])


def test_far_rows_cannot_be_drawn(scale: al.Preprocess, ready: TableAutoencoder) -> None:
    """Without the cap a row on the continuation of a group's direction would be followed."""
    normal = scale.transform(clusters(300, seed=1))
    far = normal * 1000
    free = trained(scale.transform(clusters(600)), cap=np.inf)
    assert np.abs(al.reconstruct(free, far)).max() > 100
    assert np.abs(al.reconstruct(ready, far)).max() < 40
    assert al.score(ready, far).min() > 1000 * al.score(ready, normal).max()


def ring(rows: int, seed: int = 0) -> Array:
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, rows)
    return np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def test_centre_of_a_ring_scores_high() -> None:
    """The centre is drawn perfectly; only a push shows that no row lives there."""
    pushed, calm = trained(ring(600)), trained(ring(600), probe=0.0)
    centre, normal = np.zeros((1, 2)), ring(300, seed=1)
    assert al.score(calm, centre)[0] < np.median(al.score(calm, normal))
    assert al.score(pushed, centre)[0] > al.score(pushed, normal).max()


def test_constant_column_that_changes_is_seen(
    scale: al.Preprocess, ready: TableAutoencoder
) -> None:
    fresh = clusters(300, seed=1)
    changed = fresh.copy()
    changed[:, 5] = 1
    before, after = (al.score(ready, scale.transform(x)) for x in (fresh, changed))
    assert after.min() > np.quantile(before, 0.95)
    assert (al.errors(ready, scale.transform(changed)).argmax(axis=1) == 5).mean() > 0.95


def test_noise_only_in_training(ready: TableAutoencoder) -> None:
    x = torch.zeros(4, 6)
    assert ready.loss(x) != ready.loss(x)
    assert torch.equal(ready.score(x), ready.score(x))
    assert torch.equal(ready.pushes[:4], -ready.pushes[4:]), "every push has its opposite"


@pytest.mark.parametrize("rows", [2, 3, 40, 256, 257, 4000, 100_000])
def test_the_same_steps_for_any_rows(rows: int) -> None:
    _, settings = table_recipe(10, rows)
    assert settings["steps"] == STEPS and 1 <= settings["batch_size"] <= rows


def test_recipe_trains_tiny_tables() -> None:
    x = np.random.default_rng(0).normal(size=(3, 50))
    assert np.isfinite(al.score(trained(x), x)).all()


def test_time_of_training() -> None:
    """The goal is a second for 4,000 rows on one thread; three allow for a slow machine."""
    rows = np.random.default_rng(0).normal(size=(4000, 20))
    start = time.process_time()
    trained(rows)
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_features": 0}, "n_features and width"),
        ({"width": 0}, "n_features and width"),
        ({"noise": (0.0, 1.0)}, "0 < least <= most"),
        ({"noise": (1.0, 0.5)}, "0 < least <= most"),
        ({"cap": 0.0}, "cap should be above 0"),
        ({"probe": -0.1}, "probe is a standard deviation"),
    ],
)
def test_impossible_settings_are_named(settings: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TableAutoencoder(**({"n_features": 3} | settings))  # type: ignore[arg-type]


def test_recipe_needs_two_rows() -> None:
    with pytest.raises(ValueError, match=r"at least 2 training rows but got 1"):
        table_recipe(3, 1)
