"""The pipeline: scikit-learn's own suite, and what its users rely on beyond it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, ParameterGrid, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import RobustScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from anomalylab import data, thresholds
from anomalylab.detector import Detector, errors, score
from anomalylab.models import Autoencoder
from anomalylab.models.recipes import RECIPES
from anomalylab.pipeline import AnomalyDetectionPipeline

QUICK = {"epochs": 3}


@parametrize_with_checks([AnomalyDetectionPipeline()])
def test_scikit_learn_accepts_it(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Three columns that go together, of very different size."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=(400, 1))
    values = base * [1, 50, 0.02] + rng.normal(0, 0.1, (400, 3)) * [1, 50, 0.02]
    index = [f"part {i}" for i in range(400)]
    return pd.DataFrame(values + [0, 300, 5], index, ["length", "force", "width"])


@pytest.fixture(scope="module")
def fitted(frame: pd.DataFrame) -> AnomalyDetectionPipeline:
    return AnomalyDetectionPipeline().fit(frame)


@pytest.fixture
def series() -> pd.DataFrame:
    """Two channels of a slow wave, every hour."""
    hours = pd.date_range("2026-01-01", periods=300, freq="h")
    t = np.arange(300)
    rng = np.random.default_rng(0)
    waves = np.stack([np.sin(t / 4), np.cos(t / 4)], axis=1) + rng.normal(0, 0.05, (300, 2))
    return pd.DataFrame(waves, hours, ["a", "b"])


def test_two_views_of_one_decision(fitted: AnomalyDetectionPipeline, frame: pd.DataFrame) -> None:
    odd = frame.iloc[::-1].assign(force=0.0)
    both = pd.concat([frame, odd])
    table = fitted.detect(both)
    assert list(table.columns) == ["score", "threshold", "is_anomaly", "filled"]
    assert table.index.equals(both.index)
    np.testing.assert_array_equal(fitted.score_samples(both), -table.score)
    np.testing.assert_array_equal(fitted.predict(both) == -1, table.is_anomaly)
    np.testing.assert_array_equal(fitted.decision_function(both) < 0, table.is_anomaly)
    np.testing.assert_array_equal(table.is_anomaly, table.score > table.threshold)
    assert table.is_anomaly.iloc[400:].mean() > 0.9 > 0.15 > table.is_anomaly.iloc[:400].mean()


def test_gaps_are_filled_with_what_training_saw(frame: pd.DataFrame) -> None:
    holes = frame.copy()
    holes.iloc[:40, 1] = np.nan
    pipeline = AnomalyDetectionPipeline(fit_settings=QUICK).fit(holes)
    np.testing.assert_allclose(pipeline.filled_, [0, 0.1, 0])
    row = frame.iloc[[7]].assign(force=np.nan)
    mean = float(pipeline.preprocess_.fill[1])
    alone = pipeline.detect(row)
    assert alone.filled.tolist() == [1]
    np.testing.assert_allclose(alone.score, pipeline.detect(row.assign(force=mean)).score)
    beside = pipeline.detect(pd.concat([row, frame.assign(force=1e4)])).score.iloc[0]
    assert alone.score.iloc[0] == pytest.approx(beside), "the batch must not fill the gap"


def test_every_part_has_its_job(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scaling, weights, early stopping and threshold see disjoint rows."""
    marked = frame.assign(length=np.arange(400.0))
    seen: dict[str, set[float]] = {}
    known = AnomalyDetectionPipeline(fit_settings={**QUICK, "patience": 3})
    preprocess_fit = type(known.fit(marked).preprocess_).fit

    def watch_scaling(self: Any, x: Any) -> Any:
        seen["scaling"] = set(x["length"])
        return preprocess_fit(self, x)

    original = AnomalyDetectionPipeline._part
    names = {"train": "weights", "validation": "stopping", "calibration": "threshold"}

    def watch(self: Any, frame: Any, ready: Any, name: str) -> Any:
        where, windows = original(self, frame, ready, name)
        back = windows.values[:, 0] * self.preprocess_.scale[0] + self.preprocess_.shift[0]
        seen[names[name]] = set(back.round().tolist())
        return where, windows

    monkeypatch.setattr(type(known.preprocess_), "fit", watch_scaling)
    monkeypatch.setattr(AnomalyDetectionPipeline, "_part", watch)
    known.fit(marked)
    assert seen["scaling"] == seen["weights"]
    assert len(seen["weights"]) == 300 and len(seen["stopping"]) == 40
    assert not seen["weights"] & seen["stopping"] and not seen["threshold"] & seen["weights"]
    assert set().union(*seen.values()) == set(range(400))
    known.set_params(fit_settings=QUICK).fit(marked)  # the default does not stop early
    assert seen["scaling"] == seen["weights"] and not seen["stopping"]
    assert len(seen["weights"]) == 340 and not seen["threshold"] & seen["weights"]
    assert known.history_.best_epoch == 3 and not known.history_.validation


