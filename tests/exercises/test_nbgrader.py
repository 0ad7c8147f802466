"""The round trip through stock nbgrader: release, hand in, autograde."""

from __future__ import annotations

import nbformat
import pytest

from tests.exercises.answers import CORRECT, WRONG
from tests.exercises.course import Course
from tests.exercises.grading import PLACES, sources

FULL = {place.points_cell: place.points for place in PLACES.values()}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(tmp_path_factory.mktemp("course"))


def test_released_notebook_gives_nothing_away(course: Course) -> None:
    cells = nbformat.read(course.released, as_version=4).cells
    text = "\n".join(cell.source for cell in cells)
    assert not any(cell.get("outputs") for cell in cells)
    secrets = ("HIDDEN TESTS", "SOLUTION", "412", "413", "977", "731", "D G B", "allowed = ", "GB")
    for secret in (
        *secrets,
        "np.mean(scores > ",
        "np.where(mask",
        "Claim:*",
        "train.mean(axis=0), ",
    ):
        assert secret not in text
    assert text.splitlines().count("    ...") == len(PLACES) + 1  # and the digit to choose


def test_untouched_assignment_runs_through_and_earns_nothing(course: Course) -> None:
    points = course.grade("stub", {})
    assert {cell: points[cell] for cell in FULL} == dict.fromkeys(FULL, 0)
    assert course.errors("stub") == []


def test_reference_earns_full_points(course: Course) -> None:
    cells = [*(place.cell for place in PLACES.values()), "width-choice"]
    points = course.grade("reference", {cell: sources()[cell] for cell in cells})
    assert {cell: points[cell] for cell in FULL} == FULL
    assert course.errors("reference") == []


def test_words_wait_for_the_teacher(course: Course) -> None:
    points = course.grade("words", {"advice-words": "*Claim:* it does not hold."}, train=False)
    assert points["advice-words"] is None


@pytest.mark.slow
@pytest.mark.parametrize("number", range(max(len(kinds) for kinds in CORRECT.values())))
def test_right_answers_earn_full_points(course: Course, number: int) -> None:
    chosen = {n: list(kinds.values())[number % len(kinds)] for n, kinds in CORRECT.items()}
    answers = {PLACES[name].cell: source for name, source in chosen.items()}
    points = course.grade(f"right-{number}", answers, train=False)
    assert {cell: points[cell] for cell in FULL} == FULL


@pytest.mark.slow
@pytest.mark.parametrize("number", range(max(len(kinds) for kinds in WRONG.values())))
def test_wrong_answers_earn_less(course: Course, number: int) -> None:
    chosen = {n: list(kinds.values())[number % len(kinds)][0] for n, kinds in WRONG.items()}
    answers = {PLACES[name].cell: source for name, source in chosen.items()}
    points = course.grade(f"wrong-{number}", answers, train=False)
    assert all(points[cell] < full for cell, full in FULL.items()), points
