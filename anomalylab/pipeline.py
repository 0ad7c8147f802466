"""Tables and series in, alarms out: the course's detectors as a scikit-learn estimator."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from anomalylab.detector import Detector, chunks, errors, fit, for_scoring, reconstruct, score
from anomalylab.inputs import (
    Array,
    as_table,
    check_choice,
    check_columns,
    check_count,
    check_labels,
    check_rows,
)
from anomalylab.models.recipes import build, recipe
from anomalylab.preprocess import Preprocess
from anomalylab.thresholds import Rule, as_rule
from anomalylab.windows import (
    ALIGNMENTS,
    Layout,
    Rows,
    Windows,
    as_index,
    is_time,
    layout,
    usual_steps,
)

Scorer = Callable[[Detector, Any], Array]
PARTS = ("train", "validation", "calibration")


class AnomalyDetectionPipeline(OutlierMixin, BaseEstimator):
    """Scale, fill gaps, score with a network trained on normal rows, decide (chapter 4.5).

    The rows given to `fit` should be normal. They are divided into parts, each with one job:
    scaling and weights learn from 75 %, early stopping watches 10 %, the threshold is set on
    15 %. A model that does not stop early (no `patience` among its settings, like the default)
    learns from 85 %. Tables are divided at random; rows with a time index, and windows, in the
    order of time.

    Parameters
    ----------
    model : str, Detector or callable
        A name: "autoencoder", "vae", "sparse" (for many columns, mostly zeros), "conv" (for
        pictures), "anogan", "fast_anogan", "egbad" or "lstm_ae" (for series, with `window`). Or an
        untrained detector, of which a copy is trained. Or a function that gets the rows of a
        window (1 for tables) and the number of columns, and returns a detector. For series try
        "autoencoder" first: it is faster than "lstm_ae" and on our plant it finds as much.
    threshold : float in (0, 0.99) or Rule
        A share: the false-positive rate that calibration rows promise. Or a rule of
        `anomalylab.thresholds`; one that needs labels comes in by `calibrate`.
    scaling : {None, "standard", "minmax", "pixels"}
        As in `Preprocess`; None takes what suits the model.
    window : int, optional
        For series: judge this many consecutive rows together. A longer step than usual in
        training ends a stretch of rows; a shorter one is not noticed.
    align : {"end", "mean"}
        What the score of a row is when there are windows. "end": that of the window that ends
        there, so an alarm uses nothing later; the first window − 1 rows have no score (NaN) and
        are not flagged. "mean": the mean over all windows that cover the row.
    groups : label, optional
        The column, or level of the index, that says which series (machine, patient) a row belongs
        to; it is no feature. Windows, gaps and the order of time are then those of each series.
    model_settings : dict, optional
        For the detector, over those of the model's recipe, such as ``{"latent": 4}``; a "conv"
        whose picture is no square needs ``{"image_shape": (height, width)}``.
    fit_settings : dict, optional
        For `anomalylab.fit`, such as ``{"epochs": 50, "lr": 1e-3}``, over those of the model.
    random_state : int, RandomState or None
        Decides division, weights at the start, and order of training.
    verbose : bool
        Show one line of progress while training, and while scoring many samples.

    Attributes
    ----------
    detector_ : Detector
        The trained network.
    preprocess_ : Preprocess
        What fills and scales.
    rule_ : Rule
        The fitted threshold rule.
    offset_ : float
        Minus the threshold: ``decision_function = score_samples − offset_``.
    typical_score_ : float
        The median score of the calibration rows.
    history_ : History
        How training went.
    steps_ : dict
        The usual step of every series in seconds; under None that of any other, if all are alike.
    filled_ : array (n_features_in_,)
        Share of each column that was missing in the rows given to `fit`.
    n_features_in_, feature_names_in_ : int, array
        As in every scikit-learn estimator.

    Notes
    -----
    Two conventions, one decision. scikit-learn: `score_samples` is higher for normal rows,
    `predict` gives −1 for anomalies and 1 for the rest. The chapter: `detect` gives a score that
    is higher for anomalies, and True for them. One score is minus the other. Rows of a series
    that no complete window reaches have no score: NaN in `detect`; scikit-learn's tools need
    numbers, so `score_samples` gives them the typical score.

    A gap is filled with what the row's other readings suggest: first linearly (`Preprocess`),
    then twice by the detector itself. What a threshold promises holds for rows with as many gaps
    as those given to `fit`; `benchmarks/README.md` says what was measured for others. Nothing is
    promised where readings are missing because of their value.

    A fit that fails or is interrupted changes nothing.
    """

    def __init__(
        self,
        model: Any = "autoencoder",
        *,
        threshold: Any = 0.05,
        scaling: str | None = None,
        window: int | None = None,
        align: str = "end",
        groups: Any = None,
        model_settings: dict[str, Any] | None = None,
        fit_settings: dict[str, Any] | None = None,
        random_state: Any = 0,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.threshold = threshold
        self.scaling = scaling
        self.window = window
        self.align = align
        self.groups = groups
        self.model_settings = model_settings
        self.fit_settings = fit_settings
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: Any = None, *, groups: Any = None) -> Self:
        """Learn from normal rows.

        Parameters
        ----------
        X : array or DataFrame (rows, columns)
            Numbers; gaps are allowed. At least 4 rows.
        y : ignored
            As in scikit-learn's other outlier detectors.
        groups : array (rows,) or label, optional
            Which series each row belongs to; by default the column named in the constructor.
        """
        fresh = copy.copy(self)
        fresh._learn(X, groups)
        self.__dict__ = fresh.__dict__  # all or nothing
        return self

    def fit_predict(self, X: Any, y: Any = None, *, groups: Any = None) -> NDArray[np.int64]:
        """Learn from the rows, and judge them."""
        return self.fit(X, groups=groups).predict(X, groups=groups)

    def score_samples(self, X: Any, *, groups: Any = None) -> Array:
        """Minus the anomaly score, shape (rows,): higher = more normal."""
        fitted = copy.copy(self)  # another thread may fit meanwhile
        scores = fitted._judge(fitted._frame(X, groups))
        usual = min(fitted.typical_score_, fitted.rule_.value)
        return -np.where(np.isnan(scores), usual, scores)

    def decision_function(self, X: Any, *, groups: Any = None) -> Array:
        """`score_samples` minus `offset_`, shape (rows,): below 0 for anomalies."""
        fitted = copy.copy(self)
        return fitted.score_samples(X, groups=groups) - fitted.offset_

    def predict(self, X: Any, *, groups: Any = None) -> NDArray[np.int64]:
        """−1 for anomalies, 1 for the rest (and for rows of a series without a score)."""
        return np.where(self.decision_function(X, groups=groups) < 0, -1, 1)

    def detect(self, X: Any, *, groups: Any = None) -> pd.DataFrame:
        """The chapter's view: one row for each row of X, under X's own index.

        Returns
        -------
        DataFrame
            `score` (higher = more anomalous), `threshold`, `is_anomaly`, and `filled`: how
            many missing values of the row were filled.
        """
        fitted = copy.copy(self)
        frame = fitted._frame(X, groups)
        scores = fitted._judge(frame, needed=True)
        return pd.DataFrame(
            {
                "score": scores,
                "threshold": fitted.rule_.value,
                "is_anomaly": scores > fitted.rule_.value,
                "filled": np.isnan(frame.rows).sum(axis=1),
            },
            index=frame.labels,
        )

    def contributions(self, X: Any, *, groups: Any = None) -> pd.DataFrame:
        """Why this row? What every column adds to its score, shape (rows, columns).

        The detector's `errors` divided by the number of columns. For a detector whose score is
        the mean of its errors, a row adds up to its score.
        """
        fitted = copy.copy(self)
        frame = fitted._frame(X, groups)
        where, windows = fitted._windows(frame, needed=True)
        shape = (-1, where.size, frame.rows.shape[1])

        def by_column(detector: Detector, x: Any) -> Array:
            return errors(detector, x).reshape(shape).mean(axis=1) / shape[2]

        values = fitted._over(windows, where.of(np.isnan(frame.rows)), by_column)
        return pd.DataFrame(
            where.to_steps(values, self.align), index=frame.labels, columns=frame.columns
        )

    def calibrate(
        self, X: Any, labels: Any = None, threshold: Any = None, *, groups: Any = None
    ) -> Self:
        """Set the threshold anew on other rows, without training.

        Parameters
        ----------
        X : array or DataFrame (rows, columns)
            Fresh normal rows; or labelled ones. A rule without labels uses the normal ones.
        labels : array (rows,), optional
            0 normal, 1 anomaly.
        threshold : float or Rule, optional
            By default the rule of `fit`.
        groups : array (rows,) or label, optional
            As in `fit`.
        """
        rule = as_rule(self.threshold if threshold is None else threshold)
        fitted = copy.copy(self)
        frame = fitted._frame(X, groups)
        truth = (
            np.zeros(len(frame.rows)) if labels is None else check_labels(labels, len(frame.rows))
        )
        scores = fitted._judge(frame, needed=True)
        judged = ~np.isnan(scores)
        normal = scores[judged & (truth == 0)]
        if labels is None:
            rule.check_rows(len(normal))
        rule.rounding = fitted.rule_.rounding
        rule.fit(scores[judged], None if labels is None else truth[judged])
        fitted.typical_score_, fitted.rule_ = float(np.median(normal)), rule
        self.__dict__ = fitted.__dict__  # at once, for threads
        return self

    @property
    def offset_(self) -> float:
        """Minus the threshold."""
        return -self.rule_.value

    def _learn(self, X: Any, groups: Any) -> None:
        rule, size = as_rule(self.threshold), self._window_size()
        chosen = recipe(self.model)
        frame = self._frame(X, groups, reset=True)
        random = check_random_state(self.random_state)
        seed = int(random.randint(2**31 - 1))
        settings: dict[str, Any] = {"patience": chosen.patience, "seed": seed}
        settings |= {"progress": self.verbose, **(self.fit_settings or {})}
        parts = _parts(frame, size, random, stopping=settings["patience"] is not None)
        if not len(parts[2]):
            raise ValueError("No series has 4 rows, which it takes to set a threshold on some.")
        self.filled_ = np.isnan(frame.rows).mean(axis=0)
        self.preprocess_ = Preprocess(self.scaling or chosen.scaling)
        self.preprocess_.fit(frame.take(parts[0]).table())
        self.steps_ = usual_steps(frame.index, frame.groups)
        ready = self.preprocess_.transform(frame.rows)
        samples = [
            self._part(frame.take(part), ready[part], name)
            for part, name in zip(parts, PARTS, strict=True)
        ]
        train, watched, (where, last) = samples[0][1], samples[1][1], samples[2]
        judged = where.to_steps(np.zeros(len(where)), self.align)
        rule.check_rows(int(np.isfinite(judged).sum()))
        columns = frame.rows.shape[1]
        detector, plain = build(
            chosen, size, columns, len(train), seed, **(self.model_settings or {})
        )
        if {"epochs", "steps"} & set(settings):
            plain = {name: v for name, v in plain.items() if name not in ("epochs", "steps")}
        held_out = {"validation": watched if len(watched) else None}
        self.history_ = fit(detector, train, **{**held_out, **plain, **settings})
        if self.history_.stopped == "by you":
            raise KeyboardInterrupt("Stopped while training: the pipeline is as it was before.")
        self.detector_ = for_scoring(detector)
        values = self._over(last, where.of(np.isnan(frame.rows[parts[2]])), score)
        scores = where.to_steps(values, self.align)[np.isfinite(judged)]
        self.typical_score_ = float(np.median(scores))
        # the smaller x − x_hat is, the fewer of its digits are right
        rule.rounding = max(
            Rule.rounding,
            torch.finfo(self.detector_.scoring_dtype).resolution
            * max(10, 0.2 * max(abs(self.typical_score_), 4e-8) ** -0.5),
        )
        self.rule_ = rule.fit(scores)

    def _window_size(self) -> int:
        check_choice("align", self.align, ALIGNMENTS)
        return 1 if self.window is None else check_count("window (in rows)", self.window)

    def _frame(self, X: Any, groups: Any, reset: bool = False) -> _Frame:
        """X taken apart and checked, or an error that names the column or the row."""
        if not reset:
            check_is_fitted(self)
        X = as_table(X)
        labels = X.index if isinstance(X, pd.DataFrame) else None
        X, index, groups = _series(X, groups, self.groups)
        if reset:
            self._grouped, self._timed = groups is not None, is_time(index)
        elif self._window_size() > 1 and self._grouped != (groups is not None):
            raise ValueError("Windows need groups= here as in fit: in both, or in neither.")
        elif self._window_size() > 1 and self._timed != is_time(index):
            raise ValueError("Windows need a time index here as in fit: in both, or in neither.")
        X = check_columns(X)
        names = X.columns if isinstance(X, pd.DataFrame) else None
        self._same_columns(names, reset)
        rows: Array = validate_data(
            self,
            X,
            reset=reset,
            dtype=np.float64,
            ensure_all_finite=False,
            ensure_min_samples=4 if reset else 1,
        )
        check_rows(rows, X)
        return _Frame(rows, labels, names, index, groups)

    def _same_columns(self, names: Any, reset: bool) -> None:
        """Compare names as in fit; if all are strings, scikit-learn does."""
        if reset:
            self._names = names
        if names is None or self._names is None or names.equals(self._names):
            return
        if not all(isinstance(name, str) for name in (*names, *self._names)):
            raise ValueError(
                f"The columns of fit were {list(self._names)}, but these are {list(names)}."
            )

    def _windows(self, frame: _Frame, needed: bool = False) -> tuple[Layout, Windows]:
        """Where the windows of a frame lie, and the windows, filled and scaled."""
        where = self._layout(frame)
        if needed and not len(where):
            raise ValueError(
                f"{len(frame.rows)} row(s) without a gap hold no complete window of {where.size}. "
                "Pass the rows before them too."
            )
        return where, where.of(self.preprocess_.transform(frame.rows))

    def _layout(self, frame: _Frame) -> Layout:
        size = self._window_size()
        return layout(frame.index, len(frame.rows), size, frame.groups, self.steps_)

    def _part(self, frame: _Frame, ready: Array, name: str) -> tuple[Layout, Windows]:
        """The windows of a part; none reaches from one part into another."""
        where = self._layout(frame)
        if len(ready) and len(where) < (2 if name == "train" else 1):
            raise ValueError(
                f"The {name} part, {len(ready)} rows in {where.pieces} piece(s), holds "
                f"{len(where)} complete window(s) of {where.size} rows: too few. Pass more rows or "
                "a smaller window. A step in time longer than 1.5 times the usual one, such as a "
                "weekend among working days, ends a piece; without a time index rows are "
                "consecutive."
            )
        return where, where.of(ready)

    def _judge(self, frame: _Frame, needed: bool = False) -> Array:
        """Anomaly scores of the rows, NaN where no window gives one."""
        where, windows = self._windows(frame, needed)
        scores = self._over(windows, where.of(np.isnan(frame.rows)), score)
        return where.to_steps(scores, self.align)

    def _over(self, windows: Windows, gaps: Windows, function: Scorer) -> Array:
        """A function of detector and samples, over all windows, a chunk at a time."""
        shape = self.detector_.sample_shape
        samples = chunks(windows.shaped(shape), progress=self.verbose)
        pairs = zip(samples, chunks(gaps.shaped(shape)), strict=True)
        values, done = np.empty(0), 0
        for x, gap in pairs:
            part = function(self.detector_, _settled(self.detector_, x, gap))
            if not done:  # one array for all: kept pieces would leave memory in holes
                values = np.empty((len(windows), *part.shape[1:]))
            values[done : done + len(part)] = part
            done += len(part)
        return values


def _settled(detector: Detector, x: Tensor, gap: Tensor) -> Tensor:
    """Samples whose filled gaps the detector draws anew, twice.

    The fill of `Preprocess` knows straight relations only. Where normal rows lie on something
    bent, it is off, and the row would be flagged for it.
    """
    rows, settled = gap.flatten(1).any(1), x.clone()
    for _ in range(2 if rows.any() else 0):
        try:
            drawn = torch.from_numpy(reconstruct(detector, settled[rows]))
        except NotImplementedError:  # a detector that does not draw
            return x
        # rounded: a search that comes by the same z again would meet |x − G(z)| = 0, where the last
        # digit says where it goes on
        settled[rows] = torch.where(gap[rows], drawn.round(decimals=9), settled[rows])
    return settled


@dataclass(frozen=True)
class _Frame:
    """A table taken apart: numbers with gaps, labels of rows and columns, times, series."""

    rows: Array
    labels: Any
    columns: Any
    index: Any
    groups: Any

    def take(self, part: Rows) -> _Frame:
        """Some of the rows."""
        groups = None if self.groups is None else self.groups[part]
        index = None if self.index is None else self.index[part]
        return replace(self, rows=self.rows[part], index=index, groups=groups)

    def table(self) -> Any:
        """The rows, under the names of their columns if they have names."""
        return self.rows if self.columns is None else pd.DataFrame(self.rows, columns=self.columns)


def _series(X: Any, groups: Any, column: Any) -> tuple[Any, Any, Any]:
    """X without a column of groups, the index that may hold times, and the groups."""
    index = X.index if isinstance(X, pd.DataFrame) else None
    named = pd.api.types.is_scalar(groups) and groups is not None
    column, groups = (groups, None) if named else (column, groups)
    if column is not None and index is not None and column in X.columns:
        X, named_groups = X.drop(columns=column), X[column]
    elif column is not None and index is not None and column in index.names:
        named_groups = index.get_level_values(column)
        index = index.droplevel(column) if index.nlevels > 1 else None
    elif column is not None and groups is None:
        raise ValueError(f"groups={column!r} is neither a column nor a level of the index.")
    else:
        named_groups = None
    if isinstance(groups, pd.Series) and index is not None and not groups.index.equals(X.index):
        raise ValueError("groups has another index than the rows. Pass an array, or align it.")
    groups = named_groups if groups is None else groups
    if isinstance(index, pd.MultiIndex):
        levels = [as_index(index.get_level_values(level)) for level in range(index.nlevels)]
        times = [level for level in levels if is_time(level)]
        index = times[0] if groups is not None and len(times) == 1 else index
    index = as_index(index)
    if groups is None:
        return X, index, None
    groups = pd.Series(list(groups)).to_numpy()
    missing = int(pd.isna(groups).sum())
    if len(groups) != len(X) or missing:
        raise ValueError(
            f"groups should name the series of each of the {len(X)} rows, but have "
            f"{len(groups)} names and {missing} missing value(s)."
        )
    return X, index, groups


def _parts(frame: _Frame, size: int, random: Any, *, stopping: bool) -> list[Rows]:
    """Row numbers of train, validation and calibration: at random, or every series in time."""
    rows = len(frame.rows)
    if size == 1 and not is_time(frame.index):
        return divide(random.permutation(rows), stopping=stopping)
    order = layout(frame.index, rows, 1, frame.groups).order
    series = np.zeros(rows) if frame.groups is None else pd.factorize(frame.groups)[0]
    ends = np.flatnonzero(np.diff(series[order])) + 1
    pieces = np.split(order, ends)
    if size == 1 and max(map(len, pieces)) < 4:  # too short to be divided, and no need to
        return divide(random.permutation(rows), stopping=stopping)
    dealt = [divide(piece, stopping=stopping) for piece in pieces]
    return [np.concatenate(parts) for parts in zip(*dealt, strict=True)]


def divide(order: Rows, *, stopping: bool = True) -> list[Rows]:
    """Deal normal rows out to train (75 %), validation (10 %) and calibration (15 %).

    Parameters
    ----------
    order : array (rows,)
        Row numbers: shuffled for a table, in the order of time for a series.
    stopping : bool
        Whether training stops early. If not, the validation rows join the training rows.

    Returns
    -------
    list of three arrays
        Row numbers, at least 2, 1 (0 without stopping) and 1 of them; fewer than 4 rows all
        train.
    """
    rows = len(order)
    if rows < 4:
        return [order, order[:0], order[:0]]
    first = min(max(2, int(0.75 * rows)), rows - 2)
    second = min(max(first + 1, int(0.85 * rows)), rows - 1)
    return np.split(order, [first if stopping else second, second])