def test_contributions_say_why(fitted: AnomalyDetectionPipeline, frame: pd.DataFrame) -> None:
    odd = frame.copy()
    odd.iloc[5, 1] = 1300.0
    why = fitted.contributions(odd)
    assert why.index.equals(odd.index) and list(why.columns) == list(odd.columns)
    assert why.iloc[5].idxmax() == "force"
    found = errors(fitted.detector_, fitted.preprocess_.transform(odd.to_numpy()))
    np.testing.assert_allclose(why, found / 3)


def test_contributions_add_up_where_the_score_is_the_mean_error(frame: pd.DataFrame) -> None:
    detector = Autoencoder(3, hidden=(8,), latent=1, output="linear")
    pipeline = AnomalyDetectionPipeline(detector, fit_settings=QUICK).fit(frame)
    np.testing.assert_allclose(
        pipeline.contributions(frame).sum(axis=1), pipeline.detect(frame).score
    )


@pytest.mark.parametrize("align", ["end", "mean"])
def test_series_are_aligned_to_their_time(series: pd.DataFrame, align: str) -> None:
    pipeline = AnomalyDetectionPipeline(window=6, align=align, fit_settings=QUICK).fit(series)
    table = pipeline.detect(series)
    assert table.index.equals(series.index)
    assert table.score.isna().sum() == (5 if align == "end" else 0)
    assert not table.is_anomaly[table.score.isna()].any()
    shuffled = series.sample(frac=1, random_state=0)
    pd.testing.assert_frame_equal(pipeline.detect(shuffled).sort_index(), table, check_freq=False)
    assert pipeline.contributions(series).shape == series.shape


def test_a_causal_score_uses_no_future(series: pd.DataFrame) -> None:
    later = series.copy()
    later.iloc[200:] = 50.0
    for align, same in (("end", 200), ("mean", 195)):
        pipeline = AnomalyDetectionPipeline(window=6, align=align, fit_settings=QUICK).fit(series)
        before, after = pipeline.detect(series).score, pipeline.detect(later).score
        changed = ~np.isclose(before, after, rtol=1e-9, equal_nan=True)
        assert int(np.argmax(changed)) == same


def test_windows_end_at_gaps_and_short_pieces_have_no_score(series: pd.DataFrame) -> None:
    pipeline = AnomalyDetectionPipeline(window=6, fit_settings=QUICK).fit(series)
    holed = series.drop(series.index[100:110]).drop(series.index[113:150])
    missing = pipeline.detect(holed).score.isna().to_numpy()
    assert missing[:5].all() and missing[100:103].all() and missing[103:108].all()
    assert missing.sum() == 13


def test_series_parts_follow_time(series: pd.DataFrame) -> None:
    """A time index alone is enough: the last 15 % set the threshold."""
    risen = series.copy()
    risen.iloc[255:] += 30
    calm = AnomalyDetectionPipeline(fit_settings=QUICK).fit(risen)
    plain = AnomalyDetectionPipeline(fit_settings=QUICK).fit(risen.reset_index(drop=True))
    assert calm.rule_.value > 3 * plain.rule_.value


def test_it_finds_a_broken_wave_that_single_rows_hide(series: pd.DataFrame) -> None:
    broken = series.copy()
    broken.iloc[150:190] = series.iloc[189:149:-1].to_numpy()  # backwards: usual values, odd order
    labels = np.zeros(300, dtype=int)
    labels[157:190] = 1
    found = {}
    for window in (None, 8):
        pipeline = AnomalyDetectionPipeline(window=window).fit(series)
        scores = pipeline.detect(broken).score.fillna(0)
        found[window] = roc_auc_score(labels, scores)
    assert found[8] > 0.9 > found[None] + 0.03


