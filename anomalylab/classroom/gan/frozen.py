"""Exercise 4.3-frozen: mend a search that moves the generator and looks at the batch."""

from __future__ import annotations

import torch
from torch import Tensor

from anomalylab.classroom.engine import Case, Declared, Slip, declare
from anomalylab.classroom.gan.search import given, searched
from anomalylab.models import AnoGAN

_LOOK = (
    "Every row takes all the steps, from its own z, in the GAN as it was given. Which line does "
    "anything else?"
)


def _left(gan: AnoGAN, x: Tensor, z: Tensor, steps: int, power: int = 1) -> Tensor:
    """|x − G(z)| at the end of a search that lowers the mean of its `power`, shape of x."""
    found = searched(lambda z: ((x - gan.decode(z)).abs() ** power).mean(dim=1), z, steps)
    return (x - gan.decode(found)).abs()


declare(
    Declared(
        name="4.3-frozen",
        title="mend the leaking score",
        reference=lambda gan, x, z, steps: _left(gan, x, z, steps).mean(dim=1),
        by_row=(1, 2),
        rtol=1e-3,
        atol=1e-5,
        cases=[
            Case("5 rows, 6 steps,", lambda rng: given(rng, 6, 5, learns=True), _LOOK),
            Case(
                "a GAN with gradients in it",
                lambda rng: given(rng, 4, 4, learns=True, gradients=True),
                _LOOK,
            ),
            Case("a GAN that is frozen already", lambda rng: given(rng, 4, 3), _LOOK),
            Case("0 steps", lambda rng: given(rng, 0, learns=True), "Here z stays where it is."),
            Case("a single row", lambda rng: given(rng, 6, 1, learns=True), _LOOK),
            Case("as many rows as columns", lambda r: given(r, 5, 4, 4, 4, learns=True), _LOOK),
            Case("rows far away", lambda r: given(r, 5, 4, off=20.0, learns=True), _LOOK),
            Case("z near the best one", lambda r: given(r, 12, 3, start=0.1, learns=True), _LOOK),
            Case("25 steps", lambda r: given(r, 25, 3, start=3.0, learns=True), _LOOK),
            Case(
                "32-bit numbers",
                lambda rng: given(rng, 4, 4, learns=True, dtype=torch.float32),
                _LOOK,
            ),
        ],
        slips=[
            Slip(
                lambda gan, x, z, steps: (x - gan.decode(z)).abs().mean(dim=1),
                "A row scores {found}, where {right} is right: what its first z gives. Does z move "
                "at all, and does your last line use the z at the end of the search?",
            ),
            Slip(
                lambda gan, x, z, steps: _left(gan, x, z, steps - 1).mean(dim=1),
                "A row scores {found}, where {right} is right: the residual of the last step but "
                "one. After its line z has moved once more. When do you work out the score?",
            ),
            Slip(
                lambda gan, x, z, steps: _left(gan, x, z, steps).sum(dim=1),
                "A row scores {found}, where {right} is right: the sum over the features. The old "
                "method takes their mean. Mend the search, and leave the score.",
            ),
            Slip(
                lambda gan, x, z, steps: _left(gan, x, z, steps).square().mean(dim=1),
                "A row scores {found}, where {right} is right: squared residuals. The old method "
                "takes absolute ones. Mend the search, and leave the score.",
            ),
            Slip(
                lambda gan, x, z, steps: _left(gan, x, z, steps, power=2).mean(dim=1),
                "A row scores {found}, where {right} is right: your search lowers squared "
                "residuals. The old one lowers absolute ones. Mend the search, and leave its aim.",
            ),
            Slip(
                lambda gan, x, z, steps: _left(gan, x, z[:1], steps).mean(dim=1),
                "A row scores {found}, where {right} is right: one z serves all rows. Every row "
                "is compared with a drawn row of its own. How many rows has your z?",
            ),
            Slip(
                lambda gan, x, z, steps: -_left(gan, x, z, steps).mean(dim=1),
                "A row scores {found}, where {right} is right: rows that the generator cannot draw "
                "score lowest. In this course higher is more anomalous.",
            ),
        ],
        hints=(
            "Score the same rows twice with the old function, then one row alone. Print a weight "
            "of the generator before and after. What differs?",
            "Two lines are to blame: one hands weights to the optimiser, one looks at the whole "
            "batch. And `backward` leaves gradients wherever it comes by.",
            "Give Adam only z, drop the stop, and take the gradient by z alone: z.grad, = "
            "torch.autograd.grad(residual.sum(), z).",
        ),
        praise="The generator is a measuring device now: no row, and no batch, can bend it.",
    )
)
