"""The learner's working copy, and the normal form of notebooks."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import coalesce_streams

from tools import lab, notebooks

ROOT = Path(__file__).resolve().parents[1]
START = "notebooks/4.0_start_here.ipynb"
TASK = "exercises/4.1_autoencoder/threshold.ipynb"


def write(path: Path, *sources: str, text: str = "") -> None:
    """Write a notebook with these code cells, as if it had been run if there is an output."""
    outputs = [new_output("stream", name="stdout", text=text)] if text else []
    cells = [new_code_cell(source, outputs=outputs) for source in sources]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(new_notebook(cells=cells)), encoding="utf-8")


def sources(path: Path) -> list[str]:
    return [cell["source"] for cell in nbformat.read(path, as_version=4).cells]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of three files, with a working copy already made."""
    write(tmp_path / START, "first = 1")
    write(tmp_path / TASK, "answer = ...")
    (tmp_path / "notebooks" / "readings.csv").write_text("1\n2\n", encoding="utf-8")
    for name in (".hidden", "predictions.json"):
        (tmp_path / "notebooks" / name).write_text("no", encoding="utf-8")
    assert lab.update(tmp_path, tmp_path / "my-course") == []
    return tmp_path


def test_a_new_copy_holds_every_file(course: Path) -> None:
    mine = course / "my-course"
    for name in (START, TASK, "notebooks/readings.csv"):
        assert (mine / name).read_bytes() == (course / name).read_bytes()
    assert not (mine / "notebooks" / ".hidden").exists()
    assert not (mine / "notebooks" / "predictions.json").exists()
    assert not list(mine.rglob("*.part"))


def test_an_untouched_file_is_updated(course: Path) -> None:
    write(course / START, "first = 2")
    (course / "notebooks" / "readings.csv").write_text("3\n", encoding="utf-8")
    assert lab.update(course, course / "my-course") == []
    assert sources(course / "my-course" / START) == ["first = 2"]
    assert (course / "my-course/notebooks/readings.csv").read_text(encoding="utf-8") == "3\n"


def test_running_a_notebook_is_no_change(course: Path) -> None:
    write(course / "my-course" / START, "first = 1", text="hello\n")
    write(course / START, "first = 2")
    assert lab.update(course, course / "my-course") == []
    assert sources(course / "my-course" / START) == ["first = 2"]


def test_outputs_of_the_learner_stay_while_nothing_is_newer(course: Path) -> None:
    write(course / "my-course" / START, "first = 1", text="hello\n")
    before = (course / "my-course" / START).read_bytes()
    assert lab.update(course, course / "my-course") == []
    assert (course / "my-course" / START).read_bytes() == before


def test_what_the_learner_typed_is_never_overwritten(course: Path) -> None:
    mine = course / "my-course" / TASK
    write(mine, "answer = 42")
    assert lab.update(course, course / "my-course") == []
    write(course / TASK, "answer = None")
    for _ in range(2):
        (line,) = lab.update(course, course / "my-course")
        assert TASK in line
        assert f"python -m tools.lab --reset {TASK}" in line
        assert sources(mine) == ["answer = 42"]


def test_another_kind_of_cell_is_a_change(course: Path) -> None:
    mine = course / "my-course" / TASK
    nb = new_notebook(cells=[new_markdown_cell("answer = ...")])
    mine.write_text(nbformat.writes(nb), encoding="utf-8")
    write(course / TASK, "answer = None")
    assert len(lab.update(course, course / "my-course")) == 1
    assert nbformat.read(mine, as_version=4).cells[0].cell_type == "markdown"


def test_new_outputs_of_the_course_do_not_bother_a_learner_who_typed(course: Path) -> None:
    write(course / "my-course" / TASK, "answer = 42")
    write(course / TASK, "answer = ...", text="nicer\n")
    assert lab.update(course, course / "my-course") == []
    assert sources(course / "my-course" / TASK) == ["answer = 42"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [{}]}', "null"])
def test_a_damaged_notebook_is_kept(course: Path, text: str) -> None:
    mine = course / "my-course" / TASK
    mine.write_text(text, encoding="utf-8")
    (line,) = lab.update(course, course / "my-course")
    assert "cannot be read" in line
    assert mine.read_text(encoding="utf-8") == text


def test_bytes_that_are_no_text_are_kept(course: Path) -> None:
    mine = course / "my-course" / TASK
    mine.write_bytes(b"\xff\xfe\x00")
    assert len(lab.update(course, course / "my-course")) == 1
    assert mine.read_bytes() == b"\xff\xfe\x00"


def test_two_damaged_notebooks_are_not_the_same(course: Path) -> None:
    (course / TASK).write_text("{", encoding="utf-8")
    assert lab.update(course, course / "my-course") == []
    (course / "my-course" / TASK).write_text("{ mine", encoding="utf-8")
    write(course / TASK, "answer = ...")
    assert len(lab.update(course, course / "my-course")) == 1
    assert (course / "my-course" / TASK).read_text(encoding="utf-8") == "{ mine"


