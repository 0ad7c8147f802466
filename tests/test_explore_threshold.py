"""The threshold explorer without a browser: true numbers, marks in the right places."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from anomalylab import thresholds
from anomalylab.explore import threshold_explorer
from tests.explorers import axes_of

Scores = tuple[np.ndarray, np.ndarray]


@pytest.fixture
def scores() -> Scores:
    draw = np.random.default_rng(0)
    return draw.gamma(9, 0.002, 300), draw.gamma(9, 0.004, 80)


@pytest.mark.parametrize("threshold", [0.012, 0.03, 0.0412])
def test_sentence_is_true(scores: Scores, threshold: float) -> None:
    normal, anomaly = scores
    calibration = normal[:50]
    explorer = threshold_explorer(normal, anomaly, calibration_scores=calibration)
    alarms, hits, over = (
        sum(score > threshold for score in part.tolist()) for part in (normal, anomaly, calibration)
    )
    assert explorer.set(threshold=threshold).sentence == (
        f"Threshold {threshold:.4f}: {alarms} of 300 normal rows flagged ({alarms / 3:.1f} %), "
        f"{hits} of 80 anomalies found ({hits / 0.8:.1f} %); "
        f"{over} of 50 calibration rows lie above ({over * 2:.1f} %)."
    )


def test_a_score_equal_to_the_threshold_is_not_flagged() -> None:
    explorer = threshold_explorer([1.0, 2.0, 3.0], [3.0, 4.0]).set(threshold=3.0)
    assert "0 of 3 normal rows flagged (0.0 %), 1 of 2 anomalies found" in explorer.sentence


def test_threshold_and_rules_are_marked_in_both_pictures(scores: Scores) -> None:
    normal, anomaly = scores
    rules = {"percentile": 0.03, "mean + 3σ": 0.035}
    explorer = threshold_explorer(normal, anomaly, rules=rules)
    curve, points = axes_of(explorer, threshold=0.02)
    for name, value in {**rules, "threshold": 0.02}.items():
        (line,) = (line for line in curve.get_lines() if line.get_label() == name)
        (point,) = (point for point in points.get_lines() if point.get_label() == name)
        assert set(np.ravel(line.get_xdata())) == {value}
        rates = [[np.mean(normal > value)], [np.mean(anomaly > value)]]
        np.testing.assert_allclose(np.asarray(point.get_xydata()), np.transpose(rates))
        assert line.get_marker() == point.get_marker() != "None"
    styles = {line.get_marker() for line in curve.get_lines()}
    assert len(styles) == 3, "told apart without colour"


def test_fitted_rules_are_marked_named_and_within_reach(scores: Scores) -> None:
    normal, anomaly = scores
    above = float(max(normal.max(), anomaly.max())) * 1.2
    percentile = thresholds.Percentile(95).fit(normal)
    explorer = threshold_explorer(normal, anomaly, rules={"percentile": percentile, "far": above})
    values = f"marked are percentile {percentile.value:.4f}, far {above:.4f}."
    assert explorer.set(threshold=percentile.value).sentence.endswith(values)
    flagged = int((normal > percentile.value).sum())
    assert f"{flagged} of 300 normal rows flagged" in explorer.sentence
    assert f"{(normal > above).sum()} of 300" in explorer.set(threshold=above).sentence


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("percentile", thresholds.Percentile(95)),
        ("percentile", np.nan),
        ("percentile", "0.03"),
        ("threshold", 0.03),
    ],
)
def test_a_rule_without_a_threshold_is_named(scores: Scores, name: str, rule: Any) -> None:
    with pytest.raises(ValueError, match=f"'{name}' is"):
        threshold_explorer(*scores, rules={name: rule})


def test_earlier_states_leave_no_trace(scores: Scores) -> None:
    travelled = threshold_explorer(*scores).set(threshold=0.05).set(threshold=0.03)
    direct = threshold_explorer(*scores).set(threshold=0.03)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(threshold=0.032).picture.value


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5])
@pytest.mark.parametrize("offset", [0.0, 7.0])
def test_slider_spans_the_scores_in_round_steps(
    scores: Scores, scale: float, offset: float
) -> None:
    normal, anomaly = (scale * (part + offset) for part in scores)
    slider = threshold_explorer(normal, anomaly).controls["threshold"]
    both = np.concatenate([normal, anomaly])
    assert slider.min <= both.min() and slider.max >= both.max()
    assert 30 <= (slider.max - slider.min) / slider.step <= 100
    assert f"{slider.step:.0e}"[0] in "125"
    grid = slider.min + slider.step * np.arange(20)
    assert len({f"{value:{slider.readout_format}}" for value in grid}) == 20, "steps look different"


@pytest.mark.parametrize(
    ("normal", "anomaly", "calibration", "message"),
    [
        ([], [1.0], None, "Scores should be one number a row"),
        ([1.0], [[1.0, 2.0]], None, "Scores should be one number a row"),
        ([1.0, 2.0], [np.nan], None, "Score 0 is nan"),
        ([2.0, 3.0], [3.0], [np.inf], "Score 0 is inf"),
        ([2.0, 2.0], [2.0], None, "All scores are 2: no threshold"),
    ],
)
def test_bad_scores_are_named(normal: Any, anomaly: Any, calibration: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        threshold_explorer(normal, anomaly, calibration_scores=calibration)
