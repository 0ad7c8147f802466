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
