"""The notebook's own points cells, run here: what nbgrader would see, in milliseconds."""

from __future__ import annotations

import ast
import copy
import io
import re
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import torch

from tools.exercises import ROOT, assignments


@cache
def assignment(section: str) -> str:
    """The one folder below ``solutions/`` that belongs to a section."""
    (folder,) = (name for name in assignments() if name.startswith(f"{section}_"))
    return folder


def file(section: str) -> str:
    """Name of the section's notebook, without its ending."""
    return f"{section}_exercises"


@cache
def notebook(section: str, folder: str = "solutions") -> Any:
    """The notebook as it stands in ``solutions`` or ``exercises``."""
    path = Path(ROOT) / folder / assignment(section) / f"{file(section)}.ipynb"
    return nbformat.read(path, as_version=4)


SECTIONS = [name.partition("_")[0] for name in assignments()]
_CHECK = re.compile(r'^al\.check\("([^"]+)", (\w+)\)', re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where an exercise stands in its notebook, by the names of nbgrader's metadata."""

    answer: str
    cell: str
    points_cell: str
    points: float


def _places(cells: Iterable[Any]) -> Iterator[tuple[str, Place]]:
    """The name and the place of every exercise that these cells check.

    The answer stands in the last cell before the check that a learner fills in, the points in
    the first graded cell after it.
    """
    cell, waiting = "", list[tuple[str, str, str]]()
    for each in cells:
        known = mark(each)
        if each.cell_type != "code":
            continue
        if known.get("solution"):
            cell = known["grade_id"]
        waiting += [(name, answer, cell) for name, answer in _CHECK.findall(each.source)]
        if known.get("grade"):
            for name, answer, own in waiting:
                yield name, Place(answer, own, known["grade_id"], float(known["points"]))
            waiting = []


def mark(cell: Any) -> dict[str, Any]:
    """What nbgrader knows about a cell; empty for a cell of no interest to it."""
    return dict(cell.metadata.get("nbgrader", {}))


PLACES = {name: place for s in SECTIONS for name, place in _places(notebook(s).cells)}


def places(section: str) -> dict[str, Place]:
    """The exercises of one section, such as "4.1"."""
    return {name: p for name, p in PLACES.items() if name.startswith(f"{section}-")}


def full(section: str) -> dict[str, float]:
    """The points of every points cell of a section that nbgrader fills by itself."""
    return {place.points_cell: place.points for place in places(section).values()}


@cache
def sources(section: str, folder: str = "solutions") -> dict[str, str]:
    """The source of every cell, by id in ``solutions`` or by grade_id in ``exercises``."""
    cells = notebook(section, folder).cells
    return {mark(cell).get("grade_id", cell.id): cell.source for cell in cells}


def solved(section: str, kind: str) -> list[str]:
    """The grade_ids of the cells of this kind ("code", "markdown") that a learner fills in."""
    cells = notebook(section).cells
    return [mark(c)["grade_id"] for c in cells if c.cell_type == kind and mark(c).get("solution")]


@cache
def _imports(section: str) -> dict[str, Any]:
    """What the set-up cell and the given cells make known; al.setup would change this process."""
    text = sources(section)["setup"].splitlines()
    space: dict[str, Any] = {}
    exec("\n".join(line for line in text if not line.startswith("al.setup")), space)
    for name, source in sources(section).items():
        if name.endswith("-given"):
            exec(source, space)
    return space


@contextmanager
def as_set_up() -> Iterator[None]:
    """Numbers as `al.setup` would have them, only inside the block."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_default_dtype(before)


def answer(name: str, source: str) -> Any:
    """Run an answer's source and return what it defines."""
    space = dict(_imports(name.partition("-")[0]))
    exec(source, space)
    return space[PLACES[name].answer]


def points(
    section: str, cell: str, answers: Mapping[str, str], given: Mapping[str, Any] | None = None
) -> float:
    """Run a points cell after these answers; fail if it raises, writes to stderr or is slow.

    Parameters
    ----------
    section : str
        Such as "4.1".
    answers : dict
        Source by cell.
    given : dict, optional
        Values by name, put in place of what the sources define.
    """
    space = copy.copy(_imports(section))
    for source in answers.values():
        exec(source, space)
    space.update(given or {})
    body = ast.parse(sources(section)[cell])
    last = body.body.pop()
    assert isinstance(last, ast.Expr), "a points cell ends in its points"
    said, start = io.StringIO(), time.process_time()
    streams = redirect_stderr(said), redirect_stdout(io.StringIO())
    with as_set_up(), streams[0], streams[1], warnings.catch_warnings():
        warnings.simplefilter("error")  # outside of graded() nothing may warn either
        exec(compile(body, cell, "exec"), space)
        value = eval(compile(ast.Expression(last.value), cell, "eval"), space)
    # the goal is 5 s; a test bounds gross time only, at three times the goal
    assert said.getvalue() == "" and time.process_time() - start < 15
    assert isinstance(value, float)
    return value
