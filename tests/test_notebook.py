"""Captions, claims, source display, and figures that say what they show."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from nbformat.v4 import new_code_cell, new_notebook, new_output

from anomalylab import notebook, plots
from tools import gates


@pytest.fixture(autouse=True)
def closed_figures() -> Any:
    mpl.use("agg")
    kind, threads = torch.get_default_dtype(), torch.get_num_threads()
    yield
    torch.set_default_dtype(kind)
    torch.set_num_threads(threads)
    plt.close("all")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    displayed: list[Any] = []
    monkeypatch.setattr(notebook, "display", lambda thing, **_: displayed.append(thing))
    return displayed


def test_setup_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    notebook.setup(section="4.1", needs="0.1")
    assert "Section 4.1 is ready" in capsys.readouterr().out
    assert torch.get_default_dtype() == torch.float64
    with pytest.raises(RuntimeError, match="needs anomalylab 99.0 or newer"):
        notebook.setup(section="4.1", needs="99.0")


def test_figure_is_shown_with_its_sentence(shown: list[Any]) -> None:
    ax = plots.learning_curve([3.0, 1.0], [3.0, 2.0])
    notebook.show_figure(ax.figure)
    picture, caption = shown
    assert "from 3.000 to 1.000" in picture["text/plain"] and "image/png" in picture
    assert "lowest, 2.000, in epoch 2" in caption.data


def test_figure_without_a_sentence_falls_back_in_silence(shown: list[Any]) -> None:
    figure = plt.figure()
    notebook.show_figure(figure)
    assert shown.pop() == {"text/plain": repr(figure)} and repr(figure).startswith("<Figure")
    plt.plot([1, 2])
    notebook.show_figure(figure)
    (picture,) = shown
    assert picture["text/plain"] == repr(figure) and picture["image/png"]


def test_a_notebook_that_holds_such_a_figure_is_still_refused(shown: list[Any]) -> None:
    notebook.show_figure(plt.subplots()[0])
    cell = new_code_cell("plt.plot([1, 2])", outputs=[new_output("display_data", shown[0])])
    assert gates.described(new_notebook(cells=[cell])) == [
        "figure without a description: 'plt.plot([1, 2])'"
    ]


def test_recolouring_changes_no_text_but_a_number_does(shown: list[Any]) -> None:
    def text(colour: str, last: float) -> str:
        ax = plots.learning_curve([3.0, last])
        ax.lines[0].set_color(colour)
        notebook.show_figure(ax.figure)
        return str(shown[-2]["text/plain"])

    assert text("red", 1.0) == text("blue", 1.0) != text("red", 1.1)


def test_sentences_hold_the_numbers() -> None:
    normal, odd = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 5.0])
    assert "25.0% of the normals above it and 50.0% of the anomalies" in str(
        plots.score_histogram(normal, odd, threshold=3.5).get_label()
    )
    labels = np.array([0, 1, 0, 1])
    roc = plots.roc(labels, {"good": labels.astype(float), "bad": -labels.astype(float)})
    assert "good 1.00, bad 0.00" in str(roc.get_label())
    x = np.zeros((2, 4))
    tiles = plots.reconstructions(x, x + 0.5, (2, 2), ["a", "b"])
    assert "a 0.250, b 0.250" in str(tiles.get_label())
    assert "b 2.00, a 1.00" in str(plots.spread({"a": [1.0], "b": [2.0]}, "AUC").get_label())


def test_source_display_drops_the_docstring(shown: list[Any]) -> None:
    notebook.show_source(plots.learning_curve)
    assert "def learning_curve" in shown[0].data and "Loss against epoch" not in shown[0].data
    assert "ax.plot(epochs, train" in shown[0].data


def test_claim_says_yes_and_no(capsys: pytest.CaptureFixture[str]) -> None:
    notebook.claim("AUC", 0.92, above=0.9)
    notebook.claim("AUC", 0.92, above=0.93)
    notebook.claim("rate", 0.05, above=0.01, below=0.04)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "AUC: above 0.9? yes (0.92)"
    assert "NO" in lines[1] and "NO" in lines[2]
    with pytest.raises(ValueError, match="needs a bound"):
        notebook.claim("AUC", 0.92)


def test_progress_ends_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(notebook.progress("abc", "letters")) == ["a", "b", "c"]
    out = capsys.readouterr().out
    assert out.count("\n") == 1 and out.rstrip().endswith("letters: 3 of 3")
