"""Exercise 4.2-step: the lines of one training step of a VAE, shuffled, one of them a dead end."""

from __future__ import annotations

from typing import Any

from anomalylab.classroom.core import Failed
from anomalylab.classroom.lines import letters

MAKES = {
    "A": "gradients",
    "B": "z",
    "C": "loss",
    "D": "mu, logvar",
    "E": "x_hat",
    "F": "step",
    "G": "clean",
    "I": "error",
}
NEEDS = {
    "A": ("loss",),
    "B": ("mu, logvar",),
    "C": ("error", "mu, logvar"),
    "E": ("z",),
    "F": ("gradients",),
    "I": ("x_hat",),
}
PRIOR = "H"


def examine_step(answer: Any) -> str:
    """`answer` holds the letters of the lines in an order that works, without the dead end."""
    order = letters(answer, {*MAKES, PRIOR})
    if PRIOR in order and "B" in order:
        raise Failed(
            "Two of your lines set z, and the later one wins. One of them asked the encoder, the "
            "other did not. Which z should the decoder see, and what is the other good for?"
        )
    if PRIOR in order:
        raise Failed(
            "In your step z is drawn without a look at x. The network should then draw this very "
            "x from a number that knows nothing of it. Which line asks the encoder first?"
        )
    _walk(order)
    _gradients(order)
    return "One step: encode, sample, decode, price, gradients, and only then move the weights."


def _walk(order: list[str]) -> None:
    """Read the lines from the top; raise `Failed` at the first that cannot run yet."""
    made: set[str] = set()
    for letter in order:
        for need in NEEDS.get(letter, ()):
            if need == "gradients" and need not in made:
                raise Failed(
                    f"Line {letter} moves the weights, and no gradient of this batch is there yet. "
                    "In which direction should they go?"
                )
            if need not in made:
                raise Failed(
                    f"Line {letter} uses `{need}`, and no line before it makes that. "
                    "Read your lines from the top, as Python does."
                )
        made.add(MAKES[letter])
    if "step" not in made:
        raise Failed(
            "Every line of yours can run, but after the last one the weights are what they were "
            "before the first. What is still missing?"
        )


def _gradients(order: list[str]) -> None:
    """The old gradients go away: before the new ones come, or after they were used."""
    if "G" not in order:
        raise Failed(
            "PyTorch adds every new gradient to the old one. After ten such steps the weights "
            "follow the sum of ten batches. Which line clears the table?"
        )
    if order.index("A") < order.index("G") < order.index("F"):
        raise Failed(
            "Line G throws the gradients away after line A worked them out and before line F "
            "uses them. The weights would never move. Where does it do no harm?"
        )
