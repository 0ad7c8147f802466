"""Section 4.2: go into the latent space of a detector, look around, and come back with pictures.

Works with every detector that has `encode` and `decode`, an autoencoder as well as a VAE (whose
`encode` gives μ). Arrays in, arrays out; computed in 64-bit numbers like `score`.
"""

from __future__ import annotations

from math import log, pi
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from anomalylab.detector import Detector, evaluate, for_scoring
from anomalylab.inputs import Array, as_array, check_count


def encode(detector: Detector, x: Any) -> Array:
    """Return z of every row of `x`, shape (rows, latent); of a VAE its mean μ."""
    return evaluate(detector, "encode", x)


def decode(detector: Detector, z: Any) -> Array:
    """Return x_hat for every row of `z` of shape (rows, latent)."""
    return evaluate(detector, "decode", z, width=width(detector))


def width(detector: Detector) -> int:
    """How many numbers z has."""
    known = getattr(detector, "latent", None)
    if isinstance(known, int):
        return known
    return encode(detector, np.zeros((1, *detector.sample_shape))).shape[1]


def sample(detector: Detector, n: int, seed: int = 0) -> Array:
    """Return `n` new samples: z drawn from the prior N(0, I), then decoded.

    What comes back is the mean of p(x|z), without the noise that p(x|z) would add. Only a
    detector that was trained towards this prior, a VAE, can be expected to draw well.
    """
    check_count("n (samples to draw)", n)
    z = np.random.default_rng(seed).standard_normal((n, width(detector)))
    return decode(detector, z)


def clouds(vae: Detector, x: Any) -> tuple[Array, Array]:
    """Return the cloud q(z|x) = N(z; μ, σ²) of every row of `x`.

    Parameters
    ----------
    vae : Detector
        One whose code is a cloud, such as a `VAE`.
    x : array (rows, ...)

    Returns
    -------
    mu, sigma : array (rows, latent), array (rows, latent)
        Centre and standard deviation in each unit; σ is above 0.

    Raises
    ------
    ValueError
        If the detector gives every row a point.
    """
    if not hasattr(vae, "spread"):
        raise ValueError(
            f"{type(vae).__name__} gives every row a point, not a cloud. Use latent.encode, or "
            "pass a VAE."
        )
    return encode(vae, x), evaluate(vae, "spread", x)


def activity(vae: Detector, x: Any) -> Array:
    """Return which share of the variance of each unit of z comes from x, shape (latent,).

    z_j = μ_j(x) + σ_j(x) ε varies because x does, and because ε does. Over the rows of `x`

        share of unit j = Var(μ_j) / (Var(μ_j) + mean of σ_j²),

    the law of total variance. It is between 0 (the same cloud for every x: the unit says
    nothing) and 1 (points that differ).

    Parameters
    ----------
    vae : Detector
        As in `clouds`.
    x : array (rows, ...)
        At least 2.
    """
    mu, sigma = clouds(vae, as_array(x, sample_shape=vae.sample_shape, minimum_rows=2))
    by_x, by_chance = mu.var(axis=0), (sigma**2).mean(axis=0)
    return np.asarray(by_x / (by_x + by_chance))


def active_units(vae: Detector, x: Any, least: float = 0.1) -> NDArray[np.bool_]:
    """Return which units of z say something about x, shape (latent,).

    A unit is active if at least this share of its variance comes from x (`activity`). That μ_j
    varies is not enough (Burda et al. 2016 ask for a variance above 0.01): noise of
    variance 1 drowns it, and the decoder learns to look away.
    """
    if not 0 < least <= 1:
        raise ValueError(f"least is a share above 0 and at most 1, such as 0.1, not {least}.")
    return np.asarray(activity(vae, x) >= least)


def log_density(vae: Detector, x: Any, reach: float = 6.0, step: float = 0.1) -> Array:
    """Return log p(x) of a VAE with a code of 2 numbers, shape (rows,), in nats.

    p(x) = ∫ p(x|z) p(z) dz, added up over a grid of codes: no bound, but as exact as the grid is
    fine (on the digits, to about 0.1).

    Parameters
    ----------
    vae : VAE
        With `latent=2`.
    x : array (rows, features)
    reach, step : float
        The grid covers −reach to reach on both axes, in these steps.

    Raises
    ------
    ValueError
        If the code has not 2 numbers, or the grid is too small or too coarse for these rows.
    """
    if width(vae) != 2:
        raise ValueError(f"A grid needs a code of 2 numbers, but this one has {width(vae)}.")
    if not 0 < step < reach:
        raise ValueError(f"step lies between 0 and reach, but step={step} and reach={reach}.")
    mu, sigma = clouds(vae, x)
    if np.abs(mu).max() > reach:
        raise ValueError(
            f"A row has its code at {np.abs(mu).max():.1f}, outside the grid: pass a larger reach."
        )
    if sigma.min() < step / 3:
        raise ValueError(f"A cloud has σ = {sigma.min():.2g}: pass a step of at most 3 times that.")
    axis = torch.arange(-reach, reach + step / 2, step, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    log_prior = -0.5 * (grid**2).sum(dim=1) - log(2 * pi) + 2 * log(step)
    ready: Any = for_scoring(vae)
    found = []
    with torch.no_grad():
        for row in torch.from_numpy(as_array(x, sample_shape=vae.sample_shape)).to(ready.eps):
            log_likelihood = -ready.reconstruction(row.expand(len(grid), -1), grid.to(row))
            found.append(torch.logsumexp(log_likelihood + log_prior.to(row), dim=0))
    return np.asarray(torch.stack(found).cpu())


def kinds_among(samples: Any, rows: Any, kinds: Any) -> NDArray[Any]:
    """Return what each drawn sample looks like: the kind of the row nearest to it.

    Parameters
    ----------
    samples : array (samples, features)
        Such as what `sample` returns.
    rows : array (rows, features)
        Real samples, such as the training part.
    kinds : array (rows,)
        The kind of each of these, such as `split.train_kinds`.

    Returns
    -------
    array (samples,)
        By Euclidean distance; ``len(set(found))`` counts the kinds. A sample that looks like
        nothing has a nearest row all the same: look at its distance too.
    """
    known, named = as_array(rows), np.asarray(kinds)
    if named.shape != (len(known),):
        raise ValueError(
            f"kinds should be one a row, but there are {len(known)} rows and kinds of shape "
            f"{named.shape}. Pass the kinds of the same part of the split."
        )
    drawn = as_array(samples, sample_shape=known.shape[1:])
    middle = known.mean(axis=0)
    nearest = NearestNeighbors(n_neighbors=1).fit(known - middle).kneighbors(drawn - middle)[1]
    return np.asarray(named[nearest[:, 0]])
