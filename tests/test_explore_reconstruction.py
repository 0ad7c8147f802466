"""The reconstruction explorer without a browser: the right row, true numbers, kind errors."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from anomalylab.explore import Explorer, reconstruction_explorer
from tests.explorers import axes_of

ROWS = 60
Data = dict[str, Any]


@pytest.fixture
def data() -> Data:
    """40 normals, 20 anomalies of 3 × 4 pixels; the scores are the mean errors."""
    draw = np.random.default_rng(0)
    x = draw.random((ROWS, 12))
    x_hat = np.clip(x + draw.normal(0, np.repeat([0.1, 0.2], [40, 20]))[:, None] * x, 0, 1)
    labels = np.repeat([0, 1], [40, 20])
    return {"x": x, "x_hat": x_hat, "scores": ((x - x_hat) ** 2).mean(1), "labels": labels}


def explorer_of(data: Data, **changes: Any) -> Explorer:
    return reconstruction_explorer(**{"image_shape": (3, 4), **data, **changes})


def shown_row(explorer: Explorer) -> int:
    return int(explorer.sentence.split()[1])


def test_sentence_is_true(data: Data) -> None:
    names = [f"digit {row % 10}" for row in range(ROWS)]
    row, score = 47, float(data["scores"][47])
    below = sum(other < score for other in data["scores"][:40].tolist())
    down, across = np.unravel_index(np.argmax((data["x"] - data["x_hat"])[row] ** 2), (3, 4))
    explorer = explorer_of(data, names=names, threshold=score).set(place=row)
    number = f"{score:.3g}"
    assert explorer.sentence == (
        f"Row 47 (anomaly, digit 7): score {number}, higher than {100 * below // 40} % of the "
        f"normal rows, not above the threshold {number}; largest error in pixel ({down}, {across})."
    )
    assert "(normal): score" in explorer_of(data).sentence
    assert "threshold" not in explorer_of(data).sentence
    below_it = explorer_of(data, threshold=score - 1e-9).set(place=row)
    assert ", above the threshold" in below_it.sentence


def test_orders_lead_to_every_row_once(data: Data) -> None:
    explorer = explorer_of(data)
    scores, labels = data["scores"], data["labels"]
    visits = {
        order: [shown_row(explorer.set(order=order, place=place)) for place in range(ROWS)]
        for order, _ in explorer.controls["order"].options
    }
    assert all(sorted(rows) == list(range(ROWS)) for rows in visits.values())
    given, by_score, by_kind = visits.values()
    assert given == list(range(ROWS))
    assert (np.diff(scores[by_score]) >= 0).all()
    assert (np.diff(labels[by_kind]) >= 0).all()
    assert (np.diff(scores[by_kind[:40]]) >= 0).all()


@pytest.mark.parametrize("row", [0, 7, 50])
def test_the_pictures_are_those_of_the_row(data: Data, row: int) -> None:
    explorer = explorer_of(data)
    panel, curve = axes_of(explorer, place=row)
    pixels = np.asarray(panel.images[-1].get_array())
    x, x_hat, error = (pixels[:3, start : start + 4].ravel() for start in (0, 5, 10))
    np.testing.assert_allclose(x, data["x"][row])
    np.testing.assert_allclose(x_hat, data["x_hat"][row])
    errors = (data["x"] - data["x_hat"]) ** 2
    np.testing.assert_allclose(error, errors[row] / np.quantile(errors.max(axis=1), 0.9))
    assert set(np.ravel(curve.get_lines()[-1].get_xdata())) == {data["scores"][row]}


def test_bars_tell_the_share_of_every_feature(data: Data) -> None:
    names = [f"column {number}" for number in range(12)]
    explorer = explorer_of(data, image_shape=None, feature_names=names).set(place=3)
    errors = (data["x"] - data["x_hat"])[3] ** 2
    shares = 100 * errors / errors.sum()
    sentence = explorer.sentence
    bars = [bar for bar in axes_of(explorer)[0].patches if isinstance(bar, Rectangle)]
    np.testing.assert_allclose([bar.get_width() for bar in bars[-12:]], shares)
    worst = int(np.argmax(shares))
    assert sentence.endswith(f"error in column {worst} ({shares[worst]:.0f} % of it all).")
    assert "error in feature " in explorer_of(data, image_shape=None).sentence


def test_a_perfect_reconstruction_and_many_features_do_no_harm(data: Data) -> None:
    wide = {name: np.tile(data[name], (1, 5)) for name in ("x", "x_hat")}
    wide["x_hat"][0] = wide["x"][0]
    assert "(0 % of it all)" in explorer_of({**data, **wide}, image_shape=None).sentence
    same = explorer_of(data, x_hat=data["x"])
    assert "pixel (0, 0)" in same.sentence


@pytest.mark.parametrize("shape", [(3, 4), None])
def test_drawing_leaves_no_trace_of_other_rows(data: Data, shape: Any) -> None:
    travelled = explorer_of(data, image_shape=shape).set(place=50).set(place=9)
    direct = explorer_of(data, image_shape=shape).set(place=9)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(place=8).picture.value
    rolled = {name: np.roll(values, 1, axis=0) for name, values in data.items()}
    moved = explorer_of(rolled, image_shape=shape).set(place=10)
    pictures = (explorer._repr_mimebundle_()["image/png"] for explorer in (moved, direct))
    assert len(set(pictures)) == 1, "the row that was drawn first is still there"


def test_large_pictures_are_redrawn_at_once() -> None:
    draw = np.random.default_rng(0)
    x, x_hat = draw.random((2, ROWS, 784))
    scores = ((x - x_hat) ** 2).mean(1)
    labels = np.arange(ROWS) % 2
    explorer = reconstruction_explorer(x, x_hat, scores, labels, image_shape=(28, 28))
    times = []
    for place in range(1, 8):
        start = time.perf_counter()
        explorer.set(place=place)
        times.append(time.perf_counter() - start)
    assert np.median(times) < 3 * 0.15


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_a_few_huge_scores_leave_the_others_visible(data: Data, scale: float) -> None:
    scores = data["scores"].copy()
    scores[-1] *= scale
    curve = axes_of(explorer_of(data, scores=scores))[1]
    wanted = "log" if scale > 1 or scores.max() > 10 * np.median(scores) else "linear"
    assert curve.get_xscale() == wanted
    assert curve.get_xlim()[1] > scores.max()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.ones(12)}, "Expected a table with one sample a row"),
        ({"x_hat": np.ones((ROWS, 11))}, r"Every sample should have shape \(12,\)"),
        ({"x_hat": np.full((ROWS, 12), np.nan)}, "Column 0 has a missing value"),
        ({"scores": np.arange(59.0)}, "x has 60 rows and 12 columns, so x_hat, scores and names"),
        ({"scores": np.full(ROWS, np.inf)}, "Score 0 is inf"),
        ({"labels": np.zeros(ROWS)}, "labels some 0 and some 1"),
        ({"labels": np.arange(ROWS)}, "Labels are 0 .normal. or 1 .anomaly."),
        ({"labels": [0, 1]}, "60 rows need 60 labels"),
        ({"image_shape": (8, 8)}, r"image_shape \(8, 8\) does not fit 12 pixels"),
        ({"names": ["a"]}, "x_hat, scores and names need"),
        ({"image_shape": None, "feature_names": ["a"]}, "feature_names one a column"),
    ],
)
def test_bad_input_is_named(data: Data, changes: Data, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer_of(data, **changes)
