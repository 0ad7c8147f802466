"""The pipeline: scikit-learn's own suite, and what its users rely on beyond it."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
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

from anomalylab import data, latent, thresholds
from anomalylab.detector import Detector, errors, score
from anomalylab.models import VAE, Autoencoder, TableAutoencoder
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
    pipeline = AnomalyDetectionPipeline().fit(holes)
    np.testing.assert_allclose(pipeline.filled_, [0, 0.1, 0])
    row = frame.iloc[[7]].assign(force=np.nan)
    alone = pipeline.detect(row)
    assert alone.filled.tolist() == [1]
    beside = pipeline.detect(pd.concat([row, frame.assign(force=1e4)])).score.iloc[0]
    assert alone.score.iloc[0] == pytest.approx(beside), "the batch must not fill the gap"


@pytest.mark.parametrize("lost", [0.0, 0.05])
def test_gaps_raise_no_alarms_and_hide_none(lost: float) -> None:
    """Columns that go together; 1 % promised; rows with 0, 1, 2 and 3 gaps."""
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(3, 8))

    def rows(n: int) -> np.ndarray:
        return rng.normal(size=(n, 3)) @ mix + rng.normal(0, 0.1, (n, 8))

    def holed(x: np.ndarray, gaps: int) -> np.ndarray:
        x = x.copy()
        for row in x:
            row[rng.choice(8, gaps, replace=False)] = np.nan
        return x

    train = rows(3000)
    train[rng.random(train.shape) < lost] = np.nan
    pipeline = AnomalyDetectionPipeline(threshold=0.01).fit(train)
    fresh, odd = rows(3000), rows(600)
    odd[:, 0] += 3.0
    for gaps in range(4):
        assert pipeline.detect(holed(fresh, gaps)).is_anomaly.mean() < 0.03, gaps
        found = holed(odd[:, 1:], gaps) if gaps == 0 else holed(odd, gaps)
        seen = found if found.shape[1] == 8 else odd
        seen[:, 0] = odd[:, 0]
        assert pipeline.detect(seen).is_anomaly.mean() > 0.9, gaps


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

    kept = Autoencoder(3, hidden=(8,), latent=1, output="linear")
    weights = next(kept.parameters()).clone()
    AnomalyDetectionPipeline(lambda window, columns: kept, fit_settings=QUICK).fit(frame)
    assert torch.equal(next(kept.parameters()), weights), "a copy is trained here too"
    squeezed = AnomalyDetectionPipeline(build, scaling="minmax", fit_settings=QUICK).fit(frame)
    assert squeezed.detector_.sample_shape == (3,)
    with pytest.raises(ValueError, match=r"shape \(64,\).*3 column\(s\) in windows of 1.*are 3"):
        AnomalyDetectionPipeline(Autoencoder(64)).fit(frame)
    with pytest.raises(ValueError, match="decoder can only draw.*minmax"):
        AnomalyDetectionPipeline(Autoencoder(3)).fit(frame)


def broken_plane(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows on a plane of two dimensions in nine columns; anomalies mix two of them."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=(1200, 2)) @ rng.normal(size=(2, 9)) + rng.normal(0, 0.1, (1200, 9))
    odd = normal[1000:].copy()
    odd[:, :4] = normal[rng.permutation(1000)[:200], :4]
    return normal[:1000], np.concatenate([normal[1000:], odd])


@pytest.mark.parametrize("name", [name for name in RECIPES if name != "lstm_ae"])  # no tables
def test_every_named_model_learns(name: str) -> None:
    train, test = broken_plane()
    gan = name in ("anogan", "fast_anogan", "egbad")
    shorter = {"steps": 400} if gan else None  # for the time that tests take
    pipeline = AnomalyDetectionPipeline(name, fit_settings=shorter).fit(train)
    truth = np.repeat([0, 1], 200)
    assert roc_auc_score(truth, pipeline.detect(test).score) > 0.8
    assert (pipeline.history_.validation == []) == (gan or name == "autoencoder")


def test_sparse_is_for_many_columns_mostly_zeros() -> None:
    """Word counts of ten topics; half of an anomaly's words are of an eleventh."""
    rng = np.random.default_rng(0)
    topics = rng.dirichlet(np.full(300, 0.02), 11)

    def texts(n: int) -> np.ndarray:
        return 25 * rng.dirichlet(np.full(10, 0.15), n) @ topics[:10]

    train, normal, odd = (rng.poisson(texts(n)) for n in (1500, 150, 150))
    odd = rng.poisson(0.5 * texts(150) + 0.5 * 25 * topics[10])
    assert (train == 0).mean() > 0.9
    areas = {}
    for name in ("sparse", "autoencoder"):
        scores = AnomalyDetectionPipeline(name).fit(train).score_samples(np.vstack([normal, odd]))
        areas[name] = roc_auc_score(np.repeat([1, 0], 150), scores)
    assert areas["sparse"] > 0.95 and areas["sparse"] > areas["autoencoder"] - 0.01


