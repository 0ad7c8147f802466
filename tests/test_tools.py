"""The normal form of notebooks, and running them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import coalesce_streams

from tests.test_lab import write
from tools import notebooks

ROOT = Path(__file__).resolve().parents[1]


def raw() -> Any:
    """A notebook with everything that running it in JupyterLab leaves behind."""
    nb = new_notebook(metadata={"widgets": {"state": {}}})
    nb.metadata["language_info"] = {"name": "python", "version": "3.11.7"}
    view = {notebooks.WIDGET_VIEW: {"model_id": "4f2a"}, "text/plain": "Explorer"}
    streams = [
        new_output("stream", name="stdout", text="epoch 1\repoch 2"),
        new_output("stream", name="stdout", text="\repoch 3\n"),
        new_output("stream", name="stderr", text="careful\n"),
    ]
    result = new_output("execute_result", data=view, execution_count=17)
    nb.cells = [
        new_markdown_cell("# Title"),
        new_code_cell("fit()", execution_count=12, outputs=streams),
        new_code_cell("explore()", execution_count=17, outputs=[result]),
        new_code_cell("later()"),
    ]
    for cell, name in zip(nb.cells, ["title", "title", "not a valid id", "later"], strict=True):
        cell["id"] = name
        cell.metadata.update(execution={"iopub.status.busy": "now"}, trusted=True, tags=["kept"])
    return nb


def test_the_normal_form_has_no_trace_of_the_run() -> None:
    nb = notebooks.normalise(raw())
    nbformat.validate(nb)
    assert "widgets" not in nb.metadata
    assert nb.metadata.language_info == {"name": "python"}
    assert [cell.metadata for cell in nb.cells] == [{"tags": ["kept"]}] * 4
    assert nb.cells[2].outputs[0].data == {"text/plain": "Explorer"}


def test_the_normal_form_counts_from_one() -> None:
    nb = notebooks.normalise(raw())
    assert [cell.execution_count for cell in nb.cells[1:]] == [1, 2, None]
    assert nb.cells[2].outputs[0].execution_count == 2


def test_cells_keep_their_names_and_get_missing_ones() -> None:
    nb = notebooks.normalise(raw())
    assert [cell.id for cell in nb.cells] == ["title", "code-2", "code-3", "later"]
    old = raw()
    old.cells[1]["id"] = "code-3"
    del old.cells[2]["id"]
    assert [cell.id for cell in notebooks.normalise(old).cells[1:3]] == ["code-3", "code-3-2"]


def test_a_file_without_names_is_parsed_to_the_same_names_every_time() -> None:
    nb = raw()
    nb["nbformat_minor"] = 4
    for cell in nb.cells[:3]:
        del cell["id"]
    for _ in range(2):
        names = [cell.id for cell in notebooks.parse(json.dumps(nb)).cells]
        assert names == ["markdown-1", "code-2", "code-3", "later"]
    assert [cell.id for cell in notebooks.parse(json.dumps(raw())).cells][1] == "code-2"


def test_streams_are_merged_as_nbval_sees_them() -> None:
    nb = notebooks.normalise(raw())
    assert [out.text for out in nb.cells[1].outputs] == ["epoch 3\n", "careful\n"]
    assert coalesce_streams(copy.deepcopy(nb.cells[1].outputs)) == nb.cells[1].outputs
    assert coalesce_streams(raw().cells[1].outputs) == nb.cells[1].outputs


@pytest.mark.parametrize("text", ["a\rb", "a\rb\r\nc", "a\n\rb", "a\r", "a\r\nb", "1\r2\n3\r4\n"])
def test_progress_is_folded_as_nbval_folds_it(text: str) -> None:
    expected = coalesce_streams([new_output("stream", name="stdout", text=text)])[0].text
    assert notebooks.fold(text) == expected
    assert notebooks.fold(expected) == expected


def test_normalise_is_pure_and_idempotent() -> None:
    nb = raw()
    before = copy.deepcopy(nb)
    once = notebooks.normalise(nb)
    assert nb == before
    assert notebooks.normalise(once) == once


def test_the_file_is_utf8_with_one_space_of_indent_and_a_newline() -> None:
    text = notebooks.text_of(notebooks.normalise(new_notebook(cells=[new_markdown_cell("σ ≤ 1")])))
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")
    assert '\n "cells": [\n  {\n' in text
    assert "σ ≤ 1" in text


def test_every_notebook_of_the_course_is_in_its_normal_form() -> None:
    paths = notebooks.find()
    assert ROOT / "notebooks" / "4.1_autoencoder.ipynb" in paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        nb = nbformat.reads(text, as_version=4)
        assert notebooks.text_of(notebooks.normalise(nb)) == text, path.name


def test_check_reports_a_changed_output_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "n.ipynb"
    write(path, "print(1 + 1)", "raise_later = 3", text="3\n")
    before = path.read_bytes()
    assert notebooks.main(["--check", str(path)]) == 1
    assert path.read_bytes() == before
    assert "n.ipynb" in capsys.readouterr().err


def test_check_leaves_out_pictures_only_where_a_cell_says_that_they_vary(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    plot = "import matplotlib.pyplot as plt, random\n_ = plt.plot([random.random(), 1])"
    write(path, "%matplotlib inline", plot)
    assert notebooks.main([str(path)]) == 0
    assert notebooks.main(["--check", str(path)]) == 1
    nb = nbformat.read(path, as_version=4)
    nb.cells[1].metadata["tags"] = [notebooks.VARIES]
    path.write_text(notebooks.text_of(nb), encoding="utf-8")
    assert notebooks.main(["--check", str(path)]) == 0
    path.write_text(notebooks.text_of(nb).replace("<Figure", "<Picture"), encoding="utf-8")
    assert notebooks.main(["--check", str(path)]) == 1


def test_a_failing_notebook_is_left_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "n.ipynb"
    write(path, "1 / 0")
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    assert path.read_bytes() == before
    shown = capsys.readouterr()
    assert "failed" in shown.out
    assert "ZeroDivisionError" in shown.err


@pytest.mark.slow
def test_a_figure_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    plot = "import matplotlib.pyplot as plt\n_ = plt.plot([1, 3, 2], label='σ')\n_ = plt.legend()"
    write(path, "%matplotlib inline", plot)
    assert notebooks.main([str(path)]) == 0
    once = path.read_bytes()
    assert b"image/png" in once
    assert notebooks.main([str(path)]) == 0
    assert path.read_bytes() == once
    assert notebooks.main(["--check", str(path)]) == 0
