"""Check 4.4-network: the LSTM autoencoder that a learner completes in notebook 4.4."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.behaviour import Behaviour, Measured, Property, rank, x_hat
from anomalylab.classroom.core import Failed, NotAttempted, call, kind
from anomalylab.classroom.engine import declare

ROWS, STEPS, COLUMNS, HIDDEN, LATENT = 7, 9, 5, 12, 3


class Network(nn.Module):
    """The course's own lines, for a notebook that goes on without the learner's."""

    def __init__(self, columns: int, hidden: int, latent: int) -> None:
        super().__init__()
        self.reader = nn.LSTM(columns, hidden, batch_first=True)
        self.narrow = nn.Linear(hidden, latent)
        self.widen = nn.Linear(latent, hidden)
        self.writer = nn.LSTM(latent, hidden, batch_first=True)
        self.output = nn.Linear(hidden, columns)

    def encode(self, x: Tensor) -> Tensor:
        """Return z, shape (batch, latent)."""
        return self.narrow(self.reader(x)[1][0][-1])

    def decode(self, z: Tensor, length: int) -> Tensor:
        """Return what is drawn from z, shape (batch, length, columns)."""
        first = self.widen(z)[None]
        shown = z[:, None].expand(-1, length, -1)
        return self.output(self.writer(shown, (first, torch.zeros_like(first)))[0])

    def forward(self, x: Tensor) -> Tensor:
        """Return x_hat, shape of x."""
        return self.decode(self.encode(x), x.shape[1])


def _build(answer: Any, rng: np.random.Generator) -> Measured:
    """Make the network and see what it does with 7 windows of 9 steps and 5 columns."""
    network = call(answer, COLUMNS, HIDDEN, LATENT, on=f"{COLUMNS}, {HIDDEN} and {LATENT}")
    if not isinstance(network, nn.Module):
        raise Failed(f"Your class makes {kind(network)}. Expected an nn.Module, a network.")
    for weight in network.parameters():  # far from 0, so that every way through can be seen
        weight.data = torch.tensor(rng.normal(0, 0.5, weight.shape))
    on = f"{ROWS} windows of {STEPS} steps"
    x = torch.tensor(rng.normal(size=(ROWS, STEPS, COLUMNS)))
    z = call(getattr(network, "encode", None), x, on=on)
    if getattr(z, "shape", None) != (ROWS, LATENT):
        raise Failed(
            f"On {on} `encode` gave {kind(z)}. z has {LATENT} numbers for each window: shape "
            f"({ROWS}, {LATENT}). Print the shape of `hidden`, and of what follows."
        )
    code = getattr(getattr(answer, "decode", None), "__code__", None)
    if code and "writer" not in code.co_names and answer.decode(network, z, STEPS) is None:
        raise NotAttempted  # dots stand where it belongs
    drawn = x_hat(network, x, on)
    flat = nn.Sequential(nn.Unflatten(1, (STEPS, COLUMNS)), network, nn.Flatten())
    right = Network(COLUMNS, HIDDEN, LATENT)
    right.load_state_dict(network.state_dict())
    slope = torch.autograd.functional.jacobian(
        lambda x: call(network.encode, x, on=on).sum(dim=0), x
    )
    felt = slope.abs().amax(dim=(0, 1, 3))  # by step
    with torch.no_grad():
        return {
            "off": float((x_hat(network, x[-1:], "one window") - drawn[-1:]).abs().max()),
            "first": float(felt[0]),
            "last": float(felt[-1]),
            "found": rank(flat, x.reshape(ROWS, -1)),
            "change": float((drawn[:, 1:] - drawn[:, :-1]).abs().amax(dim=(0, 2)).min()),
            "z": float((z - right.encode(x)).abs().max()),
            "x_hat": float((drawn - right.decode(z.detach(), STEPS)).abs().max()),
        }


_ON = f"{ROWS} windows of {STEPS} steps"

declare(
    Behaviour(
        name="4.4-network",
        title="decode",
        reference=Network,
        build=_build,
        properties=[
            Property(
                "one window, alone and among others,",
                lambda net: net["off"] < 1e-9,
                "x_hat is not the same. Which step looks at other windows, or draws new numbers? "
                "The first axis counts windows, the second one steps.",
            ),
            Property(
                _ON,
                lambda net: net["last"] > 0 and net["first"] > 0,
                "z knows the first step with {first:.2g} and the last one with {last:.2g}: one of "
                "them does not reach it. What has read all steps?",
            ),
            Property(
                _ON,
                lambda net: net["found"] == LATENT,
                f"x_hat moves in {{found}} independent directions, where a z of {LATENT} numbers "
                f"allows {LATENT}. What does x pass on its way to x_hat, and does the gradient "
                "find its way back?",
            ),
            Property(
                _ON,
                lambda net: net["change"] > 0,
                "two steps of x_hat are the same. Every step needs an answer of its own from the "
                "second LSTM. Which of its answers do you use?",
            ),
            Property(
                _ON,
                lambda net: net["z"] < 1e-9,
                "z differs by up to {z:.2g} from what `narrow` makes of the last hidden state. "
                "What else do you do in `encode`?",
            ),
            Property(
                _ON,
                lambda net: net["x_hat"] < 1e-9,
                "x_hat differs by up to {x_hat:.2g} from what `output` makes of the answers of "
                "`writer`, which is shown z at every step and begins in the state `first`. What "
                "differs in your `decode`?",
            ),
        ],
        hints=(
            "The second LSTM needs something to read at every step, and all that there is is z. "
            "`repeated` shows it z at every step.",
            "It is called like the first one: steps, last = self.writer(what it reads, the state "
            "in which it begins).",
            "steps, last = self.writer(repeated, first), and then return self.output(steps).",
        ),
        praise="All that the drawing knows of the window has passed through z.",
    )
)