def test_pictures_need_their_shape() -> None:
    wide = np.random.default_rng(0).random((60, 12))
    with pytest.raises(ValueError, match="12 columns are no square.*image_shape"):
        AnomalyDetectionPipeline("conv").fit(wide)
    settings = {"image_shape": (3, 4), "latent": 2}
    pipeline = AnomalyDetectionPipeline("conv", model_settings=settings, fit_settings=QUICK)
    assert latent.width(pipeline.fit(wide).detector_) == 2
    series = AnomalyDetectionPipeline("conv", window=5, fit_settings=QUICK).fit(wide)
    assert series.detector_.sample_shape == (60,)


def test_thresholds_by_share_by_rule_and_by_labels(frame: pd.DataFrame) -> None:
    pipeline = AnomalyDetectionPipeline(threshold=0.2, fit_settings=QUICK).fit(frame)
    assert pipeline.rule_.promised_fpr == pytest.approx(13 / 61), "12 of 60 lie above"
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
        "align": ({"align": "start"}, "align should be one of 'end', 'mean', not 'start'"),
        "window": ({"window": 0}, r"window \(in rows\) is a whole number.*cannot be 0"),
        "half": ({"window": 2.5}, r"window \(in rows\) is a whole number.*2\.5"),
        "scaling": ({"scaling": "robust"}, "method should be"),
        "long": ({"window": 100}, "calibration part, 60 rows in 1 piece.*holds 0 complete window"),
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
    pipeline = AnomalyDetectionPipeline(fit_settings=QUICK, verbose=True).fit(frame)
    assert "Trained 3 epochs" in capsys.readouterr().out
    pipeline.detect(frame)
    assert capsys.readouterr().out == "", "few rows need no progress"
    pipeline.detect(pd.concat([frame] * 200, ignore_index=True))
    said = capsys.readouterr().out
    assert said.count("\r") > 1 and said.count("\n") == 1
    assert said.split("\r")[-1].split() == ["scored", f"{200 * len(frame)}", "of"] + [
        f"{200 * len(frame)}"
    ]


def test_real_table_in_alarms_out() -> None:
    """On breast_cancer no worse than a few points below the rivals, by far above chance."""
    split = data.breast_cancer()
    pipeline = AnomalyDetectionPipeline().fit(np.concatenate([split.train, split.calibration]))
    assert roc_auc_score(split.test_labels, -pipeline.score_samples(split.test)) > 0.88


