"""Threshold rules: exact values, promises kept, settings refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from anomalylab import metrics, thresholds

SCORES = np.arange(1.0, 101.0)


def test_percentile_lies_midway() -> None:
    rule = thresholds.Percentile(95).fit(SCORES)
    assert rule.value == 95.5 and rule.promised_fpr == pytest.approx(0.05)
    assert rule.predict(SCORES).sum() == 5


def test_budget_keeps_its_promise() -> None:
    """Over many calibration sets, the true rate stays within the budget in about 95 % of them."""
    rng = np.random.default_rng(0)
    true_rates = [
        1 - thresholds.FalsePositiveBudget(0.05, 0.95).fit(rng.random(200)).value
        for _ in range(1000)
    ]
    kept = np.mean(np.array(true_rates) <= 0.05)
    assert 0.93 < kept < 0.99
    plain = [1 - thresholds.Percentile(95).fit(rng.random(200)).value for _ in range(1000)]
    assert 0.3 < np.mean(np.array(plain) <= 0.05) < 0.7


def test_budget_says_how_many_rows_it_takes() -> None:
    with pytest.raises(ValueError, match="58 calibration scores.*takes 59"):
        thresholds.FalsePositiveBudget().fit(SCORES[:58])
    assert thresholds.FalsePositiveBudget().fit(SCORES[:59]).value == pytest.approx(59)


def test_roc_rule_picks_youdens_point() -> None:
    labels = np.array([0, 0, 0, 0, 1, 0, 1, 1])
    rule = thresholds.ROC().fit(np.arange(8.0), labels)
    assert rule.value == 3.5 and rule.promised_fpr == pytest.approx(0.2)
    backwards = thresholds.ROC().fit(np.arange(4.0), [1, 1, 0, 0])
    assert backwards.predict(np.arange(4.0)).sum() == 0


@pytest.mark.parametrize("wrong", [[], [[1.0]], [1.0, np.nan]])
def test_rules_refuse_bad_scores(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="[Ss]core"):
        thresholds.Percentile().fit(wrong)


def test_rules_refuse_bad_settings() -> None:
    with pytest.raises(ValueError, match="such as 95"):
        thresholds.Percentile(0.95)
    with pytest.raises(ValueError, match="such as 0.05"):
        thresholds.FalsePositiveBudget(at_most=5)
    with pytest.raises(ValueError, match="needs labels"):
        thresholds.ROC().fit(SCORES)
    with pytest.raises(ValueError, match="some 1"):
        thresholds.ROC().fit(SCORES, np.zeros(100))


def test_mean_std_promises_the_normal_tail() -> None:
    rule = thresholds.MeanStd(2).fit([1.0, 2.0, 3.0])
    assert rule.value == pytest.approx(4.0)
    assert thresholds.MeanStd().fit(SCORES).promised_fpr == pytest.approx(0.00135, abs=1e-5)
    rng = np.random.default_rng(0)
    gauss = thresholds.MeanStd().fit(rng.normal(size=20_000))
    assert gauss.predict(rng.normal(size=200_000)).mean() == pytest.approx(0.00135, abs=4e-4)
    skewed = thresholds.MeanStd().fit(rng.gamma(2, 1, 20_000))
    assert skewed.predict(rng.gamma(2, 1, 200_000)).mean() > 5 * 0.00135
    with pytest.raises(ValueError, match="at least 2"):
        thresholds.MeanStd().fit([1.0])
    with pytest.raises(ValueError, match="such as 3"):
        thresholds.MeanStd(np.inf)


LABELS = np.array([0, 0, 0, 0, 1, 0, 1, 1])


@pytest.mark.parametrize(
    ("rule", "value", "fpr"),
    [
        (thresholds.F1Max(), 3.5, 0.2),
        (thresholds.RecallTarget(0.6), 5.5, 0.0),
        (thresholds.RecallTarget(2 / 3), 5.5, 0.0),
        (thresholds.RecallTarget(1.0), 3.5, 0.2),
        (thresholds.Cost(false_alarm=1, miss=10), 3.5, 0.2),
        (thresholds.Cost(false_alarm=10, miss=1), 5.5, 0.0),
        (thresholds.Cost(false_alarm=1, miss=2, rate=0.01), 5.5, 0.0),
    ],
)
def test_tuned_rules_by_hand(rule: thresholds.Rule, value: float, fpr: float) -> None:
    rule.fit(np.arange(8.0), LABELS)
    assert rule.value == value and rule.promised_fpr == pytest.approx(fpr)


@pytest.mark.parametrize(
    ("rule", "worth"),
    [
        (thresholds.F1Max(), lambda d: d.f1),
        (thresholds.ROC(), lambda d: d.recall - d.false_positive_rate),
        (thresholds.Cost(1, 4), lambda d: -(d.fp + 4 * d.fn)),
        (thresholds.RecallTarget(0.8), lambda d: -d.fp if d.recall >= 0.8 else -np.inf),
    ],
)
def test_tuned_rules_beat_every_other_threshold(
    rule: thresholds.Rule, worth: Callable[[metrics.Decisions], float]
) -> None:
    rng = np.random.default_rng(3)
    labels = np.repeat([0, 1], [150, 30])
    scores = rng.normal(labels * 1.5, 1)
    found = worth(metrics.decisions(labels, scores, rule.fit(scores, labels).value))
    cuts = [-10.0, *scores]
    best = max(np.nan_to_num(worth(metrics.decisions(labels, scores, cut)), nan=0) for cut in cuts)
    assert found == pytest.approx(best)


@pytest.mark.parametrize(
    "build",
    [
        lambda: thresholds.RecallTarget(0),
        lambda: thresholds.RecallTarget(90),
        lambda: thresholds.Cost(miss=0),
        lambda: thresholds.Cost(rate=1.0),
    ],
)
def test_tuned_rules_refuse_bad_settings(build: Callable[[], thresholds.Rule]) -> None:
    with pytest.raises(ValueError, match="share|Costs"):
        build()
    with pytest.raises(ValueError, match="needs labels"):
        thresholds.Cost().fit(SCORES)


def test_the_highest_calibration_row_is_not_flagged_for_its_last_digit() -> None:
    rule = thresholds.Percentile(95).fit([1.0, 2.0, 3.0])
    assert rule.predict([3.0, 3.0 * (1 + 1e-12), 3.0001]).tolist() == [0, 0, 1]
