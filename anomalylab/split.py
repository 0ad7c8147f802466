"""Samples in parts, and which part may answer which question.

The parts of a `Split` make the commonest mistake of the field, learning something
from the rows one is about to be graded on, hard to write by accident.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalylab.inputs import Array, as_array
from anomalylab.preprocess import Preprocess

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

    @property
    def normal_tuning(self) -> Array:
        """The normal rows of the tuning part."""
        return self._tuning(0)

    @property
    def anomalous_tuning(self) -> Array:
        """The anomalous rows of the tuning part."""
        return self._tuning(1)

    def _tuning(self, label: int) -> Array:
        if self.tuning is None or self.tuning_labels is None:
            raise ValueError("This split has no tuning part: no labels to choose anything by.")
        return self.tuning[self.tuning_labels == label]

    def scaled(self, method: str = "standard") -> Split:
        """The same split with every part filled and scaled by what `train` shows.

        Parameters
        ----------
        method : {"standard", "minmax"}
            As in `Preprocess`. After "minmax" only the training rows are sure to lie in [0, 1].
        """
        preprocess = Preprocess(method).fit(self.train)
        done: dict[str, Any] = {}
        for part in ("train", "validation", "calibration", "test", "tuning"):
            rows = getattr(self, part)
            done[part] = None if rows is None else preprocess.transform(rows)
        return replace(self, **done)


def split_rows(
    normal: Array,
    anomalies: Array,
    *,
    seed: int = 0,
    anomaly_rate: float | None = None,
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
    anomaly_rate : float in (0, 1), optional
        Share of anomalies that tuning and test shall have; the rest of them is left out. By
        default all are kept, often far more than real life has.

    Raises
    ------
    ValueError
        If there are too few rows, or too few anomalies for that share.
    """
    rng = np.random.default_rng(seed)
    rows = rng.permutation(as_array(normal, minimum_rows=20))
    odd = rng.permutation(as_array(anomalies, sample_shape=rows.shape[1:], minimum_rows=5))
    train, validation, calibration, tuning, test = np.split(
        rows, [int(len(rows) * share) for share in (0.45, 0.55, 0.70, 0.80)]
    )
    tuning_odd, test_odd = np.split(odd, [len(odd) // 5])
    if anomaly_rate is not None:
        tuning_odd = _thinned(tuning_odd, len(tuning), anomaly_rate)
        test_odd = _thinned(test_odd, len(test), anomaly_rate)
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


def _thinned(odd: Array, normals: int, rate: float) -> Array:
    """As many of the anomalies as give this share beside so many normals."""
    if not 0 < rate < 1:
        raise ValueError(f"anomaly_rate is a share between 0 and 1, such as 0.05, not {rate}.")
    wanted = round(normals * rate / (1 - rate))
    if not 0 < wanted <= len(odd):
        raise ValueError(
            f"anomaly_rate={rate:g} beside {normals} normals takes {wanted} anomalies, but 1 to "
            f"{len(odd)} are possible. Choose another rate."
        )
    return odd[:wanted]


def _labels(normal: Array, anomalies: Array) -> Labels:
    return np.repeat(np.array([0, 1]), [len(normal), len(anomalies)])


def divide(order: Labels, *, stopping: bool = True) -> list[Labels]:
    """Deal rows that are all normal out to train (75 %), validation (10 %), calibration (15 %).

    Parameters
    ----------
    order : array (rows,)
        Row numbers, at least 4: shuffled for a table, in the order of time for a series.
    stopping : bool
        Whether training stops early. If not, the validation rows join the training rows.

    Returns
    -------
    list of three arrays
        Row numbers, at least 2, 1 (0 without stopping) and 1 of them.
    """
    rows = len(order)
    first = min(max(2, int(0.75 * rows)), rows - 2)
    second = min(max(first + 1, int(0.85 * rows)), rows - 1)
    return np.split(order, [first if stopping else second, second])
