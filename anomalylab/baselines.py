"""The rivals that every result of the course is shown beside.

Each takes the training rows and the rows to score, and returns one score a row, higher =
more anomalous. None is tuned. A detector that cannot beat them has not earned its training.

Rivals for pictures follow: they return an error map, one error a pixel, as `al.errors` does. Its
mean is a score that looks at the whole picture; `local_score` looks at the worst place. Those for
series stand in `baselines_series`, and are named here too.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import convolve
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import pairwise_distances_argmin
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from anomalylab.baselines_series import matrix_profile as matrix_profile
from anomalylab.baselines_series import moving_z as moving_z
from anomalylab.baselines_series import seasonal_naive as seasonal_naive
from anomalylab.baselines_series import window_errors as window_errors
from anomalylab.inputs import Array, as_array, check_count

Scorer = Callable[[Array], Array]
Shape = tuple[int, int]
PATCH, STEP = 8, 2  # patches of 8 × 8 pixels, one every second pixel


def chance(train: Array, x: Array, seed: int = 0) -> Array:
    """A random number a row: what no knowledge at all achieves."""
    return np.random.default_rng(seed).random(len(x))


def norm(train: Array, x: Array, seed: int = 0) -> Array:
    """‖z‖²: squared length of the row, standardised with the training rows' mean and spread."""
    scaler = StandardScaler().fit(train)
    return np.asarray((scaler.transform(x) ** 2).sum(axis=1))


