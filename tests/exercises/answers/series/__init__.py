"""Answers to the exercises of 4.4, and to the checks of its notebook."""

from tests.exercises.answers.series import gaps, leak, own, rows

CORRECT: dict[str, dict[str, str]] = {
    "4.4-own": own.CORRECT,
    "4.4-rows": rows.CORRECT,
    "4.4-leak": leak.CORRECT,
    "4.4-gaps": gaps.CORRECT,
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.4-own": own.WRONG,
    "4.4-rows": rows.WRONG,
    "4.4-leak": leak.WRONG,
    "4.4-gaps": gaps.WRONG,
}
MUTATIONS: list[tuple[str, str, str]] = [
    ("4.4-own", "loss.backward()", "..."),
    ("4.4-own", "optimiser.step()", "..."),
    ("4.4-own", "range(steps)", "range(1)"),
    ("4.4-own", "windows[torch", "windows.flip(1)[torch"),
    ("4.4-own", "errors(x).detach()", "-errors(x).detach()"),
    ("4.4-own", "output(hidden) - x[:, 1:]", "output(hidden) - output(hidden)"),
    ("4.4-own", "batch_first=True", "batch_first=False"),
]
# What the released notebook may not hold, beside the lines of the hidden tests themselves.
SECRETS: tuple[str, ...] = (
    "(386,)",
    "(462, 463)",
    "(285, 286)",
    "(159, 160)",
    "Claim:*",
    "For marking",
    "(output(hidden)",
    "rows[:first]",
    "np.mean(scores",
    "missing <= most",
)
