"""The package, data, splits, tables of results, rivals: pure functions, exact values."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

from anomalylab import baselines, data, metrics, results


def test_import_is_lazy() -> None:
    heavy = "('torch', 'IPython', 'matplotlib')"
    code = f"import sys, anomalylab; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_every_public_name_resolves() -> None:
    import anomalylab

    for name in anomalylab.__all__:
        assert getattr(anomalylab, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        anomalylab.nonsense  # noqa: B018


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


def test_split_checks_labels() -> None:
    x = np.zeros((3, 2))
    with pytest.raises(ValueError, match="same number of rows"):
        data.Split(x, x, x, x, np.zeros(2, dtype=int))
    with pytest.raises(ValueError, match="no tuning part"):
        data.Split(x, x, x, x, np.zeros(3, dtype=int)).anomalous_tuning  # noqa: B018
    with pytest.raises(ValueError, match="0 .normal. and 1"):
        data.Split(x, x, x, x, np.array([0, 1, 2]))


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


def test_results_load() -> None:
    table = results.load("digits")
    assert set(table) == {"digit", "seed", "detector", "roc_auc"}
    assert {type(value) for value in results.load("architecture").value} == {str}
    with pytest.raises(ValueError, match="There are: architecture, digits"):
        results.load("nonsense")


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
