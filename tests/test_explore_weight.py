"""The weight explorer without a browser: true areas, true bars, kind errors."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from anomalylab.explore import Explorer, weight_explorer
from tests.explorers import axes_of

NORMALS, ODD = 150, 50
Data = dict[str, Any]


@pytest.fixture
def data() -> Data:
    """Anomalies are worse in reconstruction and a little lower in KL."""
    draw = np.random.default_rng(0)
    labels = np.repeat([0, 1], [NORMALS, ODD])
    return {
        "reconstruction": draw.gamma(30, 1, 200) + 6 * labels,
        "kl": draw.gamma(20, 0.5, 200) - labels,
        "labels": labels,
    }


def area(data: Data, weight: float) -> float:
    scores = (1 - weight) * data["reconstruction"] + weight * data["kl"]
    return float(roc_auc_score(data["labels"], scores))


@pytest.mark.parametrize(("weight", "beta"), [(0.0, "0.00"), (0.2, "0.25"), (0.9, "9.00")])
def test_sentence_is_true(data: Data, weight: float, beta: str) -> None:
    areas = {w / 10: area(data, w / 10) for w in range(11)}
    best = max(areas, key=lambda w: areas[w])
    assert weight_explorer(**data).set(weight=weight).sentence == (
        f"Weight {weight:g} (β = {beta}): ROC-AUC {areas[weight]:.2f}; reconstruction alone "
        f"{areas[0.0]:.2f}, β = 1 {areas[0.5]:.2f}, KL alone {areas[1.0]:.2f}; highest "
        f"{areas[best]:.2f} at weight {best:g}."
    )


def test_the_ends_are_the_parts_alone(data: Data) -> None:
    explorer = weight_explorer(**data).set(weight=1.0)
    alone = roc_auc_score(data["labels"], data["kl"])
    assert f"Weight 1 (only the KL): ROC-AUC {alone:.2f};" in explorer.sentence
    assert repr(explorer) == f"Weight explorer [weight=1]: {explorer.sentence}"


def test_weight_and_beta_rank_alike(data: Data) -> None:
    beta = 0.8 / 0.2
    wanted = roc_auc_score(data["labels"], data["reconstruction"] + beta * data["kl"])
    assert area(data, 0.8) == pytest.approx(wanted)
    assert "(β = 4.00)" in weight_explorer(**data).set(weight=0.8).sentence


def test_bars_and_mark_stand_where_the_sentence_says(data: Data) -> None:
    left, right = axes_of(weight_explorer(**data), weight=0.3)
    scores = 0.7 * data["reconstruction"] + 0.3 * data["kl"]
    normal = scores[data["labels"] == 0]
    scaled = (scores - normal.mean()) / normal.std()
    low, high = left.get_xlim()
    assert np.mean((scaled < low) | (scaled > high)) < 0.05, "few are gathered in the end bars"
    for patch, kind in zip(left.patches, (0, 1), strict=True):
        corners = np.asarray(patch.get_path().vertices)[:61]
        heights, edges = corners[1:-1:2, 1], np.append(corners[::2, 0], high)[:31]
        assert heights.sum() == pytest.approx(100), "every row is in some bar"
        chosen = scaled[data["labels"] == kind]
        inner = [100 * np.mean((chosen >= a) & (chosen < b)) for a, b in pairwise(edges)]
        np.testing.assert_allclose(heights[1:-1], inner[1:-1])
        assert left.get_ylim()[1] >= heights.max()
    curve, now = right.get_lines()
    np.testing.assert_allclose(
        np.asarray(curve.get_ydata()), [area(data, w / 10) for w in range(11)]
    )
    assert set(np.ravel(np.asarray(now.get_xdata()))) == {3}


def test_drawing_leaves_no_trace_of_other_weights(data: Data) -> None:
    travelled = weight_explorer(**data).set(weight=1.0).set(weight=0.3)
    direct = weight_explorer(**data).set(weight=0.3)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(weight=0.4).picture.value


def test_a_kl_that_is_the_same_for_every_row_does_no_harm(data: Data) -> None:
    explorer = weight_explorer(**{**data, "kl": np.full(200, 7.0)}).set(weight=1.0)
    assert "ROC-AUC 0.50" in explorer.sentence and "KL alone 0.50" in explorer.sentence


def test_it_is_redrawn_at_once(data: Data) -> None:
    explorer: Explorer = weight_explorer(**data)
    times = []
    for step in range(8):
        start = time.perf_counter()
        explorer.set(weight=step / 10)
        times.append(time.perf_counter() - start)
    assert np.median(times) < 3 * 0.15


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reconstruction": np.ones((200, 2))}, "Scores should be one number a row"),
        ({"kl": np.full(200, np.nan)}, "Score 0 is nan"),
        ({"kl": np.ones(5)}, "kl should be one a row: 5 for 200 rows"),
        ({"labels": np.zeros(200)}, "only one kind was given"),
    ],
)
def test_bad_input_is_named(data: Data, changes: Data, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        weight_explorer(**{**data, **changes})
