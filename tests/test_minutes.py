"""The minutes of a notebook: every term of the rule, and where the course says them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import minutes
from tools.notebooks import normalise, text_of

PICTURE = new_output("display_data", data={"image/png": "QUJD", "text/plain": "Figure: a curve."})
POINTS = {"nbgrader": {"grade": True, "solution": False}}
ESSAY = {"nbgrader": {"grade": True, "solution": True}}
LINES = "a = 1\nb = 2"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (new_markdown_cell("word " * 100), 1),
        (new_markdown_cell("| a | – |\n|---|---|\n| 12 % | β |"), 0.03),
        (new_markdown_cell("```python\na = 1\n\n# why\n```"), 0.25),
        (new_markdown_cell("$$a = b + c$$"), 2),
        (new_markdown_cell("$a = b$"), 0.02),
        (new_markdown_cell("word " * 80, metadata=ESSAY), 10),
        (new_code_cell(f"# a comment\n\n{LINES}"), 0.5),
        (new_code_cell(LINES, metadata=POINTS), 0),
        (new_code_cell("draw()", outputs=[PICTURE, PICTURE]), 3.25),
        (new_code_cell('al.guess("k", "q", ["a"])'), 2.25),
        (new_code_cell("explore.threshold_explorer(a)", outputs=[PICTURE]), 6.25),
        (new_code_cell("explore.Trained(a)"), 0.25),
        (new_code_cell(f"### BEGIN SOLUTION\n{LINES}\n### END SOLUTION\nc = 3"), 4.25),
    ],
)
def test_every_term_of_the_rule(cell: Any, expected: float) -> None:
    assert minutes.minutes([cell]) == pytest.approx(expected)


def assignment() -> Any:
    """An assignment of two exercises, 4.25 and 10.03 minutes, that says other numbers."""
    table = "**Time** about 1 minutes\n\n| 1. A | 9 | 1 |\n| 2. B | 9 | – |"
    cells = [
        new_markdown_cell(f"# Title\n\n{table}"),
        new_markdown_cell("## 1. A (9 minutes, 1 point)"),
        new_code_cell("a = 1\n" * 17),
        new_markdown_cell("## 2. B (9 minutes)"),
        new_markdown_cell("words", metadata=ESSAY),
        new_markdown_cell("## Done?"),
        new_code_cell("a = 1\n" * 40),
    ]
    return normalise(new_notebook(cells=cells))


def test_the_minutes_are_written_where_they_are_said() -> None:
    nb = assignment()
    before = copy.deepcopy(nb)
    said = minutes.timed(nb)
    assert nb == before
    assert "about 25 minutes\n\n| 1. A | 4 | 1 |\n| 2. B | 10 | – |" in said.cells[0].source
    assert said.cells[1].source == "## 1. A (4 minutes, 1 point)"
    assert said.cells[3].source == "## 2. B (10 minutes)"
    assert minutes.timed(said) == said


def test_a_notebook_without_a_place_for_its_time_is_refused() -> None:
    with pytest.raises(ValueError, match="Time"):
        minutes.timed(new_notebook(cells=[new_markdown_cell("# Title")]))


def test_check_fails_on_another_time_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "solutions" / "n.ipynb"
    path.parent.mkdir()
    nb = assignment()
    nb.cells.append(new_code_cell("a = 1\n" * 400, id="long"))
    path.write_text(text_of(nb), encoding="utf-8")
    before = path.read_bytes()
    assert minutes.main(["--check", str(path)]) == 1
    assert path.read_bytes() == before
    assert minutes.main([str(path)]) == 0
    assert minutes.main(["--check", str(path)]) == 0
    assert "125 minutes, 50 over the budget of 75" in capsys.readouterr().out


def test_the_course_says_its_minutes() -> None:
    assert minutes.main(["--check"]) == 0
