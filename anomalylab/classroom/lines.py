"""Worked examples whose lines were shuffled: what every such exercise reads in the same way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anomalylab.classroom.core import Failed, NotAttempted, kind


def letters(answer: Any, known: Iterable[str]) -> list[str]:
    """Return the letters of the lines, each of them known and none of them twice.

    'D G B', "DGB", ["D", "G", "B"] and ("d", "g", "b") are the same answer.
    """
    lines = sorted(known)
    order = _signs(answer)
    for letter in order:
        if letter not in lines:
            raise Failed(f"There is no line {letter!r}. The lines are {lines[0]} to {lines[-1]}.")
        if order.count(letter) > 1:
            raise Failed(f"Line {letter} stands in your order more than once.")
    return order


def _signs(answer: Any) -> list[str]:
    if answer is ...:
        raise NotAttempted
    parts = [answer] if isinstance(answer, str) else answer
    if not isinstance(parts, list | tuple):
        raise Failed(f"Expected letters in an order, such as 'A B C', but got {kind(answer)}.")
    if ... in parts or not "".join(map(str, parts)).strip():
        raise NotAttempted
    if not all(isinstance(part, str) for part in parts):
        raise Failed("Every line has a letter: write the order with letters, such as 'A B C'.")
    return [sign.upper() for sign in "".join(parts) if sign.isalnum()]
