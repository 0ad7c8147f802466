"""Every state an answer can be in: untouched, right in several ways, wrong in every named way.

The points cells are those of the notebook, run in this process; `test_nbgrader.py` sends some of
the same answers through nbgrader itself.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

import anomalylab as al
from anomalylab.classroom.behaviour import Behaviour
from anomalylab.classroom.core import EXERCISES, Verdict
from anomalylab.classroom.engine import Declared
from tests.exercises.answers import CORRECT, MUTATIONS, WRONG, notebook_checks
from tests.exercises.grading import (
    PLACES,
    SECTIONS,
    answer,
    assignment,
    full,
    mark,
    notebook,
    places,
    points,
    solved,
    sources,
)
from tests.exercises.mutants import mutants
from tools.exercises import ROOT, assignments, build

RIGHT = [(name, kind) for name, kinds in CORRECT.items() for kind in kinds]
FALSE = [(name, kind) for name, kinds in WRONG.items() for kind in kinds]
JUNK: list[Any] = [
    None,
    ...,
    "text",
    3,
    True,
    [],
    [1, 2],
    [[1], [2, 3]],
    (..., 1),
    ("a", "b"),
    {"a": 1},
    object(),
    np.zeros((2, 3, 4)),
    np.array(["a", "b"]),
    np.array([None, 1]),
    1j,
    float("nan"),
    int,
    lambda: None,
    lambda *inputs: None,
    lambda *inputs: ...,
    lambda *inputs: "0.05",
    lambda *inputs: inputs,
    lambda *inputs: (inputs, inputs),
    lambda *inputs: (..., ...),
    lambda *inputs: ([[1], [2, 3]], None),
    lambda *inputs: np.zeros((3, 4)),
    lambda *inputs: np.array([object()]),
    lambda *inputs: {1: 2},
    lambda *inputs: 1 / 0,
    lambda *inputs: (x for x in inputs),
]


DECLARED = {n: e for n, e in EXERCISES.items() if isinstance(e, Declared) and n in PLACES}
BUILT = {n: e for n, e in EXERCISES.items() if isinstance(e, Behaviour) and n in PLACES}


def section(name: str) -> str:
    return name.partition("-")[0]


def reference(name: str) -> str:
    return sources(section(name))[PLACES[name].cell]


def graded(name: str, source: str) -> float:
    """Points of an answer whose neighbours in the same points cell are the reference's."""
    place, own = PLACES[name], sources(section(name))
    near = {p.cell: own[p.cell] for p in neighbours(name)}
    return points(section(name), place.points_cell, near | {place.cell: source})


def neighbours(name: str) -> list[Any]:
    """The places whose points stand in the same cell, the exercise's own among them."""
    cell = PLACES[name].points_cell
    return [place for place in places(section(name)).values() if place.points_cell == cell]


@pytest.mark.parametrize("name", PLACES)
def test_reference_passes_with_full_points(name: str) -> None:
    assert al.check(name, answer(name, reference(name))).status == "passed"
    assert graded(name, reference(name)) == PLACES[name].points


@pytest.mark.parametrize("name", PLACES)
def test_untouched_stub_is_not_attempted_and_earns_nothing(
    name: str, recwarn: pytest.WarningsRecorder
) -> None:
    released, place = sources(section(name), "exercises"), PLACES[name]
    assert "..." in released[place.cell]
    for stub in (..., answer(name, released[place.cell])):
        verdict = al.check(name, stub)
        assert verdict.status == "not attempted" and "dots" in verdict.message
    near = {p.cell: released[p.cell] for p in places(section(name)).values()}
    assert points(section(name), place.points_cell, near) == 0
    assert not recwarn.list


@pytest.mark.parametrize(("name", "kind"), RIGHT)
def test_other_right_answers_pass_with_full_points(name: str, kind: str) -> None:
    verdict = al.check(name, answer(name, CORRECT[name][kind]))
    assert verdict.status == "passed", verdict
    assert graded(name, CORRECT[name][kind]) == PLACES[name].points


@cache
def checked(name: str, kind: str) -> Verdict:
    """The verdict on a wrong answer; several tests look at it, and some answers train."""
    return al.check(name, answer(name, WRONG[name][kind][0]))


@pytest.mark.parametrize(("name", "kind"), FALSE)
def test_wrong_answers_hear_why_and_earn_less(name: str, kind: str) -> None:
    source, fragment = WRONG[name][kind]
    verdict = checked(name, kind)
    assert verdict.status == "failed"
    assert fragment in verdict.message
    assert len(verdict.message.split()) <= 45
    kept = graded(name, source)
    assert kept < PLACES[name].points
    assert 3 * kept <= PLACES[name].points


@pytest.mark.parametrize(("name", "old", "new"), MUTATIONS)
def test_mutated_reference_fails_and_earns_less(name: str, old: str, new: str) -> None:
    source = reference(name)
    assert old in source
    mutant = source.replace(old, new)
    assert al.check(name, answer(name, mutant)).status == "failed"
    assert graded(name, mutant) < PLACES[name].points


