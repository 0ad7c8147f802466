"""Rivals for series: exact on small ones, and each row gets the errors of its own windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from anomalylab import baselines


def test_moving_z_looks_back_only() -> None:
    x = np.array([[0.0, 5], [2, 5], [4, 5], [2, 6], [3, 5]])
    found = baselines.moving_z(x, rows=2)
    assert np.isnan(found[:2]).all()
    # of 0, 2: mean 1, variance 2; of 2, 4: 3 and 2
    np.testing.assert_allclose(found[2:, 0], [9 / 2, 1 / 2, 0])
    assert found[3, 1] > 1e9 and np.isfinite(found[2:]).all(), "it left a value it had held"
    later = x.copy()
    later[4] = 99
    np.testing.assert_array_equal(baselines.moving_z(later, rows=2)[:4], found[:4])


def test_seasonal_naive_is_one_period_back() -> None:
    x = np.array([[0.0], [1], [3], [0]])
    found = baselines.seasonal_naive(x, 2)
    np.testing.assert_array_equal(found, [[np.nan], [np.nan], [9], [1]])


def test_rivals_look_back_by_whole_rows() -> None:
    period: Any
    for period in (-1, 0, 1.5):
        with pytest.raises(ValueError, match=f"period.*1 or more, and cannot be {period}"):
            baselines.seasonal_naive(np.ones((9, 2)), period)
    with pytest.raises(ValueError, match="rows is a whole number, 2 or more, and cannot be 1"):
        baselines.moving_z(np.ones((9, 2)), rows=1)
    for few in ((2, 9), (9, 2)):
        with pytest.raises(ValueError, match="at least . row"):
            train, x = (np.ones((rows, 2)) for rows in few)
            baselines.window_errors(baselines.knn_errors, train, x, 3)


@pytest.mark.parametrize("align", ["end", "mean"])
def test_window_errors_go_back_to_rows_and_columns(align: str) -> None:
    rng = np.random.default_rng(0)
    train, x = rng.normal(size=(30, 2)), rng.normal(size=(7, 2))
    known = np.stack([train[i : i + 3].ravel() for i in range(28)])
    rows = np.stack([x[i : i + 3].ravel() for i in range(5)])
    errors = baselines.pca_errors(known, rows, 2).reshape(5, 3, 2)
    found = baselines.window_errors(baselines.pca_errors, train, x, 3, align, components=2)
    for row in range(7):
        hits = [
            errors[window, row - window]
            for window in range(5)
            if 0 <= row - window < 3 and (align == "mean" or row - window == 2)
        ]
        expected = np.mean(hits, axis=0) if hits else [np.nan, np.nan]
        np.testing.assert_allclose(found[row], expected)
    again = baselines.window_errors(baselines.knn_errors, train, train, 3, k=1)
    np.testing.assert_allclose(again, 0, atol=1e-20)


def test_window_errors_compare_series_of_the_same_columns() -> None:
    with pytest.raises(ValueError, match="shape"):
        baselines.window_errors(baselines.knn_errors, np.ones((9, 2)), np.ones((9, 3)), 3)


@pytest.mark.slow  # stumpy compiles for a minute or more
def test_matrix_profile_knows_shapes_whatever_their_size() -> None:
    pytest.importorskip("stumpy")
    t = np.arange(120)
    rng = np.random.default_rng(0)
    train = np.stack([np.sin(t / 3), rng.normal(size=120)], axis=1)
    x = np.stack([7 + 5 * np.sin(t / 3), rng.normal(size=120)], axis=1)[:60]
    x[30:34, 0] = 7
    end = baselines.matrix_profile(train, x, 8, "end")
    assert np.isnan(end[:7]).all() and np.isfinite(end[7:]).all()
    assert end[7:30, 0].max() < 0.2 < 0.5 < end[33:38, 0].min()

    def standard(window: np.ndarray) -> np.ndarray:
        return (window - window.mean()) / window.std()

    memory = [standard(train[i : i + 8, 1]) for i in range(113)]
    for row in (7, 20, 59):
        window = standard(x[row - 7 : row + 1, 1])
        nearest = min(float(np.linalg.norm(window - known)) for known in memory)
        assert end[row, 1] == pytest.approx(nearest, rel=1e-6)
    mean = baselines.matrix_profile(train, x, 8)
    np.testing.assert_allclose(mean[20], end[20:28].mean(axis=0))
