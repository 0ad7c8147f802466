"""An exercise whose answer builds something: a network, a loop. It is judged by what that does.

The answer is run once for every seed, by `build`; every property looks at what was measured then.
No line of the answer is compared with a line of ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.core import Exercise, Failed, blamed, call, kind
from anomalylab.classroom.engine import as_it_was
from anomalylab.seeding import seeded

Measured = dict[str, Any]


@dataclass(frozen=True)
class Property:
    """What must hold of that which an answer builds.

    Attributes
    ----------
    on : str
        What is tried, in words, as in "On 40 fresh rows …".
    holds : callable
        Takes what `Behaviour.build` measured; says whether the property holds.
    message : str
        What came out, which property broke, where to look; follows "On …". What was measured
        may stand in braces, by its name.
    """

    on: str
    holds: Callable[[Measured], Any]
    message: str


@dataclass(kw_only=True)
class Behaviour(Exercise):
    """An exercise whose check and points follow from properties.

    Attributes
    ----------
    build : callable
        Takes the answer and a `numpy.random.Generator`, runs the answer (by `call` or
        `call_watched`), measures what came out and returns that by name. It may raise `Failed`
        or `NotAttempted`. Runs with 64-bit numbers as PyTorch's default, as after `al.setup`.
    properties : sequence of Property
        The answer hears of the first that does not hold, so what explains others comes first.
    """

    build: Callable[[Any, np.random.Generator], Measured]
    properties: Sequence[Property]

    def tried(self, answer: Any, seed: int) -> list[Failed | None]:
        """What is wrong with every property, or None."""
        with as_it_was(), seeded(seed):
            torch.set_default_dtype(torch.float64)
            try:
                with blamed("a closer look", "what you built"):
                    measured = self.build(answer, np.random.default_rng(seed))
            except Failed as reason:
                return [reason] * len(self.properties)
        return [
            None
            if each.holds(measured)
            else Failed(f"On {each.on} {each.message.format(**measured)}")
            for each in self.properties
        ]


def module(result: Any, on: str) -> nn.Module:
    """Return what an answer made if it is a network; raise `Failed` otherwise."""
    if not isinstance(result, nn.Module):
        raise Failed(f"On {on} your answer made {kind(result)}. Expected a network, an nn.Module.")
    return result


def x_hat(network: nn.Module, x: Tensor, on: str = "fresh rows") -> Tensor:
    """What a learner's network makes of x, without gradients; `Failed` if it has another shape."""
    with torch.no_grad():
        found = call(network, x.clone(), on=on)
    if getattr(found, "shape", None) != x.shape:
        raise Failed(
            f"On {on} of shape {tuple(x.shape)} your network returned {kind(found)}. The "
            "reconstruction has the shape of x. Print the shape after every layer."
        )
    return found.detach()


def error(network: nn.Module, x: Tensor) -> float:
    """Mean squared error of the reconstruction of x, shape (rows, columns)."""
    return float(((x_hat(network, x) - x) ** 2).mean())


def rank(network: nn.Module, x: Tensor) -> int:
    """In how many independent directions x_hat moves when x moves: the most over the rows of x.

    It is the rank of the derivative of x_hat by x, and at most the width of the bottleneck.
    """
    slopes = [
        torch.autograd.functional.jacobian(lambda row: network(row[None])[0], row) for row in x
    ]
    return int(torch.linalg.matrix_rank(torch.stack(slopes), rtol=1e-5).max())


@contextmanager
def learned_from(shape: torch.Size) -> Iterator[dict[nn.Module, list[tuple[float, Tensor]]]]:
    """Collect what a module was given whenever gradients came back to it in the block.

    Only modules count that are given a batch of rows of this shape: an encoder, say, and the
    network. Beside every batch stands the sum of the module's weights at that moment, which tells
    steps apart. A module that no gradients came back to has an empty list.
    """
    found: dict[nn.Module, list[tuple[float, Tensor]]] = defaultdict(list)

    def watch(module: nn.Module, inputs: Any, output: Any) -> None:
        x = (*inputs, output)[0]  # a call by name shows no inputs here
        tensors = isinstance(x, Tensor) and isinstance(output, Tensor)
        learns = any(True for _ in module.parameters())  # a loss such as nn.MSELoss does not
        if learns and tensors and output.requires_grad and x.shape[1:] == shape:
            own, given = found[module], x.detach().clone()
            weights = sum(float(each.detach().sum()) for each in module.parameters())
            output.register_hook(lambda slope: own.append((weights, given)))

    handle = nn.modules.module.register_module_forward_hook(watch)
    try:
        yield found
    finally:
        handle.remove()


def times(batches: Sequence[Tensor], rows: Tensor) -> Tensor:
    """How often each of the rows stands in these batches, shape (rows,)."""
    return (torch.cat([rows[:0], *batches]) == rows[:, None]).all(dim=2).sum(dim=1)
