"""Check 4.3-search: for every row, the z whose drawn row is nearest."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.classroom.parts import Parts
from anomalylab.models.anogan import AnoGAN


def given(
    rng: np.random.Generator,
    last: float,
    rows: int = 7,
    latent: int = 3,
    columns: int = 6,
    *,
    off: float = 0.3,
    start: float = 1.0,
    draws: int = 0,
    learns: bool = False,
    gradients: bool = False,
    dtype: torch.dtype = torch.float64,
) -> Inputs:
    """Return an untrained AnoGAN, x (rows, columns), z (rows, latent) and the last input.

    The rows x lie at distance `off` from drawn ones, z at distance `start` from what drew them; or
    there are so many `draws` of z, for any row. The weights may ask for gradients, and hold some;
    where they do not, the GAN is in evaluation mode.
    """
    gan = AnoGAN(columns, (8,), latent, output="linear", weight=0.4, price=0.1).to(dtype)
    for weight in gan.train(learns).requires_grad_(learns).parameters():
        weight.data = torch.tensor(rng.normal(0, 0.7, weight.shape), dtype=dtype)
        weight.grad = torch.ones_like(weight) if gradients else None
    z = torch.tensor(rng.normal(size=(rows, latent)), dtype=dtype)
    x = gan.decode(z).detach() + off * torch.tensor(rng.normal(size=(rows, columns)), dtype=dtype)
    moves = start * torch.tensor(rng.normal(size=(draws or rows, latent)), dtype=dtype)
    return gan, x, moves if draws else z + moves, last


def searched(error: Callable[[Tensor], Tensor], z: Tensor, steps: int) -> Tensor:
    """Return z after these steps of Adam on the sum of the errors at z."""
    z = z.clone().requires_grad_()
    optimiser = torch.optim.Adam([z], lr=0.1)
    for _ in range(steps):
        (z.grad,) = torch.autograd.grad(error(z).sum(), z)
        optimiser.step()
    return z.detach()


_STEP = (
    "Every step lowers mean |x − G(z)| of every row. Print these means of your z before and after."
)

SEARCH = Declared(
    name="4.3-search",
    title="search",
    reference=lambda generator, x, z, steps: searched(
        lambda z: (x - generator.decode(z)).abs().mean(dim=1), z, steps
    ),
    by_row=(1, 2),
    rtol=1e-3,
    atol=1e-4,
    cases=[
        Case("6 rows, 8 steps,", lambda rng: given(rng, 8, 6), _STEP),
        Case("5 rows, 1 step,", lambda rng: given(rng, 1, 5), _STEP),
        Case("a single row", lambda rng: given(rng, 9, 1), _STEP),
        Case("as many rows as columns and numbers of z", lambda r: given(r, 8, 4, 4, 4), _STEP),
        Case("z of 1 number, rows of 1 column,", lambda r: given(r, 5, 6, 1, 1), _STEP),
        Case("rows far away from all drawn ones", lambda r: given(r, 10, 5, off=30.0), _STEP),
        Case("z near the best one", lambda rng: given(rng, 12, 3, start=0.1), _STEP),
        Case("25 steps", lambda rng: given(rng, 25, 3, start=3.0), _STEP),
        Case("32-bit numbers", lambda rng: given(rng, 8, 5, dtype=torch.float32), _STEP),
    ],
    slips=[
        Slip(
            lambda generator, x, z, steps: searched(
                lambda one: (x - generator.decode(one)).abs().mean(dim=1), z[:1], steps
            ).expand_as(z),
            "A number of z is {found}, where {right} is right: all rows share one z. Every row "
            "asks for a drawn row of its own. How many rows has your z?",
        ),
        Slip(
            lambda generator, x, z, steps: z,
            "A number of z is {found}, where {right} is right: z is where it began. Does a "
            "gradient of the residual reach it before the optimiser's step?",
        ),
        Slip(
            lambda generator, x, z, steps: searched(
                lambda z: ((x - generator.decode(z)) ** 2).mean(dim=1), z, steps
            ),
            "A number of z is {found}, where {right} is right. It comes out with squared errors, "
            "for which one bad feature counts more. Which error does the text ask for?",
        ),
        Slip(
            lambda generator, x, z, steps: searched(
                lambda z: -(x - generator.decode(z)).abs().mean(dim=1), z, steps
            ),
            "A number of z is {found}, where {right} is right: your drawn rows move away from x. "
            "`backward` and the step make a number small. Which number is that in yours?",
        ),
        Slip(
            lambda generator, x, z, steps: searched(
                lambda z: (x - generator.decode(z)).mean(dim=1), z, steps
            ),
            "A number of z is {found}, where {right} is right: a residual below 0 counts as good, "
            "so drawn rows grow for ever. How far is −3 from 0?",
        ),
        Slip(
            lambda generator, x, z, steps: searched(
                lambda z: (x - generator.decode(z)).abs().mean(dim=1), z, min(steps, 1)
            ),
            "A number of z is {found}, where {right} is right: z moved by one step only, however "
            "many are asked for. How often does each of your lines run?",
        ),
    ],
    hints=(),
    praise="",
)

declare(
    Parts(
        name="4.3-search",
        title="search",
        reference=lambda generator, x, z, steps: searched(
            lambda z: (x - generator(z)).abs().mean(dim=1), z, steps
        ),
        parts=[(SEARCH, lambda answer: lambda gan, *rest: answer(gan.generator, *rest))],
        hints=(
            "What should become small, for every row? Who works out its gradient by z?",
            "The residual of a row is the mean over its features of |x − generator(z)|. The rows "
            "do not touch each other, so their sum has the gradient of each.",
            "(x - generator(z)).abs().mean(dim=1); then zero_grad, .sum().backward(), step.",
        ),
        praise="Every row walks to its own nearest drawn row, and the generator holds still.",
    )
)
