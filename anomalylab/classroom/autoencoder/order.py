"""Exercise 4.1-order: the lines of a worked example, shuffled, one of them a leak."""

from __future__ import annotations

from typing import Any

from anomalylab.classroom.core import Failed
from anomalylab.classroom.lines import letters

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
    order = letters(answer, {*MAKES, LEAK})
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
