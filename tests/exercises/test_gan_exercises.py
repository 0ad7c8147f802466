"""What only the exercises of 4.3 and the checks of notebook 4.3 promise."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch

import anomalylab as al
from anomalylab.classroom.core import EXERCISES
from anomalylab.classroom.gan import own
from anomalylab.classroom.gan.search import SEARCH, given
from tests.exercises.grading import answer, as_set_up, sources


@pytest.mark.parametrize("name", ["4.3-discriminator", "4.3-generator", "4.3-search"])
def test_a_notebook_can_go_on_with_the_reference(name: str) -> None:
    exercise = EXERCISES[name]
    assert al.check(name, exercise.reference).status == "passed"
    for stub in (..., lambda *inputs: ..., lambda *inputs: None):
        assert al.check(name, stub).status == "not attempted"


@pytest.mark.parametrize("name", ["4.3-discriminator", "4.3-generator"])
def test_a_right_step_is_right_for_many_seeds(name: str) -> None:
    exercise = EXERCISES[name]
    assert not any(exercise.problems(exercise.reference, range(100, 130)))


@pytest.mark.parametrize("slip", SEARCH.slips, ids=lambda slip: slip.message[50:80])
def test_slips_of_the_search_hear_their_own_message(slip: Any) -> None:
    with pytest.raises(Exception, match="A number of z is") as reason:
        SEARCH.examine(slip.answer)
    assert str(reason.value).endswith(slip.message.partition("{right}")[2])
    assert len(str(reason.value).split()) <= 45


def test_the_sensors_of_the_engine_lie_near_a_curve() -> None:
    x = own.engine(4000, seed=3).numpy()
    assert np.allclose(x.mean(axis=0), 0, atol=0.06)
    assert np.allclose(x.std(axis=0), 1, atol=0.06)
    assert np.allclose(np.hypot(x[:, 0], x[:, 1]), 1 / 0.71, atol=0.5)


def test_the_text_says_what_is_judged() -> None:
    text = sources("4.3")["own-question"]
    assert f"{own.DRAWS} drawn rows after {own.STEPS} steps" in text
    assert f"at least {own.COVERED:.0%}".replace("%", " %") in text
    assert f"at most {own.FAR} times" in text


def test_the_score_to_mend_moves_the_generator_and_looks_at_the_batch() -> None:
    space: dict[str, Any] = {"torch": torch, "nn": torch.nn}
    for cell in ("own-given", "frozen-given"):
        exec(sources("4.3")[cell], space)
    with as_set_up():
        gan, x, z, steps = given(np.random.default_rng(0), 10, learns=True)
        before = deepcopy(gan)
        first, second = (space["leaking"](gan, x, z, steps) for _ in range(2))
        alone = space["leaking"](deepcopy(before), x[:1], z[:1], steps)
    assert not torch.allclose(first, second)
    assert not torch.allclose(first[:1], alone)
    weights = zip(gan.generator.parameters(), before.generator.parameters(), strict=True)
    assert not any(torch.equal(new, old) for new, old in weights)


def test_the_mended_score_is_the_residual_of_the_librarys_search_with_one_start() -> None:
    frozen = answer("4.3-frozen", sources("4.3")["frozen-answer"])
    with as_set_up(), al.seeded(0):
        gan = al.AnoGAN(6, (8,), 3, output="linear", steps=7, starts=1, weight=0, price=0)
        x = torch.randn(5, 6)
        path = al.detector.evaluate(gan, "walk", x)
        score = frozen(gan, x, gan.starts.repeat(5, 1), 7).detach()
    last = al.latent.decode(gan, path[:, -1])
    np.testing.assert_allclose(score, np.abs(x.numpy() - last).mean(axis=1), rtol=1e-6)


def test_the_best_start_is_the_one_the_library_finds_without_steps() -> None:
    best_start = answer("4.3-start", sources("4.3")["start-answer"])
    with as_set_up(), al.seeded(0):
        gan = al.AnoGAN(6, (8,), 3, output="linear", steps=0, starts=9)
        x = torch.randn(5, 6)
        found = best_start(gan, x, gan.starts)
        np.testing.assert_allclose(found.detach(), al.detector.evaluate(gan, "encode", x))


def test_the_loss_of_the_encoder_is_the_librarys() -> None:
    encoder_loss = answer("4.3-encoder", sources("4.3")["encoder-answer"])
    with as_set_up(), al.seeded(0):
        fast = al.FastAnoGAN(6, (8,), 3, output="linear", kappa=0.7, price=0.0)
        x = torch.randn(5, 6)
        due = fast.loss(x, "encoder")
        assert torch.allclose(encoder_loss(fast, x, fast.encode(x), 0.7), due)