def pca(train: Array, x: Array, seed: int = 0, components: int = 8) -> Array:
    """Squared distance to the plane of the leading principal components, at most half of them."""
    few = max(1, min(components, *(n // 2 for n in train.shape)))
    return np.asarray(pca_errors(train, x, few, seed).mean(axis=1))


def knn(train: Array, x: Array, seed: int = 0, k: int = 5) -> Array:
    """Distance to the k-th nearest training row."""
    middle = train.mean(axis=0)  # distances lose their digits where all rows lie far from 0
    neighbours = NearestNeighbors(n_neighbors=min(k, len(train))).fit(train - middle)
    return np.asarray(neighbours.kneighbors(x - middle)[0][:, -1])


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


def pca_errors(train: Any, x: Any, components: int, seed: int = 0) -> Array:
    """Squared difference to the nearest point of the plane of the leading principal components.

    Parameters
    ----------
    train, x : array (rows, features)
    components : int
        Between 1 and the smaller side of `train`.
    seed : int
        For the random start that scikit-learn uses on large tables.

    Returns
    -------
    array (rows, features)
    """
    known = as_array(train, minimum_rows=2)
    rows = as_array(x, sample_shape=known.shape[1:])
    check_count("components", components, most=min(known.shape))
    plane = PCA(components, random_state=seed).fit(known)
    return np.asarray((rows - plane.inverse_transform(plane.transform(rows))) ** 2)


def knn_errors(train: Any, x: Any, k: int = 5) -> Array:
    """Squared difference to the k nearest training rows, feature by feature, mean of the k.

    Parameters
    ----------
    train, x : array (rows, features)
    k : int
        Between 1 and the number of training rows.

    Returns
    -------
    array (rows, features)
    """
    known = as_array(train, minimum_rows=2)
    rows = as_array(x, sample_shape=known.shape[1:])
    check_count("k", k, most=len(known))
    middle = known.mean(axis=0)
    search = NearestNeighbors(n_neighbors=k).fit(known - middle)
    nearest = search.kneighbors(rows - middle, return_distance=False)
    errors = np.zeros_like(rows)
    for column in range(k):
        errors += (rows - known[nearest[:, column]]) ** 2 / k
    return errors


def laplacian_errors(x: Any, shape: Shape) -> Array:
    """Squared difference of each pixel to its four neighbours together; nothing is learned.

        error = (above + below + left + right − 4 · pixel)²

    Parameters
    ----------
    x : array (rows, height · width)
        Outside of the picture all is 0.
    shape : (height, width)

    Returns
    -------
    array (rows, height · width)
    """
    kernel = np.array([[[0, 1, 0], [1, -4, 1], [0, 1, 0]]])
    differences = convolve(_pictures(x, shape), kernel, mode="constant")
    return np.asarray(differences**2).reshape(len(differences), -1)


def patch_pca(train: Any, x: Any, shape: Shape, components: int = 16) -> Array:
    """Squared difference of patches to the plane of the training patches' leading components.

    All patches, 8 × 8 pixels, share one plane, wherever they lie. A pixel's error is the mean over
    the patches that hold it.

    Parameters
    ----------
    train, x : array (rows, height · width)
    shape : (height, width)
        Both at least 8.
    components : int
        Between 1 and 64.

    Returns
    -------
    array (rows, height · width)
    """
    known, patches = _patches(train, shape), _patches(x, shape)
    errors = pca_errors(known.reshape(-1, PATCH**2), patches.reshape(-1, PATCH**2), components)
    return _joined(errors.reshape(patches.shape), shape)


def patch_memory(train: Any, x: Any, shape: Shape) -> Array:
    """Squared difference of each patch to the nearest training patch from the same place.

    Places one step (2 pixels) away count as the same. A pixel's error is the mean over the
    patches that hold it. Nothing is learned: all training patches are kept (the idea of PatchCore,
    Roth et al. 2022, on plain pixels).

    Parameters
    ----------
    train, x : array (rows, height · width)
    shape : (height, width)
        Both at least 8.

    Returns
    -------
    array (rows, height · width)
    """
    known, patches = _patches(train, shape), _patches(x, shape)
    middle = known.mean()
    known, patches = known - middle, patches - middle
    errors = np.empty_like(patches)
    for row, column in np.ndindex(patches.shape[1:3]):
        near = known[:, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
        memory = near.reshape(-1, PATCH**2)
        here = patches[:, row, column].reshape(-1, PATCH**2)
        nearest = memory[pairwise_distances_argmin(here, memory)]
        errors[:, row, column] = ((here - nearest) ** 2).reshape(-1, PATCH, PATCH)
    return _joined(errors, shape)


def local_score(errors: Any, shape: Shape, size: int = 3) -> Array:
    """The highest mean error of any size × size pixels.

    Parameters
    ----------
    errors : array (rows, height · width)
    shape : (height, width)
    size : int
        Between 1 and the smaller of height and width.

    Returns
    -------
    array (rows,)
    """
    check_count("size", size, most=min(shape))
    return np.asarray(_squares(errors, shape, size).mean(axis=(3, 4)).max(axis=(1, 2)))


def _pictures(x: Any, shape: Shape) -> Array:
    """Rows as pictures (rows, height, width)."""
    rows = as_array(x)
    if rows.shape[1:] != (prod(shape),):
        raise ValueError(
            f"Pictures of shape {shape} are rows of {prod(shape)} numbers, but these have shape "
            f"{rows.shape}. Pass the split's image_shape."
        )
    return rows.reshape(-1, *shape)


def _squares(x: Any, shape: Shape, size: int) -> Array:
    """Every square of size × size pixels: (rows, places down, places across, size, size)."""
    squares: Array = sliding_window_view(  # type: ignore[call-overload]
        _pictures(x, shape), (size, size), axis=(1, 2)
    )
    return squares


def _places(length: int) -> Array:
    """Where patches begin along one side; the last one ends with the picture."""
    return np.unique([*range(0, length - PATCH, STEP), length - PATCH])


def _patches(x: Any, shape: Shape) -> Array:
    """All patches of each picture: (rows, places down, places across, 8, 8)."""
    if min(shape) < PATCH:
        raise ValueError(
            f"Patches need pictures of at least {PATCH} × {PATCH} pixels, not {shape}."
        )
    down, across = _places(shape[0]), _places(shape[1])
    return _squares(x, shape, PATCH)[:, down[:, None], across]


def _joined(errors: Array, shape: Shape) -> Array:
    """Errors of patches as a map: the mean over the patches that hold a pixel."""
    total, count = np.zeros((len(errors), *shape)), np.zeros(shape)
    for row, top in enumerate(_places(shape[0])):
        for column, left in enumerate(_places(shape[1])):
            here = np.s_[..., top : top + PATCH, left : left + PATCH]
            total[here] += errors[:, row, column]
            count[here] += 1
    return (total / count).reshape(len(errors), -1)
