"""Threshold rules: exact values, promises kept, settings refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest

from anomalylab import metrics, thresholds

SCORES = np.arange(1.0, 101.0)


def test_percentile_lies_midway() -> None:
    rule = thresholds.Percentile(95).fit(SCORES)
    assert rule.value == 95.5 and rule.promised_fpr == 6 / 101
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
    rule = thresholds.Percentile().fit(SCORES)
    for use in (rule.fit, rule.predict):
        with pytest.raises(ValueError, match="[Ss]core"):
            use(wrong)


def test_rules_refuse_bad_settings() -> None:
    with pytest.raises(ValueError, match="such as 95"):
        thresholds.Percentile(0.95)
    with pytest.raises(ValueError, match="such as 0.05"):
        thresholds.FalsePositiveBudget(at_most=5)
    with pytest.raises(ValueError, match="needs labels"):
        thresholds.ROC().fit(SCORES)
    for labels in (np.zeros(100), np.ones(100)):
        with pytest.raises(ValueError, match="some 1"):
            thresholds.ROC().fit(SCORES, labels)
    with pytest.raises(ValueError, match="one is -1"):
        thresholds.ROC().fit(SCORES, np.repeat([-1, 1], 50))


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


@pytest.mark.parametrize(
    ("scores", "below", "value"),
    [
        ([1.0, 2.0, 2.0, 4.0], 1, 1.5),
        ([1.0, 2.0, 2.0, 4.0], 2, 3.0),  # no cut goes between equal scores
        ([1.0, 2.0, 2.0 + 1e-12, 4.0], 2, 3.0),
        ([1.0, 2.0 - 1e-12, 2.0, 4.0], 2, 3.0),
        ([-4.0, -2.0 - 1e-12, -2.0, -1.0], 2, -1.5),
        ([1.0, 2.0, 2.0 + 1e-12], 2, 2.0 * (1 + 1e-9)),
        ([2.0, 2.0, 4.0], 0, 2.0 * (1 - 1e-9)),
        ([-2.0, -2.0], 2, -2.0 * (1 - 1e-9)),
        ([-2.0, -1.0], 0, -2.0 * (1 + 1e-9)),
        ([0.0, 0.0, 4.0], 1, 2.0),
        ([0.0, 0.0], 1, 0.0),
        ([1e300, 1e300 * (1 + 1e-12), 3e300], 1, 2e300),
        ([1e308, 1.5e308], 1, 1.25e308),  # their sum is no number
        ([1e-300, 1e-300 * (1 + 1e-12), 3e-300], 1, 2e-300),
    ],
)
def test_between_lies_clear_of_ties(scores: list[float], below: int, value: float) -> None:
    assert thresholds.between(np.array(scores), below) == pytest.approx(value, rel=1e-11, abs=0)


@pytest.mark.parametrize("lowest", [0.0, 5e-324, -3.0, 1e300, -1e300])
def test_below_everything_is_below_the_lowest(lowest: float) -> None:
    assert thresholds.between(np.array([lowest, 2e300]), 0) < lowest


@pytest.mark.parametrize("upper", [5e-324, 1e-323, 2e-323])
def test_the_tiniest_scores_stay_apart(upper: float) -> None:
    assert 0 <= thresholds.between(np.array([0.0, upper]), 1) < upper
    lower = float(np.nextafter(upper, 0))
    assert lower <= thresholds.between(np.array([lower, upper]), 1) < upper


def near_ties(seed: int) -> tuple[np.ndarray, ...]:
    """Scores of ten kinds of rows, again with other last digits, labels, the kinds' scores."""
    rng = np.random.default_rng(seed)
    kinds = np.append(rng.normal(size=9) * 10.0 ** rng.integers(-9, 9, size=9), 0.0)
    kind = rng.integers(0, 10, size=600)
    labels = (rng.random(600) < np.argsort(np.argsort(kinds))[kind] / 12).astype(int)

    def scored() -> np.ndarray:
        return kinds[kind] * (1 + rng.uniform(-1e-14, 1e-14, size=600))

    return scored(), scored(), labels, kinds


RULES = [
    thresholds.Percentile(95),
    thresholds.Percentile(70),
    thresholds.FalsePositiveBudget(0.3),
    thresholds.ROC(),
    thresholds.F1Max(),
    thresholds.RecallTarget(0.8),
    thresholds.RecallTarget(1.0),
    thresholds.Cost(1, 4),
]


@pytest.mark.parametrize("rule", RULES, ids=repr)
@pytest.mark.parametrize("seed", range(5))
def test_last_digits_decide_nothing(rule: thresholds.Rule, seed: int) -> None:
    """Equal rows get equal flags, though their scores differ by the batch they are in."""
    scores, again, labels, _ = near_ties(seed)
    rule.fit(scores, labels)
    np.testing.assert_array_equal(rule.predict(scores), rule.predict(again))
    assert rule.value == pytest.approx(rule.fit(again, labels).value, rel=1e-8)


