"""Figures tell in words what they show: the sentence is caption, alternative text and test."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from matplotlib import pyplot as plt

from anomalylab import plots


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def test_against_names_means_and_shading() -> None:
    ax = plots.against({1: [0.2, 0.4], 2: [0.5, 0.7]}, "width", "ROC-AUC", marked=[2])
    assert ax.get_label() == (
        "ROC-AUC against width, mean of 2 runs each: 1: 0.30, 2: 0.60. Shaded: 2."
    )
    joined = [line.get_ydata() for line in ax.lines if line.get_linestyle() == "-"]
    assert any(np.allclose(np.asarray(heights), [0.3, 0.6]) for heights in joined)


def test_against_joins_numbers_only() -> None:
    ax = plots.against({"relu": [0.2], "tanh": [0.5]}, "activation", "ROC-AUC")
    assert all(line.get_linestyle() == "None" for line in ax.lines)


def test_error_maps_say_where_the_largest_error_is() -> None:
    x, x_hat = np.zeros((2, 12)), np.zeros((2, 12))
    x[0, 5], x[1, 11] = 1, 0.5
    ax = plots.error_maps(x, x_hat, (3, 4), titles=["a", "b"])
    assert ax.get_label() == (
        "Error maps of 2 samples; largest error: "
        "a 1.00 in row 1, column 1, b 0.25 in row 2, column 3."
    )
    assert np.max(np.asarray(ax.images[0].get_array())) == 1


def test_pictures_fill_rows() -> None:
    x = np.arange(1, 6)[:, None] * np.full((5, 4), 0.1)
    drawn = np.asarray(plots.pictures(x, (2, 2), columns=3).images[0].get_array())
    assert drawn.shape == (6, 9)
    np.testing.assert_allclose(drawn[0], [0.1, 0.1, 0, 0.2, 0.2, 0, 0.3, 0.3, 0])
    np.testing.assert_allclose(drawn[3], [0.4, 0.4, 0, 0.5, 0.5, 0, 0, 0, 0])
    assert np.asarray(plots.pictures(x, (2, 2)).images[0].get_array()).shape == (3, 15)


def test_latent_plane_says_how_far_out_each_kind_lies() -> None:
    z = np.array([[0.0, 2.0], [3.0, 0.0], [0.5, 0.0]])
    ax = plots.latent_plane(z, np.array([0, 0, 1]))
    assert ax.get_label() == (
        "Latent plane: 2 normal rows, median distance from the centre 2.50; "
        "1 anomalies, median distance from the centre 0.50; rings at 1, 2 and 3."
    )
    np.testing.assert_array_equal(ax.lines[1].get_xydata(), [[0.5, 0.0]])
