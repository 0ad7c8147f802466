"""Exercise 4.1-own: an autoencoder and its training loop, from an empty cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.behaviour import Behaviour, Property, error, rank, trained_on, x_hat
from anomalylab.classroom.core import Failed, call, kind
from anomalylab.classroom.engine import call_watched, declare
from anomalylab.detector import Detector
from anomalylab.seeding import seeded

ROWS, EPOCHS, SHORT = 150, 60, 4  # 150 is no multiple of a usual batch


def pump(rows: int, seed: int) -> Tensor:
    """Six sensors that all follow one hidden quantity, the load: rows on a curve, and noise.

    Parameters
    ----------
    rows, seed : int

    Returns
    -------
    tensor (rows, 6)
        Every column with mean 0 and standard deviation 1.
    """
    rng = np.random.default_rng(seed)
    every, loads = _sensors(np.linspace(0, 1, 2001)), _sensors(rng.uniform(0, 1, rows))
    x = (loads - every.mean(axis=0)) / every.std(axis=0) + rng.normal(0, 0.05, loads.shape)
    return torch.as_tensor(x, dtype=torch.get_default_dtype())


def _sensors(load: np.ndarray) -> np.ndarray:
    angle = 1.5 * np.pi * load
    waves = np.cos(angle), np.sin(angle), np.cos(angle + 1), np.sin(angle + 0.5)
    return np.column_stack([*waves, load, load**2])


@dataclass(frozen=True)
class Own:
    """What the answer built on the rows of one seed."""

    rows: Tensor
    fresh: Tensor
    network: nn.Module
    short: list[list[int]]
    start: Callable[..., nn.Module]

    @cached_property
    def end(self) -> float:
        """Error on fresh rows after the training."""
        return error(self.network, self.fresh)

    @cached_property
    def before(self) -> float:
        """Error on fresh rows with epochs=0."""
        return error(self.start(epochs=0), self.fresh)


def _build(answer: Any, rng: np.random.Generator) -> Own:
    rows, fresh = (pump(count, int(rng.integers(1 << 30))) for count in (ROWS, 200))
    seed = int(rng.integers(1000))

    def start(width: int = 1, epochs: int = 0, seed: int = seed, state: int = 1) -> nn.Module:
        on = f"{ROWS} rows, width={width}, epochs={epochs},"
        with seeded(state):
            return _network(call(answer, rows.clone(), width, epochs, seed, on=on), on)

    given, on = (rows.clone(), 1, EPOCHS, seed), f"{ROWS} rows, width=1, epochs={EPOCHS},"
    names = ("rows", "width", "epochs", "seed")
    network = _network(call_watched(names, answer, given, (rows, *given[1:]), on, draws=True), on)
    with trained_on(rows.shape[1:]) as batches:
        start(epochs=SHORT)
    return Own(rows, fresh, network, batches, start)


def _network(result: Any, on: str) -> nn.Module:
    if isinstance(result, Detector):
        raise Failed(
            f"On {on} you returned the library's {type(result).__name__}. Here the network and the "
            "loop are yours, from nn.Linear to the optimiser's step."
        )
    if not isinstance(result, nn.Module):
        raise Failed(f"On {on} you returned {kind(result)}. Expected the network, an nn.Module.")
    return result


def _alone(built: Own) -> dict[str, Any] | None:
    batch, again = (x_hat(built.network, built.fresh) for _ in range(2))
    alone = x_hat(built.network, built.fresh[:1], "one row")
    off = max(float((batch - again).abs().max()), float((batch[:1] - alone).abs().max()))
    return {"off": off} if off > 1e-4 else None


def _ignores_epochs(built: Own) -> dict[str, Any] | None:
    return {"before": built.before} if built.before < 0.5 else None


def _learns_nothing(built: Own) -> dict[str, Any] | None:
    before, after = built.before, built.end
    return None if after < 0.9 * before else {"before": before, "after": after}


def _diverges(built: Own) -> dict[str, Any] | None:
    return {"after": built.end} if not built.end < 10 * built.before else None


def _batches(built: Own) -> tuple[int, int]:
    """The largest batch, and how many rows went through in all; of the best-behaved module."""
    return min(
        ((max(sizes), sum(sizes)) for sizes in built.short if sizes),
        key=lambda found: (found[0] > 64, abs(found[1] - SHORT * ROWS)),
        default=(0, 0),
    )


def _all_at_once(built: Own) -> dict[str, Any] | None:
    largest, _ = _batches(built)
    return {"largest": largest} if largest > 64 else None


def _misses_rows(built: Own) -> dict[str, Any] | None:
    _, seen = _batches(built)
    return None if seen == SHORT * ROWS else {"seen": seen, "due": SHORT * ROWS}


def _draws_otherwise(built: Own) -> dict[str, Any] | None:
    one, other = (
        x_hat(built.start(epochs=2, seed=5, state=state), built.fresh) for state in (1, 2)
    )
    off = float((one - other).abs().max())
    return {"off": off} if off > 1e-6 else None


def _ignores_the_seed(built: Own) -> dict[str, Any] | None:
    one, other = (x_hat(built.start(seed=seed), built.fresh) for seed in (5, 6))
    return {} if torch.equal(one, other) else None


def _directions(width: int) -> Callable[[Own], dict[str, Any] | None]:
    def test(built: Own) -> dict[str, Any] | None:
        found = rank(built.start(width=width), built.fresh[:20])
        return None if found == width else {"found": found}

    return test


def _bounded(built: Own) -> dict[str, Any] | None:
    wide = x_hat(built.network, 100 * built.fresh)
    low = float(wide.min())
    return {"low": low} if built.end > 0.1 and low >= -1 else None


def _straight(built: Own) -> dict[str, Any] | None:
    half = x_hat(built.network, (built.fresh[:100] + built.fresh[100:]) / 2)
    drawn = x_hat(built.network, built.fresh)
    straight = torch.allclose(half, (drawn[:100] + drawn[100:]) / 2, atol=1e-4)
    return {"after": built.end} if straight else None


def _inaccurate(built: Own) -> dict[str, Any] | None:
    return {"after": built.end} if built.end > 0.1 else None


declare(
    Behaviour(
        name="4.1-own",
        title="your own autoencoder",
        build=_build,
        properties=[
            Property(
                "one row, alone and in a batch,",
                _alone,
                "x_hat differs by {off:.2g}. A network that is used should give a row the same "
                "x_hat every time. Which of your layers act otherwise while training?",
            ),
            Property(
                "200 fresh rows, trained with epochs=0,",
                _ignores_epochs,
                "your error is {before:.2f}: it has learned already. An untrained network has "
                "about 1. Where does `epochs` come in?",
            ),
            Property(
                "200 fresh rows after 60 epochs",
                _diverges,
                "your error is {after:.3g}. Print the loss of every step: it grows. Which number "
                "says how far a step goes, and in which direction?",
            ),
            Property(
                "200 fresh rows",
                _learns_nothing,
                "your error is {before:.2f} before training and {after:.2f} after 60 epochs. "
                "Print a weight and the loss before and after one step. Does the weight move, and "
                "what makes this loss small?",
            ),
            Property(
                f"{SHORT} epochs of {ROWS} rows",
                _all_at_once,
                "a step of yours looked at {largest} rows at once. The exercise asks for batches "
                "of at most 64. What goes into the network in your loop?",
            ),
            Property(
                f"{SHORT} epochs of {ROWS} rows",
                _misses_rows,
                "your steps looked at {seen} rows in all; {due} are due. The last batch of an "
                "epoch may be smaller. Which rows are left out, or taken twice?",
            ),
            Property(
                "two calls with seed=5",
                _draws_otherwise,
                "x_hat differs by {off:.2g}. The same seed should give the same network. Which "
                "random numbers does your function draw, and where do they begin?",
            ),
            Property(
                "seed=5 and seed=6",
                _ignores_the_seed,
                "the untrained networks are equal. Several seeds show how much is chance, so the "
                "argument should matter. Where does `seed` come in?",
            ),
            Property(
                "a network with width=3",
                _directions(3),
                "x_hat moves in {found} independent directions, where 3 are due. Which layers does "
                "x pass on its way to x_hat, and how wide is the narrowest?",
            ),
            Property(
                "a network with width=1",
                _directions(1),
                "x_hat moves in {found} independent directions, where 1 is due. Is there a way "
                "past the bottleneck?",
            ),
            Property(
                "rows that go far below zero",
                _bounded,
                "the lowest number in your x_hat is {low:.2f}. These columns have mean 0, and half "
                "of their values are negative. What can your last layer give?",
            ),
            Property(
                "a row halfway between two others",
                _straight,
                "x_hat lies exactly halfway too: your network draws a straight line, with error "
                "{after:.2f}. The rows lie on a curve. What between the layers bends?",
            ),
            Property(
                "200 fresh rows after 60 epochs",
                _inaccurate,
                "your error is {after:.2f}. The mean row has 1.00, a straight line about 0.27; "
                "below 0.10 is due. Plot the loss of every epoch. Does it still fall?",
            ),
        ],
        hints=(
            "Four parts: a seed, a network, an optimiser, two loops. Notebook 4.1 has them all, "
            "for pictures. What is different about these rows?",
            "nn.Sequential takes layers one after the other. The encoder ends with `width` "
            "numbers, the decoder begins with them; nothing comes after its last nn.Linear.",
            "For every epoch, for every batch of rows[torch.randperm(len(rows))].split(32): the "
            "loss, zero_grad, backward, step. At the end, return the network.",
        ),
        praise="A network and a loop of your own, and it learns the curve, not the rows.",
    )
)
