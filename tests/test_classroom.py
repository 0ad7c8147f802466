"""What a learner talks to: verdicts and hints."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from IPython.lib.pretty import pretty

import anomalylab as al
from anomalylab.classroom import core
from anomalylab.classroom.engine import Case, Declared
from anomalylab.seeding import cpu_threads


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


class Double(core.Exercise):
    """Examined by a function of its own."""

    def examine(self, answer: Any) -> str:
        if core.number(core.call(answer, 4.0, on="4"), "4") != 8:
            raise core.Failed("Not double.")
        return "Double."


@pytest.fixture
def exercise(monkeypatch: pytest.MonkeyPatch) -> Iterator[core.Exercise]:
    """An exercise of its own: double a number."""
    made = Double(name="x", title="double it", hints=("one", "two", "three"), praise="")
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
def test_verdicts(exercise: core.Exercise, answer: Any, verdict: str) -> None:
    found = al.check("x", answer)
    assert verdict.replace("float division", "") in repr(found) or verdict in repr(found)
    assert exercise.attempted == (found.status != "not attempted")


def test_a_check_that_breaks_is_a_verdict_too(exercise: core.Exercise) -> None:
    def breaks(answer: Any) -> str:
        raise KeyError("nobody thought of this")

    exercise.examine = breaks  # type: ignore[method-assign]
    found = al.check("x", 1)
    assert found.status == "failed" and "KeyError" in found.message
    assert len(found.message.split()) <= 45


def test_a_long_error_of_the_learner_is_cut(exercise: core.Exercise) -> None:
    def verbose(number: float) -> float:
        raise ValueError("number " * 300)

    said = al.check("x", verbose).message
    assert len(said.split()) <= 45 and "number …. Call" in said


def test_of_an_error_the_first_sentence_is_told(exercise: core.Exercise) -> None:
    def raises(number: float) -> float:
        raise ValueError("The batch has 3.5 rows, and no more. Nobody needs to know this.")

    assert "and no more. Call it yourself" in al.check("x", raises).message


def test_warnings_of_an_answer_are_not_shown(exercise: core.Exercise) -> None:
    def warns(number: float) -> float:
        warnings.warn("division", stacklevel=1)
        return 2 * number

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert al.check("x", warns).status == "passed"


def test_hints_grow_and_the_solution_waits(
    exercise: core.Exercise, monkeypatch: pytest.MonkeyPatch
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


def test_texts_are_shown_as_they_are(exercise: core.Exercise) -> None:
    exercise.hints = ('say "it"\nin two lines',)
    assert pretty(al.hint("x")) == 'Hint 1 of 1: say "it"\nin two lines'
    assert isinstance(al.hint("x"), str)


@pytest.mark.parametrize(
    "name",
    [
        "4.1-network",
        "4.1-loop",
        "4.2-draw",
        "4.2-loss",
        "4.3-discriminator",
        "4.3-generator",
        "4.3-search",
    ],
)
def test_a_notebook_goes_on_with_the_courses_lines(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    right = al.classroom.finished(name, ...)
    assert name in capsys.readouterr().out
    assert al.classroom.finished(name, right) is right
    assert not capsys.readouterr().out


def test_where_the_course_has_no_answer_a_notebook_cannot_go_on() -> None:
    with pytest.raises(ValueError, match="no answer to '4.1-own'"):
        al.classroom.finished("4.1-own", ...)


def test_points_take_at_least_one_seed() -> None:
    with pytest.raises(ValueError, match="at least one"):
        al.classroom.points("4.1-sure", max, most=1, seeds=())


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("name", ["4.1-loop", "4.2-loss"])
def test_a_check_has_gradients_whatever_the_caller_set(name: str, mode: Any) -> None:
    with mode():
        assert al.check(name, core.EXERCISES[name].reference).status == "passed"


def test_a_check_computes_on_one_thread_whatever_the_caller_set() -> None:
    seen = []

    def answer(rate: float, confidence: float) -> int:
        seen.append(torch.get_num_threads())
        return 7

    with cpu_threads(3):
        al.check("4.1-sure", answer)
        assert torch.get_num_threads() == 3
    assert set(seen) == {1}


def test_two_threads_that_check_leave_standard_output_as_it_was() -> None:
    before = sys.stdout
    right = core.EXERCISES["4.1-budget"].reference
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: al.check("4.1-budget", right).status, range(12)))
    assert found == ["passed"] * 12
    assert sys.stdout is before


def test_a_wrong_answer_meets_no_case_after_its_first_failure() -> None:
    met: list[tuple[float, float]] = []

    def answer(rate: float, confidence: float) -> int:
        met.append((rate, confidence))
        return 7

    assert al.check("4.1-sure", answer).status == "failed"
    assert set(met) == {(0.05, 0.95)}


def test_large_whole_numbers_are_told_whole() -> None:
    message = al.check("4.1-sure", lambda rate, confidence: 122_000).message
    assert "gives 122000, where 59" in message


@pytest.mark.parametrize(("zero", "status"), [(1e-16, "passed"), (1e-9, "failed")])
@pytest.mark.parametrize("size", [1e-12, 1.0, 1e12])
def test_a_rounded_zero_is_right(
    zero: float, status: str, size: float, exercise: core.Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Declared(
        name="x",
        title="keep the first",
        hints=(),
        praise="",
        reference=lambda x: x * [1.0, 0.0],
        cases=[Case("two numbers", lambda rng: (np.array([size, size]),))],
        slips=[],
    )
    monkeypatch.setitem(core.EXERCISES, "x", made)
    assert al.check("x", lambda x: x * [1.0, zero]).status == status
