"""Section 4.2: go into the latent space of a detector, look around, and come back with pictures.

Works with every detector that has `encode` and `decode`, an autoencoder as well as a VAE (whose
`encode` gives μ). Arrays in, arrays out; computed in 64-bit numbers like `score`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from anomalylab.detector import Detector, evaluate
from anomalylab.inputs import Array, as_array


def encode(detector: Detector, x: Any) -> Array:
    """Return z of every row of `x`, shape (rows, latent); of a VAE its mean μ."""
    return evaluate(detector, "encode", x)


def decode(detector: Detector, z: Any) -> Array:
    """Return x_hat for every row of `z` of shape (rows, latent)."""
    return evaluate(detector, "decode", z, width=width(detector))


def width(detector: Detector) -> int:
    """How many numbers z has."""
    return encode(detector, np.zeros((1, *detector.sample_shape))).shape[1]


def sample(detector: Detector, n: int, seed: int = 0) -> Array:
    """Return `n` new samples: z drawn from the prior N(0, I), then decoded.

    What comes back is the mean of p(x|z), without the noise that p(x|z) would add. Only a
    detector that was trained towards this prior, a VAE, can be expected to draw well.
    """
    if n < 1:
        raise ValueError(f"n is how many samples to draw, at least 1, not {n}.")
    z = np.random.default_rng(seed).standard_normal((n, width(detector)))
    return decode(detector, z)


def traverse(detector: Detector, z: Any, unit: int, values: Sequence[float] | Array) -> Array:
    """Decode `z` with one of its numbers replaced by each of `values`.

    Parameters
    ----------
    z : array (latent,)
        Where to start.
    unit : int
        Which number of z to turn, counted from 0.
    values : sequence of float

    Returns
    -------
    array (len(values), ...)
        One x_hat a value.
    """
    start = np.asarray(z, dtype=np.float64)
    if start.ndim != 1 or not 0 <= unit < len(start):
        raise ValueError(
            f"z should be one row and unit one of its places, but z has shape {start.shape} "
            f"and unit is {unit}. Pass z[i] and a unit from 0."
        )
    path = np.repeat(start[None], len(values), axis=0)
    path[:, unit] = values
    return decode(detector, path)


def interpolate(detector: Detector, a: Any, b: Any, steps: int = 9) -> Array:
    """Walk in a straight line through latent space from sample `a` to sample `b`.

    Parameters
    ----------
    a, b : array
        Two samples, each of the detector's sample shape.
    steps : int
        Pictures on the way, at least 2. The first is the reconstruction of a, the last of b.

    Returns
    -------
    array (steps, ...)
    """
    if steps < 2:
        raise ValueError(f"steps counts both ends, so it should be at least 2, not {steps}.")
    ends = encode(detector, np.stack([np.asarray(a), np.asarray(b)]))
    return decode(detector, np.linspace(ends[0], ends[1], steps))


def projection(z: Any, fitted_on: Any = None) -> Array:
    """Show z in two dimensions: as it is if it has two, else on its two main axes (PCA).

    Parameters
    ----------
    z : array (rows, latent)
        With at least two columns.
    fitted_on : array (rows, latent), optional
        The rows that decide on the axes; by default `z` itself. Give the same ones to compare
        two projections.

    Returns
    -------
    array (rows, 2)
    """
    rows = as_array(z)
    if rows.shape[1] < 2:
        raise ValueError("z has one column: there is nothing to project. Draw its histogram.")
    if rows.shape[1] == 2:
        return rows
    basis = rows if fitted_on is None else as_array(fitted_on, sample_shape=rows.shape[1:])
    return np.asarray(PCA(2, svd_solver="full").fit(basis).transform(rows))


def active_units(detector: Detector, x: Any, least: float = 0.01) -> NDArray[np.bool_]:
    """Return which numbers of z say anything about x, shape (latent,).

    A unit is active if its variance over the rows of `x` exceeds `least` (Burda et al. 2016).
    Of a collapsed VAE none is: μ is the same for every x.
    """
    rows = as_array(x, sample_shape=detector.sample_shape, minimum_rows=2)
    return np.asarray(encode(detector, rows).var(axis=0) > least)
