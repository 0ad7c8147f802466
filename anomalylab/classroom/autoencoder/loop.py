"""4.1-loop: the training loop that a learner completes in notebook 4.1."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.behaviour import Behaviour, Property, error
from anomalylab.classroom.core import NotAttempted, attempted, is_stub
from anomalylab.classroom.engine import call_watched, declare

ROWS, EPOCHS, BATCH = 50, 30, 16  # the last batch of an epoch holds 2 rows


class Watched(nn.Module):
    """A small network for these rows that notes what a loop does with it.

    Attributes
    ----------
    calls : int
        How many batches it was asked about, gradients included.
    seen, weights : list of tensors
        At every backward pass: the batch, and the weights of the first layer.
    slopes, added : int
        How often a gradient came to these weights, and how often it met an older one.
    rows, before : tensor, float
        What it is trained on, and its error there before that.
    """

    def __init__(self, rows: Tensor) -> None:
        super().__init__()
        self.encoder, self.decoder = nn.Linear(6, 4), nn.Linear(4, 6)
        self.calls, self.slopes, self.added = 0, 0, 0
        self.seen: list[Tensor] = []
        self.weights: list[Tensor] = []
        self.encoder.weight.register_hook(self._slope)
        self.encoder.weight.register_post_accumulate_grad_hook(self._after)
        self.rows, self.before = rows, error(self, rows)

    def forward(self, x: Tensor) -> Tensor:
        """Return x_hat, shape of x."""
        drawn: Tensor = self.decoder(torch.tanh(self.encoder(x)))
        if drawn.requires_grad:
            self.calls += 1
            drawn.register_hook(lambda slope: self._learned(x))
        return drawn

    def _learned(self, x: Tensor) -> None:
        self.seen.append(x.detach().clone())
        self.weights.append(self.encoder.weight.detach().clone())

    def _slope(self, slope: Tensor) -> None:
        self.slopes += 1
        self._new = slope.clone()

    def _after(self, weight: Tensor) -> None:
        self.added += weight.grad is not None and not torch.equal(weight.grad, self._new)

    @property
    def moves(self) -> int:
        """How often the weights had moved when the next batch was learned, or at the end."""
        states = [*self.weights, self.encoder.weight.detach()]
        return sum(not torch.equal(*pair) for pair in pairwise(states))


def _build(answer: Any, rng: np.random.Generator) -> Watched:
    attempted(answer)
    if is_stub(answer):
        raise NotAttempted
    network = Watched(torch.as_tensor(rng.normal(0, 0.5, (ROWS, 2)) @ rng.normal(0, 1, (2, 6))))
    names = ("network", "rows", "epochs", "lr", "batch_size")
    given, fresh = ((network, network.rows.clone(), EPOCHS, 0.01, BATCH) for _ in range(2))

    def run(*inputs: Any) -> bool:
        answer(*inputs)
        return True  # what the loop itself returns is its own affair

    call_watched(names, run, given, fresh, "50 rows in batches of 16", draws=True)
    if not network.calls:
        raise NotAttempted
    return network


def _left_out(net: Watched) -> dict[str, Any] | None:
    """Every row should be learned from once an epoch."""
    seen = torch.cat(net.seen)
    times = torch.stack([(seen == row).all(dim=1).sum() for row in net.rows])
    row = int((times - EPOCHS).abs().argmax())
    return None if times[row] == EPOCHS else {"row": row, "times": int(times[row])}


def _few_steps(net: Watched) -> dict[str, Any] | None:
    batches = len(net.seen)
    return None if net.moves == batches else {"moves": net.moves, "batches": batches}


def _large(net: Watched) -> dict[str, Any] | None:
    largest = max(map(len, net.seen))
    return None if largest <= BATCH else {"largest": largest}


def _no_better(net: Watched) -> dict[str, Any] | None:
    after = error(net, net.rows)
    return None if after < 0.5 * net.before else {"before": net.before, "after": after}


def train(network: nn.Module, rows: Tensor, epochs: int, lr: float, batch_size: int) -> None:
    """One right answer."""
    optimiser = torch.optim.Adam(network.parameters(), lr=lr)
    for _ in range(epochs):
        for which in torch.randperm(len(rows)).split(batch_size):
            optimiser.zero_grad()
            ((network(rows[which]) - rows[which]) ** 2).mean().backward()
            optimiser.step()


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
                lambda net: None if net.slopes else {"calls": net.calls},
                "your network drew {calls} batches, and no gradient was worked out. A loss says "
                "how bad x_hat is. Which call finds out how every weight should change?",
            ),
            Property(
                _ON,
                lambda net: {"added": net.added, "slopes": net.slopes} if net.added else None,
                "{added} of {slopes} gradients were added to older ones. PyTorch keeps gradients "
                "until they are cleared. Which line clears them, and when?",
            ),
            Property(
                _ON,
                lambda net: None if net.moves else {"slopes": net.slopes},
                "gradients were worked out {slopes} times, and no weight moved. Which call moves "
                "the weights, and does it find the gradients when it comes?",
            ),
            Property(
                _ON,
                _large,
                "a step looked at {largest} rows at once. Which rows should the loss of one step "
                "be about?",
            ),
            Property(
                _ON,
                _left_out,
                "row {row} was learned from {times} times, where 30 are due: once an epoch. Look "
                "at the indentation. How often does each of your lines run?",
            ),
            Property(
                _ON,
                _few_steps,
                "the weights moved {moves} times in {batches} batches. Each batch should move "
                "them. Look at the indentation: how often does each of your lines run?",
            ),
            Property(
                _ON,
                _no_better,
                "the error was {before:.2f} before and is {after:.2f} after. It should fall. What "
                "exactly does your loss make small?",
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
