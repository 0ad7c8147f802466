"""Verdicts and hints. A check helps a learner; it is not a grade."""

from __future__ import annotations

import dis
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np

from anomalylab.inputs import Array

SEEDS = (0, 1)  # of the check; what counts in the end has seeds of its own, in a hidden cell
PASSED, FAILED, NOT_ATTEMPTED = "passed", "failed", "not attempted"


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
    """An exercise: how to judge an answer. Check and points try the same, with other seeds.

    Attributes
    ----------
    title : str
        What the dots stand for: a task in words, or the name of a function to complete.
    hints : sequence of str
        From gentle to strong.
    praise : str
        What a right answer hears.
    reference : callable
        A right answer; a notebook goes on with it where the learner's is not finished.
    """

    name: str
    title: str
    hints: Sequence[str]
    praise: str
    reference: Any = None
    attempted: bool = field(default=False, init=False)
    hints_given: int = field(default=0, init=False)

    def tried(self, answer: Any, seed: int) -> Iterable[Failed | None]:
        """For every thing that is tried with this seed: what is wrong, or None."""
        raise NotImplementedError

    def problems(self, answer: Any, seeds: Sequence[int] = SEEDS) -> Iterator[Failed | None]:
        """What is wrong, seed after seed; nothing is tried before it is asked for."""
        return (problem for seed in seeds for problem in self.tried(answer, seed))

    def examine(self, answer: Any) -> str:
        """Return the word of praise, or raise `Failed` or `NotAttempted`."""
        for problem in filter(None, self.problems(answer)):
            raise problem
        return self.praise


EXERCISES: dict[str, Exercise] = {}


def find(name: str) -> Exercise:
    """Return the exercise of this name, or raise ValueError with the names that there are."""
    if name not in EXERCISES:
        known = ", ".join(EXERCISES)
        raise ValueError(f"There is no exercise {name!r}. There are: {known}.")
    return EXERCISES[name]


def call(function: Any, *inputs: Any, on: str) -> Any:
    """Run the learner's function; turn an exception, a stub or a lost result into a verdict."""
    attempted(function)
    with blamed(on, "your function", is_stub(function)), warnings.catch_warnings():
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
def blamed(on: str, what: str, stub: bool = False) -> Iterator[None]:
    """Turn what the learner's code raises in the block into a verdict.

    In a `stub` a line below the dots may need a name that they should define.
    """
    try:
        yield
    except (Failed, NotAttempted):
        raise
    except (Exception, SystemExit) as problem:
        raise (
            NotAttempted
            if stub and isinstance(problem, NameError)
            else Failed(
                f"On {on} {what} raised {_brief(problem)}. "
                "Call it yourself on a few numbers to see where."
            )
        ) from problem


def is_stub(function: Any) -> bool:
    """Whether no line of a function uses its first input: dots stand where such lines belong."""
    code = getattr(function, "__code__", None)
    names = code.co_varnames if code else ()
    first = names[1:2] if names[:1] == ("self",) else names[:1]
    lines = dis.get_instructions(code) if code else ()
    return code is not None and not any(name in f"{x.argval}" for x in lines for name in first)


def _brief(problem: BaseException) -> str:
    """The first sentence of an error; "…" stands where a message has no room for all of it."""
    sentence = re.split(r"(?<=[.!?])\s", f"{type(problem).__name__}: {problem}")[0]
    return shorten(sentence, 100, placeholder=" …").rstrip(".:")


def number(value: Any, on: str) -> float:
    """Return an answer as one finite number, or raise `Failed`."""
    found = numbers(value)
    if found is None or found.ndim or not np.isfinite(found):
        raise Failed(f"On {on} you returned {kind(value)}. Expected one finite number.")
    return float(found)


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
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"the number {value:g}"
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{len(shape)}-dimensional {type(value).__name__} of shape {tuple(shape)}"
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
    exercise = find(name)
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
    exercise = find(name)
    number = min(exercise.hints_given, len(exercise.hints) - 1)
    exercise.hints_given += 1
    return Text(f"Hint {number + 1} of {len(exercise.hints)}: {exercise.hints[number]}")


def solution(name: str) -> Text:
    """Return the reference answer: only after an attempt, and only where ``solutions/`` is."""
    if not find(name).attempted:
        return Text("Try first: the solution is shown after a check of an attempt of yours.")
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        for path in sorted((folder / "solutions").glob("*/*.ipynb")):
            if answer := _answer(json.loads(path.read_text(encoding="utf-8"))["cells"], name):
                lines = answer.splitlines()
                return Text("\n".join(line for line in lines if "### " not in line))
    return Text("The solutions are not part of this copy of the course. Ask your teacher.")


def _answer(cells: Sequence[Any], name: str) -> str:
    """Source of the last cell to be filled in before this exercise's check; "" without a check."""
    answer = ""
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and f'al.check("{name}", ' in source:
            return answer
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            answer = source
    return ""
