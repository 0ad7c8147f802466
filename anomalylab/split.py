"""Samples in parts, and which part may answer which question.

The parts of a `Split` make the commonest mistake of the field, learning something
from the rows one is about to be graded on, hard to write by accident.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalylab.inputs import Array, as_array
from anomalylab.preprocess import Preprocess

Labels = NDArray[np.int64]
Kinds = NDArray[Any]
PARTS = ("train", "validation", "calibration", "test", "tuning")
_unknown = partial(np.empty, 0)  # no kinds


@dataclass(frozen=True, eq=False)
class Split:
    """Samples in parts, each with one job. A split equals only itself.

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
    train_kinds, validation_kinds, calibration_kinds, test_kinds, tuning_kinds : array (rows,)
        The class of each row of the part, such as the digit; empty if not known.
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
    train_kinds: Kinds = field(default_factory=_unknown)
    validation_kinds: Kinds = field(default_factory=_unknown)
    calibration_kinds: Kinds = field(default_factory=_unknown)
    test_kinds: Kinds = field(default_factory=_unknown)
    tuning_kinds: Kinds = field(default_factory=_unknown)

    def __post_init__(self) -> None:
        for part in PARTS:
            rows, kinds = getattr(self, part), getattr(self, f"{part}_kinds")
            if len(kinds) not in (0, 0 if rows is None else len(rows)):
                raise ValueError(f"{part} and {part}_kinds should have the same number of rows.")
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
        for part in PARTS:
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
    kinds: tuple[Kinds, Kinds] | None = None,
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
    name, image_shape, feature_names
        As in `Split`.
    kinds : (array, array), optional
        The class of every normal row and of every anomaly, for the split to keep.

    Raises
    ------
    ValueError
        If there are too few rows, too few anomalies for that share, or not as many kinds.
    """
    normal = as_array(normal, minimum_rows=20)
    anomalies = as_array(anomalies, sample_shape=normal.shape[1:], minimum_rows=5)
    rng = np.random.default_rng(seed)
    order, odd = rng.permutation(len(normal)), len(normal) + rng.permutation(len(anomalies))
    train, validation, calibration, tuning, test = np.split(
        order, [int(len(order) * share) for share in (0.45, 0.55, 0.70, 0.80)]
    )
    tuning_odd, test_odd = np.split(odd, [len(odd) // 5])
    if anomaly_rate is not None:
        tuning_odd = _thinned(tuning_odd, len(tuning), anomaly_rate)
        test_odd = _thinned(test_odd, len(test), anomaly_rate)
    numbers = {
        "train": train,
        "validation": validation,
        "calibration": calibration,
        "test": np.concatenate([test, test_odd]),
        "tuning": np.concatenate([tuning, tuning_odd]),
    }
    rows = np.concatenate([normal, anomalies])
    labels = np.repeat(np.array([0, 1]), [len(normal), len(anomalies)])
    parts: dict[str, Any] = {part: rows[which] for part, which in numbers.items()}
    if kinds is not None:
        if (len(kinds[0]), len(kinds[1])) != (len(normal), len(anomalies)):
            raise ValueError("kinds should hold one class for each normal row and each anomaly.")
        every = np.concatenate(kinds)
        parts |= {f"{part}_kinds": every[which] for part, which in numbers.items()}
    return Split(
        **parts,
        test_labels=labels[numbers["test"]],
        tuning_labels=labels[numbers["tuning"]],
        name=name,
        feature_names=feature_names,
        image_shape=image_shape,
    )


def _thinned(odd: Labels, normals: int, rate: float) -> Labels:
    """As many of these row numbers as give this share of anomalies beside so many normals."""
    if not 0 < rate < 1:
        raise ValueError(f"anomaly_rate is a share between 0 and 1, such as 0.05, not {rate}.")
    wanted = round(normals * rate / (1 - rate))
    if not 0 < wanted <= len(odd):
        raise ValueError(
            f"anomaly_rate={rate:g} beside {normals} normals takes {wanted} anomalies, but 1 to "
            f"{len(odd)} are possible. Choose another rate."
        )
    return odd[:wanted]
