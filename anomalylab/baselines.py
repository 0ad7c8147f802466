"""The rivals that every result of the course is shown beside.

Each takes the training rows and the rows to score, and returns one score a row, higher =
more anomalous. None is tuned. A detector that cannot beat them has not earned its training.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from anomalylab.inputs import Array, as_array

Scorer = Callable[[Array], Array]


def chance(train: Array, x: Array, seed: int = 0) -> Array:
    """A random number a row: what no knowledge at all achieves."""
    return np.random.default_rng(seed).random(len(x))


def norm(train: Array, x: Array, seed: int = 0) -> Array:
    """‖z‖²: squared length of the row, standardised with the training rows' mean and spread."""
    scaler = StandardScaler().fit(train)
    return np.asarray((scaler.transform(x) ** 2).sum(axis=1))


def pca(train: Array, x: Array, seed: int = 0, components: int = 8) -> Array:
    """Squared distance to the plane of the leading principal components, at most half of them."""
    plane = PCA(max(1, min(components, *(n // 2 for n in train.shape))), random_state=seed)
    plane.fit(train)
    return np.asarray(((x - plane.inverse_transform(plane.transform(x))) ** 2).mean(axis=1))


def knn(train: Array, x: Array, seed: int = 0, k: int = 5) -> Array:
    """Distance to the k-th nearest training row."""
    neighbours = NearestNeighbors(n_neighbors=min(k, len(train))).fit(train)
    return np.asarray(neighbours.kneighbors(x)[0][:, -1])


def isolation_forest(train: Array, x: Array, seed: int = 0) -> Array:
    """How few random cuts isolate the row (Liu et al. 2008), as scikit-learn ships it."""
    forest = IsolationForest(random_state=seed).fit(train)
    return np.asarray(-forest.score_samples(x))


RIVALS: dict[str, Callable[..., Array]] = {
    "random": chance,
    "norm": norm,
    "PCA": pca,
    "kNN": knn,
    "isolation forest": isolation_forest,
}


def rivals(
    train: Any, x: Any, *, seed: int = 0, untrained: Scorer | None = None
) -> dict[str, Array]:
    """Scores of `x` by every rival.

    Parameters
    ----------
    train, x : array (rows, features)
    seed : int
        For the rivals that roll dice.
    untrained : callable, optional
        Scores rows with the detector in question as it was before training.

    Returns
    -------
    dict of str to array (rows,)
    """
    known = as_array(train, minimum_rows=2)
    rows = as_array(x, sample_shape=known.shape[1:])
    scores = {name: rival(known, rows, seed=seed) for name, rival in RIVALS.items()}
    if untrained is not None:
        scores["untrained"] = untrained(rows)
    return scores
