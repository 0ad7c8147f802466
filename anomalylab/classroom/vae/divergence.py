"""Exercise 4.2-kl: the divergence from the prior N(0, I) in closed form, one number a row."""

from __future__ import annotations

from math import log
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from anomalylab.classroom.core import Failed
from anomalylab.classroom.vae.tensors import Guess, gaussians, name_it, needs_gradients, per_row


def divergence(mu: Tensor, logvar: Tensor, m: Tensor | float = 0.0, s: float = 1.0) -> Tensor:
    """KL(N(mu, exp(logvar)) ‖ N(m, s²)) summed over the units, by torch.distributions."""
    prior = Normal(torch.as_tensor(m).to(mu).expand_as(mu), torch.full_like(mu, s))
    return kl_divergence(Normal(mu, torch.exp(0.5 * logvar)), prior).sum(1)


def examine_kl(answer: Any) -> str:
    """`answer(mu, logvar)` should return KL(N(mu, exp(logvar)) ‖ N(0, I)), shape (rows,)."""
    mu, logvar = gaussians(31, 5, 3)
    on = "5 rows of 3 units"
    found = per_row(answer, mu, logvar, on=on)
    expected = divergence(mu, logvar)
    if not torch.allclose(found, expected):
        name_it(found, [*_guesses(mu, logvar, found), *_about_logvar(mu, logvar)])
        _properties(answer)
        raise Failed(
            f"On {on} row 0 gets {float(found[0]):.2f}; averaging log q − log p over draws gives "
            f"{float(expected[0]):.2f}. Work out one unit by hand: mu = 1, logvar = 0."
        )
    _properties(answer)
    _gradients(answer)
    return "The price of a row, in closed form, and with a gradient."


def _guesses(mu: Tensor, logvar: Tensor, found: Tensor) -> list[Guess]:
    """What a slip in the whole formula would give, with the property that it breaks."""
    right, row = divergence(mu, logvar), f"On 5 rows of 3 units row 0 gets {float(found[0]):.2f}"
    reverse = 0.5 * ((mu**2 + 1) / logvar.exp() - 1 + logvar).sum(1)
    return [
        (
            -right,
            f"{row}, below 0. A divergence is 0 where both distributions agree, and positive "
            "everywhere else. Which sign do your terms have?",
        ),
        (
            2 * right,
            f"{row}, twice what averaging log q − log p over draws gives. Which factor stands in "
            "front of a Gaussian's exponent?",
        ),
        (
            right / 3,
            f"{row}, a third of the divergence. Three independent units carry three times the "
            "information of one. How do you put units together?",
        ),
        (
            right / log(2),
            f"{row}: right if information were counted in bits. The error it is added to is a "
            "natural logarithm. Which base did you use?",
        ),
        (
            reverse,
            f"{row}: the divergence from the prior to the posterior. KL(q ‖ p) is an average over "
            "draws of its first argument. Whose variance divides in yours?",
        ),
    ]


def _about_logvar(mu: Tensor, logvar: Tensor) -> list[Guess]:
    """What comes out if `logvar` is taken for something else."""
    deviation, variance = torch.exp(0.5 * logvar), logvar.exp()
    return [
        (
            0.5 * (mu**2 + logvar - 1 - logvar.log()).sum(1),
            "On 5 rows of 3 units a row gets nan. You took a logarithm of what comes in as "
            "`logvar`, and some of it is below 0. What is `logvar` already?",
        ),
        (
            0.5 * (mu**2 + variance**2 - 1 - 2 * logvar).sum(1),
            "Your numbers would be right if exp(logvar) were a standard deviation. Of which "
            "quantity is `logvar` the logarithm, and how does a variance come out of it?",
        ),
        (
            0.5 * (mu**2 + deviation - 1 - logvar).sum(1),
            "Your numbers come out if the standard deviation stands where the variance belongs. At "
            "logvar = 2, how large is one, how large the other?",
        ),
    ]


def _properties(answer: Any) -> None:
    """Experiments with a known outcome, each for one term of the formula."""
    zero = torch.zeros(4, 3, dtype=torch.float64)
    on = "posteriors equal to the prior (mu = 0, logvar = 0)"
    same = float(per_row(answer, zero, zero, on=on)[0])
    if abs(same) > 1e-9:
        raise Failed(
            f"On {on} a row gets {same:.2f}. Two equal distributions have divergence 0: nothing "
            "was learned, nothing is to pay. Which constant is missing or too much?"
        )
    _by_mu(answer, zero)
    _by_logvar(answer, zero)


def _by_mu(answer: Any, zero: Tensor) -> None:
    one, minus, two = (
        float(per_row(answer, zero + m, zero, on=f"mu = {m}")[0]) for m in (1, -1, 2)
    )
    if abs(one) < 1e-9 and abs(two) < 1e-9:
        raise Failed(
            "I moved every mu from 0 to 1 and to 2, and your divergence stayed 0. A cloud far from "
            "the prior should cost something. Where does mu come in?"
        )
    if max(one, minus) < -1e-9:
        raise Failed(
            f"Equal clouds at mu = 1 and at mu = 2 get {one:.2f} and {two:.2f}: the further from "
            "the prior, the better paid. Which sign has the term with mu?"
        )
    if abs(one - minus) > 1e-6:
        raise Failed(
            f"With mu = 1 everywhere a row gets {one:.2f}, with mu = −1 it gets {minus:.2f}. Both "
            "lie equally far from 0. What is done to mu before it is summed?"
        )
    if abs(two - 4 * one) > 1e-6:
        raise Failed(
            f"With mu = 1 everywhere a row gets {one:.2f}, with mu = 2 it gets {two:.2f}. Twice as "
            "far should cost four times as much. With which power does mu come in?"
        )


def _by_logvar(answer: Any, zero: Tensor) -> None:
    narrow, wide = (
        [float(per_row(answer, zero, zero + v, on=f"logvar = {v}")[0]) for v in (a, 2 * a)]
        for a in (-3, 3)
    )
    if narrow[1] < narrow[0] - 1:
        raise Failed(
            f"With logvar = −3 a row gets {narrow[0]:.2f}, with −6 it gets {narrow[1]:.2f}. "
            "Certainty makes a posterior unlike the prior: it costs. Which sign has that term?"
        )
    if narrow[1] < narrow[0] + 2:
        raise Failed(
            f"With logvar = −3 a row gets {narrow[0]:.2f}, with −6 it gets {narrow[1]:.2f}. Ever "
            "more certain should cost ever more, without end. Which term sees to that?"
        )
    if wide[1] < 6 * wide[0]:
        raise Failed(
            f"With logvar = 3 a row gets {wide[0]:.2f}, with 6 it gets {wide[1]:.2f}. A cloud's "
            "price grows with its variance, which grew twentyfold. Does the variance come in?"
        )


def _gradients(answer: Any) -> None:
    mu, logvar = gaussians(32, 4, 2)
    by_mu, by_logvar = needs_gradients(answer, mu, logvar, on="4 rows with gradients")
    if not torch.allclose(by_mu, mu) or not torch.allclose(by_logvar, (logvar.exp() - 1) / 2):
        raise Failed(
            "The value is right, but its gradient is not that of the divergence. Does part of your "
            "formula go through a constant, a clamp, or NumPy?"
        )