def test_any_detector_can_be_the_model(frame: pd.DataFrame) -> None:
    given = Autoencoder(3, hidden=(8,), latent=1, output="linear")
    before = {k: v.clone() for k, v in given.state_dict().items()}
    pipeline = AnomalyDetectionPipeline(given, fit_settings=QUICK).fit(frame)
    assert all(torch.equal(before[k], v) for k, v in given.state_dict().items()), (
        "a copy is trained"
    )
    x = pipeline.preprocess_.transform(frame.to_numpy())
    np.testing.assert_allclose(pipeline.detect(frame).score, score(pipeline.detector_, x))

    def build(window: int, columns: int) -> Detector:
        return Autoencoder(window * columns, hidden=(4,), latent=1)

    squeezed = AnomalyDetectionPipeline(build, scaling="minmax", fit_settings=QUICK).fit(frame)
    assert squeezed.detector_.sample_shape == (3,)
    with pytest.raises(ValueError, match=r"shape \(64,\).*3 column\(s\) in windows of 1.*are 3"):
        AnomalyDetectionPipeline(Autoencoder(64)).fit(frame)
    with pytest.raises(ValueError, match="decoder can only draw.*minmax"):
        AnomalyDetectionPipeline(Autoencoder(3)).fit(frame)


@pytest.mark.parametrize("name", RECIPES)
def test_every_named_model_learns(name: str) -> None:
    """A curve in the plane of two columns: its centre is ordinary in each of them."""
    rng = np.random.default_rng(0)
    angle = rng.uniform(0, 2 * np.pi, 1000)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1) + rng.normal(0, 0.05, (1000, 2))
    table = pd.DataFrame(np.column_stack([ring, rng.normal(0, 0.05, 1000) + ring[:, 0]]))
    centre = pd.DataFrame(rng.normal(0, 0.05, (100, 3)))
    pipeline = AnomalyDetectionPipeline(name).fit(table.iloc[:800])
    test = pd.concat([table.iloc[800:], centre])
    auc = roc_auc_score(np.repeat([0, 1], [200, 100]), pipeline.detect(test).score)
    assert auc > 0.8


def test_thresholds_by_share_by_rule_and_by_labels(frame: pd.DataFrame) -> None:
    pipeline = AnomalyDetectionPipeline(threshold=0.2, fit_settings=QUICK).fit(frame)
    assert pipeline.rule_.promised_fpr == pytest.approx(0.2)
    strict = clone(pipeline).set_params(threshold=thresholds.MeanStd(3)).fit(frame)
    assert isinstance(strict.rule_, thresholds.MeanStd) and strict.rule_ is not strict.threshold
    odd = pd.concat([frame, frame.assign(force=0.0)])
    labels = np.repeat([0, 1], 400)
    with pytest.raises(ValueError, match="needs labels"):
        clone(pipeline).set_params(threshold=thresholds.ROC()).fit(frame)
    pipeline.calibrate(odd, labels, threshold=thresholds.RecallTarget(0.9))
    assert pipeline.predict(odd)[400:].mean() < -0.75
    assert pipeline.offset_ == -pipeline.rule_.value
    pipeline.calibrate(frame, threshold=0.5)
    assert np.mean(pipeline.predict(frame) == -1) == pytest.approx(0.5, abs=0.01)


def test_settings_that_cannot_work_are_named(frame: pd.DataFrame, series: pd.DataFrame) -> None:
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "model": ({"model": "autoencode"}, "'autoencoder'.*but is 'autoencode'"),
        "no detector": ({"model": lambda window, columns: columns}, "model should be one of"),
        "threshold": ({"threshold": 5}, "share of false positives.*not 5"),
        "align": ({"align": "start"}, "align should be 'end' or 'mean', not 'start'"),
        "window": ({"window": 0}, "window counts rows"),
        "half": ({"window": 2.5}, "window counts rows"),
        "scaling": ({"scaling": "robust"}, "method should be"),
        "long": ({"window": 100}, "calibration part, 60 rows, holds 0 complete window"),
    }
    for settings, message in cases.values():
        with pytest.raises(ValueError, match=message):
            AnomalyDetectionPipeline(**settings).fit(frame)
    pipeline = AnomalyDetectionPipeline(window=6, fit_settings=QUICK).fit(series)
    with pytest.raises(ValueError, match="3 row.*no complete window of 6.*rows before"):
        pipeline.detect(series.iloc[:3])


