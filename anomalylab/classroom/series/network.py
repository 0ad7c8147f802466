"""Check 4.4-network: the LSTM autoencoder that a learner completes in notebook 4.4."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from anomalylab.classroom.behaviour import Behaviour, Measured, Property, module, rank, x_hat
from anomalylab.classroom.core import Failed, NotAttempted, call, kind
from anomalylab.classroom.engine import declare
from anomalylab.models import LSTMAutoencoder

ROWS, STEPS, COLUMNS, HIDDEN, LATENT = 7, 9, 5, 12, 3
library = partial(LSTMAutoencoder, 1, patch=1)  # it takes windows of any length


def _build(answer: Any, rng: np.random.Generator) -> Measured:
    """Make the network and see what it does with 7 windows of 9 steps and 5 columns."""
    made_from = f"{COLUMNS}, {HIDDEN} and {LATENT}"
    network = module(call(answer, COLUMNS, HIDDEN, LATENT, on=made_from), made_from)
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
    right = library(COLUMNS, HIDDEN, LATENT)  # the same layers, two of them under other names
    right.load_state_dict(
        {
            name.replace("reader", "encoder").replace("writer", "decoder"): weight
            for name, weight in network.state_dict().items()
        }
    )
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
            "x_hat": float((drawn - right(x)).abs().max()),
        }


_ON = f"{ROWS} windows of {STEPS} steps"

declare(
    Behaviour(
        name="4.4-network",
        title="decode",
        reference=library,
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
