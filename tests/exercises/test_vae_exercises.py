"""What only the exercises of 4.2 and the checks of notebook 4.2 promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import anomalylab as al
from anomalylab.classroom.core import EXERCISES
from anomalylab.classroom.vae.draw import draw
from anomalylab.classroom.vae.fit import best_prior
from anomalylab.classroom.vae.own import thermometers
from anomalylab.classroom.vae.prior import kl_to
from tests.exercises.answers.vae import calm
from tests.exercises.grading import answer, as_set_up, sources


@pytest.mark.parametrize("name", ["4.2-draw", "4.2-loss"])
def test_a_notebook_can_go_on_with_the_reference(name: str) -> None:
    exercise = EXERCISES[name]
    assert al.check(name, exercise.reference).status == "passed"
    for stub in (..., lambda *inputs: ..., lambda *inputs: None):
        assert al.check(name, stub).status == "not attempted"


def test_what_a_draw_should_be_holds_for_many_seeds() -> None:
    exercise = EXERCISES["4.2-draw"]
    assert not any(exercise.problems(draw, range(100, 130)))


@pytest.mark.parametrize("kind", calm.TRACES)
def test_a_score_that_leaves_a_trace_is_refused(kind: str) -> None:
    verdict = al.check("4.2-calm", answer("4.2-calm", calm.TRACES[kind]))
    assert verdict.status == "failed"
    assert "your function changed" in verdict.message or "draws random" in verdict.message
    assert al.classroom.points("4.2-calm", answer("4.2-calm", calm.TRACES[kind]), most=3) <= 1


def test_the_score_to_mend_draws_and_looks_at_the_batch() -> None:
    space: dict[str, Any] = {"torch": torch, "al": al}
    exec(sources("4.2")["calm-given"], space)
    with as_set_up(), torch.no_grad(), al.seeded(0):
        vae = al.VAE(6, hidden=(), latent=2)
        x = torch.rand(40, 6)
        first, second = (space["restless"](vae, x) for _ in range(2))
        pair = space["restless"](vae, x[:2])
    assert not torch.allclose(first, second)
    assert np.allclose(pair.abs(), 0.5**0.5, atol=1e-6)


def test_the_best_prior_is_best() -> None:
    generator = torch.Generator().manual_seed(1)
    mu, logvar = (torch.randn(30, 3, generator=generator).double() for _ in range(2))
    m, s = best_prior(mu, logvar)
    best = kl_to(mu, logvar, m, float(s)).mean()
    for step in (-0.05, 0.05):
        assert kl_to(mu, logvar, m, float(s) + step).mean() > best
        for unit in range(3):
            moved = m.clone()
            moved[unit] += step
            assert kl_to(mu, logvar, moved, float(s)).mean() > best


def test_two_causes_move_the_thermometers() -> None:
    spread = np.linalg.eigvalsh(np.cov(thermometers(4000, seed=3).numpy().T))
    assert np.allclose(spread[:6], 0.04, rtol=0.15)
    assert np.allclose(spread[6:], [8 * 0.36 + 0.04, 8 + 0.04], rtol=0.1)
