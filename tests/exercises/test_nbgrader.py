"""The round trip through stock nbgrader: release, hand in, autograde."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import nbformat
import pytest

from tests.exercises.answers import CORRECT, SECRETS, WRONG
from tests.exercises.course import Course
from tests.exercises.grading import PLACES, SECTIONS, full, notebook, places, solved, sources


def rounds(answers: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, int]]:
    """Section and number of every student it takes to hand in each of these answers once."""
    most = {s: max(len(answers[name]) for name in places(s)) for s in SECTIONS}
    return [(section, number) for section in SECTIONS for number in range(most[section])]


@pytest.fixture(scope="module", params=SECTIONS)
def course(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course"), request.param)


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
    assert len(kept_back) > 20
    for secret in ("HIDDEN TESTS", "SOLUTION", *SECRETS[course.section], *kept_back):
        assert secret not in text
    chosen = [c for c in solved(course.section, "code") if c.endswith("-choice")]
    assert len(chosen) == 1
    assert text.splitlines().count("    ...") == len(places(course.section)) + len(chosen)


def test_untouched_assignment_runs_through_and_earns_nothing(course: Course) -> None:
    points = course.grade("stub", {})
    assert {cell: points[cell] for cell in full(course.section)} == dict.fromkeys(
        full(course.section), 0
    )
    assert course.errors("stub") == []


def test_reference_earns_full_points(course: Course) -> None:
    own = sources(course.section)
    points = course.grade("reference", {cell: own[cell] for cell in solved(course.section, "code")})
    assert {cell: points[cell] for cell in full(course.section)} == full(course.section)
    assert course.errors("reference") == []


def test_words_wait_for_the_teacher(course: Course) -> None:
    (cell,) = solved(course.section, "markdown")
    points = course.grade("words", {cell: "*Claim:* it does not hold."}, train=False)
    assert points[cell] is None


@pytest.mark.slow
@pytest.mark.parametrize(("course", "number"), rounds(CORRECT), indirect=["course"])
def test_right_answers_earn_full_points(course: Course, number: int) -> None:
    chosen = {n: list(CORRECT[n].values()) for n in places(course.section)}
    answers = {PLACES[n].cell: kinds[number % len(kinds)] for n, kinds in chosen.items()}
    points = course.grade(f"right-{number}", answers, train=False)
    assert {cell: points[cell] for cell in full(course.section)} == full(course.section)


@pytest.mark.slow
@pytest.mark.parametrize(("course", "number"), rounds(WRONG), indirect=["course"])
def test_wrong_answers_earn_less(course: Course, number: int) -> None:
    chosen = {n: list(WRONG[n].values()) for n in places(course.section)}
    answers = {PLACES[n].cell: kinds[number % len(kinds)][0] for n, kinds in chosen.items()}
    points = course.grade(f"wrong-{number}", answers, train=False)
    assert all(points[cell] < most for cell, most in full(course.section).items()), points
