"""What a learner talks to: verdicts, hints, and the shelter of a points cell."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.lib.pretty import pretty

import anomalylab as al
from anomalylab.classroom import core, graded


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def exercise(monkeypatch: pytest.MonkeyPatch) -> Iterator[core.Programmed]:
    """An exercise of its own: double a number."""

    def examine(answer: Any) -> str:
        if core.number(core.call(answer, 4.0, on="4"), "4") != 8:
            raise core.Failed("Not double.")
        return "Double."

    hints = ("one", "two", "three")
    made = core.Programmed(name="x", title="double it", check=examine, hints=hints)
    monkeypatch.setitem(core.EXERCISES, "x", made)
    yield made


def empty(number: float) -> Any:
    """Only a docstring and dots."""
    ...


def forgets(number: float) -> Any:
    double = 2 * number  # noqa: F841


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (lambda a: 2 * a, "Passed. Double."),
        (lambda a: np.float64(2 * a), "Passed. Double."),
        (lambda a: 3 * a, "Failed. Not double."),
        (..., "Not attempted. Replace the dots in 'double it', then check again."),
        (empty, "Not attempted. Replace the dots in 'double it', then check again."),
        (lambda a: ..., "Not attempted. Replace the dots in 'double it', then check again."),
        (forgets, "Failed. On 4 your function returned nothing. Is there a `return`?"),
        (np.random.shuffle, "Failed. On 4 your function raised TypeError"),
        (4, "Failed. The answer should be a function, but is the number 4."),
        (lambda a: [8.0], "the type list. Expected one finite number."),
        (lambda a: np.ones((2, 3)), "2-dimensional ndarray of shape (2, 3)"),
        (lambda a: True, "the type bool"),
        (lambda a: 1 / 0, "On 4 your function raised ZeroDivisionError: float division"),
    ],
)
def test_verdicts(exercise: core.Programmed, answer: Any, verdict: str) -> None:
    found = al.check("x", answer)
    assert verdict.replace("float division", "") in repr(found) or verdict in repr(found)
    assert exercise.attempted == (found.status != "not attempted")


def test_a_check_that_breaks_is_a_verdict_too(exercise: core.Programmed) -> None:
    def breaks(answer: Any) -> str:
        raise KeyError("nobody thought of this")

    exercise.check = breaks
    found = al.check("x", 1)
    assert found.status == "failed" and "KeyError" in found.message
    assert len(found.message.split()) <= 45


def test_a_long_error_of_the_learner_is_cut(exercise: core.Programmed) -> None:
    def verbose(number: float) -> float:
        raise ValueError("a " * 300)

    assert len(al.check("x", verbose).message.split()) <= 45


def test_warnings_of_an_answer_are_not_shown(exercise: core.Programmed) -> None:
    def warns(number: float) -> float:
        warnings.warn("division", stacklevel=1)
        return 2 * number

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert al.check("x", warns).status == "passed"


def test_hints_grow_and_the_solution_waits(
    exercise: core.Programmed, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [al.hint("x") for _ in range(4)]
    expected = ["Hint 1 of 3: one", "Hint 2 of 3: two", "Hint 3 of 3: three", "Hint 3 of 3: three"]
    assert said == expected
    assert al.solution("x").startswith("Try first")
    al.check("x", ...)
    assert al.solution("x").startswith("Try first")
    al.check("x", max)
    assert "Ask your teacher" in al.solution("x")
    monkeypatch.setattr(core.EXERCISES["4.1-budget"], "attempted", True)
    monkeypatch.chdir(Path(__file__).parent)
    shown = al.solution("4.1-budget")
    assert "allowed = int(at_most" in shown and "SOLUTION" not in shown
    with pytest.raises(ValueError, match="There are: 4.1-"):
        al.check("nonsense", 1)


def test_texts_are_shown_as_they_are(exercise: core.Programmed) -> None:
    exercise.hints = ('say "it"\nin two lines',)
    assert pretty(al.hint("x")) == 'Hint 1 of 1: say "it"\nin two lines'
    assert isinstance(al.hint("x"), str)


def test_graded_shelters_a_points_cell(capsys: pytest.CaptureFixture[str]) -> None:
    points = 0.0
    with graded():
        print("careful", file=sys.stderr)
        warnings.warn("division", stacklevel=1)
        points += 1.0
        points += float("no number")
    with graded():
        points += 2.0
    assert points == 3.0
    assert capsys.readouterr().err == ""
