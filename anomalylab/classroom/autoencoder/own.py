"""Exercise 4.1-own: an autoencoder and its training loop, from an empty cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.behaviour import (
    Behaviour,
    Measured,
    Property,
    error,
    learned_from,
    module,
    rank,
    times,
    x_hat,
)
from anomalylab.classroom.core import Failed, call
from anomalylab.classroom.engine import START, call_watched, declare
from anomalylab.detector import Detector
from anomalylab.seeding import seeded

ROWS, EPOCHS, SHORT = 150, 60, 4  # 150 is no multiple of a usual batch
DUE = SHORT * ROWS
ENOUGH = 0.25  # error on fresh rows: 0.01 as a rule, 0.27 for straight lines


def pump(rows: int, seed: int) -> Tensor:
    """Six sensors that all follow one hidden quantity, the load: rows on a curve, and noise.

    Parameters
    ----------
    rows, seed : int

    Returns
    -------
    tensor (rows, 6)
        Every column with about mean 0 and standard deviation 1.
    """
    rng = np.random.default_rng(seed)
    every, loads = _sensors(np.linspace(0, 1, 2001)), _sensors(rng.uniform(0, 1, rows))
    x = (loads - every.mean(axis=0)) / every.std(axis=0) + rng.normal(0, 0.05, loads.shape)
    return torch.as_tensor(x, dtype=torch.get_default_dtype())


def _sensors(load: np.ndarray) -> np.ndarray:
    angle = 1.5 * np.pi * load
    waves = np.cos(angle), np.sin(angle), np.cos(angle + 1), np.sin(angle + 0.5)
    return np.column_stack([*waves, load, load**2])


def _build(answer: Any, rng: np.random.Generator) -> Measured:
    """Train on 150 rows and look at fresh ones: every row lies on the pump's curve."""
    rows, fresh = (pump(count, int(rng.integers(1 << 30))) for count in (ROWS, 200))

    def start(width: int = 1, epochs: int = 0, state: int = START) -> nn.Module:
        on = f"{ROWS} rows, width={width}, epochs={epochs},"
        with seeded(state):
            return _network(call(answer, rows.clone(), width, epochs, on=on), on)

    given, on = (rows.clone(), 1, EPOCHS), f"{ROWS} rows, width=1, epochs={EPOCHS},"
    names = ("rows", "width", "epochs")
    network = _network(call_watched(names, answer, given, (rows, *given[1:]), on, draws=True), on)
    if error(network, fresh) > ENOUGH:  # one start in forty folds the curve, and stays so
        network = min(
            network,
            start(epochs=EPOCHS, state=1),
            key=lambda each: not error(each, fresh) <= ENOUGH,
        )
    with learned_from(rows.shape[1:]) as seen:
        start(epochs=SHORT)
    # several modules are given rows: the largest that saw as many as are due, if there is one
    batches = min(
        reversed(seen.values()),
        key=lambda each: abs(sum(len(x) for _, x in each) - DUE),
        default=[],
    )
    steps = [sum(len(x) for each, x in batches if each == weights) for weights, _ in batches]
    often = times([x for _, x in batches], rows)
    return {
        "off": float((x_hat(network, fresh)[:1] - x_hat(network, fresh[:1])).abs().max()),
        "before": error(start(), fresh),
        "after": error(network, fresh),
        "largest": max(steps, default=0),
        "seen": sum(len(x) for _, x in batches),
        "row": int(often.argmax()),
        "often": int(often.max()),
        "far": float(x_hat(network, fresh).abs().max()),
        "one": rank(start(), fresh[:20]),
        "three": rank(start(width=3), fresh[:20]),
    }


def _network(result: Any, on: str) -> nn.Module:
    if isinstance(result, Detector):
        raise Failed(
            f"On {on} you returned the library's {type(result).__name__}. Here the network and the "
            "loop are yours, from nn.Linear to the optimiser's step."
        )
    return module(result, on)


declare(
    Behaviour(
        name="4.1-own",
        title="your own autoencoder",
        build=_build,
        properties=[
            Property(
                "one row, alone and in a batch,",
                lambda own: not own["off"] > 1e-4,  # NaN comes from too long steps: see below
                "x_hat differs by {off:.2g}. A network that is used should give a row the same "
                "x_hat every time. Which of your layers act otherwise while training?",
            ),
            Property(
                "200 fresh rows, trained with epochs=0,",
                lambda own: own["before"] >= 0.5,
                "your error is {before:.2f}: it has learned already. An untrained network has "
                "about 1. Where does `epochs` come in?",
            ),
            Property(
                "200 fresh rows",
                lambda own: own["after"] <= 0.9 * own["before"],
                "your error is {before:.3g} before training and {after:.3g} after 60 epochs. Print "
                "a weight and the loss before and after one step. Does the weight move, how far, "
                "and what makes this loss small?",
            ),
            Property(
                f"{SHORT} epochs of {ROWS} rows",
                lambda own: own["largest"] <= 64,
                "a step of yours learned from {largest} rows. The exercise asks for batches of at "
                "most 64. What goes into the network in your loop, and how often do the weights "
                "move?",
            ),
            Property(
                f"{SHORT} epochs of {ROWS} rows",
                lambda own: own["seen"] == DUE,
                f"your steps looked at {{seen}} rows in all; {DUE} are due. The last batch of an "
                "epoch may be smaller. Which rows are left out, or taken twice?",
            ),
            Property(
                f"{SHORT} epochs of {ROWS} rows",
                lambda own: own["often"] <= SHORT,
                f"row {{row}} came to your steps {{often}} times, where {SHORT} are due: once an "
                "epoch. So others are left out. How do you choose the rows of a batch?",
            ),
            Property(
                "a network with width=3",
                lambda own: own["three"] == 3,
                "x_hat moves in {three} independent directions, where 3 are due. Which layers does "
                "x pass on its way to x_hat, and how wide is the narrowest?",
            ),
            Property(
                "a network with width=1",
                lambda own: own["one"] == 1,
                "x_hat moves in {one} independent directions, where 1 is due. Is there a way "
                "past the bottleneck?",
            ),
            Property(
                "200 fresh rows after 60 epochs",
                lambda own: own["after"] <= ENOUGH,
                "your error is {after:.2f}. The mean row has 1.00, a straight line about 0.27; "
                "below 0.25 is due. Does the loss still fall? What bends between your layers, and "
                "can the last one go below zero?",
            ),
            Property(
                "200 fresh rows after 60 epochs",
                lambda own: own["far"] > 1 + 1e-9,
                "no number of your x_hat is larger than {far:.2f} in size. Columns with standard "
                "deviation 1 go further. Which numbers can your last layer give?",
            ),
        ],
        hints=(
            "Three parts: a network, an optimiser, two loops. Notebook 4.1 has them all, "
            "for pictures. What is different about these rows?",
            "nn.Sequential takes layers one after the other. The encoder ends with `width` "
            "numbers, the decoder begins with them; nothing comes after its last nn.Linear.",
            "For every epoch, for every batch of rows[torch.randperm(len(rows))].split(32): the "
            "loss, zero_grad, backward, step. At the end, return the network.",
        ),
        praise="A network and a loop of your own, and it learns the curve, not the rows.",
    )
)