def test_tables_that_cannot_work_are_named(
    fitted: AnomalyDetectionPipeline, frame: pd.DataFrame
) -> None:
    infinite, blank = frame.copy(), frame.copy()
    infinite.iloc[3, 1], blank.iloc[3] = np.inf, np.nan
    for table, message in {
        "text": (frame.assign(width="wide"), "'width' is not numeric: it holds 'wide'"),
        "time": (frame.assign(width=pd.Timestamp("2026-01-01")), "'width' is not numeric.*Times"),
        "inf": (infinite, "'force' holds an infinite value in row 3"),
        "blank": (blank, "Row part 3 holds no value"),
        "missing": (frame.drop(columns="width"), "Feature names seen at fit time, yet now missing"),
        "extra": (frame.assign(more=1.0), "Feature names unseen at fit time"),
        "order": (frame[["width", "length", "force"]], "same order as they were in fit"),
        "twice": (frame[["length", "force", "force"]], "'force' occurs twice"),
        "empty": (frame.iloc[:0], "0 sample"),
        "narrow": (frame.to_numpy()[:, :2], "X has 2 features"),
        "flat": (frame.to_numpy()[:, 0], "Expected 2D array"),
    }.values():
        with pytest.raises(ValueError, match=message):
            fitted.detect(table)
    with pytest.raises(ValueError, match="'width' has no value at all"):
        AnomalyDetectionPipeline().fit(frame.assign(width=np.nan))
    with pytest.warns(UserWarning, match="Constant column.* 'width'"):
        AnomalyDetectionPipeline(fit_settings=QUICK).fit(frame.assign(width=2.0))


def test_a_constant_column_that_changes_is_seen(frame: pd.DataFrame) -> None:
    with pytest.warns(UserWarning, match="Constant"):
        pipeline = AnomalyDetectionPipeline().fit(frame.assign(width=2.0))
    still, moved = frame.assign(width=2.0).iloc[:50], frame.assign(width=9.0).iloc[:50]
    assert (pipeline.detect(moved).score > pipeline.detect(still).score).all()
    assert (pipeline.contributions(moved).idxmax(axis=1) == "width").all()


def test_it_lives_among_scikit_learns_tools(frame: pd.DataFrame) -> None:
    labels = np.repeat([1, -1], [400, 60])
    both = pd.concat([frame, frame.iloc[:60].assign(force=0.0)])
    chain = make_pipeline(RobustScaler(), AnomalyDetectionPipeline(fit_settings=QUICK))
    chain.set_output(transform="pandas").fit(frame)
    assert list(chain[-1].feature_names_in_) == list(frame.columns)
    assert roc_auc_score(labels, chain.decision_function(both)) > 0.9
    grid = {"model": ["autoencoder", Autoencoder(3, (8,), 1, output="linear")]}
    search = GridSearchCV(
        AnomalyDetectionPipeline(fit_settings=QUICK), grid, scoring="roc_auc", cv=StratifiedKFold(2)
    ).fit(both, labels)
    assert len(search.cv_results_["params"]) == len(ParameterGrid(grid))
    assert 0 <= search.best_score_ <= 1
    copied = clone(chain[-1])
    assert copied.get_params() == chain[-1].get_params() and not hasattr(copied, "detector_")
    again = pickle.loads(pickle.dumps(chain))
    np.testing.assert_array_equal(again.predict(both), chain.predict(both))
    assert repr(AnomalyDetectionPipeline(window=5)) == "AnomalyDetectionPipeline(window=5)"


def test_seed_decides(frame: pd.DataFrame) -> None:
    def scores(state: Any) -> np.ndarray:
        pipeline = AnomalyDetectionPipeline(random_state=state, fit_settings=QUICK)
        return pipeline.fit(frame).score_samples(frame)

    np.testing.assert_array_equal(scores(0), scores(0))
    assert not np.allclose(scores(0), scores(1))
    assert not np.allclose(scores(None), scores(None))
    first = scores(np.random.RandomState(3))
    np.testing.assert_array_equal(first, scores(np.random.RandomState(3)))


def test_progress_is_one_line(frame: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    AnomalyDetectionPipeline(fit_settings=QUICK).fit(frame)
    assert capsys.readouterr().out == ""
    AnomalyDetectionPipeline(fit_settings=QUICK, verbose=True).fit(frame)
    assert "Trained 3 epochs" in capsys.readouterr().out


def test_real_table_in_alarms_out() -> None:
    """On breast_cancer no worse than a few points below the rivals, by far above chance."""
    split = data.breast_cancer()
    pipeline = AnomalyDetectionPipeline().fit(np.concatenate([split.train, split.calibration]))
    assert roc_auc_score(split.test_labels, -pipeline.score_samples(split.test)) > 0.88
