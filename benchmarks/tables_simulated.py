"""Simulated tables with anomalies of known kinds. Each maker takes a generator and returns
(normals, anomalies), both of shape (rows, columns)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Rows = NDArray[np.float64]
Maker = Callable[[np.random.Generator], tuple[Rows, Rows]]


def _few(n: int) -> int:
    return max(30, n // 10)


def _blobs(rng: np.random.Generator, columns: int, groups: int) -> Callable[..., Rows]:
    """A sampler of groups, each on its own plane with a little noise around it."""
    rank = max(2, columns // 3)
    centres = rng.normal(0, 3, (groups, columns)) / np.sqrt(max(1, columns / 6))
    mixes = [rng.normal(size=(rank, columns)) / np.sqrt(rank) for _ in range(groups)]
    shares = rng.dirichlet(np.full(groups, 3.0))

    def draw(n: int, spread: float = 1.0, shift: float = 1.0) -> Rows:
        group = rng.choice(groups, n, p=shares)
        out = np.empty((n, columns))
        for g in range(groups):
            m = int((group == g).sum())
            around = rng.normal(size=(m, rank)) @ mixes[g] + rng.normal(0, 0.3, (m, columns))
            out[group == g] = shift * centres[g] + np.sqrt(spread) * around
        return out

    return draw


def local(n: int, columns: int, groups: int, spread: float) -> Maker:
    """Anomalies scatter more widely around the same centres."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        draw = _blobs(rng, columns, groups)
        return draw(n), draw(_few(n), spread)

    return make


def clustered(n: int, columns: int, groups: int, shift: float) -> Maker:
    """Anomalies form dense groups farther out."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        draw = _blobs(rng, columns, groups)
        return draw(n), draw(_few(n), 0.5, shift)

    return make


def everywhere(n: int, columns: int, groups: int, reach: float) -> Maker:
    """Anomalies are uniform in a box about as wide as the normals."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        x = _blobs(rng, columns, groups)(n)
        low, high = np.quantile(x, 0.02, 0), np.quantile(x, 0.98, 0)
        box = 1.3 * reach * (high - low) / 2 * rng.uniform(-1, 1, (_few(n), columns))
        return x, (low + high) / 2 + box

    return make


def noisy(n: int, signal: int, noise: int, groups: int, spread: float) -> Maker:
    """As `local`, beside columns that mean nothing."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        x, odd = local(n, signal, groups, spread)(rng)
        add = [np.hstack([part, rng.normal(size=(len(part), noise))]) for part in (x, odd)]
        return add[0], add[1]

    return make


def _broken(rng: np.random.Generator, odd: Rows, share: float) -> Rows:
    """Shuffle some columns, each by itself: every value is ordinary, the combination is not."""
    columns = odd.shape[1]
    for c in rng.choice(columns, max(1, int(share * columns)), replace=False):
        odd[:, c] = rng.permutation(odd[:, c])
    return odd


def copula(n: int, columns: int, share: float) -> Maker:
    """Dependent columns, some heavy-tailed or skewed; in anomalies the dependence is broken."""
    shapes = [stats.t(3).ppf, stats.lognorm(0.8).ppf, lambda v: v, stats.norm.ppf]

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        factors = max(2, columns // 5)
        mix = rng.normal(size=(factors, columns)) / np.sqrt(factors)

        def draw(m: int) -> Rows:
            g = rng.normal(size=(m, factors)) @ mix + rng.normal(0, 0.35, (m, columns))
            u = stats.norm.cdf(g / np.sqrt((mix**2).sum(0) + 0.35**2))
            return np.column_stack([shapes[j % 4](u[:, j]) for j in range(columns)])

        return draw(n), _broken(rng, draw(_few(n)), share)

    return make


def curved(n: int, columns: int, latent: int, share: float) -> Maker:
    """A curved surface with little noise; anomalies leave it without leaving any range."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        mix, phase = rng.normal(size=(latent, columns)), rng.uniform(0, 2 * np.pi, columns)

        def draw(m: int) -> Rows:
            waves = np.sin(rng.normal(size=(m, latent)) @ mix + phase)
            return np.asarray(waves + rng.normal(0, 0.05, (m, columns)))

        return draw(n), _broken(rng, draw(_few(n)), share)

    return make


