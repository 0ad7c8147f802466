"""Verdicts and hints. A check helps a learner; it is not a grade."""

from __future__ import annotations

import dis
import json
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from anomalylab.inputs import Array

PASSED, FAILED, NOT_ATTEMPTED = "passed", "failed", "not attempted"
_IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}  # what a stub compiles to


_CHECK = re.compile(r'^al\.check\("([^"]+)", (\w+)\)', re.MULTILINE)


class Text(str):
    """A text that a notebook shows as it is: without quotes, its lines below each other."""

    def __repr__(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Verdict:
    """What a check found: "passed", "failed" (with the reason) or "not attempted"."""

    status: str
    message: str = ""

    def __repr__(self) -> str:
        return f"{self.status.capitalize()}. {self.message}".strip()


class Failed(Exception):
    """Raised inside a check with the message for the learner."""


class NotAttempted(Exception):
    """Raised inside a check when the answer is still a stub."""


@dataclass(kw_only=True)
class Exercise:
    """An exercise: how to check an answer, and hints from gentle to strong."""

    name: str
    title: str
    hints: Sequence[str]
    attempted: bool = field(default=False, init=False)
    hints_given: int = field(default=0, init=False)

    def examine(self, answer: Any) -> str:
        """Return a word of praise, or raise `Failed` or `NotAttempted`."""
        raise NotImplementedError


@dataclass(kw_only=True)
class Programmed(Exercise):
    """An exercise whose check is a function of its own."""

    check: Callable[[Any], str]

    def examine(self, answer: Any) -> str:
        """Return what the function returns, and raise what it raises."""
        return self.check(answer)


EXERCISES: dict[str, Exercise] = {}


def register(exercise: Exercise) -> None:
    """Make an exercise known by its name."""
    EXERCISES[exercise.name] = exercise


def _find(name: str) -> Exercise:
    if name not in EXERCISES:
        known = ", ".join(EXERCISES)
        raise ValueError(f"There is no exercise {name!r}. There are: {known}.")
    return EXERCISES[name]


def call(function: Any, *inputs: Any, on: str) -> Any:
    """Run the learner's function; turn an exception, a stub or a lost result into a verdict."""
    attempted(function)
    with blamed(on, "your function"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the verdict says what matters
        result = function(*inputs)
    if result is ... or (result is None and is_stub(function)):
        raise NotAttempted
    if result is None:
        raise Failed(f"On {on} your function returned nothing. Is there a `return`?")
    return result


def attempted(function: Any) -> None:
    """Raise `NotAttempted` for dots, `Failed` for what cannot be called."""
    if function is ...:
        raise NotAttempted
    if not callable(function):
        raise Failed(f"The answer should be a function, but is {kind(function)}.")


@contextmanager
def blamed(on: str, what: str) -> Iterator[None]:
    """Turn what the learner's code raises in the block into a verdict."""
    try:
        yield
    except (Failed, NotAttempted):
        raise
    except (Exception, SystemExit) as problem:
        raise Failed(
            f"On {on} {what} raised {_brief(problem)}. "
            "Call it yourself on a few numbers to see where."
        ) from problem


def is_stub(function: Any) -> bool:
    """Whether a function that returns None has no body but dots, `pass` or a docstring."""
    if not hasattr(function, "__code__"):
        return False
    return {step.opname for step in dis.get_instructions(function)} <= _IDLE


def _brief(problem: BaseException) -> str:
    words = f"{type(problem).__name__}: {problem}".split()
    return " ".join(words[:12])[:120].rstrip(".:")


def number(value: Any, on: str) -> float:
    """Return an answer as one finite number, or raise `Failed`."""
    found = numbers(value)
    if found is None or found.ndim or not np.isfinite(found):
        raise Failed(f"On {on} you returned {kind(value)}. Expected one finite number.")
    return float(found)


def vector(value: Any, rows: int, on: str) -> Array:
    """Return an answer as `rows` numbers, NaN allowed, or raise `Failed`."""
    found = numbers(value)
    if found is None or found.shape != (rows,):
        raise Failed(f"On {on} you returned {kind(value)}. Expected {rows} numbers, one a row.")
    return found


def numbers(value: Any) -> Array | None:
    """Return an answer as 64-bit numbers; None if these are none.

    Takes numbers, arrays, tensors with or without gradients, series, and lists of all of these.
    A masked entry becomes NaN. Truth values, words and ragged lists are no numbers.
    """
    try:
        if isinstance(value, list | tuple):
            parts = [numbers(part) for part in value]
            whole = [part for part in parts if part is not None]
            return np.stack(whole) if len(whole) == len(parts) else None
        found = np.ma.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
        if found.dtype.kind not in "iuf":
            return None
        return np.asarray(np.ma.filled(found.astype(np.float64), np.nan))
    except (TypeError, ValueError, RuntimeError):
        return None


def kind(value: Any) -> str:
    """Say in a few words what an answer is."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"{len(shape)}-dimensional {type(value).__name__} of shape {tuple(shape)}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"the number {value:g}"
    return f"the type {type(value).__name__}"


def check(name: str, answer: Any) -> Verdict:
    """Examine an answer. Never raises because of the answer.

    Parameters
    ----------
    name : str
        Of the exercise, such as "4.1-budget".
    answer : any
        What the exercise asks for, usually a function.
    """
    exercise = _find(name)
    try:
        verdict = Verdict(PASSED, exercise.examine(answer))
    except NotAttempted:
        return Verdict(NOT_ATTEMPTED, f"Replace the dots in {exercise.title!r}, then check again.")
    except Failed as reason:
        verdict = Verdict(FAILED, str(reason))
    except Exception as problem:  # an answer of a kind that nobody thought of
        verdict = Verdict(
            FAILED,
            f"The check could not work with your answer ({_brief(problem)}). "
            "Compare what you return with what the exercise asks for.",
        )
    exercise.attempted = True
    return verdict


def hint(name: str) -> Text:
    """Return the next hint; each call gives a stronger one, the last again and again."""
    exercise = _find(name)
    number = min(exercise.hints_given, len(exercise.hints) - 1)
    exercise.hints_given += 1
    return Text(f"Hint {number + 1} of {len(exercise.hints)}: {exercise.hints[number]}")


def solution(name: str) -> Text:
    """Return the reference answer: only after an attempt, and only where ``solutions/`` is."""
    if not _find(name).attempted:
        return Text("Try first: the solution is shown after a check of an attempt of yours.")
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        for path in sorted((folder / "solutions").glob("*/*.ipynb")):
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
            if place := places(cells).get(name):
                lines = "".join(place.source).splitlines()
                return Text("\n".join(line for line in lines if "### " not in line))
    return Text("The solutions are not part of this copy of the course. Ask your teacher.")


@dataclass(frozen=True)
class Place:
    """Where an exercise stands in its notebook, by the names of nbgrader's metadata."""

    answer: str
    cell: str
    points_cell: str
    points: float
    source: str


def places(cells: Sequence[Any]) -> dict[str, Place]:
    """Return the place of every exercise that these cells check, by its name.

    The answer stands in the last cell before the check that a learner fills in, the points in
    the first graded cell after it.
    """
    found, waiting, answer = {}, [], {}
    for cell in cells:
        mark, source = cell["metadata"].get("nbgrader", {}), "".join(cell["source"])
        if cell["cell_type"] != "code":
            continue
        if mark.get("solution"):
            answer = {"cell": mark["grade_id"], "source": source}
        waiting += [(*_CHECK.findall(source)[0], answer)] if _CHECK.search(source) else []
        if mark.get("grade"):
            for name, variable, own in waiting:
                points = {"points_cell": mark["grade_id"], "points": float(mark["points"])}
                found[name] = Place(variable, **own, **points)
            waiting = []
    return found
