"""The checks that stand in notebooks: right lines, wrong lines, and lines not written yet."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch
from torch import nn

import anomalylab as al
from anomalylab.classroom.behaviour import Behaviour
from anomalylab.classroom.core import EXERCISES, Verdict
from tests.exercises.answers.notebook_checks import CORRECT, STUBS, WRONG

NAMES = {
    "4.1-network": "Network",
    "4.1-loop": "train",
    "4.2-draw": "draw",
    "4.2-loss": "loss",
    "4.3-discriminator": "discriminator_step",
    "4.3-generator": "generator_step",
    "4.3-search": "search",
    "4.4-network": "Network",
}


def verdict(name: str, source: str) -> Verdict:
    space: dict[str, Any] = {"torch": torch, "nn": nn}
    exec(source, space)
    return al.check(name, space[NAMES[name]])


@pytest.mark.parametrize("name", NAMES)
def test_lines_that_are_not_written_yet_are_not_attempted(name: str) -> None:
    assert verdict(name, STUBS[name]).status == al.check(name, ...).status == "not attempted"


@pytest.mark.parametrize(("name", "kind"), [(n, kind) for n in NAMES for kind in CORRECT[n]])
def test_right_lines_pass(name: str, kind: str) -> None:
    assert verdict(name, CORRECT[name][kind]).status == "passed"


@pytest.mark.parametrize(("name", "kind"), [(n, kind) for n in NAMES for kind in WRONG[n]])
def test_wrong_lines_hear_why(name: str, kind: str) -> None:
    source, fragment = WRONG[name][kind]
    found = verdict(name, source)
    assert found.status == "failed"
    assert fragment in found.message
    assert len(found.message.split()) <= 45


@pytest.mark.parametrize("name", [n for n in NAMES if isinstance(EXERCISES[n], Behaviour)])
def test_every_property_is_broken_by_wrong_lines(name: str) -> None:
    exercise = EXERCISES[name]
    assert isinstance(exercise, Behaviour)
    said = [verdict(name, source).message for source, _ in WRONG[name].values()]
    for each in exercise.properties:
        own = re.split(r"\{[^}]*\}", f"On {each.on} {each.message}")
        assert any(re.search(".*".join(map(re.escape, own)), text) for text in said), each.message


def test_a_check_leaves_generators_and_settings_as_they_were() -> None:
    before = torch.get_rng_state(), torch.get_default_dtype()
    for name, kinds in CORRECT.items():
        verdict(name, next(iter(kinds.values())))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_default_dtype() == before[1]
