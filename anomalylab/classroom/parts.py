"""An exercise that is judged as several smaller ones: of one answer, every part sees its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from anomalylab.classroom.core import Exercise, Failed, is_stub


@dataclass(kw_only=True)
class Parts(Exercise):
    """An exercise whose answer contains the answers of smaller exercises.

    Attributes
    ----------
    parts : sequence of (Exercise, callable)
        The callable makes the part's answer of the whole one. The learner hears of the first
        part that is wrong, so what explains others comes first.
    """

    parts: Sequence[tuple[Exercise, Callable[[Any], Any]]]

    def tried(self, answer: Any, seed: int) -> Iterable[Failed | None]:
        """What is wrong in every part, or None."""
        return (problem for part, seen in self._seen(answer) for problem in part.tried(seen, seed))

    def examine(self, answer: Any) -> str:
        """Return the word of praise, or raise `Failed` or `NotAttempted`."""
        for part, seen in self._seen(answer):
            part.examine(seen)
        return self.praise

    def _seen(self, answer: Any) -> list[tuple[Exercise, Any]]:
        whole = ... if is_stub(answer) else answer
        return [(part, view(whole) if callable(whole) else whole) for part, view in self.parts]
