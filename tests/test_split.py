"""Which row goes to which part, and that its class goes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from anomalylab import data
from anomalylab.split import PARTS, Split, split_rows

ROWS = np.random.default_rng(0).random((50, 3))


@pytest.mark.parametrize("seed", [0, 7])
def test_a_seed_deals_the_same_rows_for_ever(seed: int) -> None:
    normal, anomalies = ROWS[:40], ROWS[40:]
    rng = np.random.default_rng(seed)
    rows, odd = rng.permutation(normal), rng.permutation(anomalies)
    split = split_rows(normal, anomalies, seed=seed)
    np.testing.assert_array_equal(split.train, rows[:18])
    np.testing.assert_array_equal(split.validation, rows[18:22])
    np.testing.assert_array_equal(split.calibration, rows[22:28])
    assert split.tuning is not None and split.tuning_labels is not None
    np.testing.assert_array_equal(split.tuning, np.concatenate([rows[28:32], odd[:2]]))
    np.testing.assert_array_equal(split.test, np.concatenate([rows[32:], odd[2:]]))
    assert split.tuning_labels.tolist() == [0] * 4 + [1] * 2
    assert split.test_labels.tolist() == [0] * 8 + [1] * 8


@pytest.mark.parametrize(
    "load", [lambda: data.digits(held_out=8, seed=3), lambda: data.digits(normal=[1, 7])]
)
def test_every_digit_row_keeps_its_digit(load: Callable[[], Split]) -> None:
    split = load()
    pixels, target = load_digits(return_X_y=True)
    digit_of = {row.tobytes(): int(digit) for row, digit in zip(pixels / 16, target, strict=True)}
    for part in PARTS:
        expected = [digit_of[row.tobytes()] for row in getattr(split, part)]
        assert getattr(split, f"{part}_kinds").tolist() == expected


def test_mnist_keeps_its_digits() -> None:
    split = data.mnist(held_out=1)
    assert set(split.train_kinds) == set(range(10)) - {1}
    np.testing.assert_array_equal(split.test_kinds == 1, split.test_labels == 1)


def test_kinds_may_be_words_and_follow_an_anomaly_rate() -> None:
    kinds = np.array([f"normal {i}" for i in range(40)]), np.array([f"odd {i}" for i in range(10)])
    split = split_rows(ROWS[:40], ROWS[40:], anomaly_rate=0.2, kinds=kinds)
    number = {row.tobytes(): kind for row, kind in zip(ROWS, np.concatenate(kinds), strict=True)}
    assert [number[row.tobytes()] for row in split.test] == split.test_kinds.tolist()
    assert [kind.startswith("odd") for kind in split.test_kinds] == split.test_labels.tolist()
    assert len(split.tuning_kinds) == 5
    scaled = split.scaled()
    for part in PARTS:
        assert getattr(scaled, f"{part}_kinds") is getattr(split, f"{part}_kinds")


def test_unknown_kinds_are_empty() -> None:
    split = split_rows(ROWS[:40], ROWS[40:])
    assert all(len(getattr(split, f"{part}_kinds")) == 0 for part in PARTS)


def test_kinds_are_counted() -> None:
    x, short, labels = ROWS[:3], np.zeros(2), np.zeros(3, dtype=int)
    for part in PARTS:
        wrong: dict[str, Any] = {f"{part}_kinds": short}
        with pytest.raises(ValueError, match=f"{part} and {part}_kinds .* same number"):
            replace(Split(x, x, x, x, labels, x, labels), **wrong)
    with pytest.raises(ValueError, match="tuning and tuning_kinds"):
        Split(x, x, x, x, labels, tuning_kinds=short)
    with pytest.raises(ValueError, match="one class for each normal row and each anomaly"):
        split_rows(ROWS[:40], ROWS[40:], kinds=(np.zeros(41), np.zeros(9)))


def test_a_split_equals_itself_only() -> None:
    split, twin = split_rows(ROWS[:40], ROWS[40:]), split_rows(ROWS[:40], ROWS[40:])
    assert split == split and split != twin and split in [twin, split]
    assert len({split, twin, split}) == 2


def test_split_checks_labels() -> None:
    x = np.zeros((3, 2))
    with pytest.raises(ValueError, match="same number of rows"):
        Split(x, x, x, x, np.zeros(2, dtype=int))
    with pytest.raises(ValueError, match="no tuning part"):
        Split(x, x, x, x, np.zeros(3, dtype=int)).anomalous_tuning  # noqa: B018
    with pytest.raises(ValueError, match="0 .normal. and 1"):
        Split(x, x, x, x, np.array([0, 1, 2]))


def test_scaled_learns_from_train_only() -> None:
    split = data.breast_cancer()
    scaled = split.scaled()
    np.testing.assert_allclose(scaled.train.mean(0), 0, atol=1e-9)
    np.testing.assert_allclose(scaled.train.std(0), 1)
    centre, spread = split.train.mean(0), split.train.std(0)
    for part in ("validation", "calibration", "tuning", "test"):
        rows = getattr(split, part)
        np.testing.assert_allclose(getattr(scaled, part), (rows - centre) / spread)
    assert scaled.name == split.name and (scaled.test_labels == split.test_labels).all()
    assert split.scaled("minmax").train.max() == pytest.approx(1)
