"""Figures tell in words what they show: the sentence is caption, alternative text and test."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.text import Annotation

from anomalylab import plots


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


X, LABELS = np.linspace(0, 1, 8).reshape(2, 4), np.array([0, 1])
DRAW: dict[str, Callable[[Axes | None], Axes]] = {
    "learning_curve": lambda ax: plots.learning_curve([2.0, 1.0], [2.0, 1.5], ax=ax),
    "score_histogram": lambda ax: plots.score_histogram(X[0], X[1], 0.5, ax=ax),
    "threshold_lines": lambda ax: plots.threshold_lines({"threshold": 0.5, "a": 0.4}, ax),
    "threshold_points": lambda ax: plots.threshold_points({"a": 0.4}, LABELS, X[0, :2], ax),
    "roc": lambda ax: plots.roc(LABELS, {"a": LABELS * 0.5}, ax=ax),
    "reconstructions": lambda ax: plots.reconstructions(X, X / 2, (2, 2), ["a", "b"], ax=ax),
    "picture_rows": lambda ax: plots.picture_rows({"x": X}, (2, 2), ["a"], ax),
    "pictures": lambda ax: plots.pictures(X, (2, 2), ax=ax),
    "latent_plane": lambda ax: plots.latent_plane(X[:, :2], LABELS, ax=ax),
    "named_codes": lambda ax: plots.named_codes(X[:, :2], ["3", ""], ax),
    "latent_clouds": lambda ax: plots.latent_clouds(X[:, :2], X[:, 2:], [3, 8], ax),
    "code_marks": lambda ax: plots.code_marks(X[0, :2], X[:, :2], ax),
    "contributions": lambda ax: plots.contributions(X[0], ["a", "b", "c", "d"], ax),
    "spread": lambda ax: plots.spread({"a": [1.0, 2.0]}, "AUC", ax=ax),
    "against": lambda ax: plots.against({1: [0.5, 0.6]}, "width", "AUC", ax=ax),
    "search_curves": lambda ax: plots.search_curves({"a": X[0], "b": X[1]}, ax),
    "series": lambda ax: plots.series({"a": X[0], "b": X[1]}, ax=ax),
}


@pytest.mark.parametrize("name", DRAW)
def test_draws_on_the_axes_it_is_given(name: str) -> None:
    figure, axes = plt.subplots(1, 2)
    assert DRAW[name](axes[1]) is axes[1]
    assert plt.get_fignums() == [figure.number] and axes[1].has_data() and not axes[0].has_data()
    own = DRAW[name](None)
    assert own.figure is not figure and own.get_label() == axes[1].get_label() != ""


def test_every_public_function_is_among_them() -> None:
    functions = inspect.getmembers(plots, inspect.isfunction)
    own = {name for name, thing in functions if thing.__module__ == plots.__name__}
    assert {name for name in own if not name.startswith("_")} == set(DRAW)


@pytest.mark.parametrize(
    ("train", "told"),
    [
        ([3.0, 1.0], "falls from 3.000 to 1.000"),
        ([1.0, 0.5, 3.0], "rises from 1.000 to 3.000"),
        ([0.5, 0.2, 0.5001], "stays at 0.500"),
        ([-1.0, -2.0], "falls from -1.000 to -2.000"),
        ([0.0001, -0.0001], "stays at 0.000"),
    ],
)
def test_learning_curve_says_which_way_it_goes(train: list[float], told: str) -> None:
    sentence = plots.learning_curve(train).get_label()
    assert sentence == f"Learning curve: training loss {told}, of {len(train)} epochs."


@pytest.mark.parametrize(
    ("train", "validation", "scale"),
    [
        ([3.0, 1.0], [3.0, 2.0], "log"),
        ([3.0, 1.0], [], "log"),
        ([3.0, -1.0], [3.0, 2.0], "linear"),
        ([3.0, 1.0], [3.0, -2.0], "linear"),
        ([3.0, 0.0], [], "linear"),
    ],
)
def test_learning_curve_hides_no_loss(
    train: list[float], validation: list[float], scale: str
) -> None:
    assert plots.learning_curve(train, validation).get_yscale() == scale


def test_against_names_means_and_shading() -> None:
    ax = plots.against({1: [0.2, 0.4], 2: [0.5, 0.7]}, "width", "ROC-AUC", marked=[2])
    assert ax.get_label() == (
        "ROC-AUC against width, mean of 2 runs each: 1: 0.30, 2: 0.60. Shaded: 2."
    )
    joined = [line.get_ydata() for line in ax.lines if line.get_linestyle() == "-"]
    assert any(np.allclose(np.asarray(heights), [0.3, 0.6]) for heights in joined)


def test_against_writes_notes_over_the_settings_that_have_results() -> None:
    values: dict[str, list[float]] = {"0": [0.2, 0.4], "1": [], "2": [0.5, 0.7]}
    notes = {"0": "four", "2": "two"}
    ax = plots.against(values, "β", "ROC-AUC", notes=notes, noted="units active")
    assert ax.get_label() == "ROC-AUC against β, mean of 2 runs each: 0: 0.30, 2: 0.60."
    assert {text.get_text(): text.xy for text in ax.texts if isinstance(text, Annotation)} == {
        "four": (0, 0.4),
        "two": (2, 0.7),
    }
    assert ax.get_legend_handles_labels()[1][-1] == "number: units active"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2"]


def test_against_joins_numbers_only() -> None:
    ax = plots.against({"relu": [0.2], "tanh": [0.5]}, "activation", "ROC-AUC")
    assert all(line.get_linestyle() == "None" for line in ax.lines)


def test_pictures_fill_rows() -> None:
    x = np.arange(1, 6)[:, None] * np.full((5, 4), 0.1)
    drawn = np.asarray(plots.pictures(x, (2, 2), columns=3).images[0].get_array())
    assert drawn.shape == (6, 9)
    np.testing.assert_allclose(drawn[0], [0.1, 0.1, 0, 0.2, 0.2, 0, 0.3, 0.3, 0])
    np.testing.assert_allclose(drawn[3], [0.4, 0.4, 0, 0.5, 0.5, 0, 0, 0, 0])
    assert np.asarray(plots.pictures(x, (2, 2)).images[0].get_array()).shape == (3, 15)
    assert np.asarray(plots.pictures(x, (2, 2), 7).images[0].get_array()).shape == (3, 21)


def test_latent_plane_says_how_far_out_each_kind_lies() -> None:
    z = np.array([[0.0, 2.0], [3.0, 0.0], [0.5, 0.0]])
    ax = plots.latent_plane(z, np.array([0, 0, 1]))
    assert ax.get_label() == (
        "Latent plane: 2 normal rows, median distance from the centre 2.50; "
        "1 anomalies, median distance from the centre 0.50; rings at 1, 2 and 3."
    )
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[0.5, 0.0]])


def test_bars_of_a_histogram_are_per_cent_of_their_kind() -> None:
    normal, anomalous = np.array([1.0, 2.0, 2.0, 9.0]), np.array([5.0, 9.0])
    ax = plots.score_histogram(normal, anomalous, bins=np.array([0.0, 3.0, 6.0, 9.0]))
    heights = [set(np.asarray(patch.get_path().vertices)[:, 1].tolist()) for patch in ax.patches]
    assert heights == [{0, 75, 25}, {0, 50}]
    log = plots.score_histogram(normal, anomalous, log=True, bins=3)
    assert log.get_xscale() == "log" and log.get_xlim()[1] > 9


def test_edges_of_a_logarithmic_histogram_are_scores() -> None:
    edges = np.array([0.1, 1.0, 10.0])
    ax = plots.score_histogram(np.array([0.2, 3.0]), log=True, bins=edges)
    drawn = np.unique(np.asarray(ax.patches[0].get_path().vertices)[:, 0])
    np.testing.assert_allclose(drawn, edges)


def test_thresholds_have_the_same_mark_on_the_histogram_and_on_the_curve() -> None:
    scores, labels = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1])
    thresholds = {"percentile": 1.0, "ROC": 3.0, "threshold": 2.0}
    lines = plots.threshold_lines(thresholds, plots.score_histogram(scores[:2], scores[2:]))
    points = plots.threshold_points(thresholds, labels, scores)
    for line, point in zip(lines.get_lines(), points.get_lines(), strict=True):
        assert line.get_label() == point.get_label()
        assert line.get_marker() == point.get_marker()
        assert line.get_color() == point.get_color()
    assert len({line.get_marker() for line in lines.get_lines()}) == 3
    rates = [point.get_xydata()[0].tolist() for point in points.get_lines()]  # type: ignore
    assert rates == [[0.5, 1.0], [0.0, 0.5], [0.0, 1.0]]
    assert str(lines.get_label()).endswith("Lines at percentile 1, ROC 3, threshold 2.")
    assert str(lines.get_label()).startswith("Histogram of scores: 2 normal rows")


def test_picture_rows_keep_their_places() -> None:
    ax = plots.picture_rows({"x": np.full((3, 4), 0.5), "new": np.ones((1, 4))}, (2, 2), "abc")
    drawn = np.asarray(ax.images[0].get_array())
    np.testing.assert_allclose(drawn[0], [0.5, 0.5, 0] * 3)
    np.testing.assert_allclose(drawn[3], [1, 1, 0] + [0] * 6)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "new"]
    assert [text.get_text() for text in ax.texts] == ["a", "b", "c"]


def test_latent_clouds_are_ellipses_of_one_sigma_with_names_at_their_centres() -> None:
    mu = np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0], [-3.0, -4.0]])
    sigma = np.array([[0.5, 0.1], [0.5, 0.2], [1.0, 0.1], [0.3, 0.2]])
    ax = plots.latent_clouds(mu, sigma, [7, 7, 7, 2])
    assert ax.get_label() == (
        "4 clouds of 2 kinds in the latent plane: median distance of μ from the centre 3.2, "
        "median σ 0.25; rings at 1, 2 and 3."
    )
    two, seven = (c for c in ax.collections if isinstance(c, EllipseCollection))
    np.testing.assert_allclose(np.asarray(seven.get_offsets(), dtype=float), mu[:3])
    np.testing.assert_allclose(np.asarray(seven.get_widths(), float), 2 * sigma[:3, 0])
    np.testing.assert_allclose(np.asarray(seven.get_heights(), float), 2 * sigma[:3, 1])
    ax.figure.canvas.draw()
    one = ax.transData.transform((1, 1)) - ax.transData.transform((0, 0))
    np.testing.assert_allclose(two.get_transform().transform((1, 1)), one, err_msg="in units of z")
    assert {text.get_text(): text.get_position() for text in ax.texts} == {
        "2": (-3.0, -4.0),
        "7": (2.0, 1.0),
    }
    assert ax.get_xlim() == ax.get_ylim() == pytest.approx((-1.05 * 5, 1.05 * 5))


def test_latent_clouds_of_the_same_colour_differ_in_their_line() -> None:
    ax = plots.latent_clouds(np.zeros((10, 2)), np.ones((10, 2)), range(10))
    looks = {(str(c.get_edgecolor()), str(c.get_linestyle())) for c in ax.collections}
    assert len(looks) == 10


def test_series_are_drawn_from_their_lowest_to_their_highest_value() -> None:
    rows = pd.DataFrame({"flow": [1.0, 3.0, 2.0, 5.0], "heat": [7.0, 7.0, 7.0, 7.0]})
    ax = plots.series(rows, labels=[0, 1, 1, 0], x_hat={"flow": [1.0, 1.0, 1.0, 1.0]})
    flow, drawn, heat = ax.get_lines()
    np.testing.assert_allclose(np.asarray(flow.get_ydata()), [-0.4, 0.0, -0.2, 0.4])
    np.testing.assert_allclose(np.asarray(drawn.get_ydata()), -0.4)
    np.testing.assert_allclose(
        np.asarray(heat.get_ydata()), -1.4
    )  # a constant is no division by zero
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        "flow\n1 to 5",
        "heat\n7 to 7",
    ]
    assert ax.get_label() == "4 rows of flow, heat. Shaded: rows 1 to 2."
    assert len(ax.patches) == 1


def test_a_series_with_gaps_is_drawn() -> None:
    ax = plots.series({"end": np.array([np.nan, 1.0, 4.0, 2.0])})
    (line,) = ax.get_lines()
    np.testing.assert_allclose(np.asarray(line.get_ydata())[1:], [-0.4, 0.4, -0.4 + 0.8 / 3])
    assert ax.get_label() == "4 rows of end."