def test_fitting_is_all_or_nothing(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = thresholds.FalsePositiveBudget(0.2, 0.9)
    pipeline = AnomalyDetectionPipeline(threshold=rule, fit_settings=QUICK).fit(frame)
    before, kept = pipeline.detect(frame), dict(vars(pipeline))
    elsewhere = frame.iloc[:40] * 5 + 100

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(ValueError, match="6 calibration scores.*takes 11"):
        pipeline.fit(elsewhere)
    with pytest.raises(ValueError, match="2 features|feature names|columns"):
        pipeline.fit(frame).detect(frame.iloc[:, :2])
    monkeypatch.setattr("anomalylab.pipeline.fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pipeline.fit(frame * 5 + 100)
    assert pipeline.detect(frame).equals(before)
    assert set(vars(pipeline)) == set(kept)


def test_stopped_while_training_changes_nothing(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = AnomalyDetectionPipeline(fit_settings=QUICK).fit(frame)
    before = pipeline.detect(frame)
    honest = TableAutoencoder.loss

    def impatient(self: Any, x: Any, turn: str = "train", epoch: int = 0) -> Any:
        if epoch == 2:
            raise KeyboardInterrupt
        return honest(self, x, turn, epoch)

    monkeypatch.setattr(TableAutoencoder, "loss", impatient)
    with pytest.raises(KeyboardInterrupt, match="as it was before"):
        pipeline.fit(frame * 5 + 100)
    assert pipeline.detect(frame).equals(before)


def test_what_calibration_cannot_promise_is_said_before_training(
    frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = frame.iloc[:30]
    with pytest.warns(UserWarning, match="5 calibration rows promise 17 % .*not 1 %.*takes 99"):
        pipeline = AnomalyDetectionPipeline(threshold=0.01, fit_settings=QUICK).fit(small)
    assert pipeline.rule_.promised_fpr == pytest.approx(1 / 6)

    def never(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("training began")

    monkeypatch.setattr("anomalylab.pipeline.fit", never)
    for rule in (thresholds.FalsePositiveBudget(), thresholds.ROC()):
        with pytest.raises(ValueError, match="takes 59|needs labels"):
            AnomalyDetectionPipeline(threshold=rule).fit(small)


def test_equal_rows_get_equal_verdicts() -> None:
    """The last digits of a score vary with the batch; a threshold must not fall among them."""
    for seed in range(3):
        rng = np.random.default_rng(seed)
        kinds = rng.normal(size=(3, 6)).round(1)
        rows = kinds[rng.choice(3, 600, p=[0.5, 0.3, 0.2])]
        pipeline = AnomalyDetectionPipeline(fit_settings=QUICK).fit(rows)
        alone = np.concatenate([pipeline.predict(row[None]) for row in rows[:100]])
        np.testing.assert_array_equal(pipeline.predict(rows)[:100], alone)


def test_column_order_is_compared_whatever_the_names(frame: pd.DataFrame) -> None:
    times = pd.date_range("2026", periods=3)
    pairs = pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])
    for names in ([0, 1, 2], times, pairs, ["a", 1, "b"]):
        table = frame.set_axis(names, axis=1)
        try:
            pipeline = AnomalyDetectionPipeline(fit_settings=QUICK).fit(table)
        except TypeError as reason:  # scikit-learn's own word on mixed names
            assert "Feature names are only supported if all" in str(reason)
            continue
        with pytest.raises(ValueError, match="columns of fit were"):
            pipeline.detect(table.iloc[:, [2, 1, 0]])


def test_labelled_rows_calibrate_a_share_on_the_normal_ones(fitted: Any, frame: Any) -> None:
    pipeline = clone(fitted).fit(frame)
    both = pd.concat([frame, frame.iloc[:200].assign(force=0.0)])
    labels = np.repeat([0, 1], [400, 200])
    pipeline.calibrate(frame)
    expected = pipeline.rule_.value
    assert pipeline.calibrate(both, labels).rule_.value == expected
    with pytest.raises(ValueError, match="600 rows need 600 labels.*3"):
        pipeline.calibrate(both, labels[:3])
    with pytest.raises(ValueError, match="one is -1"):
        pipeline.calibrate(both, np.where(labels, -1, 1))
    assert pipeline.rule_.value == expected, "a refused calibration changes nothing"


class _Undecided(Autoencoder):
    """Its score of some rows is no number."""

    def score(self, x: torch.Tensor) -> torch.Tensor:
        return torch.where(x[:, 0] > 2, torch.nan, super().score(x))


def test_a_score_that_is_no_number_does_not_pass_as_normal(frame: pd.DataFrame) -> None:
    model = _Undecided(3, hidden=(8,), latent=1, output="linear")
    calm = frame[(frame.length - frame.length.mean()).abs() < frame.length.std()]
    pipeline = AnomalyDetectionPipeline(model, fit_settings=QUICK).fit(calm)
    with pytest.raises(ValueError, match=r"_Undecided.score gives no number \(NaN\) for row"):
        pipeline.detect(frame.assign(length=1e3))


class _Polars:
    """What a frame of another library looks like from outside."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame, self.columns = frame, list(frame.columns)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._frame[name].to_numpy()


def test_tables_of_other_libraries(fitted: AnomalyDetectionPipeline, frame: pd.DataFrame) -> None:
    other = fitted.detect(_Polars(frame))
    np.testing.assert_array_equal(other.score, fitted.detect(frame).score)
    with pytest.raises(ValueError, match="'width' is not numeric"):
        fitted.detect(_Polars(frame.assign(width=pd.Timestamp("2026-01-01"))))
    masked = np.ma.masked_array(frame.to_numpy(), mask=np.zeros(frame.shape, dtype=bool))
    masked[3, 1] = np.ma.masked
    with pytest.warns(UserWarning, match="valid feature names"):
        assert fitted.detect(masked).filled.tolist()[:5] == [0, 0, 0, 1, 0]


def test_a_bernoulli_vae_judges_fresh_rows(frame: pd.DataFrame) -> None:
    """Fresh rows leave the range of the training rows."""
    model = VAE(3, hidden=(8,), latent=2, likelihood="bernoulli")
    pipeline = AnomalyDetectionPipeline(model, scaling="minmax", fit_settings={"epochs": 5})
    pipeline.fit(frame)
    far = pipeline.detect(frame.assign(force=frame.force * 10)).score
    assert (far.to_numpy() > pipeline.detect(frame).score.to_numpy()).all()


class _Unwatched(Autoencoder):
    def watch(self, x: torch.Tensor) -> None:
        return None


def test_settings_of_fit_win(frame: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    def history(model: Any, **settings: Any) -> Any:
        return AnomalyDetectionPipeline(model, fit_settings=settings).fit(frame).history_

    assert len(history("autoencoder", epochs=2).train) == 2
    assert len(history("vae", steps=3).train) == 1
    assert history("vae", epochs=2, patience=None).validation == []
    assert history(_Unwatched(3, output="linear"), epochs=2).validation == []
    assert history("autoencoder", epochs=1, seed=5).seed == 5
    capsys.readouterr()
    history("autoencoder", epochs=1, progress=True)
    assert "Trained 1 epochs" in capsys.readouterr().out


def test_the_default_dtype_does_not_change_a_pipeline(frame: pd.DataFrame) -> None:
    before, found = torch.get_default_dtype(), []
    for dtype in (torch.float32, torch.float64):
        torch.set_default_dtype(dtype)
        try:
            found.append(AnomalyDetectionPipeline(fit_settings=QUICK).fit(frame).detect(frame))
        finally:
            torch.set_default_dtype(before)
    assert found[0].equals(found[1])


def test_two_threads_fit_what_they_fit_alone(frame: pd.DataFrame) -> None:
    def run(seed: int) -> np.ndarray:
        pipeline = AnomalyDetectionPipeline(random_state=seed, fit_settings=QUICK)
        return pipeline.fit(frame).score_samples(frame)

    alone = [run(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run, range(4)))
    np.testing.assert_allclose(together, alone, rtol=1e-12)
