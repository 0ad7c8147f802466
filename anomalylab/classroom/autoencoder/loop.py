"""4.1-loop: the training loop that a learner completes in notebook 4.1."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.behaviour import Behaviour, Measured, Property, error, learned_from
from anomalylab.classroom.core import NotAttempted, attempted, is_stub
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
    if is_stub(answer):
        raise NotAttempted
    rows = torch.as_tensor(rng.normal(0, 0.5, (ROWS, 2)) @ rng.normal(0, 1, (2, 6)))
    network = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 6))
    before = error(network, rows)

    def run(*inputs: Any) -> bool:
        answer(*inputs)
        return True  # what the loop itself returns is its own affair

    names = ("network", "rows", "epochs", "lr", "batch_size")
    given, fresh = ((network, rows.clone(), EPOCHS, LR, BATCH) for _ in range(2))
    with learned_from(rows.shape[1:]) as batches:
        call_watched(names, run, given, fresh, "50 rows in batches of 16", draws=True)
    if network not in batches:
        raise NotAttempted
    seen = torch.cat([rows[:0], *batches[network]])
    times = (seen == rows[:, None]).all(dim=2).sum(dim=1)
    row = int((times - EPOCHS).abs().argmax())
    return {
        "largest": max(map(len, batches[network]), default=0),
        "row": row,
        "times": int(times[row]),
        "before": before,
        "after": error(network, rows),
    }


_ON = f"{EPOCHS} epochs of {ROWS} rows in batches of {BATCH}"

declare(
    Behaviour(
        name="4.1-loop",
        title="the training loop",
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
                _ON,
                lambda loop: loop["after"] < 0.2 * loop["before"],
                "the error was {before:.2f} before and is {after:.2f} after; less than a fifth "
                "should be left. Are old gradients cleared, new ones worked out, weights moved for "
                "every batch? What does your loss make small?",
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
