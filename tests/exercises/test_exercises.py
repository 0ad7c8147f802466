"""Every state an answer can be in: untouched, right in several ways, wrong in every named way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import anomalylab as al
from anomalylab.classroom.core import EXERCISES
from tests.exercises.answers import CORRECT, WRONG
from tests.exercises.course import CELL, Course, source_cells
from tools.exercises import build

FULL = {"4.1-budget": ("budget-points", 2.0), "4.1-leak": ("leak-points", 3.0)}
RIGHT = [(name, kind) for name, kinds in CORRECT.items() for kind in kinds]
FALSE = [(name, kind) for name, kinds in WRONG.items() for kind in kinds]
MUTATIONS = [
    ("4.1-budget", "- allowed - 1", "- 3 * allowed - 1"),
    ("4.1-budget", "- allowed - 1", "- 1"),
    ("4.1-budget", "at_most *", "0.05 *"),
    ("4.1-budget", "np.sort(calibration_scores)", "np.sort(-calibration_scores)"),
    ("4.1-leak", "train.mean(axis=0)", "test.mean(axis=0)"),
    ("4.1-leak", "train.std(axis=0)", "test.std(axis=0)"),
    ("4.1-leak", "quantile(calibration_scores", "quantile(scores"),
    ("4.1-leak", "0.95", "0.05"),
]


def function(source: str) -> Any:
    """Run an answer's source and return the function it defines."""
    space: dict[str, Any] = {"np": np, "al": al, "Array": np.ndarray}
    exec(source, space)
    return space.get("choose_threshold") or space["mended"]


def reference(name: str) -> str:
    return source_cells()[CELL[name]]


@pytest.mark.parametrize("name", CORRECT)
def test_reference_passes(name: str) -> None:
    assert al.check(name, function(reference(name))).status == "passed"


@pytest.mark.parametrize("name", CORRECT)
def test_stub_is_not_attempted(name: str) -> None:
    head = reference(name).split("    ### BEGIN")[0]
    for stub in (..., function(f"{head}    ...")):
        verdict = al.check(name, stub)
        assert verdict.status == "not attempted" and "dots" in verdict.message


@pytest.mark.parametrize(("name", "kind"), RIGHT)
def test_other_right_answers_pass(name: str, kind: str) -> None:
    verdict = al.check(name, function(CORRECT[name][kind]))
    assert verdict.status == "passed", verdict


@pytest.mark.parametrize(("name", "kind"), FALSE)
def test_wrong_answers_hear_why(name: str, kind: str) -> None:
    source, fragment = WRONG[name][kind]
    verdict = al.check(name, function(source))
    assert verdict.status == "failed"
    assert fragment in verdict.message
    assert len(verdict.message.split()) <= 45


@pytest.mark.parametrize(("name", "old", "new"), MUTATIONS)
def test_mutated_reference_fails(name: str, old: str, new: str) -> None:
    source = reference(name)
    assert old in source
    assert al.check(name, function(source.replace(old, new))).status == "failed"


def test_every_exercise_has_answers_of_every_kind() -> None:
    assert set(EXERCISES) == set(CORRECT) == set(WRONG) == set(FULL)
    assert all(len(kinds) >= 3 for kinds in CORRECT.values())


@pytest.mark.parametrize("name", WRONG)
def test_no_two_wrong_answers_hear_the_same(name: str) -> None:
    fragments = [fragment for _, fragment in WRONG[name].values()]
    assert len(set(fragments)) == len(fragments)


def test_exercises_are_fresh() -> None:
    assert build(check=True) == [], "run `make exercises`"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course"))


def test_released_notebook_gives_nothing_away(course: Course) -> None:
    text = course.released.read_text(encoding="utf-8")
    for secret in ("HIDDEN TESTS", "BEGIN SOLUTION", "977", "allowed = int", "Claim:*"):
        assert secret not in text
    assert '"..."' in text or '    ..."' in text


def test_untouched_assignment_runs_through_and_earns_nothing(course: Course) -> None:
    points = course.grade("stub", {})
    assert points["budget-points"] == points["leak-points"] == 0
    assert course.errors("stub") == []


def test_reference_earns_full_points(course: Course) -> None:
    points = course.grade("reference", {CELL[name]: reference(name) for name in CELL})
    assert [points[cell] for cell, _ in FULL.values()] == [full for _, full in FULL.values()]
    assert course.errors("reference") == []


@pytest.mark.slow
def test_right_answers_earn_full_points(course: Course) -> None:
    for number in range(max(len(kinds) for kinds in CORRECT.values())):
        chosen = {
            name: list(kinds.values())[number % len(kinds)] for name, kinds in CORRECT.items()
        }
        points = course.grade(f"right-{number}", {CELL[n]: s for n, s in chosen.items()})
        assert all(points[cell] == full for cell, full in FULL.values()), (number, points)


@pytest.mark.slow
def test_wrong_answers_earn_less(course: Course) -> None:
    for number in range(max(len(kinds) for kinds in WRONG.values())):
        chosen = {n: list(kinds.values())[number % len(kinds)][0] for n, kinds in WRONG.items()}
        points = course.grade(f"wrong-{number}", {CELL[n]: s for n, s in chosen.items()})
        assert all(points[cell] < full for cell, full in FULL.values()), (number, points)


def test_hints_grow_and_solution_waits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    exercise = EXERCISES["4.1-budget"]
    exercise.hints_given, exercise.attempted = 0, False
    said = [al.hint("4.1-budget") for _ in range(4)]
    assert [line[:11] for line in said] == [
        "Hint 1 of 3",
        "Hint 2 of 3",
        "Hint 3 of 3",
        "Hint 3 of 3",
    ]
    assert al.solution("4.1-budget").startswith("Try first")
    al.check("4.1-budget", np.max)
    assert "allowed" in al.solution("4.1-budget")
    monkeypatch.chdir(tmp_path)
    assert "Ask your teacher" in al.solution("4.1-budget")
    with pytest.raises(ValueError, match="There are: 4.1-budget"):
        al.check("4.1-nonsense", 1)