def test_equal_rows_are_flagged_alike() -> None:
    """The rows on which 0 % were flagged in one batch and 21.5 % one at a time."""
    rng = np.random.default_rng(0)
    kinds = rng.normal(size=(3, 6)).round(1)
    x = kinds[rng.choice(3, 600, p=[0.5, 0.3, 0.2])]
    scores = (x**2).mean(axis=1)
    for _ in range(20):
        rule = thresholds.as_rule(0.05).fit(scores * (1 + rng.uniform(-1e-15, 1e-15, 600)))
        assert rule.predict(scores * (1 + rng.uniform(-1e-15, 1e-15, 600))).sum() == 0


def test_a_constant_score_is_never_above_its_mean() -> None:
    for score in (3.0, -3.0, 0.0):
        rule = thresholds.MeanStd(0).fit([score] * 5)
        assert rule.predict([score * (1 + 1e-14), score * (1 - 1e-14)]).sum() == 0


@pytest.mark.parametrize(
    ("rule", "worth"),
    [
        (thresholds.F1Max(), lambda d: d.f1),
        (thresholds.ROC(), lambda d: d.recall - d.false_positive_rate),
        (thresholds.Cost(1, 4), lambda d: -(d.fp + 4 * d.fn)),
        (thresholds.RecallTarget(0.8), lambda d: -d.fp if d.recall >= 0.8 else -np.inf),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_tuned_rules_are_best_among_ties(
    rule: thresholds.Rule, worth: Callable[[metrics.Decisions], float], seed: int
) -> None:
    scores, again, labels, kinds = near_ties(seed)
    rule.fit(scores, labels)
    found = metrics.decisions(labels, again, rule.value)
    cuts = [-1e12, *(kinds + 1e-10 * abs(kinds))]
    best = max(np.nan_to_num(worth(metrics.decisions(labels, scores, cut)), nan=0) for cut in cuts)
    assert worth(found) == pytest.approx(best)
    assert rule.promised_fpr == pytest.approx(found.false_positive_rate)


@pytest.mark.parametrize(
    ("n", "promised"), [(1, 1 / 2), (10, 1 / 11), (99, 1 / 100), (200, 3 / 201)]
)
def test_a_share_promises_what_so_many_scores_can(n: int, promised: float) -> None:
    rule = thresholds.as_rule(0.01).fit(np.arange(n))
    assert rule.promised_fpr == pytest.approx(promised)


@pytest.mark.parametrize(("n", "q"), [(10, 99), (30, 95), (100, 90)])
def test_the_promise_holds_in_the_mean_over_calibration_sets(n: int, q: float) -> None:
    rng = np.random.default_rng(0)
    rules = [thresholds.Percentile(q).fit(rng.random(n)) for _ in range(2000)]
    found = np.mean([1 - min(rule.value, 1) for rule in rules])
    promised = rules[0].promised_fpr
    # midway to the next score, so between the promise and what one more score would promise
    assert promised - 1 / (n + 1) - 0.003 < found < promised + 0.003


def test_ties_above_the_percentile_count_as_not_flagged() -> None:
    rule = thresholds.Percentile(90).fit([1.0] * 80 + [2.0] * 20)
    assert rule.promised_fpr == 1 / 101 and rule.predict([1.0, 2.0, 2.1]).tolist() == [0, 0, 1]


def test_check_rows_says_before_training_what_so_few_scores_cannot() -> None:
    rule = thresholds.as_rule(0.01)
    with pytest.warns(
        UserWarning, match="15 calibration rows promise 6.2 % false.*not 1 %: that takes 99 of"
    ):
        rule.check_rows(15)
    with pytest.warns(UserWarning, match="98 calibration rows"):
        rule.check_rows(98)
    with pytest.raises(ValueError, match="58 calibration scores.*takes 59"):
        thresholds.FalsePositiveBudget().check_rows(58)
    with pytest.raises(ValueError, match="at least 2"):
        thresholds.MeanStd().check_rows(1)
    with pytest.raises(ValueError, match=r"needs labels.*calibrate\(X, labels\)"):
        thresholds.F1Max().check_rows(1000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rule.check_rows(99)
        thresholds.as_rule(0.05).check_rows(19)
        thresholds.FalsePositiveBudget().check_rows(59)
        thresholds.MeanStd().check_rows(2)
        rule.fit(SCORES[:15])  # promised_fpr tells


@pytest.mark.parametrize(
    "rule",
    [thresholds.as_rule(0.05), thresholds.FalsePositiveBudget(0.1), thresholds.MeanStd(2)],
    ids=repr,
)
def test_rules_without_labels_learn_from_the_normals(rule: thresholds.Rule) -> None:
    value, promised = rule.fit(SCORES).value, rule.promised_fpr
    mixed, labels = np.append(SCORES, SCORES * 1000), np.repeat([0, 1], 100)
    assert rule.fit(mixed[::-1], labels[::-1]).value == value and rule.promised_fpr == promised
    with pytest.raises(ValueError, match="no label is 0"):
        rule.fit(SCORES, np.ones(100))
    with pytest.raises(ValueError, match=r"100 rows need 100 labels.*\(99,\)"):
        rule.fit(SCORES, np.zeros(99))


def test_the_normals_must_suffice() -> None:
    with pytest.raises(ValueError, match="58 calibration scores.*takes 59"):
        thresholds.FalsePositiveBudget().fit(SCORES, np.repeat([0, 1], [58, 42]))
