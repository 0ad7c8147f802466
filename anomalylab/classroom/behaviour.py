"""An exercise whose answer builds something: a network, a loop. It is judged by what that does.

The answer is run once for every seed, by `build`; then every property is tried on what came out.
No line of the answer is compared with a line of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.classroom.core import Failed, blamed, call, kind
from anomalylab.classroom.engine import SEEDS, Graded, as_it_was
from anomalylab.seeding import seeded


@dataclass(frozen=True)
class Property:
    """What must hold of that which an answer builds.

    Attributes
    ----------
    on : str
        What is tried, in words, as in "On 40 fresh rows …".
    test : callable
        Takes what `Behaviour.build` returned. Returns None if the property holds, else the values
        by name that stand in braces in the message.
    message : str
        What came out, which property broke, where to look; follows "On …" .
    """

    on: str
    test: Callable[[Any], Mapping[str, Any] | None]
    message: str

    def problem(self, built: Any) -> str | None:
        """What is wrong, or None."""
        try:
            with blamed(self.on, "what you built"):
                values = self.test(built)
        except Failed as reason:
            return str(reason)
        return None if values is None else f"On {self.on} {self.message.format(**values)}"


@dataclass(kw_only=True)
class Behaviour(Graded):
    """An exercise whose check and points follow from properties.

    Attributes
    ----------
    build : callable
        Takes the answer and a `numpy.random.Generator`, runs the answer (by `call` or
        `call_watched`) and returns whatever the properties look at. It may raise `Failed` or
        `NotAttempted`. Runs with 64-bit numbers as PyTorch's default, as after `al.setup`.
    properties : sequence of Property
        The answer hears of the first that does not hold, so what explains others comes first.
    """

    build: Callable[[Any, np.random.Generator], Any]
    properties: Sequence[Property]

    def problems(self, answer: Any, seeds: Sequence[int] = SEEDS[:1]) -> list[str | None]:
        """What is wrong with every property and every seed, or None; training takes its time."""
        return [problem for seed in seeds for problem in self._tried(answer, seed)]

    def _tried(self, answer: Any, seed: int) -> list[str | None]:
        with as_it_was(), seeded(seed):
            torch.set_default_dtype(torch.float64)
            try:
                built = self.build(answer, np.random.default_rng(seed))
            except Failed as reason:
                return [str(reason)] * len(self.properties)
            return [each.problem(built) for each in self.properties]


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
def trained_on(shape: torch.Size) -> Iterator[list[list[int]]]:
    """Collect how many rows every backward pass of the block went through, one list a module.

    Only modules count that give a batch of rows of this shape: a decoder, say, and the network.
    """
    found: dict[int, list[int]] = {}
    lists: list[list[int]] = []

    def watch(module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.requires_grad and output.shape[1:] == shape:
            if id(module) not in found:
                found[id(module)] = []
                lists.append(found[id(module)])
            own = found[id(module)]
            output.register_hook(lambda slope: own.append(len(slope)))

    handle = nn.modules.module.register_module_forward_hook(watch)
    try:
        yield lists
    finally:
        handle.remove()
