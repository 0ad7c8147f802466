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
