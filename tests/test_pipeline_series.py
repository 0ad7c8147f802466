"""The pipeline on series: windows, time, and several series at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.model_selection import cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from anomalylab import thresholds
from anomalylab.models import LSTMForecaster
from anomalylab.pipeline import AnomalyDetectionPipeline, divide

QUICK = {"epochs": 3}
IN_TIME = "what a row of a series scores depends on the rows before it"


@parametrize_with_checks(
    [AnomalyDetectionPipeline(window=2, fit_settings=QUICK)],
    expected_failed_checks=lambda estimator: {
        "check_methods_subset_invariance": IN_TIME,
        "check_methods_sample_order_invariance": IN_TIME,
    },
)
def test_scikit_learn_accepts_windows(estimator: Any, check: Any) -> None:
    check(estimator)


def wave(rows: int, seed: int = 0, freq: str = "h", start: str = "2026-01-01") -> pd.DataFrame:
    rng, t = np.random.default_rng(seed), np.arange(rows)
    values = np.stack([np.sin(t / 4), np.cos(t / 4)], axis=1) + rng.normal(0, 0.05, (rows, 2))
    return pd.DataFrame(values, pd.date_range(start, periods=rows, freq=freq), ["a", "b"])


def noise(seed: int, rows: int = 4000) -> pd.DataFrame:
    index = pd.date_range("2026", periods=rows, freq="h")
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(rows, 3)), index, list("abc"))


@pytest.mark.parametrize("align", ["end", "mean"])
def test_the_threshold_is_set_on_what_it_is_compared_with(align: str) -> None:
    pipeline = AnomalyDetectionPipeline(window=10, align=align, fit_settings=QUICK).fit(noise(0))
    # neighbouring rows share windows, so 600 of them say as much as 60 or 100 others
    assert 0.015 < pipeline.detect(noise(1)).is_anomaly.mean() < 0.1
    flags = pipeline.calibrate(noise(2)).detect(noise(1)).is_anomaly
    assert 0.015 < flags.mean() < 0.1


def test_what_is_a_gap_was_learned() -> None:
    """The same rows get the same verdict whatever comes after them, and however few there are."""
    pipeline = AnomalyDetectionPipeline(window=3, fit_settings=QUICK).fit(wave(300))
    fresh = wave(50, seed=1, start="2026-03-01")
    alone = pipeline.detect(fresh)
    denser = pd.concat([fresh, wave(2000, seed=2, freq="s", start="2026-03-10")])
    pd.testing.assert_frame_equal(pipeline.detect(denser).iloc[:50], alone, check_freq=False)
    apart = fresh.iloc[:3].set_axis(pd.to_datetime(["2026-03-01", "2026-03-09", "2026-03-17"]))
    with pytest.raises(ValueError, match="no complete window of 3"):
        pipeline.detect(apart)


def test_rows_without_a_score_are_typical_for_scikit_learn() -> None:
    frame = wave(200)
    pipeline = AnomalyDetectionPipeline(window=5, fit_settings=QUICK).fit(frame)
    scores = pipeline.score_samples(frame)
    assert np.isfinite(scores).all()
    np.testing.assert_array_equal(scores[:4], -pipeline.typical_score_)
    assert (pipeline.predict(frame)[:4] == 1).all()
    assert pipeline.detect(frame).score.isna().sum() == 4
    assert pipeline.predict(frame.iloc[:1]).tolist() == [1]
    labels = np.where(np.arange(200) % 7 == 0, -1, 1)
    found = cross_val_score(pipeline, frame, labels, scoring="roc_auc", cv=3)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("year", ["1500", "2500"])
def test_any_year(year: str) -> None:
    frame = wave(100)
    frame.index = pd.date_range(f"{year}-01-01", periods=100, freq="h", unit="s")
    for window in (None, 3):
        pipeline = AnomalyDetectionPipeline(window=window, fit_settings=QUICK).fit(frame)
        assert pipeline.detect(frame).score.notna().sum() >= 98


def test_working_days_are_told_apart_from_too_few_rows() -> None:
    days = wave(200, freq="B")
    with pytest.raises(ValueError, match=r"in 3\d piece.*0 complete window.*weekend"):
        AnomalyDetectionPipeline(window=6, fit_settings=QUICK).fit(days)
    AnomalyDetectionPipeline(window=6, fit_settings=QUICK).fit(days.reset_index(drop=True))


def test_a_column_first_seen_after_the_training_part() -> None:
    late = wave(200)
    late.iloc[:180, 1] = np.nan
    with pytest.raises(ValueError, match="'b' has no value at all.*the training part.*earliest"):
        AnomalyDetectionPipeline(fit_settings=QUICK).fit(late)


def test_times_as_text_are_refused_with_windows() -> None:
    text = wave(100)
    text.index = text.index.astype(str)
    with pytest.raises(ValueError, match="times as text.*pd.to_datetime"):
        AnomalyDetectionPipeline(window=3).fit(text)


def machines() -> pd.DataFrame:
    """Three machines at the same hours, one of them with a hole, rows in no order."""
    parts = [wave(200, seed=seed).assign(machine=name) for seed, name in enumerate("xyz")]
    parts[2] = parts[2].drop(parts[2].index[50:60])
    return pd.concat(parts).sample(frac=1, random_state=0)


@pytest.mark.parametrize("align", ["end", "mean"])
def test_every_series_for_itself(align: str) -> None:
    frame = machines()
    pipeline = AnomalyDetectionPipeline(
        window=4, align=align, groups="machine", fit_settings=QUICK
    ).fit(frame)
    table = pipeline.detect(frame)
    assert table.index.equals(frame.index)
    for name, part in frame.groupby("machine"):
        alone = pipeline.detect(part)
        np.testing.assert_allclose(table[(frame.machine == name).to_numpy()].score, alone.score)
    missing = table.score.isna().groupby(frame.machine.to_numpy()).sum()
    assert missing.tolist() == ([3, 3, 6] if align == "end" else [0, 0, 0])
    assert list(pipeline.contributions(frame).columns) == ["a", "b"]
    assert list(pipeline.feature_names_in_) == ["a", "b"]


def test_groups_by_column_level_or_array() -> None:
    frame = machines()
    settings: dict[str, Any] = {"window": 4, "fit_settings": QUICK}
    column = AnomalyDetectionPipeline(groups="machine", **settings).fit(frame)
    expected = column.detect(frame).score.to_numpy()
    levels = frame.set_index("machine", append=True).rename_axis(["time", "machine"])
    by_level = AnomalyDetectionPipeline(groups="machine", **settings).fit(levels)
    np.testing.assert_array_equal(by_level.detect(levels).score, expected)
    plain, names = frame.drop(columns="machine"), frame.machine.to_numpy()
    by_array = AnomalyDetectionPipeline(**settings).fit(plain, groups=names)
    np.testing.assert_array_equal(by_array.detect(plain, groups=names).score, expected)
    np.testing.assert_array_equal(
        by_array.predict(plain, groups=names) == -1, by_array.detect(plain, groups=names).is_anomaly
    )
    by_array.calibrate(plain, groups=names)
    judged = AnomalyDetectionPipeline(**settings).fit_predict(plain, groups=names)
    np.testing.assert_array_equal(
        judged == -1, by_array.fit(plain, groups=names).predict(plain, groups=names) == -1
    )
    alone = frame.set_index("machine")
    AnomalyDetectionPipeline(groups="machine", **settings).fit(alone).detect(alone)


def test_groups_that_cannot_work_are_named() -> None:
    frame = machines()
    settings: dict[str, Any] = {"window": 4, "fit_settings": QUICK}
    with pytest.raises(ValueError, match="'device' is neither a column nor a level"):
        AnomalyDetectionPipeline(groups="device", **settings).fit(frame)
    with pytest.raises(ValueError, match="each of the 590 rows.*3 names"):
        AnomalyDetectionPipeline(**settings).fit(frame[["a", "b"]], groups=[1, 2, 3])
    with pytest.raises(ValueError, match="1 missing value"):
        AnomalyDetectionPipeline(groups="machine", **settings).fit(
            frame.assign(machine=frame.machine.where(np.arange(590) > 0))
        )
    levels = frame.set_index("machine", append=True)
    with pytest.raises(ValueError, match="several levels.*groups="):
        AnomalyDetectionPipeline(**settings).fit(levels)
    with pytest.raises(ValueError, match="occurs twice.*groups="):
        AnomalyDetectionPipeline(**settings).fit(frame[["a", "b"]])


def test_every_series_gives_rows_to_every_part() -> None:
    """The last 15 % of each machine set the threshold, not the last machine."""
    frame = machines().sort_index()
    risen = frame.copy()
    late = risen.index >= risen.index.unique()[170]
    risen.loc[late, ["a", "b"]] += 30
    calm = AnomalyDetectionPipeline(window=4, groups="machine", fit_settings=QUICK).fit(frame)
    loud = AnomalyDetectionPipeline(window=4, groups="machine", fit_settings=QUICK).fit(risen)
    assert loud.rule_.value > 20 * calm.rule_.value


def test_divide_deals_every_row_out_once() -> None:
    for rows in range(1, 60):
        for stopping in (True, False):
            parts = divide(np.arange(rows), stopping=stopping)
            np.testing.assert_array_equal(np.concatenate(parts), np.arange(rows))
            if rows >= 4:
                assert len(parts[0]) >= 2 and len(parts[2]) >= 1
                assert (len(parts[1]) >= 1) == stopping


def test_a_budget_counts_the_rows_that_get_a_score() -> None:
    pipeline = AnomalyDetectionPipeline(
        window=40, threshold=thresholds.FalsePositiveBudget(), fit_settings=QUICK
    )
    with pytest.raises(ValueError, match="51 calibration scores"):
        pipeline.fit(wave(600))


def test_every_machine_has_its_own_step() -> None:
    fast, slow = wave(300, freq="5min"), wave(200, seed=1, freq="10min")
    both = pd.concat([fast.assign(machine="fast"), slow.assign(machine="slow")])
    pipeline = AnomalyDetectionPipeline(window=5, groups="machine", fit_settings=QUICK).fit(both)
    missing = pipeline.detect(both).score.isna().groupby(both.machine.to_numpy()).sum()
    assert missing.tolist() == [4, 4]
    assert pipeline.steps_ == {"fast": 300.0, "slow": 600.0}
    with pytest.raises(ValueError, match="'new' was not there in training"):
        pipeline.detect(fast.assign(machine="new"))


def test_what_fit_had_detect_must_have() -> None:
    frame, names = wave(200), np.repeat(["x", "y"], 100)
    settings: dict[str, Any] = {"window": 3, "fit_settings": QUICK}
    timeless = AnomalyDetectionPipeline(**settings).fit(frame.to_numpy())
    with pytest.raises(ValueError, match="time index here as in fit"):
        timeless.detect(frame)
    with pytest.raises(ValueError, match="time index here as in fit"):
        AnomalyDetectionPipeline(**settings).fit(frame).detect(frame.reset_index(drop=True))
    grouped = AnomalyDetectionPipeline(**settings).fit(frame, groups=names)
    with pytest.raises(ValueError, match="groups= here as in fit"):
        grouped.detect(frame)
    shuffled = pd.Series(names, frame.index).sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match="another index than the rows"):
        grouped.detect(frame, groups=shuffled)


def test_a_column_of_groups_is_no_feature_even_if_an_array_is_given() -> None:
    frame = wave(200).assign(machine=1.0)
    pipeline = AnomalyDetectionPipeline(groups="machine", fit_settings=QUICK)
    assert pipeline.fit(frame, groups=np.repeat([1, 2], 100)).n_features_in_ == 2


def test_series_too_short_to_be_divided_are_named() -> None:
    frame = wave(90).assign(machine=np.repeat(np.arange(30), 3))
    with pytest.raises(ValueError, match="No series has 4 rows"):
        AnomalyDetectionPipeline(window=2, groups="machine", fit_settings=QUICK).fit(frame)
    AnomalyDetectionPipeline(groups="machine", fit_settings=QUICK).fit(frame)


def test_rows_without_a_score_are_never_flagged() -> None:
    frame = noise(0, 800)
    strict = AnomalyDetectionPipeline(window=5, threshold=0.6, fit_settings=QUICK).fit(frame)
    assert (strict.predict(frame)[:4] == 1).all()
    np.testing.assert_array_equal(strict.predict(frame) == -1, strict.detect(frame).is_anomaly)
    calm = strict.calibrate(frame * 0.1)
    assert (calm.predict(frame)[:4] == 1).all()


def test_calibrating_on_too_few_rows_is_said() -> None:
    pipeline = AnomalyDetectionPipeline(threshold=0.01, fit_settings=QUICK).fit(noise(0, 800))
    with pytest.warns(UserWarning, match="10 calibration rows"):
        pipeline.calibrate(noise(1, 10))


def test_detect_holds_on_to_one_model_while_another_thread_fits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = noise(0, 400)
    pipeline = AnomalyDetectionPipeline(fit_settings=QUICK).fit(frame)
    before, honest = pipeline.detect(frame), AnomalyDetectionPipeline._windows

    def interfere(self: Any, *args: Any) -> Any:
        found = honest(self, *args)
        monkeypatch.setattr(AnomalyDetectionPipeline, "_windows", honest)
        pipeline.fit(frame * 5 + 100)
        return found

    monkeypatch.setattr(AnomalyDetectionPipeline, "_windows", interfere)
    assert pipeline.detect(frame).equals(before)
    assert not pipeline.detect(frame).equals(before)


class Shaky(LSTMForecaster):
    """A window alone scores a little higher, as 32 bits let it on some machines."""

    size, by = 1.0, 4e-6

    def score(self, x: torch.Tensor) -> torch.Tensor:
        return super().score(x) * self.size * (1 + self.by * (len(x) == 1))


class Exact(Shaky):
    """x − x_hat is small: what 32 bits lose of it is more of the score."""

    size, by = 1e-6, 2e-4


@pytest.mark.parametrize("kind", [Shaky, Exact])
@pytest.mark.parametrize("threshold", [0.05, thresholds.MeanStd(0)], ids=str)
def test_a_window_alone_is_judged_as_among_others(threshold: Any, kind: type[Shaky]) -> None:
    """A window that comes again is tied with itself, to the digits in which it was scored."""
    moving, still = np.tile([[0.0], [1.0]], (75, 1)), np.zeros((30, 1))
    pipeline = AnomalyDetectionPipeline(
        lambda window, columns: kind(window, columns, 4),
        window=3,
        threshold=threshold,
        fit_settings={"steps": 2, "patience": None},
    ).fit(np.concatenate([moving, still]))
    for _ in range(2):
        assert not pipeline.detect(still).is_anomaly.any()
        assert not pipeline.detect(still[:3]).is_anomaly.any()
        pipeline.calibrate(still)
    again = AnomalyDetectionPipeline(threshold=pipeline.rule_, fit_settings=QUICK)
    again.fit(np.random.default_rng(0).normal(size=(180, 2)))
    assert again.rule_.rounding == 1e-9, "in 64 bits the ties of 32 bits are none"
