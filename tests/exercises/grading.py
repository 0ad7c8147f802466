"""The notebook's own points cells, run here: what nbgrader would see, in milliseconds."""

from __future__ import annotations

import ast
import copy
import io
import time
import warnings
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from tools.exercises import ROOT

ASSIGNMENT, NOTEBOOK = "4.1_autoencoder", "4.1_exercises"


@dataclass(frozen=True)
class Place:
    """Where an exercise stands in the notebook: its answer's name and cell, its points."""

    answer: str
    cell: str
    points_cell: str
    points: float


PLACES: dict[str, Place] = {
    "4.1-order": Place("order", "order-answer", "order-points", 1.0),
    "4.1-budget": Place("choose_threshold", "budget-answer", "budget-points", 1.0),
    "4.1-rate": Place("realised_rate", "rate-answer", "budget-points", 1.0),
    "4.1-leak": Place("mended", "leak-answer", "leak-points", 3.0),
    "4.1-masked": Place("masked_score", "masked-answer", "masked-points", 3.0),
}


@cache
def notebook(folder: str) -> Any:
    """The notebook as it stands in ``solutions`` or ``exercises``."""
    path = Path(ROOT) / folder / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    return nbformat.read(path, as_version=4)


def sources(folder: str = "solutions") -> dict[str, str]:
    """The source of every cell, by id in ``solutions`` or by grade_id in ``exercises``."""
    cells = notebook(folder).cells
    return {c.metadata.get("nbgrader", {}).get("grade_id", c.id): c.source for c in cells}


def _imports() -> dict[str, Any]:
    """What the set-up cell makes known; al.setup itself would change this process."""
    lines = [line for line in sources()["setup"].splitlines() if not line.startswith("al.setup")]
    space: dict[str, Any] = {}
    exec("\n".join(lines), space)
    return space


SPACE = _imports()


def answer(name: str, source: str) -> Any:
    """Run an answer's source and return what it defines."""
    space = dict(SPACE)
    exec(source, space)
    return space[PLACES[name].answer]


def points(cell: str, answers: Mapping[str, str], given: Mapping[str, Any] | None = None) -> float:
    """Run a points cell after these answers; fail if it raises, writes to stderr or is slow.

    Parameters
    ----------
    answers : dict
        Source by cell.
    given : dict, optional
        Values by name, put in place of what the sources define.
    """
    space = copy.copy(SPACE)
    for source in answers.values():
        exec(source, space)
    space.update(given or {})
    body = ast.parse(sources()[cell])
    last = body.body.pop()
    assert isinstance(last, ast.Expr), "a points cell ends in its points"
    said, start = io.StringIO(), time.perf_counter()
    with redirect_stderr(said), redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("error")  # outside of graded() nothing may warn either
        exec(compile(body, cell, "exec"), space)
        value = eval(compile(ast.Expression(last.value), cell, "eval"), space)
    assert said.getvalue() == "" and time.perf_counter() - start < 5
    assert isinstance(value, float)
    return value
