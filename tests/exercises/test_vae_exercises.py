"""What only the exercises of 4.2 promise."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch

import anomalylab as al
from anomalylab.classroom.vae import Toy
from tests.exercises.grading import answer, as_set_up, points, sources


def right_orders() -> list[str]:
    """The chain of seven lines, with G at every place but between A and F."""
    chain = "DBEICAF"
    return [chain[:i] + "G" + chain[i:] for i in range(8) if i != 6]


def test_check_and_points_agree_on_every_place_of_every_line() -> None:
    passed = set()
    for taken, place in itertools.product("ABCDEFGI", range(8)):
        rest = [line for line in "GDBEICAF" if line != taken]
        order = "".join([*rest[:place], taken, *rest[place:]])
        good = al.check("4.2-step", order).status == "passed"
        assert points("4.2", "step-points", {}, {"step": order}) == float(good)
        passed |= {order} if good else set()
    assert passed == set(right_orders())


def test_every_right_order_runs_and_moves_the_weights_alike() -> None:
    block = sources("4.2")["step-question"].split("```")[1].strip().splitlines()
    lines = {line[0]: line[1:].strip() for line in block}
    assert list(lines) == list("ABCDEFGHI")
    own = {
        name: answer(f"4.2-{name}", sources("4.2")[f"{name}-answer"]) for name in ("sample", "kl")
    }
    ends = []
    for order in right_orders():
        with as_set_up(), al.seeded(0):
            network, x = al.VAE(6, hidden=(), latent=8), torch.rand(20, 6)
            optimiser = torch.optim.Adam(network.parameters())
            space: dict[str, Any] = {"torch": torch, "network": network, "x": x, **own}
            space["optimiser"] = optimiser
            before = torch.nn.utils.parameters_to_vector(network.parameters()).detach().clone()
            for letter in order:
                exec(lines[letter], space)
            ends.append(torch.nn.utils.parameters_to_vector(network.parameters()).detach())
    assert not torch.equal(ends[0], before)
    assert all(torch.equal(end, ends[0]) for end in ends)


def test_the_ninth_line_runs_and_learns_nothing_about_x() -> None:
    """What the exercise says of line H: no error, and no gradient for the encoder by the error."""
    with as_set_up(), al.seeded(0):
        network, x = al.VAE(6, hidden=(), latent=8), torch.rand(20, 6)
        z = torch.randn(len(x), 8)
        error = ((x - network.decode(z)) ** 2).sum(dim=1).mean()
        found = torch.autograd.grad(error, list(network.encoder.parameters()), allow_unused=True)
    assert all(gradient is None for gradient in found)


@pytest.mark.parametrize("logvar", [-1.0, 0.5])
def test_the_broken_score_is_broken_in_the_two_ways_told(logvar: float) -> None:
    restless = dict(exec_given())["restless"]
    x = torch.randn(40, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    vae = Toy(logvar=logvar)
    with torch.no_grad():
        assert not torch.equal(restless(vae, x), restless(vae, x))
        certain = Toy(logvar=-60.0)
        whole, part = restless(certain, x), restless(certain, x[:20])
    assert not torch.allclose(whole[:20], part)


def exec_given() -> dict[str, Any]:
    """What the locked cell with the broken program defines."""
    space: dict[str, Any] = {"al": al, "torch": torch, "Toy": Toy, "Tensor": torch.Tensor}
    exec(sources("4.2")["restless-given"], space)
    return space
