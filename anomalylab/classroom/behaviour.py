"""An exercise whose answer builds something: a network, a loop. It is judged by what that does.

The answer is run once for every seed, by `build`; then every property is tried on what came out.
No line of the answer is compared with a line of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from anomalylab.classroom.core import Failed, blamed
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

    def problems(self, answer: Any, seeds: Sequence[int] = SEEDS) -> list[str | None]:
        """What is wrong with every property and every seed, or None."""
        return [problem for seed in seeds for problem in self._tried(answer, seed)]

    def _tried(self, answer: Any, seed: int) -> list[str | None]:
        with as_it_was(), seeded(seed):
            torch.set_default_dtype(torch.float64)
            try:
                built = self.build(answer, np.random.default_rng(seed))
            except Failed as reason:
                return [str(reason)] * len(self.properties)
            return [each.problem(built) for each in self.properties]
