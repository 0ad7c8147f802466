"""The rivals find what they should find, and chance finds nothing."""

from __future__ import annotations

import numpy as np

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
