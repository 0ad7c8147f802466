"""Exercise 4.3-encoder: what the encoder of f-AnoGAN minimises."""

from __future__ import annotations

import torch

from anomalylab.classroom.engine import Case, Declared, Slip, declare
from anomalylab.classroom.gan.search import given

_HAND = (
    "Work out both parts by hand, for one row, then for two. Over what do you take the means, and "
    "how are the parts joined?"
)

declare(
    Declared(
        name="4.3-encoder",
        title="the loss of the encoder",
        reference=lambda gan, x, z, kappa: (
            ((x - gan.decode(z)) ** 2).mean()
            + kappa
            * (
                (gan.discriminator.features(x) - gan.discriminator.features(gan.decode(z))) ** 2
            ).mean()
        ),
        gradients=(2,),
        rtol=1e-4,
        view=lambda loss, *_: loss.sum() if getattr(loss, "shape", ()) == (1,) else loss,
        cases=[
            Case("7 rows, kappa = 1,", lambda rng: given(rng, 1.0), _HAND),
            Case(
                "7 rows, kappa = 0,",
                lambda rng: given(rng, 0.0),
                "Here only the mean squared residual is left.",
            ),
            Case("5 rows of 4 features, kappa = 2.5,", lambda r: given(r, 2.5, 5, 2, 4), _HAND),
            Case("a single row, kappa = 0.3,", lambda rng: given(rng, 0.3, 1), _HAND),
            Case("rows of 1 feature, z of 1 number,", lambda r: given(r, 0.7, 6, 1, 1), _HAND),
            Case("as many rows as features and units", lambda r: given(r, 1.5, 8, 8, 8), _HAND),
            Case(
                "rows that are drawn exactly",
                lambda rng: given(rng, 2.0, off=0.0, start=0.0),
                "Both parts should be 0.",
            ),
            Case("rows far away", lambda rng: given(rng, 1.0, off=20.0), _HAND),
            Case("a GAN that still asks for gradients", lambda r: given(r, 1, learns=True), _HAND),
            Case("32-bit numbers", lambda rng: given(rng, 0.5, dtype=torch.float32), _HAND),
        ],
        slips=[
            Slip(
                lambda gan, x, z, kappa: (
                    ((x - gan.decode(z)) ** 2).mean()
                    + kappa
                    * ((gan.discriminator(x) - gan.discriminator(gan.decode(z))) ** 2).mean()
                ),
                "The loss is {found}, where {right} is right. It comes out with D's final output, "
                "one number a row, in place of its features. What does `features` return?",
            ),
            Slip(
                lambda gan, x, z, kappa: ((x - gan.decode(z)) ** 2).mean(),
                "The loss is {found}, where {right} is right: the residual alone. kappa changes "
                "nothing. What became of the features?",
            ),
            Slip(
                lambda gan, x, z, kappa: (
                    kappa
                    * (
                        (gan.discriminator.features(x) - gan.discriminator.features(gan.decode(z)))
                        ** 2
                    ).mean()
                ),
                "The loss is {found}, where {right} is right: the features alone. Rows can differ "
                "where D does not look. What became of the residual?",
            ),
            Slip(
                lambda gan, x, z, kappa: (
                    ((x - gan.decode(z)) ** 2).mean()
                    + (
                        (gan.discriminator.features(x) - gan.discriminator.features(gan.decode(z)))
                        ** 2
                    ).mean()
                ),
                "The loss is {found}, where {right} is right: what kappa = 1 would give. Where "
                "does kappa come in?",
            ),
            Slip(
                lambda gan, x, z, kappa: (
                    kappa * ((x - gan.decode(z)) ** 2).mean()
                    + (
                        (gan.discriminator.features(x) - gan.discriminator.features(gan.decode(z)))
                        ** 2
                    ).mean()
                ),
                "The loss is {found}, where {right} is right: kappa weighs the residual. Which of "
                "the two parts should vanish if kappa is 0?",
            ),
            Slip(
                lambda gan, x, z, kappa: (
                    (x - gan.decode(z)).abs().mean()
                    + kappa
                    * (gan.discriminator.features(x) - gan.discriminator.features(gan.decode(z)))
                    .abs()
                    .mean()
                ),
                "The loss is {found}, where {right} is right: absolute differences, as in the "
                "search. f-AnoGAN takes other ones. Read the two means in the text again.",
            ),
            Slip(
                lambda gan, x, z, kappa: (
                    ((x - gan.decode(z)) ** 2).sum(1).mean()
                    + kappa
                    * (
                        (gan.discriminator.features(x) - gan.discriminator.features(gan.decode(z)))
                        ** 2
                    )
                    .sum(1)
                    .mean()
                ),
                "The loss is {found}, where {right} is right: a sum over the numbers of a row, "
                "where a mean is due. How much would kappa = 1 weigh with more units?",
            ),
        ],
        hints=(
            "Two questions to one drawn row: how far is it from x, and how far for the eyes of the "
            "discriminator?",
            "x_hat = gan.generator(z). The eyes are gan.discriminator.features, not the final "
            "output; ask them about x and about x_hat.",
            "((x - x_hat) ** 2).mean(), and kappa times the same with features(x) and "
            "features(x_hat).",
        ),
        praise="Both parts reach z, and so the encoder; the GAN only judges.",
    )
)
