"""The rivals find what they should find, and chance finds nothing; error maps are exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.decomposition import PCA

from anomalylab import baselines, metrics


def test_rivals_know_what_they_should() -> None:
    rng = np.random.default_rng(0)
    train = rng.normal(size=(200, 12))
    far = np.concatenate([rng.normal(size=(50, 12)), rng.normal(size=(50, 12)) + 4])
    labels = np.repeat([0, 1], 50)
    scores = baselines.rivals(train, far, untrained=lambda x: x.sum(axis=1))
    assert list(scores) == ["random", "norm", "PCA", "kNN", "isolation forest", "untrained"]
    for name in ("norm", "PCA", "kNN", "isolation forest"):
        assert metrics.roc_auc(labels, scores[name]) > 0.9, name
    assert abs(metrics.roc_auc(labels, scores["random"]) - 0.5) < 0.15
    np.testing.assert_allclose(
        baselines.norm(train, far), (((far - train.mean(0)) / train.std(0)) ** 2).sum(1)
    )


PICTURE = (9, 10)


@pytest.fixture
def pictures() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    return draw.random((30, 90)), draw.random((4, 90))


def test_laplacian_errors_are_exact() -> None:
    dot = np.zeros((3, 4))
    dot[1, 1] = 0.5
    expected = [[0, 0.25, 0, 0], [0.25, 4, 0.25, 0], [0, 0.25, 0, 0]]
    found = baselines.laplacian_errors(dot.reshape(1, -1), (3, 4))
    np.testing.assert_allclose(found, np.reshape(expected, (1, -1)))


def test_local_score_is_the_worst_square() -> None:
    errors = np.zeros((2, 5, 6))
    errors[0, 0, 3:6] = 3  # along the border
    errors[1, 1:4, 2] = 6, 3, 9
    rows = errors.reshape(2, -1)
    np.testing.assert_allclose(baselines.local_score(rows, (5, 6)), [1, 2])
    np.testing.assert_allclose(baselines.local_score(rows, (5, 6), size=1), [3, 9])
    np.testing.assert_allclose(baselines.local_score(rows, (5, 6), size=5), [9 / 25, 18 / 25])


def test_pca_errors_are_those_of_a_projection() -> None:
    train = np.array([[0.0, 1, 5], [2, 1, 5], [-2, 1, 5]])
    found = baselines.pca_errors(train, [[9.0, 3, 4], [1, 1, 5]], 1)
    np.testing.assert_allclose(found, [[0, 4, 1], [0, 0, 0]], atol=1e-12)


def test_knn_errors_are_the_mean_over_neighbours() -> None:
    train = np.array([[0.0, 0], [0, 2], [9, 9]])
    np.testing.assert_allclose(baselines.knn_errors(train, [[1.0, 0]], k=1), [[1, 0]])
    np.testing.assert_allclose(baselines.knn_errors(train, [[1.0, 0]], k=2), [[1, 2]])


def test_patch_errors_against_plain_loops(pictures: tuple[np.ndarray, np.ndarray]) -> None:
    """Places down 0 and 1, across 0 and 2: each is one step from every other."""
    train, x = pictures
    memory = [
        picture.reshape(PICTURE)[r : r + 8, c : c + 8]
        for picture in train
        for r in (0, 1)
        for c in (0, 2)
    ]
    plane = PCA(16, svd_solver="full").fit(np.reshape(memory, (-1, 64)))
    for row, picture in enumerate(x.reshape(-1, *PICTURE)):
        nearest, linear, count = np.zeros(PICTURE), np.zeros(PICTURE), np.zeros(PICTURE)
        for r in (0, 1):
            for c in (0, 2):
                patch = picture[r : r + 8, c : c + 8]
                best = min(memory, key=lambda known: float(((known - patch) ** 2).sum()))
                flat = patch.reshape(1, 64)
                drawn = plane.inverse_transform(plane.transform(flat)).reshape(8, 8)
                nearest[r : r + 8, c : c + 8] += (patch - best) ** 2
                linear[r : r + 8, c : c + 8] += (patch - drawn) ** 2
                count[r : r + 8, c : c + 8] += 1
        found = baselines.patch_memory(train, x, PICTURE)[row]
        np.testing.assert_allclose(found.reshape(PICTURE), nearest / count)
        found = baselines.patch_pca(train, x, PICTURE)[row]
        np.testing.assert_allclose(found.reshape(PICTURE), linear / count)


def test_patch_memory_knows_its_own_pictures_and_only_near_places() -> None:
    """A picture moved by one step (2 pixels) is known, one moved by two steps is not."""
    train = np.zeros((3, 20, 20))
    train[0, 8:12, 8:12] = np.random.default_rng(0).random((4, 4))
    near, far = np.roll(train[0], 2, axis=1), np.roll(train[0], 4, axis=1)
    x = np.stack([train[0], near, far]).reshape(3, -1)
    found = baselines.patch_memory(train.reshape(3, -1), x, (20, 20)).sum(axis=1)
    assert found[0] == found[1] == 0 and found[2] > 0.1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t, x: baselines.pca_errors(t, x, 0), "components.*between 1 and 30"),
        (lambda t, x: baselines.pca_errors(t, x, 31), "components.*between 1 and 30"),
        (lambda t, x: baselines.pca_errors(t, x, 2.5), "whole number"),  # type: ignore[arg-type]
        (lambda t, x: baselines.pca_errors(t, x[:, 1:], 2), r"shape \(90,\)"),
        (lambda t, x: baselines.knn_errors(t, x, 31), "k is.*between 1 and 30"),
        (lambda t, x: baselines.knn_errors(t, x * np.nan, 3), "missing value"),
        (lambda t, x: baselines.local_score(x, PICTURE, 10), "size.*between 1 and 9"),
        (lambda t, x: baselines.local_score(x, (9, 9)), "rows of 81 numbers.*image_shape"),
        (lambda t, x: baselines.laplacian_errors(x[0], PICTURE), "one sample a row"),
        (lambda t, x: baselines.patch_memory(t, x, (6, 15)), "at least 8 × 8"),
        (lambda t, x: baselines.patch_pca(t, x, PICTURE, 65), "components.*between 1 and 64"),
    ],
)
def test_bad_pictures_are_named(
    pictures: tuple[np.ndarray, np.ndarray], call: Callable[..., object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        call(*pictures)


@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_neighbours_are_found_far_from_the_origin(offset: float) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 64)) + offset
    assert baselines.knn(rows, rows[:5], k=1).max() < 1e-5
    assert baselines.knn_errors(rows, rows[:5], k=1).max() == 0
    assert baselines.patch_memory(rows, rows[:5], (8, 8)).max() < 1e-9
