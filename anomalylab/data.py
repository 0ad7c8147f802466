"""Where samples come from, and which part of them may answer which question.

The parts of a `Split` make the commonest mistake of the field, learning something
from the rows one is about to be graded on, hard to write by accident.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

from anomalylab.preprocess import Array, as_array

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Samples in parts, each with one job.

    Attributes
    ----------
    train : array (rows, features)
        Normals. Weights and scaling are learned here.
    validation : array
        Normals. Early stopping watches these.
    calibration : array
        Normals. Thresholds that need no labels are set here. What such a threshold
        promises holds for exchangeable rows, which a time series does not have.
    test, test_labels : array, array (rows,)
        Normals (0) and anomalies (1). Looked at once, at the end.
    tuning, tuning_labels : array, array, optional
        Normals and anomalies for choices that need labels.
    name : str
        What is normal and what is not, in words.
    feature_names : tuple of str
        One a column, or empty.
    image_shape : (height, width), optional
        If a row is a picture.
    """

    train: Array
    validation: Array
    calibration: Array
    test: Array
    test_labels: Labels
    tuning: Array | None = None
    tuning_labels: Labels | None = None
    name: str = ""
    feature_names: tuple[str, ...] = field(default=(), repr=False)
    image_shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        for part in ("test", "tuning"):
            rows, labels = getattr(self, part), getattr(self, f"{part}_labels")
            if rows is None and labels is None:
                continue
            if rows is None or labels is None or len(rows) != len(labels):
                raise ValueError(f"{part} and {part}_labels should have the same number of rows.")
            if not set(np.unique(labels)) <= {0, 1}:
                raise ValueError(f"{part}_labels should hold 0 (normal) and 1 (anomaly) only.")

    def __repr__(self) -> str:
        parts = [f"{p} {len(getattr(self, p))}" for p in ("train", "validation", "calibration")]
        for part in ("tuning", "test"):
            labels = getattr(self, f"{part}_labels")
            if labels is not None:
                parts.append(
                    f"{part} {(labels == 0).sum()} normal + {(labels == 1).sum()} anomalous"
                )
        return f"Split({self.name}: {', '.join(parts)})"

    @property
    def normal_test(self) -> Array:
        """The normal rows of the test part."""
        return self.test[self.test_labels == 0]


def split_rows(
    normal: Array,
    anomalies: Array,
    *,
    seed: int = 0,
    name: str = "",
    image_shape: tuple[int, int] | None = None,
    feature_names: tuple[str, ...] = (),
) -> Split:
    """Deal rows out at random: normals 45/10/15/10/20 % over train, validation, calibration,
    tuning and test; anomalies 20/80 % over tuning and test.

    Parameters
    ----------
    normal, anomalies : array (rows, features)
        At least 20 normals and 5 anomalies.
    seed : int
        Decides who goes where.
    """
    rng = np.random.default_rng(seed)
    rows = rng.permutation(as_array(normal, minimum_rows=20))
    odd = rng.permutation(as_array(anomalies, sample_shape=rows.shape[1:], minimum_rows=5))
    train, validation, calibration, tuning, test = np.split(
        rows, [int(len(rows) * share) for share in (0.45, 0.55, 0.70, 0.80)]
    )
    tuning_odd, test_odd = np.split(odd, [len(odd) // 5])
    return Split(
        train,
        validation,
        calibration,
        np.concatenate([test, test_odd]),
        _labels(test, test_odd),
        np.concatenate([tuning, tuning_odd]),
        _labels(tuning, tuning_odd),
        name=name,
        feature_names=feature_names,
        image_shape=image_shape,
    )


def _labels(normal: Array, anomalies: Array) -> Labels:
    return np.repeat(np.array([0, 1]), [len(normal), len(anomalies)])


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
    if (normal is None) == (held_out is None):
        raise ValueError("Give either normal=… (the normal digits) or held_out=… (the odd one).")
    given: Any = held_out if normal is None else normal
    chosen: list[int] = np.atleast_1d(given).tolist()
    if not set(chosen) <= set(range(10)) or len(set(chosen)) == 10:
        raise ValueError(f"Digits are 0 to 9 and both kinds are needed, but got {chosen}.")
    pixels, target = load_digits(return_X_y=True)
    is_chosen = np.isin(target, chosen)
    is_normal = is_chosen if normal is not None else ~is_chosen
    words = f"digit {chosen}" if len(chosen) > 1 else f"digit {chosen[0]}"
    return split_rows(
        pixels[is_normal] / 16,
        pixels[~is_normal] / 16,
        seed=seed,
        name=f"{words} is {'normal' if normal is not None else 'the anomaly'}",
        image_shape=(8, 8),
        feature_names=tuple(f"pixel {i // 8},{i % 8}" for i in range(64)),
    )
