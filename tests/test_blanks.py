"""Lines left out of a learner's copy: what stands instead, and that the notebook still runs."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.preprocessors import ClearSolutions

from tools import blanks, gates, notebooks

BUILD = """\
def area(width, height):
    \"\"\"Return the area of a rectangle.\"\"\"
    ### BEGIN SOLUTION
    product = width * height
    return product
    ### END SOLUTION
"""
CHECK = "print('area:', area(2, 3) or 'not yet written')"
LATER = "print('the library:', 6)"


def small() -> Any:
    """A notebook with one blank, its check, and a cell that goes on without it."""
    cells = [new_markdown_cell("# Title"), *map(new_code_cell, (BUILD, CHECK, LATER))]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=cells)


def test_a_blanked_copy_runs_to_the_end_with_the_dots_in_place(tmp_path: Path) -> None:
    nb = small()
    for made, said in ((nb, "area: 6"), (blanks.learners(nb), "area: not yet written")):
        run = notebooks.execute(notebooks.parse(json.dumps(made)), tmp_path)
        text = "".join(out.text for cell in run.cells for out in cell.get("outputs", []))
        assert text == f"{said}\nthe library: 6\n"


def test_the_lines_stand_folded_away_below_the_cell() -> None:
    nb = blanks.learners(small())
    nbformat.validate(nb)
    kinds = [cell["cell_type"] for cell in nb["cells"]]
    assert kinds == ["markdown", "code", "markdown", "code", "code"]
    assert "".join(nb["cells"][1]["source"]).endswith('rectangle."""\n    ...')
    folded = "".join(nb["cells"][2]["source"])
    assert folded.startswith("<details><summary>")
    assert "```python\n    product = width * height\n    return product\n```" in folded


def test_nbgrader_would_leave_the_same_stub() -> None:
    cell = new_code_cell(BUILD)
    ClearSolutions(code_stub={"python": "..."})._replace_solution_region(cell, "python")
    assert blanks.split(BUILD)[0] == cell.source.rstrip()


def test_the_original_stays_as_it_is() -> None:
    nb = small()
    nb.cells[1].update(outputs=[new_output("stream", text="1")], execution_count=3)
    before = copy.deepcopy(nb)
    assert blanks.learners(nb)["cells"][1]["outputs"] == []
    assert nb == before


BEGIN, END = blanks.BEGIN, blanks.END
WRONG = {
    "one line": (f"{BEGIN}\na = 1\n\n{END}", "1 lines between"),
    "five lines": (f"{BEGIN}\n" + "a = 1\n" * 5 + END, "5 lines between"),
    "two blocks": (f"{BEGIN}\na = 1\nb = 2\n{END}\n" * 2, "not one"),
    "no end": (f"{BEGIN}\na = 1\nb = 2", "not one"),
    "end first": (f"{END}\na = 1\nb = 2\n{BEGIN}", "not one"),
    "a mark in a line": (f"a = 1  {BEGIN}\nb = 2", "not one"),
    "no Python left": (f"a = [\n{BEGIN}\n1,\n2]\n{END}\n", "is no Python"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_the_gate_refuses_a_blank_that_does_not_work(kind: str) -> None:
    source, message = WRONG[kind]
    (found,) = gates.blanked(new_notebook(cells=[new_code_cell(source)]))
    assert message in found


def test_the_gate_passes_a_good_blank() -> None:
    assert gates.blanked(small()) == []