def test_a_deleted_file_comes_back(course: Path) -> None:
    (course / "my-course" / TASK).unlink()
    assert lab.update(course, course / "my-course") == []
    assert sources(course / "my-course" / TASK) == ["answer = ..."]


@pytest.mark.parametrize("text", ["", "[]", "{broken"])
def test_without_a_manifest_nothing_is_lost(course: Path, text: str) -> None:
    write(course / "my-course" / TASK, "answer = 42")
    (course / "my-course" / lab.MANIFEST).write_text(text, encoding="utf-8")
    (line,) = lab.update(course, course / "my-course")
    assert TASK in line
    assert sources(course / "my-course" / TASK) == ["answer = 42"]
    write(course / START, "first = 2")
    assert lab.update(course, course / "my-course") == [line]
    assert sources(course / "my-course" / START) == ["first = 2"]


def test_a_learners_own_notebook_is_left_alone(course: Path) -> None:
    write(course / "my-course" / "notebooks" / "my_notes.ipynb", "x = 1")
    lab.update(course, course / "my-course")
    assert sources(course / "my-course" / "notebooks" / "my_notes.ipynb") == ["x = 1"]


def test_reset_keeps_every_earlier_version(course: Path) -> None:
    mine = course / "my-course" / TASK
    for number in (1, 2, 3):
        write(mine, f"answer = {number}")
        assert lab.main(["--reset", "threshold"], course) == 0
        assert sources(mine) == ["answer = ..."]
    kept = [mine.with_name(f"threshold.mine-{number}.ipynb") for number in (1, 2, 3)]
    assert [sources(path) for path in kept] == [[f"answer = {n}"] for n in (1, 2, 3)]
    write(course / TASK, "answer = None")
    assert lab.update(course, course / "my-course") == []
    assert sources(mine) == ["answer = None"]


def test_after_a_reset_the_file_is_updated_again(course: Path) -> None:
    mine = course / "my-course" / TASK
    write(mine, "answer = 42")
    write(course / TASK, "answer = 2")
    assert lab.main(["--reset", TASK], course) == 0
    write(course / TASK, "answer = 3")
    assert lab.update(course, course / "my-course") == []
    assert sources(mine) == ["answer = 3"]


@pytest.mark.parametrize(
    "name", [START, "4.0_start_here.ipynb", "4.0_start_here", f"my-course/{START}"]
)
def test_a_file_is_found_by_any_of_its_names(name: str) -> None:
    assert lab.find(name, [START, TASK]) == START


def test_reset_of_a_missing_file_copies_it(course: Path) -> None:
    (course / "my-course" / START).unlink()
    assert lab.main(["--reset", START], course) == 0
    assert sources(course / "my-course" / START) == ["first = 1"]
    assert not list(course.rglob("*.mine-*"))


@pytest.mark.parametrize("name", ["nothing", "", "../secret", "same"])
def test_reset_refuses_what_it_does_not_know(
    course: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(course / "exercises" / "a" / "same.ipynb", "1")
    write(course / "exercises" / "b" / "same.ipynb", "1")
    assert lab.main(["--reset", name], course) == 1
    assert "Choose one of" in capsys.readouterr().err


def test_jupyterlab_opens_the_first_notebook_of_the_copy(course: Path) -> None:
    mine = course / "my-course"
    words = lab.command(mine)
    assert words[:4] == [sys.executable, "-m", "jupyterlab", str(mine / START)]
    assert words[4:] == [f"--ServerApp.root_dir={mine}"]
    (mine / START).unlink()
    assert lab.command(mine) == [*words[:3], words[4]]


def test_the_command_passes_options_on(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[Path, list[str]]] = []

    def start(where: Path, options: list[str]) -> int:
        started.append((where, options))
        return 7

    monkeypatch.setattr(lab, "start", start)
    assert lab.main(["--no-browser", "--", "--allow-root"], course) == 7
    assert lab.main([], course) == 7
    mine = (course / "my-course").resolve()
    assert started == [(mine, ["--allow-root", "--no-browser"]), (mine, [])]


def test_news_are_off_by_a_default_outside_the_users_settings(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "elsewhere")
    variables = lab.environment(course / "my-course")
    code = (
        "from jupyterlab_server.settings_utils import _get_overrides\n"
        "overrides, error = _get_overrides('no folder')\n"
        "print(overrides['@jupyterlab/apputils-extension:notification']['fetchNews'], error)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, encoding="utf-8"
    )
    assert found.stdout.strip() == "false", found.stderr
    assert variables["JUPYTER_CONFIG_PATH"].endswith("elsewhere")


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


def test_the_pins_satisfy_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = dict(line.lower().replace("_", "-").split("==") for line in lines)
    from packaging.requirements import Requirement

    extras = project["optional-dependencies"]
    for text in [*project["dependencies"], *extras["further"], *extras["dev"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(pins[wanted.name.lower()]), text


def test_the_manifest_is_readable(course: Path) -> None:
    text = (course / "my-course" / lab.MANIFEST).read_text(encoding="utf-8")
    assert set(json.loads(text)) == {START, TASK, "notebooks/readings.csv"}
