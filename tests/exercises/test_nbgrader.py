"""The round trip through stock nbgrader: release, hand in, autograde."""

from __future__ import annotations

import re
from collections.abc import Mapping

import nbformat
import pytest

from tests.exercises.answers import CORRECT, SECRETS, WRONG
from tests.exercises.course import Course
from tests.exercises.grading import PLACES, SECTIONS, full, notebook, places, solved, sources


@pytest.fixture(scope="module", params=SECTIONS)
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course"), request.param)


@pytest.fixture(scope="module")
def graded(course: Course) -> dict[str, dict[str, float]]:
    """The points of everyone that the quick tests look at, from one run of nbgrader."""
    own = sources(course.section)
    course.hand_in(
        "copied", {cell: own[cell] for cell in solved(course.section, "code")}, False, True
    )
    course.hand_in("stub", {})  # in the order of names, so after the one with copied cells
    kinds = ("code", "markdown")
    cells = [cell for kind in kinds for cell in solved(course.section, kind)]
    course.hand_in("reference", {cell: own[cell] for cell in cells})
    hand_in(course, "wrong", {n: {k: v[0] for k, v in w.items()} for n, w in WRONG.items()}, 1)
    return course.grade()


def hand_in(
    course: Course, kind: str, answers: Mapping[str, Mapping[str, str]], students: int
) -> None:
    """Hand in an answer to every exercise for each student."""
    chosen = {PLACES[name].cell: list(answers[name].values()) for name in places(course.section)}
    for number in range(students):
        cells = {cell: kinds[number % len(kinds)] for cell, kinds in chosen.items()}
        course.hand_in(f"{kind}-{number}", cells, train=False)


def hidden(section: str) -> list[str]:
    """The lines that only those who grade may see and that stand nowhere in the open."""
    text = "\n".join(cell.source for cell in notebook(section).cells)
    blocks = re.findall(r"### BEGIN (HIDDEN TESTS|SOLUTION)\n(.*?)### END \1", text, re.DOTALL)
    open_text = re.sub(
        r"### BEGIN (HIDDEN TESTS|SOLUTION)\n.*?### END \1", "", text, flags=re.DOTALL
    )
    lines = {line.strip() for _, block in blocks for line in block.splitlines()}
    return sorted(line for line in lines if len(line) > 3 and line not in open_text)


def test_released_notebook_gives_nothing_away(course: Course) -> None:
    cells = nbformat.read(course.released, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    assert not any(cell.get("outputs") for cell in cells)
    kept_back = hidden(course.section)
    assert len(kept_back) > 10
    for secret in ("HIDDEN TESTS", "SOLUTION", *SECRETS[course.section], *kept_back):
        assert secret not in text
    chosen = [c for c in solved(course.section, "code") if c.endswith("-choice")]
    assert text.splitlines().count("    ...") == len(places(course.section)) + len(chosen)


def test_untouched_assignment_runs_through_and_earns_nothing(
    course: Course, graded: dict[str, dict[str, float]]
) -> None:
    cells = full(course.section)
    assert {cell: graded["stub"][cell] for cell in cells} == dict.fromkeys(cells, 0)
    assert course.errors("stub") == []


def test_copied_answer_cells_cost_nothing(
    course: Course, graded: dict[str, dict[str, float]]
) -> None:
    cells = full(course.section)
    assert {cell: graded["copied"][cell] for cell in cells} == cells


def test_reference_earns_full_points(course: Course, graded: dict[str, dict[str, float]]) -> None:
    cells = full(course.section)
    assert {cell: graded["reference"][cell] for cell in cells} == cells
    assert course.errors("reference") == []


def test_words_wait_for_the_teacher(course: Course, graded: dict[str, dict[str, float]]) -> None:
    (cell,) = solved(course.section, "markdown")
    assert graded["reference"][cell] is None


def test_answers_earn_what_they_should(course: Course, graded: dict[str, dict[str, float]]) -> None:
    compare(course, graded)


@pytest.mark.slow
def test_a_class_earns_what_it_should(course: Course) -> None:
    """Six right answers of every exercise; `test_exercises.py` runs the same cells for all."""
    hand_in(course, "more-right", CORRECT, 6)
    hand_in(course, "more-wrong", {n: {k: v[0] for k, v in w.items()} for n, w in WRONG.items()}, 3)
    compare(course, course.grade())


def compare(course: Course, points: dict[str, dict[str, float]]) -> None:
    """Right answers earn all points, wrong ones less."""
    for student, cells in points.items():
        for cell, most in full(course.section).items():
            if "right" in student:
                assert cells[cell] == most, (student, cell)
            if "wrong" in student:
                assert cells[cell] < most, (student, cell)
