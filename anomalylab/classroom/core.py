"""Verdicts and hints. A check helps a learner; it is not a grade."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PASSED, FAILED, NOT_ATTEMPTED = "passed", "failed", "not attempted"


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


@dataclass
class Exercise:
    """An exercise: how to check an answer, and hints from gentle to strong.

    Attributes
    ----------
    examine : callable
        Takes the answer; returns a word of praise, or raises `Failed` or `NotAttempted`.
    cell : str
        grade_id of the answer's cell in the notebook below ``solutions/``.
    """

    name: str
    title: str
    cell: str
    examine: Callable[[Any], str]
    hints: Sequence[str]
    attempted: bool = field(default=False, init=False)
    hints_given: int = field(default=0, init=False)


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
    """Run the learner's function; turn an exception or a stub into the right verdict."""
    if function is ...:
        raise NotAttempted
    if not callable(function):
        raise Failed(f"The answer should be a function, but is {type(function).__name__}.")
    try:
        result = function(*inputs)
    except Exception as problem:
        raise Failed(
            f"On {on} your function raised {type(problem).__name__}: {str(problem)[:120]}. "
            "Call it yourself on a few numbers to see where."
        ) from problem
    if result is ... or result is None:
        raise NotAttempted
    return result


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
        praise = exercise.examine(answer)
    except NotAttempted:
        return Verdict(NOT_ATTEMPTED, f"Replace the dots in {exercise.title!r}, then check again.")
    except Failed as reason:
        exercise.attempted = True
        return Verdict(FAILED, str(reason))
    exercise.attempted = True
    return Verdict(PASSED, praise)


def hint(name: str) -> str:
    """Return the next hint; each call gives a stronger one, the last again and again."""
    exercise = _find(name)
    number = min(exercise.hints_given, len(exercise.hints) - 1)
    exercise.hints_given += 1
    return f"Hint {number + 1} of {len(exercise.hints)}: {exercise.hints[number]}"


def solution(name: str) -> str:
    """Return the reference answer: only after an attempt, and only where ``solutions/`` is."""
    exercise = _find(name)
    if not exercise.attempted:
        return "Try first: the solution is shown after a check of an attempt of yours."
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        for path in sorted((folder / "solutions").glob("*/*.ipynb")):
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == exercise.cell:
                    return "".join(cell["source"])
    return "The solutions are not part of this copy of the course. Ask your teacher."
