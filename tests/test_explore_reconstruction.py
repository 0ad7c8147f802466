"""The reconstruction explorer without a browser: the right row, true numbers, kind errors."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from scipy.stats import spearmanr

from anomalylab.explore import ReconstructionExplorer, reconstruction_explorer

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


def explorer_of(data: Data, **changes: Any) -> ReconstructionExplorer:
    return reconstruction_explorer(**{"image_shape": (3, 4), **data, **changes})


def shown_row(explorer: ReconstructionExplorer) -> int:
    return int(explorer.sentence.split()[1])


def test_sentence_is_true(data: Data) -> None:
    names = [f"digit {row % 10}" for row in range(ROWS)]
    row, score = 47, float(data["scores"][47])
    below = sum(other < score for other in data["scores"][:40].tolist())
    down, across = np.unravel_index(np.argmax((data["x"] - data["x_hat"])[row] ** 2), (3, 4))
    explorer = explorer_of(data, names=names, threshold=score).set(place=row)
    number = f"{score:#.3g}"
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
        for order in explorer.controls["order"].options
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
    figure, _ = explorer.render(order="as given", place=row)
    pixels = np.asarray(figure.axes[0].images[0].get_array())
    assert pixels.shape == (3, 14, 3)
    x, x_hat, error = (pixels[:, start : start + 4].mean(2).ravel() for start in (0, 5, 10))
    low, high = data["x"].min(), data["x"].max()
    for part, drawn in (("x", x), ("x_hat", x_hat)):
        ink = np.clip((data[part][row] - low) / (high - low), 0, 1)
        np.testing.assert_allclose(1 - drawn, ink, atol=0.01)
    errors = (data["x"] - data["x_hat"])[row] ** 2
    assert spearmanr(error, errors).statistic > 0.9, "bright is much error"
    down, across = divmod(int(np.argmax(errors)), 4)
    frame = explorer._panel._mark  # type: ignore[union-attr]
    assert frame.get_xy() == (10 + across - 0.5, down - 0.5)
    assert frame.get_animated(), "it would not be drawn again"
    assert list(explorer._line.get_xdata()) == [data["scores"][row]]


def test_bars_tell_the_share_of_every_feature(data: Data) -> None:
    names = [f"column {number}" for number in range(12)]
    explorer = explorer_of(data, image_shape=None, feature_names=names).set(place=3)
    errors = (data["x"] - data["x_hat"])[3] ** 2
    shares = 100 * errors / errors.sum()
    figure, sentence = explorer.render(**explorer.state)
    bars = [bar for bar in figure.axes[0].patches if isinstance(bar, Rectangle)]
    np.testing.assert_allclose([bar.get_width() for bar in bars], shares)
    worst = int(np.argmax(shares))
    assert sentence.endswith(f"error in column {worst} ({shares[worst]:.0f} % of it all).")
    assert "error in feature " in explorer_of(data, image_shape=None).sentence


def test_a_perfect_reconstruction_and_many_features_do_no_harm(data: Data) -> None:
    wide = {name: np.tile(data[name], (1, 5)) for name in ("x", "x_hat")}
    wide["x_hat"][0] = wide["x"][0]
    assert "(0 % of it all)" in explorer_of({**data, **wide}, image_shape=None).sentence
    same = explorer_of(data, x_hat=data["x"])
    assert "pixel (0, 0)" in same.sentence


def test_pictures_may_come_as_pictures(data: Data) -> None:
    square = {name: data[name].reshape(ROWS, 3, 4) for name in ("x", "x_hat")}
    assert explorer_of({**data, **square}).picture.value == explorer_of(data).picture.value


@pytest.mark.parametrize("shape", [(3, 4), None])
def test_fast_drawing_leaves_no_trace_of_other_rows(data: Data, shape: Any) -> None:
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
    figure, _ = explorer_of(data, scores=scores).render(order="as given", place=0)
    wanted = "log" if scale > 1 or scores.max() > 10 * np.median(scores) else "linear"
    assert figure.axes[1].get_xscale() == wanted


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.ones(12)}, "x should hold one sample a row"),
        ({"x_hat": np.ones((ROWS, 11))}, "x_hat should have the shape of x"),
        ({"x_hat": np.full((ROWS, 12), np.nan)}, "x_hat holds a gap or an infinite value in row 0"),
        ({"scores": np.arange(59.0)}, "scores should be one a row: 59 for 60"),
        ({"scores": np.ones(ROWS)}, "scores are all 1: no row stands out"),
        ({"scores": np.full(ROWS, np.inf)}, "scores holds inf in row 0"),
        ({"labels": np.zeros(ROWS)}, "labels should be 0 .normal. or 1 .anomaly."),
        ({"labels": np.arange(ROWS)}, "labels should be 0 .normal. or 1 .anomaly."),
        ({"labels": [0, 1]}, r"have shape \(2,\)"),
        ({"image_shape": (8, 8)}, "image_shape 8 × 8 is 64 pixels, but a sample has 12"),
        ({"names": ["a"]}, "names should be one text a row: 1 for 60 rows"),
        ({"image_shape": None, "feature_names": ["a"]}, "feature_names should be one a column"),
    ],
)
def test_bad_input_is_named(data: Data, changes: Data, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer_of(data, **changes)
