"""The data sets: every row once, scaled as they say, the same for one seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from anomalylab import data


def test_digits_parts_are_disjoint_and_clean() -> None:
    split = data.digits(held_out=4, seed=1)
    parts = [split.train, split.validation, split.calibration, split.tuning, split.test]
    rows = np.concatenate([p for p in parts if p is not None])
    assert len(rows) == 1797 == len(np.unique(rows, axis=0))
    assert rows.min() == 0 and rows.max() == 1 and rows.shape[1] == 64
    assert split.tuning_labels is not None
    assert split.test_labels.sum() + split.tuning_labels.sum() == 181
    assert "digit 4 is the anomaly" in repr(split)
    assert len(split.normal_tuning) == (split.tuning_labels == 0).sum()
    assert split.tuning is not None
    assert (split.anomalous_tuning == split.tuning[split.tuning_labels == 1]).all()
    assert (split.normal_test == split.test[split.test_labels == 0]).all()


def test_digits_seed_deals_anew() -> None:
    assert not np.array_equal(data.digits(normal=3).train, data.digits(normal=3, seed=1).train)
    np.testing.assert_array_equal(data.digits(normal=3).train, data.digits(normal=3).train)


@pytest.mark.parametrize(
    "wrong", [{}, {"normal": 1, "held_out": 2}, {"normal": 11}, {"normal": range(10)}]
)
def test_digits_refuses(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        data.digits(**wrong)  # type: ignore[arg-type]


def test_mnist_deals_pictures() -> None:
    split = data.mnist(held_out=1)
    assert split.train.shape == (2025, 784) and split.image_shape == (28, 28)
    assert split.train.min() == 0 and split.train.max() == 1
    assert split.test_labels.sum() == 400
    assert split.feature_names[29] == "pixel 1,1"


def test_defects_are_on_fresh_pictures_and_normals_are_shared() -> None:
    splits = [data.defects(kind, seed=3) for kind in data.DEFECTS]
    for split in splits:
        parts = (split.train, split.validation, split.calibration)
        normal = np.concatenate([*parts, split.normal_tuning, split.normal_test])
        assert len(normal) == 4500 and len(split.train) == 2025
        assert split.test_labels.sum() == 400 and len(split.anomalous_tuning) == 100
        assert split.image_shape == (28, 28) and split.feature_names[29] == "pixel 1,1"
        assert set(split.test_kinds) == set(range(10)) and len(split.test_kinds) == 1300
        assert split.test.min() >= 0 and split.test.max() <= 1
        np.testing.assert_array_equal(normal[:2025], splits[0].train)
        np.testing.assert_array_equal(split.normal_test, splits[0].normal_test)
        every = np.concatenate([normal, split.anomalous_tuning, split.test[900:]])
        assert len({row.tobytes() for row in every}) == 5000
    again = data.defects("extra stroke", seed=3)
    np.testing.assert_array_equal(again.test, splits[-1].test)
    assert not np.array_equal(data.defects("extra stroke", seed=4).train, again.train)


def test_defect_pictures_are_missing_among_the_normals() -> None:
    """Outside of its 16 inverted pixels, a picture would equal the one it was made from."""
    split = data.defects("inverted patch")
    parts = (split.train, split.validation, split.calibration)
    normal = np.concatenate([*parts, split.normal_tuning, split.normal_test])
    for damaged in split.anomalous_tuning:
        assert (normal != damaged).sum(axis=1).min() > 16


DIGITS = data.mnist(held_out=0).train[:200]


@pytest.mark.parametrize(
    ("kind", "rows", "columns"),
    [
        ("shifted band", 7, 28),
        ("rotated patch", 8, 8),
        ("inverted patch", 4, 4),
        ("extra stroke", 28, 28),
    ],
)
def test_every_picture_gets_one_defect_of_its_size(kind: str, rows: int, columns: int) -> None:
    damaged = data.with_defect(DIGITS, kind, seed=1)
    changed = (damaged != DIGITS).reshape(-1, 28, 28)
    for picture in changed:
        places = np.argwhere(picture)
        assert len(places), kind
        height, width = np.ptp(places, axis=0) + 1
        assert height <= rows and width <= columns
    np.testing.assert_array_equal(damaged, data.with_defect(DIGITS, kind, seed=1))
    assert not np.array_equal(damaged, data.with_defect(DIGITS, kind, seed=2))


def test_defects_are_what_their_names_say() -> None:
    picture = np.zeros((28, 28))
    picture[10, 12:16] = 0.2, 0.9, 0.4, 0.3
    picture[11, 13] = 0.5
    x = picture.reshape(1, -1)
    # the only stroke pixel is (10, 13)
    shifted = data.with_defect(x, "shifted band").reshape(28, 28)
    np.testing.assert_array_equal(shifted[7:14], np.roll(picture, 4, axis=1)[7:14])
    rotated = data.with_defect(x, "rotated patch").reshape(28, 28)
    np.testing.assert_array_equal(rotated[6:14, 9:17], np.rot90(picture[6:14, 9:17]))
    inverted = data.with_defect(x, "inverted patch").reshape(28, 28)
    np.testing.assert_array_equal(inverted[8:12, 11:15], 1 - picture[8:12, 11:15])
    stroke = data.with_defect(x, "extra stroke").reshape(28, 28)
    assert stroke[14, 10] == 0.9, "where the turn brings the darkest pixel"
    assert (stroke >= picture).all() and stroke.sum() > picture.sum()


def test_defects_refuse() -> None:
    with pytest.raises(ValueError, match=r"no defect 'scratch'.*shifted band, rotated patch"):
        data.defects("scratch")
    with pytest.raises(ValueError, match="Picture 1 has no stroke for a rotated patch"):
        data.with_defect(np.stack([DIGITS[0], np.zeros(784)]), "rotated patch")
    with pytest.raises(ValueError, match=r"shape \(784,\)"):
        data.with_defect(np.ones((2, 64)), "shifted band")


@pytest.mark.parametrize(
    ("load", "normals", "anomalies", "columns"),
    [(data.breast_cancer, 357, 212, 30), (data.shuttle, 45586, 3511, 9)],
)
def test_tables_hold_every_row_once(
    load: Callable[..., data.Split], normals: int, anomalies: int, columns: int
) -> None:
    split = load(seed=2)
    assert split.tuning is not None and split.tuning_labels is not None
    parts = (split.train, split.validation, split.calibration, split.tuning, split.test)
    assert sum(map(len, parts)) == normals + anomalies
    assert split.test_labels.sum() + split.tuning_labels.sum() == anomalies
    assert split.train.shape[1] == columns == len(split.feature_names)


def test_anomaly_rate_leaves_anomalies_out() -> None:
    split = data.shuttle(anomaly_rate=0.01)
    assert split.tuning_labels is not None
    assert split.test_labels.mean() == pytest.approx(0.01, abs=1e-4)
    assert split.tuning_labels.mean() == pytest.approx(0.01, abs=2e-4)
    assert len(split.train) == len(data.shuttle().train)
    with pytest.raises(ValueError, match="between 0 and 1"):
        data.breast_cancer(anomaly_rate=5)
    with pytest.raises(ValueError, match="takes 324 anomalies.*1 to 42"):
        data.breast_cancer(anomaly_rate=0.9)
