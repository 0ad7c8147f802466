"""What only the exercises of 4.2 and the checks of notebook 4.2 promise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import anomalylab as al
from anomalylab.classroom.core import EXERCISES
from anomalylab.classroom.engine import Graded
from anomalylab.classroom.vae.draw import draw
from anomalylab.classroom.vae.fit import best_prior
from anomalylab.classroom.vae.loss import loss
from anomalylab.classroom.vae.own import thermometers
from anomalylab.classroom.vae.prior import kl_to
from tests.exercises.answers.vae import calm
from tests.exercises.grading import answer, as_set_up, sources

Answer = Callable[..., Any]


def _half(mu: Tensor, logvar: Tensor) -> Tensor:
    """Noise of the first half of the rows, with the opposite sign for the second."""
    half = torch.randn((len(mu) + 1) // 2, mu.shape[1])
    return mu + torch.exp(logvar / 2) * torch.cat([half, -half])[: len(mu)]


def _seeded(mu: Tensor, logvar: Tensor) -> Tensor:
    torch.manual_seed(0)
    return draw(mu, logvar)


def _in_place(mu: Tensor, logvar: Tensor) -> Tensor:
    logvar.data *= 1.0
    mu.data += 1.0
    return draw(mu - 1, logvar)


RIGHT_DRAWS: dict[str, Answer] = {
    "reference": draw,
    "distribution": lambda mu, v: torch.distributions.Normal(mu, torch.exp(v / 2)).rsample(),
    "root": lambda mu, v: mu + v.exp().sqrt() * torch.randn(mu.shape, dtype=mu.dtype),
    "subtracted": lambda mu, v: mu - torch.exp(0.5 * v) * torch.randn_like(mu),
    "32 bits": lambda mu, v: mu + torch.exp(0.5 * v) * torch.randn(mu.shape).float(),
    "NumPy's": lambda mu, v: (
        mu + torch.exp(v / 2) * torch.tensor(np.random.default_rng().normal(size=mu.shape))
    ),
    "lerp": lambda mu, v: torch.addcmul(mu, torch.exp(v / 2), torch.randn_like(mu)),
}
WRONG_DRAWS: dict[str, tuple[Answer, str]] = {
    "exp(logvar) for σ": (lambda mu, v: mu + v.exp() * torch.randn_like(mu), "as their variance"),
    "logvar for σ": (lambda mu, v: mu + v * torch.randn_like(mu), "May a spread be negative"),
    "no logvar": (lambda mu, v: mu + torch.randn_like(mu), "Where does logvar come in"),
    "wrong sign": (lambda mu, v: mu + torch.exp(-v / 2) * torch.randn_like(mu), "by hand how wide"),
    "root of logvar": (lambda mu, v: mu + v.sqrt() * torch.randn_like(mu), "a z is nan"),
    "mu": (lambda mu, v: mu, "nothing was drawn"),
    "one noise for all rows": (
        lambda mu, v: mu + torch.exp(v / 2) * torch.randn(mu.shape[1]),
        "has 3 different sizes",
    ),
    "one noise": (lambda mu, v: mu + torch.exp(v / 2) * torch.randn(()), "has 1 different sizes"),
    "antithetic": (_half, "a fresh one for every"),
    "seeded": (_seeded, "noise of the first again"),
    "flat": (
        lambda mu, v: mu + torch.exp(v / 2) * (torch.rand_like(mu) - 0.5) * 12**0.5,
        "Which distribution",
    ),
    "rand": (lambda mu, v: mu + torch.exp(v / 2) * torch.rand_like(mu), "on both sides"),
    "no gradient": (
        lambda mu, v: torch.distributions.Normal(mu, torch.exp(v / 2)).sample(),
        "comes back to mu",
    ),
    "σ detached": (
        lambda mu, v: mu + torch.exp(v / 2).detach() * torch.randn_like(mu),
        "comes back to logvar",
    ),
    "summed": (lambda mu, v: draw(mu, v).sum(dim=1), "z is 1-dimensional"),
    "writes into mu": (_in_place, "your function changed mu"),
}
RIGHT_LOSSES: dict[str, Answer] = {
    "reference": loss,
    "two means": lambda x, x_hat, mu, v, noise: (
        (((x - x_hat) / noise) ** 2).sum(-1).mean() / 2
        + (mu**2 + v.exp() - 1 - v).sum(-1).mean() / 2
    ),
    "distributions": lambda x, x_hat, mu, v, noise: (
        ((x_hat - x) ** 2).sum() / (2 * len(x) * noise**2)
        + torch.distributions.kl_divergence(
            torch.distributions.Normal(mu, torch.exp(v / 2)), torch.distributions.Normal(0.0, 1.0)
        ).sum()
        / len(x)
    ),
}
WRONG_LOSSES: dict[str, tuple[Answer, str]] = {
    "half KL": (
        lambda x, x_hat, mu, v, noise: (
            (loss(x, x_hat, mu, v, noise) + loss(x, x_hat, 0 * mu, 0 * v, noise)) / 2
        ),
        "only the price of the clouds is left",
    ),
    "one a row": (
        lambda x, x_hat, mu, v, noise: ((x - x_hat) ** 2).sum(1) / (2 * noise**2),
        "Expected one number",
    ),
    "detached": (lambda *inputs: loss(*inputs).detach(), "in the gradient by"),
    "a number": (lambda *inputs: float(loss(*inputs)), "Expected a PyTorch tensor"),
    "draws": (
        lambda *inputs: loss(*inputs) + 0 * torch.randn(()),
        "your function draws random numbers",
    ),
}


@pytest.mark.parametrize(
    ("name", "kind", "right"),
    [("4.2-draw", kind, right) for kind, right in RIGHT_DRAWS.items()]
    + [("4.2-loss", kind, right) for kind, right in RIGHT_LOSSES.items()],
)
def test_right_answers_pass_the_checks_of_the_notebook(name: str, kind: str, right: Answer) -> None:
    assert al.check(name, right).status == "passed", kind


@pytest.mark.parametrize(
    ("name", "kind", "wrong", "said"),
    [("4.2-draw", kind, *pair) for kind, pair in WRONG_DRAWS.items()]
    + [("4.2-loss", kind, *pair) for kind, pair in WRONG_LOSSES.items()]
    + [
        ("4.2-loss", f"slip {number}", slip.answer, slip.message.split("}")[-1])
        for number, slip in enumerate(EXERCISES["4.2-loss"].slips)  # type: ignore[attr-defined]
    ],
)
def test_wrong_answers_hear_why_in_the_notebook(
    name: str, kind: str, wrong: Answer, said: str
) -> None:
    verdict = al.check(name, wrong)
    assert verdict.status == "failed" and said in verdict.message, (kind, verdict)
    assert len(verdict.message.split()) <= 45


@pytest.mark.parametrize("name", ["4.2-draw", "4.2-loss"])
def test_a_notebook_can_go_on_with_the_reference(name: str) -> None:
    exercise = EXERCISES[name]
    assert isinstance(exercise, Graded)
    assert al.check(name, exercise.reference).status == "passed"
    for stub in (..., lambda *inputs: ..., lambda *inputs: None):
        assert al.check(name, stub).status == "not attempted"


def test_what_a_draw_should_be_holds_for_many_seeds() -> None:
    exercise = EXERCISES["4.2-draw"]
    assert isinstance(exercise, Graded)
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