def mixed(n: int, columns: int, hits: int) -> Maker:
    """Skewed, whole-number, rare binary, heavy-tailed and bounded columns; some are hit."""
    kinds: list[Callable[[Rows, Rows], Any]] = [
        lambda z, tail: np.exp(1.2 * z),
        lambda z, tail: np.round(np.clip(1.5 * z, -2, 4)),
        lambda z, tail: (z > 1.6).astype(float),
        lambda z, tail: z * tail,
        lambda z, tail: stats.norm.cdf(z),
        lambda z, tail: z,
    ]

    def hit(rng: np.random.Generator, row: Rows, spread: Rows) -> None:
        for c in rng.choice(columns, min(hits, columns), replace=False):
            if c % 6 == 2:
                row[c] = 1 - row[c]
            elif c % 6 == 1:
                row[c] = np.clip(row[c] + rng.choice([-2, 2]), -2, 4)
            else:
                row[c] += rng.choice([-1, 1]) * 1.5 * spread[c]

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        means = rng.normal(size=(3, columns))

        def draw(m: int) -> Rows:
            z = means[rng.choice(3, m)] + 0.7 * rng.normal(size=(m, columns))
            z = z + 0.4 * rng.normal(size=(m, 1))
            tail = np.abs(rng.standard_t(2, (m, columns)))
            return np.column_stack([kinds[j % 6](z[:, j], tail[:, j]) for j in range(columns)])

        x, odd = draw(n), draw(_few(n))
        spread = x.std(0)
        for row in odd:
            hit(rng, row, spread)
        return x, odd

    return make


def counts(n: int, columns: int, topics: int, mean: float, new: float) -> Maker:
    """Sparse counts from a few topics; anomalies hold a share of two topics not seen before."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        words = rng.dirichlet(np.full(columns, 0.08), topics + 2)

        def draw(m: int, share: float) -> Rows:
            known = (1 - share) * rng.dirichlet(np.full(topics, 0.3), m)
            weights = np.hstack([known, np.full((m, 2), share / 2)])
            return rng.poisson(rng.gamma(4, mean / 4, (m, 1)) * (weights @ words)).astype(float)

        return draw(n, 0.0), draw(_few(n), new)

    return make


def traffic(n: int) -> Maker:
    """Network-like: huge skew, rates, rare flags, constant columns; four kinds of attack."""

    def draw(rng: np.random.Generator, m: int) -> Rows:
        service = rng.choice(3, m, p=[0.6, 0.3, 0.1])
        size = np.exp(rng.normal(np.array([5, 7, 3])[service], np.array([1, 1.5, 0.4])[service]))
        lasted = np.where(rng.random(m) < 0.7, 0, np.exp(rng.normal(1, 2, m)))
        count = rng.negative_binomial(1, 0.1, m).astype(float)
        rates = rng.beta(0.3, 0.3, (m, 4)) * (rng.random((m, 4)) < 0.3)
        flags = rng.random((m, 4)) < 0.01
        wide = [size, size * rng.lognormal(0, 0.5, m) + 1, lasted, count, count * rng.random(m)]
        return np.column_stack(
            [*wide, rates, 1 - rng.beta(0.5, 5, m), flags, np.zeros((m, 3)), np.eye(3)[service]]
        )

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        x, odd = draw(rng, n), draw(rng, _few(n))
        kind = rng.choice(4, len(odd))
        odd[kind == 0, 3] += 60
        odd[kind == 0, 9] = 0.4
        odd[kind == 1, 5:7] = 1
        odd[kind == 2, 14] = 1  # constant in all normals
        odd[kind == 3, 0] *= 3
        odd[kind == 3, 10] = 1
        return x, odd

    return make


def extreme(n: int, columns: int, far: float) -> Maker:
    """Skewed columns driven by three common factors; anomalies are extreme in the factors."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        mix = rng.normal(size=(3, columns)) / np.sqrt(3)

        def draw(m: int, shift: Rows) -> Rows:
            z = rng.normal(size=(m, 3)) + shift
            return np.exp(0.5 * (z @ mix + rng.normal(0, 0.6, (m, columns))))

        return draw(n, np.zeros(3)), draw(_few(n), far * rng.choice([-1, 1], 3))

    return make


def hormones(n: int, columns: int, flags: int) -> Maker:
    """A common factor, half of the columns skewed, rare flags; one value is far up and its
    neighbour down."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        weights = rng.normal(0, 0.5, columns)

        def draw(m: int) -> Rows:
            return rng.normal(size=(m, 1)) * weights + rng.normal(0, 0.8, (m, columns))

        def finish(z: Rows) -> Rows:
            z[:, ::2] = np.exp(0.8 * z[:, ::2])
            return np.hstack([z, rng.random((len(z), flags)) < 0.05])

        z, odd = draw(n), draw(_few(n))
        first = rng.integers(0, max(2, columns // 3), len(odd))
        step = rng.choice([1, 1, 1, -1], len(odd)) * rng.uniform(1.5, 4, len(odd))
        odd[np.arange(len(odd)), first] += step
        odd[np.arange(len(odd)), (first + 1) % columns] -= 0.7 * step
        return finish(z), finish(odd)

    return make
