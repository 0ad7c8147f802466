"""Exercise 4.1-order: the lines of a worked example, shuffled, one of them a leak."""

from __future__ import annotations

from typing import Any

from anomalylab.classroom.core import Failed, NotAttempted, kind

MAKES = {
    "A": "flagged",
    "B": "learning",
    "C": "threshold",
    "D": "split",
    "F": "calibration_scores",
    "G": "network",
    "H": "test_scores",
}
NEEDS = {
    "A": ("test_scores", "threshold"),
    "B": ("split", "network"),
    "C": ("calibration_scores",),
    "F": ("split", "network", "learning"),
    "H": ("split", "network", "learning"),
}
LEAK = "E"


def examine_order(answer: Any) -> str:
    """`answer` holds the letters of the lines in an order that works, without the leak."""
    order = _letters(answer)
    known = sorted({*MAKES, LEAK})
    for letter in order:
        if letter not in known:
            raise Failed(f"There is no line {letter!r}. The lines are {known[0]} to {known[-1]}.")
        if order.count(letter) > 1:
            raise Failed(f"Line {letter} stands in your order more than once.")
    if LEAK in order:
        raise Failed(
            "Your program takes its threshold from the very samples that it then judges. Look at "
            "the lines that make `threshold`: which part of the split is kept for that?"
        )
    _walk(order)
    return "Every line finds what it needs, and the test part is looked at last."


def _walk(order: list[str]) -> None:
    """Read the lines from the top; raise `Failed` at the first that cannot run yet."""
    made: set[str] = set()
    for letter in order:
        for need in NEEDS.get(letter, ()):
            if need == "learning" and need not in made:
                raise Failed(
                    f"Line {letter} takes scores from a network that has learned nothing yet. "
                    "Python would not complain, but what are such scores worth?"
                )
            if need not in made:
                raise Failed(
                    f"Line {letter} uses `{need}`, and no line before it makes that. "
                    "Read your lines from the top, as Python does."
                )
        made.add(MAKES[letter])
    if "flagged" not in made:
        raise Failed(
            "Every line of your program can run, but it ends without saying which samples are "
            "flagged. What is still missing?"
        )


def _letters(answer: Any) -> list[str]:
    """'D G B', "DGB", ["D", "G", "B"] and ("d", "g", "b") are the same answer."""
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
