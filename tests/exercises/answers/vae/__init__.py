"""Answers to the exercises of 4.2: other correct ones, and wrong ones with the reply they earn."""

from tests.exercises.answers.vae import calm, fit, own, prior

CORRECT: dict[str, dict[str, str]] = {
    "4.2-own": own.CORRECT,
    "4.2-calm": calm.CORRECT,
    "4.2-prior": prior.CORRECT,
    "4.2-fit": fit.CORRECT,
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.2-own": own.WRONG,
    "4.2-calm": calm.WRONG,
    "4.2-prior": prior.WRONG,
    "4.2-fit": fit.WRONG,
}
MUTATIONS: list[tuple[str, str, str]] = [
    ("4.2-own", "logvar / 2", "logvar"),
    ("4.2-own", "logvar / 2", "logvar / 4"),
    ("4.2-own", "randn_like", "rand_like"),
    ("4.2-own", "mu + torch", "mu.detach() + torch"),
    ("4.2-own", "2 * noise**2", "2 * noise"),
    ("4.2-own", "mu**2", "mu"),
    ("4.2-own", " - 1 ", " + 1 "),
    ("4.2-own", "- logvar)", "+ logvar)"),
    ("4.2-own", "dim=1", "dim=0"),
    ("4.2-own", ".mean()", ".sum()"),
]
# What the released notebook may not hold, beside the lines of the hidden tests themselves.
SECRETS: tuple[str, ...] = (
    "(821, 822)",
    "(641, 642)",
    "(617, 618)",
    "(357, 358)",
    "Claim:*",
    "For marking",
    "mu**2",
    "math.log(s)",
    "vae.reconstruction(x, mu)",
)
