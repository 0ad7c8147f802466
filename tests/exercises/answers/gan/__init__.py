"""Answers to the exercises of 4.3: other correct ones, and wrong ones with the reply they earn."""

from tests.exercises.answers.gan import encoder, frozen, own, start

CORRECT: dict[str, dict[str, str]] = {
    "4.3-own": own.CORRECT,
    "4.3-encoder": encoder.CORRECT,
    "4.3-frozen": frozen.CORRECT,
    "4.3-start": start.CORRECT,
}
WRONG: dict[str, dict[str, tuple[str, str]]] = {
    "4.3-own": own.WRONG,
    "4.3-encoder": encoder.WRONG,
    "4.3-frozen": frozen.WRONG,
    "4.3-start": start.WRONG,
}
MUTATIONS: list[tuple[str, str, str]] = [
    ("4.3-own", "loss + penalty(discriminator, real)", "penalty(discriminator, real)"),
    ("4.3-own", "adam(generator), adam(discriminator)", "adam(generator), adam(generator)"),
    ("4.3-own", "range(steps)", "range(1)"),
    ("4.3-own", "randint(len(rows)", "randint(len(rows) // 40"),
]
# What the released notebook may not hold, beside the lines of the hidden tests themselves.
SECRETS: tuple[str, ...] = (
    "(917,)",
    "(533, 534)",
    "(271, 272)",
    "(448, 449)",
    "Claim:*",
    "For marking",
    "softplus(-discriminator(real))",
    "features(x_hat)",
    "torch.autograd.grad(residual",
    "table.argmin",
)