@pytest.mark.parametrize("name", DECLARED)
def test_slips_hear_their_own_message_and_keep_a_third(name: str) -> None:
    exercise = DECLARED[name]
    assert al.check(name, exercise.reference).status == "passed"
    assert 0 < len(exercise.slips) <= 8
    for slip in exercise.slips:
        verdict = al.check(name, slip.answer)
        own = re.split(r"\{\w+\}", slip.message)
        assert re.fullmatch(".*".join(map(re.escape, own)), verdict.message), slip.message
        assert len(verdict.message.split()) <= 45
        points = PLACES[name].points
        assert 3 * al.classroom.points(name, slip.answer, most=points, seeds=(5,)) <= points


@pytest.mark.parametrize("name", DECLARED)
def test_mutants_of_the_reference_fail_and_keep_a_third(name: str) -> None:
    most = PLACES[name].points
    wrong: list[str] = []
    equal: list[str] = []
    for what, source in mutants(reference(name)):
        mutant = answer(name, source)
        same = al.classroom.points(name, mutant, most=1, seeds=(100, 101, 102)) == 1
        (equal if same else wrong).append(what)
        verdict = al.check(name, mutant)
        assert (verdict.status == "passed") == same, what
        assert len(verdict.message.split()) <= 45, verdict
        assert same or 3 * al.classroom.points(name, mutant, most=most, seeds=(5,)) <= most, what
    assert len(wrong) >= 5 and 5 * len(equal) < len(wrong), equal


@pytest.mark.parametrize("name", BUILT)
def test_every_property_is_broken_by_a_wrong_answer(name: str) -> None:
    found = [checked(name, kind).message for kind in WRONG[name]]
    for each in BUILT[name].properties:
        own = re.split(r"\{[^}]*\}", f"On {each.on} {each.message}")
        pattern = ".*".join(map(re.escape, own))
        assert any(re.search(pattern, said) for said in found), each.message


@pytest.mark.parametrize("name", PLACES)
def test_what_is_no_answer_neither_raises_nor_earns(name: str) -> None:
    shared = [place.answer for place in neighbours(name)]
    for junk in JUNK:
        verdict = al.check(name, junk)
        assert verdict.status in ("failed", "not attempted"), junk
        assert len(verdict.message.split()) <= 45
        given = dict.fromkeys(shared, junk)
        assert points(section(name), PLACES[name].points_cell, {}, given) == 0, junk


def test_every_exercise_has_answers_of_every_kind() -> None:
    mutated = {name for name, _, _ in MUTATIONS} | set(DECLARED)
    assert set(CORRECT) == set(WRONG) == set(PLACES) == mutated
    assert set(EXERCISES) == {*PLACES, *notebook_checks.CORRECT}
    assert all(len(kinds) >= 3 for kinds in CORRECT.values())
    assert all(len(exercise.hints) == 3 for exercise in EXERCISES.values())


@pytest.mark.parametrize("name", WRONG)
def test_no_two_wrong_answers_hear_the_same(name: str) -> None:
    """But variants of one mistake may: their names are the same up to a comma."""
    mistakes = {(kind.partition(",")[0], said) for kind, (_, said) in WRONG[name].items()}
    fragments = [said for _, said in mistakes]
    shared = {said for said in fragments if fragments.count(said) > 1}
    assert shared <= {"Is there a `return`"}


def test_every_assignment_has_exercises_of_its_own() -> None:
    assert sorted(map(assignment, SECTIONS)) == assignments()
    cells = Counter(place.cell for place in PLACES.values())
    assert set(cells.values()) == {1}, "al.solution finds an answer by its cell alone"


@pytest.mark.parametrize("name", PLACES)
def test_solution_shows_the_reference_after_an_attempt(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EXERCISES[name], "attempted", True)
    monkeypatch.chdir(ROOT)
    shown = al.solution(name)
    code = [line for line in reference(name).splitlines() if "### " not in line]
    assert shown.splitlines() == code


@pytest.mark.parametrize("section", SECTIONS)
def test_ladder_adds_up_to_ten_points(section: str) -> None:
    cells = notebook(section).cells
    told = re.findall(
        r"^## \d\. .* \((\d+) minutes(?:, (\d+) points?)?\)$",
        "\n".join(c.source for c in cells if c.cell_type == "markdown"),
        re.MULTILINE,
    )
    assert len(told) == 6
    assert sum(int(n or 0) for _, n in told) == 10
    table = re.findall(r"^\| \d\. .*? \| (\d+) \| (\d+|–) \|$", cells[0].source, re.MULTILINE)
    assert [(m, "" if n == "–" else n) for m, n in table] == told
    assert sum(mark(cell).get("points", 0) for cell in cells) == 10


@pytest.mark.parametrize("section", SECTIONS)
def test_points_cells_are_plain(section: str) -> None:
    seen = {}
    for cell in notebook(section).cells:
        known = mark(cell)
        if not known.get("grade") or cell.cell_type != "code":
            continue
        seen[known["grade_id"]] = known["points"]
        assert known["locked"] and not known["solution"]
        lines = cell.source.splitlines()
        assert lines[0].startswith(("points = ", "seeds = ")) and lines[-1] == "points"
        assert "check(" not in cell.source and "predict(" not in cell.source
    assert seen == full(section)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_model_answer_in_words_is_as_short_as_asked(section: str) -> None:
    (cell,) = solved(section, "markdown")
    best, *others = sources(section)[cell].split("\n\n")
    assert len(best.split()) <= 80
    if others:
        assert [text.split(",")[0] for text in others] == ["**One point**", "**No point**"]


def test_exercises_are_fresh() -> None:
    assert build(check=True) == [], "run `make exercises`"
