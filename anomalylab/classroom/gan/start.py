"""Exercise 4.3-start: begin each row's search at the best of n fixed draws."""

from __future__ import annotations

from anomalylab.classroom.engine import Case, Declared, Slip, declare
from anomalylab.classroom.gan.search import given

_PRINT = (
    "Print the objective of this row for every draw. Which draw has the lowest, and what do you "
    "return?"
)

declare(
    Declared(
        name="4.3-start",
        title="the best start of every row",
        reference=lambda gan, x, draws: draws[
            gan.objective(x, draws[:, None].repeat(1, len(x), 1)).argmin(dim=0)
        ],
        by_row=(1,),
        cases=[
            Case("7 rows, 20 draws,", lambda rng: given(rng, 0, draws=20)[:3], _PRINT),
            Case("7 rows, 4 draws,", lambda rng: given(rng, 0, draws=4)[:3], _PRINT),
            Case("a single row, 12 draws,", lambda r: given(r, 0, 1, draws=12)[:3], _PRINT),
            Case(
                "a single draw",
                lambda rng: given(rng, 0, draws=1)[:3],
                "Here every row begins at the same z.",
            ),
            Case("as many draws as rows", lambda r: given(r, 0, 6, draws=6)[:3], _PRINT),
            Case(
                "z of 1 number, rows of 1 column",
                lambda r: given(r, 0, 5, 1, 1, draws=9)[:3],
                _PRINT,
            ),
            Case("draws far out", lambda r: given(r, 0, draws=15, start=4.0)[:3], _PRINT),
            Case("rows far away", lambda r: given(r, 0, draws=10, off=10.0)[:3], _PRINT),
            Case(
                "a GAN that asks for gradients",
                lambda rng: given(rng, 0, draws=8, learns=True, gradients=True)[:3],
                _PRINT,
            ),
            Case("50 draws", lambda rng: given(rng, 0, 3, draws=50)[:3], _PRINT),
        ],
        slips=[
            Slip(
                lambda gan, x, draws: draws[
                    gan.objective(x, draws[:, None].repeat(1, len(x), 1)).mean(dim=1).argmin()
                ].expand(len(x), -1),
                "A number of z is {found}, where {right} is right: all rows begin at the draw that "
                "is best for their mean. Which draw is best for one row alone?",
            ),
            Slip(
                lambda gan, x, draws: draws[draws.norm(dim=1).argmin()].expand(len(x), -1),
                "A number of z is {found}, where {right} is right: all rows begin at the draw "
                "nearest to 0. Does that draw give anything like the row? Ask the objective.",
            ),
            Slip(
                lambda gan, x, draws: draws[
                    gan.objective(x, draws[:, None].repeat(1, len(x), 1)).argmax(dim=0)
                ],
                "A number of z is {found}, where {right} is right: your rows begin at their worst "
                "draw. Is a high objective good or bad?",
            ),
            Slip(
                lambda gan, x, draws: draws[
                    gan.losses(x, draws[:, None].repeat(1, len(x), 1))[0].argmin(dim=0)
                ],
                "A number of z is {found}, where {right} is right: you rank by the residual alone. "
                "What else does the search make small?",
            ),
            Slip(
                lambda gan, x, draws: draws[
                    (
                        gan.objective(x, draws[:, None].repeat(1, len(x), 1))
                        - gan.price * (draws**2).mean(dim=1)[:, None]
                    ).argmin(dim=0)
                ],
                "A number of z is {found}, where {right} is right: you rank without the price of "
                "a z far out. The search pays it at every step. What does it make small?",
            ),
            Slip(
                lambda gan, x, draws: draws[:1].expand(len(x), -1),
                "A number of z is {found}, where {right} is right: every row begins at the first "
                "draw. Where do the other draws, and the objective, come in?",
            ),
        ],
        hints=(
            "A table: one line for each draw, one column for each row, and in it the objective. "
            "What do you look for in a column?",
            "gan.objective(x, z) wants z with as many rows as x. One draw for all rows: "
            "draw.expand(len(x), -1). torch.stack joins the lines.",
            "argmin(dim=0) of the table says which draw each row takes; draws[which] has one z a "
            "row.",
        ),
        praise="Every row begins where the generator already draws something like it.",
    )
)
