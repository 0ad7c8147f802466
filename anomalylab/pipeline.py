"""Tables and series in, alarms out: the course's detectors as a scikit-learn estimator."""

from __future__ import annotations

from math import prod
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from anomalylab.detector import Detector, History, errors, fit, score
from anomalylab.inputs import Array, check_columns, check_rows
from anomalylab.models.recipes import recipe
from anomalylab.preprocess import Preprocess
from anomalylab.split import divide
from anomalylab.thresholds import Rule, as_rule
from anomalylab.windows import ALIGNMENTS, Rows, is_time, to_steps, window_rows

CHUNK = 4096  # windows held in memory at a time


class AnomalyDetectionPipeline(OutlierMixin, BaseEstimator):
    """Fill gaps, scale, score with a network trained on normal rows, decide (chapter 4.5).

    The rows given to `fit` should be normal. They are divided into parts, each with one job:
    scaling and weights learn from 75 %, early stopping watches 10 %, the threshold is set on
    15 %. A model that does not stop early (no `patience` among its settings, like the default)
    learns from 85 %. Tables are divided at random; rows with a time index, and windows, in the
    order of time.

    Parameters
    ----------
    model : str, Detector or callable
        A name ("autoencoder", "vae"); or an untrained detector, of which a copy is trained; or a
        function that gets the number of values in a sample and returns a detector.
    threshold : float in (0, 0.99) or Rule
        A share: the false-positive rate that calibration rows promise. Or a rule of
        `anomalylab.thresholds`; one that needs labels comes in by `calibrate`.
    scaling : {None, "standard", "minmax"}
        As in `Preprocess`; None takes what suits the model.
    window : int, optional
        For series: judge this many consecutive rows together.
    align : {"end", "mean"}
        What the score of a row is when there are windows. "end": that of the window that ends
        there, so an alarm uses nothing later; the first window − 1 rows have no score (NaN) and
        are not flagged. "mean": the mean over all windows that cover the row.
    fit_settings : dict, optional
        For `anomalylab.fit`, such as ``{"epochs": 50, "lr": 1e-3}``, over those of the model.
    random_state : int, RandomState or None
        Decides division, weights at the start, and order of training.
    verbose : bool
        Show one line of progress while training.

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
    history_ : History
        How training went.
    filled_ : array (n_features_in_,)
        Share of each column that was missing in the rows given to `fit`.
    n_features_in_, feature_names_in_ : int, array
        As in every scikit-learn estimator.

    Notes
    -----
    Two conventions, one decision. scikit-learn: `score_samples` is higher for normal rows,
    `predict` gives −1 for anomalies and 1 for the rest. The chapter: `detect` gives a score that
    is higher for anomalies, and True for them. One score is minus the other.
    """

    def __init__(
        self,
        model: Any = "autoencoder",
        *,
        threshold: Any = 0.05,
        scaling: str | None = None,
        window: int | None = None,
        align: str = "end",
        fit_settings: dict[str, Any] | None = None,
        random_state: Any = 0,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.threshold = threshold
        self.scaling = scaling
        self.window = window
        self.align = align
        self.fit_settings = fit_settings
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from normal rows.

        Parameters
        ----------
        X : array or DataFrame (rows, columns)
            Numbers; gaps are allowed. At least 4 rows.
        y : ignored
            As in scikit-learn's other outlier detectors.
        """
        rule = as_rule(self.threshold)
        size = self._window_size()
        rows = self._rows(X, reset=True)
        random = check_random_state(self.random_state)
        seed = int(random.randint(2**31 - 1))
        index = X.index if isinstance(X, pd.DataFrame) else None
        in_time = size > 1 or is_time(index)
        order = window_rows(index, len(rows), 1)[:, 0] if in_time else random.permutation(len(rows))
        known = self._named(rows)
        chosen = recipe(self.model, rows.shape[1] * size, 3 * len(rows) // 4, seed)
        settings = {**chosen.settings, **(self.fit_settings or {})}
        parts = divide(order, stopping="patience" in settings)
        self.filled_ = np.isnan(rows).mean(axis=0)
        self.preprocess_ = Preprocess(self.scaling or chosen.scaling).fit(known.iloc[parts[0]])
        samples = self._samples_of_parts(rows, index, parts, chosen.detector)
        self.history_ = self._train(chosen.detector, samples, settings, seed)
        self.detector_ = chosen.detector
        self._decide_by(rule.fit(score(self.detector_, samples[2])))
        return self

    def score_samples(self, X: Any) -> Array:
        """Minus the anomaly score, shape (rows,): higher = more normal."""
        return -self._scores(X)[0]

    def decision_function(self, X: Any) -> Array:
        """`score_samples` minus `offset_`, shape (rows,): below 0 for anomalies."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.int64]:
        """−1 for anomalies, 1 for the rest (and for rows of a series without a score)."""
        return np.where(self.decision_function(X) < 0, -1, 1)

    def detect(self, X: Any) -> pd.DataFrame:
        """The chapter's view: one row for each row of X, under X's own index.

        Returns
        -------
        DataFrame
            `score` (higher = more anomalous), `threshold`, `is_anomaly`, and `filled`: how
            many missing values of the row were filled with training means.
        """
        scores, rows = self._scores(X)
        return pd.DataFrame(
            {
                "score": scores,
                "threshold": self.rule_.value,
                "is_anomaly": scores > self.rule_.value,
                "filled": np.isnan(rows).sum(axis=1),
            },
            index=X.index if isinstance(X, pd.DataFrame) else None,
        )

    def contributions(self, X: Any) -> pd.DataFrame:
        """Why this row? What every column adds to its score, shape (rows, columns).

        The detector's `errors` divided by the number of columns. For a detector whose score is
        the mean of its errors, a row adds up to its score.
        """
        covered, rows = self._covered(X)
        per_window = self._by_window(errors, rows, covered)
        shape = (*covered.shape, rows.shape[1])
        values = per_window.reshape(shape).mean(axis=1) / rows.shape[1]
        aligned = to_steps(values, covered, len(rows), self.align)
        if not isinstance(X, pd.DataFrame):
            return pd.DataFrame(aligned)
        return pd.DataFrame(aligned, index=X.index, columns=X.columns)

    def calibrate(self, X: Any, labels: Any = None, threshold: Any = None) -> Self:
        """Set the threshold anew on other rows, without training.

        Parameters
        ----------
        X : array or DataFrame (rows, columns)
            Fresh normal rows; or labelled ones for a rule that needs labels.
        labels : array (rows,), optional
            0 normal, 1 anomaly.
        threshold : float or Rule, optional
            By default the rule of `fit`.
        """
        scores, _ = self._scores(X)
        judged = ~np.isnan(scores)
        rule = as_rule(self.threshold if threshold is None else threshold)
        truth = None if labels is None else np.asarray(labels)[judged]
        return self._decide_by(rule.fit(scores[judged], truth))

    def _decide_by(self, rule: Rule) -> Self:
        self.rule_ = rule
        self.offset_ = -rule.value
        return self

    def _window_size(self) -> int:
        if self.align not in ALIGNMENTS:
            raise ValueError(f"align should be 'end' or 'mean', not {self.align!r}.")
        if self.window is None:
            return 1
        if not isinstance(self.window, int | np.integer) or self.window < 1:
            raise ValueError(f"window counts rows, 1 or more, and cannot be {self.window!r}.")
        return int(self.window)

    def _rows(self, X: Any, reset: bool = False) -> Array:
        """X as numbers, gaps still open, or an error that names the column."""
        check_columns(X)
        rows: Array = validate_data(
            self,
            X,
            reset=reset,
            dtype=np.float64,
            ensure_all_finite=False,
            ensure_min_samples=4 if reset else 1,
        )
        check_rows(rows, X)
        return rows

    def _named(self, rows: Array) -> pd.DataFrame:
        return pd.DataFrame(rows, columns=getattr(self, "feature_names_in_", None))

    def _samples_of_parts(
        self, rows: Array, index: Any, parts: list[Rows], detector: Detector
    ) -> list[Array]:
        """Scaled samples of every part; no window reaches from one part into another."""
        ready, size = self.preprocess_.transform(rows), self._window_size()
        samples = []
        for name, part in zip(("train", "validation", "calibration"), parts, strict=True):
            inside = part[window_rows(None if index is None else index[part], len(part), size)]
            if len(part) and len(inside) < (2 if name == "train" else 1):
                raise ValueError(
                    f"The {name} part, {len(part)} rows, holds {len(inside)} complete window(s) "
                    f"of {size} rows: too few. Pass more rows or a smaller window."
                )
            samples.append(
                ready[inside].reshape(len(inside), *_sample_shape(detector, inside, rows))
            )
        return samples

    def _train(
        self, detector: Detector, samples: list[Array], settings: dict[str, Any], seed: int
    ) -> History:
        train, validation, _ = samples
        watched = validation if len(validation) else None
        settings = {"validation": watched, "seed": seed, **settings}
        return fit(detector, train, progress=self.verbose, **settings)

    def _covered(self, X: Any) -> tuple[Rows, Array]:
        """The windows that X holds, and its rows."""
        check_is_fitted(self)
        rows = self._rows(X)
        index = X.index if isinstance(X, pd.DataFrame) else None
        size = self._window_size()
        covered = window_rows(index, len(rows), size)
        if not len(covered):
            raise ValueError(
                f"{len(rows)} row(s) without a gap hold no complete window of {size}. "
                "Pass the rows before them too."
            )
        return covered, rows

    def _scores(self, X: Any) -> tuple[Array, Array]:
        """Anomaly scores aligned to the rows of X, and those rows."""
        covered, rows = self._covered(X)
        return to_steps(self._by_window(score, rows, covered), covered, len(rows), self.align), rows

    def _by_window(self, function: Any, rows: Array, covered: Rows) -> Array:
        """A function of detector and samples, over all windows, some thousands at a time."""
        ready = self.preprocess_.transform(rows)
        shape = _sample_shape(self.detector_, covered, rows)
        pieces = np.split(covered, range(CHUNK, len(covered), CHUNK))
        return np.concatenate(
            [function(self.detector_, ready[piece].reshape(len(piece), *shape)) for piece in pieces]
        )


def _sample_shape(detector: Detector, covered: Rows, rows: Array) -> tuple[int, ...]:
    """The detector's shape of a sample, if the values of a window fill it."""
    values = covered.shape[1] * rows.shape[1]
    if prod(detector.sample_shape) != values:
        raise ValueError(
            f"The detector takes samples of shape {detector.sample_shape}, but {rows.shape[1]} "
            f"column(s) in windows of {covered.shape[1]} row(s) are {values} values. "
            "Build it for that many."
        )
    return detector.sample_shape
