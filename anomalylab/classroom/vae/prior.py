"""Exercise 4.2-prior: the divergence from another prior, N(m, s² I), which the library lacks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from anomalylab.classroom.core import Failed
from anomalylab.classroom.vae.divergence import divergence
from anomalylab.classroom.vae.tensors import Guess, gaussians, name_it, needs_gradients, per_row


def examine_prior(answer: Any) -> str:
    """`answer(mu, logvar, m, s)` should return KL(N(mu, exp(logvar)) ‖ N(m, s² I)), (rows,)."""
    mu, logvar = gaussians(41, 5, 3)
    m, s = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64), 2.5
    on = "5 rows of 3 units, m = (1, −2, 0.5), s = 2.5,"
    found = per_row(answer, mu, logvar, m, s, on=on)
    expected = divergence(mu, logvar, m, s)
    if not torch.allclose(found, expected):
        row = f"row 0 gets {float(found[0]):.2f}"
        for about in (_about_m, _about_s, _about_log_s, _about_the_whole):
            name_it(found, about(mu, logvar, m, s, row))
        _old_prior(answer, mu, logvar)
        raise Failed(
            f"On {on} {row}; averaging log q − log p over many draws of q gives "
            f"{float(expected[0]):.2f}. Write both logarithms down for one unit and subtract."
        )
    _old_prior(answer, mu, logvar)
    _at_home(answer)
    _gradients(answer)
    return "Any Gaussian prior of one width has its price now, and N(0, I) is a special case."


def _at_home(answer: Any) -> None:
    """A posterior equal to a very narrow or a very wide prior costs nothing."""
    m = torch.tensor([3.0, -1.0], dtype=torch.float64)
    for s in (0.01, 300.0):
        on = f"posteriors equal to the prior, s = {s:g},"
        logvar = torch.full((4, 2), 2 * float(torch.tensor(s).log()), dtype=torch.float64)
        found = float(per_row(answer, m.repeat(4, 1), logvar, m, s, on=on)[0])
        if abs(found) > 1e-4:
            raise Failed(
                f"On {on} a row gets {found:.3g}. Equal distributions have divergence 0, at any "
                "width. Does something in your formula hold only for widths near 1?"
            )


def _old_prior(answer: Any, mu: Tensor, logvar: Tensor) -> None:
    """With m = 0 and s = 1 this is the divergence of exercise 3."""
    m = torch.zeros(3, dtype=torch.float64)
    found = per_row(answer, mu, logvar, m, 1.0, on="5 rows, m = 0, s = 1,")
    expected = divergence(mu, logvar)
    if not torch.allclose(found, expected):
        raise Failed(
            f"With m = 0 and s = 1 row 0 gets {float(found[0]):.2f}; your `kl` of exercise 3 would "
            f"give {float(expected[0]):.2f}. There, the new terms should vanish. Which do not?"
        )


def _parts(mu: Tensor, logvar: Tensor, m: Tensor, s: float) -> tuple[Tensor, Tensor, Tensor]:
    """Squared distance to m, variance, and log(s²) of every element."""
    return (mu - m) ** 2, logvar.exp(), torch.log(torch.tensor(s).to(mu) ** 2)


def _about_m(mu: Tensor, logvar: Tensor, m: Tensor, s: float, row: str) -> list[Guess]:
    """Slips with the centre."""
    none, first, mean = torch.zeros_like(m), m[0], m.mean()
    return [
        (
            divergence(mu, logvar),
            f"With m = (1, −2, 0.5) and s = 2.5 {row}: the divergence from N(0, I), as ever. What "
            "do m and s do in your formula?",
        ),
        (
            divergence(mu, logvar, none, s),
            f"With m = (1, −2, 0.5) {row}: what a prior around 0 would give. A posterior that sits "
            "at m should be cheapest. Where is the centre in your formula?",
        ),
        (
            divergence(mu, logvar, -m, s),
            f"With m = (1, −2, 0.5) {row}: what a prior around (−1, 2, −0.5) would give. From "
            "which point is the distance measured?",
        ),
        (
            divergence(mu, logvar, first, s),
            f"With m = (1, −2, 0.5) {row}: what m = (1, 1, 1) would give. Every unit has a centre "
            "of its own. Which part of m do you use?",
        ),
        (
            divergence(mu, logvar, mean, s),
            f"With m = (1, −2, 0.5) {row}: what the mean of these three, in every unit, would "
            "give. Every unit has a centre of its own. What did you do to m before subtracting?",
        ),
        (
            divergence(mu, logvar, none, s) + 0.5 * ((m / s) ** 2).sum(),
            f"With m = (1, −2, 0.5) {row}. You pay for mu and for m, each by itself. What counts "
            "is how far apart the two are; a square of a difference has three terms.",
        ),
    ]


def _about_s(mu: Tensor, logvar: Tensor, m: Tensor, s: float, row: str) -> list[Guess]:
    """Slips in what the squares are divided by."""
    far, var, log_s2 = _parts(mu, logvar, m, s)
    told = f"With s = 2.5 {row}"
    return [
        (
            divergence(mu, logvar, m, 1.0),
            f"{told}: what a prior of width 1 would give. Is a posterior far from m as surprising "
            "under a wide prior? Where does s come in?",
        ),
        (
            _total((far + var) / s, logvar, log_s2),
            f"{told}. Your squares are measured in a unit that is too small: s is a standard "
            "deviation, like exp(logvar / 2). Which power of it belongs under a square?",
        ),
        (
            divergence(mu, logvar, m, s**0.5),
            f"{told}, the right divergence from a prior of *variance* 2.5. Read again what s "
            "stands for.",
        ),
        (
            _total(far / s**2 + var, logvar, log_s2),
            f"{told}. Wide posteriors pay as if the prior were of width 1, though the distance is "
            "right. What is a variance compared with?",
        ),
        (
            _total(far + var / s**2, logvar, log_s2),
            f"{told}. A posterior 2.5 away from m pays as if s were 1, though the widths are "
            "right. In which unit is a distance measured?",
        ),
        (
            _total((far + var) * s**2, logvar, -log_s2),
            f"{told}: what a prior of width 1/2.5 would give. A wider prior should make distances "
            "cheaper. Which way does s act in yours?",
        ),
    ]


def _about_log_s(mu: Tensor, logvar: Tensor, m: Tensor, s: float, row: str) -> list[Guess]:
    """Slips in the logarithm of s, with what a posterior equal to the prior would get."""
    far, var, log_s2 = _parts(mu, logvar, m, s)
    told = f"With s = 2.5 {row}. A posterior equal to this prior would get"
    return [
        (
            _total((far + var) / s**2, logvar, 0 * log_s2),
            f"{told} −2.75, and a divergence is never below 0. What does a Gaussian's height "
            "depend on?",
        ),
        (
            _total((far + var) / s**2, logvar, log_s2 / 2),
            f"{told} −1.37, where 0 is due. Which power of s does the logarithm see?",
        ),
        (
            _total((far + var) / s**2, logvar, -log_s2),
            f"{told} −5.50. In which direction does a wide prior move log p?",
        ),
        (
            _total((far + var) / s**2, logvar, 2 * log_s2),
            f"{told} 2.75, where 0 is due. Is a factor two there already, in the square?",
        ),
    ]


def _total(squares: Tensor, logvar: Tensor, logs: Tensor) -> Tensor:
    return 0.5 * (squares - 1 - logvar + logs).sum(1)


def _about_the_whole(mu: Tensor, logvar: Tensor, m: Tensor, s: float, row: str) -> list[Guess]:
    """Slips in sign, factor and sum, as in exercise 3."""
    right = divergence(mu, logvar, m, s)
    far, var, log_s2 = _parts(mu, logvar, m, s)
    swapped = 0.5 * ((far + s**2) / var - 1 + logvar - log_s2).sum(1)
    deviation = torch.exp(0.5 * logvar)
    return [
        (-right, f"With s = 2.5 {row}, below 0. Is it log q − log p, or the other way round?"),
        (2 * right, f"With s = 2.5 {row}, twice the divergence. Compare with exercise 3 at s = 1."),
        (right / 3, f"With s = 2.5 {row}, a third: the mean over units. What did exercise 3 do?"),
        (
            swapped,
            f"With s = 2.5 {row}: the divergence from the prior to the posterior. The first "
            "argument of KL is the one whose draws are averaged. Which variance divides?",
        ),
        (
            right + 1.5,
            f"With s = 2.5 {row}. Equal distributions would get 1.5 in three units, where 0 is "
            "due. Which constant did exercise 3 have?",
        ),
        (
            0.5 * ((far + deviation) / s**2 - 1 - logvar + log_s2).sum(1),
            f"With s = 2.5 {row}. It comes out if the posterior's standard deviation stands where "
            "its variance belongs. What is exp(logvar)?",
        ),
    ]


def _gradients(answer: Any) -> None:
    mu, logvar = gaussians(42, 4, 2)
    m, s = torch.tensor([1.0, -1.0], dtype=torch.float64), 0.5
    on = "4 rows with gradients"
    by_mu, by_logvar = needs_gradients(answer, mu, logvar, m, s, on=on)
    right = torch.allclose(by_mu, (mu - m) / s**2)
    if not right or not torch.allclose(by_logvar, (logvar.exp() / s**2 - 1) / 2):
        raise Failed(
            "The value is right, but its gradient is not that of the divergence: training would go "
            "elsewhere. Does part of your formula go through a constant, a clamp, or NumPy?"
        )
