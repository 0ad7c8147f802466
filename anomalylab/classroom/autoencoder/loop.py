"""4.1-loop: the training loop that a learner completes in notebook 4.1."""

from __future__ import annotations

from copy import deepcopy
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
    times,
)
from anomalylab.classroom.core import NotAttempted, attempted
from anomalylab.classroom.engine import call_watched, declare

ROWS, EPOCHS, BATCH, LR = 50, 30, 16, 0.01  # the last batch of an epoch holds 2 rows


def train(network: nn.Module, rows: Tensor, epochs: int, lr: float, batch_size: int) -> None:
    """One right answer."""
    optimiser = torch.optim.Adam(network.parameters(), lr=lr)
    for _ in range(epochs):
        for which in torch.randperm(len(rows)).split(batch_size):
            optimiser.zero_grad()
            ((network(rows[which]) - rows[which]) ** 2).mean().backward()
            optimiser.step()


def _build(answer: Any, rng: np.random.Generator) -> Measured:
    attempted(answer)
    rows = torch.as_tensor(rng.normal(0, 0.5, (ROWS, 2)) @ rng.normal(0, 1, (2, 6)))
    network = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 6))
    start, slopes = deepcopy(network), list[Tensor]()
    next(network.parameters()).register_hook(slopes.append)

    def run(*inputs: Any) -> bool:
        answer(*inputs)
        return True  # what the loop itself returns is its own affair

    names = ("network", "rows", "epochs", "lr", "batch_size")
    given, fresh = ((network, rows.clone(), EPOCHS, LR, BATCH) for _ in range(2))
    with learned_from(rows.shape[1:]) as seen:
        call_watched(names, run, given, fresh, "50 rows in batches of 16", draws=True)
    if not seen:
        raise NotAttempted
    # `network.forward(batch)` shows its first layer only
    met = seen.get(network) or next(iter(seen.values()))
    batches = [x for _, x in met] or [rows[:1]]
    often = times(batches, rows) if slopes else torch.zeros(ROWS)
    row = int((often - EPOCHS).abs().argmax())
    first = torch.autograd.grad(
        nn.functional.mse_loss(start(batches[0]), batches[0]), next(start.parameters())
    )
    return {
        "largest": max(map(len, batches)),
        "row": row,
        "times": int(often[row]),
        "mse": bool(slopes) and torch.allclose(slopes[0], first[0], rtol=1e-4),
        "before": error(start, rows),
        "limit": 0.2 * error(start, rows),
        "after": error(network, rows),
    }


_ON = f"{EPOCHS} epochs of {ROWS} rows in batches of {BATCH}"

declare(
    Behaviour(
        name="4.1-loop",
        title="train",
        reference=train,
        build=_build,
        properties=[
            Property(
                _ON,
                lambda loop: loop["largest"] <= BATCH,
                "a step looked at {largest} rows at once. Which rows should the loss of one step "
                "be about?",
            ),
            Property(
                _ON,
                lambda loop: loop["times"] == EPOCHS,
                f"row {{row}} came to `backward` {{times}} times, where {EPOCHS} are due: once an "
                "epoch. Is it called? Look at the indentation: how often does each of your lines "
                "run?",
            ),
            Property(
                "the first batch",
                lambda loop: loop["mse"],
                "your gradient is not the one of the mean squared difference between batch and "
                "x_hat. Work out your loss of two rows by hand. What do you do with the "
                "differences, and does anything else come in?",
            ),
            Property(
                _ON,
                lambda loop: loop["after"] < loop["limit"],
                "the error was {before:.2f} before and is {after:.2f} after; less than a fifth of "
                "it, {limit:.2f}, should be left. Are old gradients cleared, new ones worked out, "
                "and weights moved for every batch?",
            ),
        ],
        hints=(
            "Three steps for every batch: how bad, which way, and move.",
            "The loss is one number, made from network(batch) and batch. Two calls follow: one on "
            "the loss, one on the optimiser.",
            "The mean of the squared differences; loss.backward(); optimiser.step().",
        ),
        praise="Loss, gradients, step: for every batch, in every epoch. No row is left out.",
    )
)
