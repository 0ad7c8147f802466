"""The learner's working copy: without outputs, with blanks, and never over what was typed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

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
    for name in (START, TASK):
        assert sources(mine / name) == sources(course / name)
    assert (mine / "notebooks/readings.csv").read_bytes() == b"1\n2\n"
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


def test_the_manifest_is_readable(course: Path) -> None:
    text = (course / "my-course" / lab.MANIFEST).read_text(encoding="utf-8")
    assert set(json.loads(text)) == {START, TASK, "notebooks/readings.csv"}


def old_copy(course: Path, name: str) -> None:
    """Leave a file and the manifest as the earlier kind of copy did: with the outputs."""
    original, mine = course / name, course / "my-course" / name
    mine.write_bytes(original.read_bytes())
    manifest = lab.read_manifest(course / "my-course")
    data = original.read_bytes()
    whole = hashlib.sha256(data).hexdigest()
    manifest[name] = {"bytes": whole, "typed": lab.typed(original, data)}
    lab.write_manifest(course / "my-course", manifest)


def outputs(path: Path) -> list[Any]:
    return [cell["outputs"] for cell in nbformat.read(path, as_version=4).cells]


def test_a_copy_holds_no_outputs_and_the_original_keeps_them(course: Path) -> None:
    write(course / START, "print(2)", text="2\n")
    lab.update(course, course / "my-course")
    mine = nbformat.read(course / "my-course" / START, as_version=4)
    nbformat.validate(mine)
    assert (mine.cells[0].outputs, mine.cells[0].execution_count) == ([], None)
    assert len(outputs(course / START)[0]) == 1


def test_a_notebook_without_outputs_is_copied_to_the_byte(course: Path) -> None:
    text = notebooks.text_of(notebooks.normalise(new_notebook(cells=[new_markdown_cell("σ")])))
    (course / START).write_text(text, encoding="utf-8")
    lab.update(course, course / "my-course")
    assert (course / "my-course" / START).read_bytes() == text.encode("utf-8")


def test_an_untouched_copy_of_the_earlier_kind_loses_its_outputs(course: Path) -> None:
    write(course / START, "print(2)", text="2\n")
    old_copy(course, START)
    assert lab.update(course, course / "my-course") == []
    assert outputs(course / "my-course" / START) == [[]]


def test_what_was_typed_in_a_copy_of_the_earlier_kind_stays(course: Path) -> None:
    write(course / START, "print(2)", text="2\n")
    old_copy(course, START)
    write(course / "my-course" / START, "print(3)", text="3\n")
    before = (course / "my-course" / START).read_bytes()
    assert lab.update(course, course / "my-course") == []
    write(course / START, "print(4)", text="4\n")
    for _ in range(2):
        assert len(lab.update(course, course / "my-course")) == 1
        assert (course / "my-course" / START).read_bytes() == before


def test_a_filled_blank_is_never_overwritten(course: Path) -> None:
    mine = course / "my-course" / START
    write(course / START, "### BEGIN SOLUTION\na = 1\nb = 2\n### END SOLUTION")
    lab.update(course, course / "my-course")
    assert sources(mine)[0] == "..." and "a = 1\nb = 2" in sources(mine)[1]
    nb = nbformat.read(mine, as_version=4)
    nb.cells[0].source = "a, b = 1, 2"
    nbformat.write(nb, mine)
    assert lab.update(course, course / "my-course") == []
    assert sources(mine)[0] == "a, b = 1, 2"


def test_only_copying_starts_nothing(course: Path, tmp_path: Path) -> None:
    assert lab.main(["--no-start", "--where", str(tmp_path / "class")], course) == 0
    assert (tmp_path / "class" / TASK).exists()


@pytest.mark.parametrize("path", notebooks.find([ROOT / "notebooks"]), ids=lambda path: path.stem)
def test_the_copy_of_every_real_notebook_compiles_and_shows_no_answer(path: Path) -> None:
    nb = nbformat.reads(lab.fresh(path)[0].decode("utf-8"), as_version=4)
    nbformat.validate(nb)
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    assert code and all(cell.outputs == [] and cell.execution_count is None for cell in code)
    for cell in code:
        compile(cell.source, cell.id, "exec")
        assert "SOLUTION" not in cell.source


def test_the_originals_are_never_taken_for_a_copy(tmp_path: Path) -> None:
    book = tmp_path / "notebooks" / "a.ipynb"
    book.parent.mkdir()
    book.write_text("{}", encoding="utf-8")
    for where in (tmp_path, tmp_path / "notebooks", tmp_path / "notebooks" / "copy"):
        with pytest.raises(ValueError, match="holds the course's originals"):
            lab.update(tmp_path, where)
    assert book.read_text(encoding="utf-8") == "{}"


def test_what_was_copied_before_an_interruption_is_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, where = tmp_path / "root", tmp_path / "mine"
    for name in ("a.txt", "b.txt"):
        (root / "notebooks").mkdir(parents=True, exist_ok=True)
        (root / "notebooks" / name).write_text("1", encoding="utf-8")
    honest = lab.update_file

    def impatient(name: str, *rest: Any) -> str:
        if name.endswith("b.txt"):
            raise KeyboardInterrupt
        return honest(name, *rest)

    monkeypatch.setattr(lab, "update_file", impatient)
    with pytest.raises(KeyboardInterrupt):
        lab.update(root, where)
    assert list(lab.read_manifest(where)) == ["notebooks/a.txt"]
