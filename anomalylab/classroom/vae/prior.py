"""Exercise 4.2-prior: the divergence from another prior, N(m, s² I), which the library lacks."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare


def kl_to(mu: Tensor, logvar: Tensor, m: Tensor, s: float | Tensor) -> Tensor:
    """KL(N(mu, exp(logvar)) ‖ N(m, s² I)), one number a row, by torch.distributions."""
    return kl_divergence(Normal(mu, torch.exp(0.5 * logvar)), Normal(m, s)).sum(1)


def _clouds(
    rng: np.random.Generator,
    rows: int,
    latent: int,
    s: float,
    size: float = 1.0,
    far: float = 1.5,
    logvar: float = -0.5,
) -> Inputs:
    mu, logs = rng.normal(0.4, 1.2, (rows, latent)), rng.normal(logvar, 1.0, (rows, latent))
    m = rng.normal(0, far, latent)
    return torch.tensor(size * mu), torch.tensor(size * logs), torch.tensor(m), s


def _home(rng: np.random.Generator, s: float) -> Inputs:
    """Posteriors equal to the prior, and one beside it."""
    m = torch.tensor(rng.normal(0, 2, 2))
    mu, logvar = m.repeat(4, 1), torch.full((4, 2), 2 * float(np.log(s)), dtype=m.dtype)
    mu[3] += s
    logvar[3] += 1
    return mu, logvar, m, s


_DRAWS = "The mean of log q − log p over many draws of q comes close to the right number."
_EQUAL = "Equal distributions have divergence 0, at any width."

declare(
    Declared(
        name="4.2-prior",
        title="the divergence from N(m, s²I)",
        reference=kl_to,
        gradients=(0, 1),
        by_row=(0, 1),
        rtol=1e-4,
        atol=1e-5,
        cases=[
            Case("5 rows of 3 units, s = 2.5,", lambda rng: _clouds(rng, 5, 3, 2.5), _DRAWS),
            Case(
                "5 rows, m = 0, s = 1,",
                lambda rng: _clouds(rng, 5, 3, 1.0, far=0.0),
                "With this prior it is the KL of the loss in exercise 1.",
            ),
            Case("4 rows, m = 0, s = 1.7,", lambda r: _clouds(r, 4, 3, 1.7, far=0.0), _DRAWS),
            Case("posteriors near the prior, s = 0.01,", lambda rng: _home(rng, 0.01), _EQUAL),
            Case("posteriors near the prior, s = 300,", lambda rng: _home(rng, 300.0), _EQUAL),
            Case("as many rows as units, s = 0.3,", lambda rng: _clouds(rng, 3, 3, 0.3), _DRAWS),
            Case("a single row, s = 40,", lambda rng: _clouds(rng, 1, 4, 40.0), _DRAWS),
            Case("a single unit, s = 0.5,", lambda rng: _clouds(rng, 5, 1, 0.5), _DRAWS),
            Case("wide and narrow clouds far away", lambda r: _clouds(r, 7, 5, 1.3, 8.0), _DRAWS),
            Case(
                "very narrow clouds very far away",  # their density is 0 in any computer
                lambda rng: _clouds(rng, 4, 3, 0.5, size=30.0, logvar=-4.0),
                _DRAWS,
            ),
            Case("50 rows of 12 units, s = 2,", lambda rng: _clouds(rng, 50, 12, 2.0), _DRAWS),
        ],
        slips=[
            Slip(
                lambda mu, logvar, m, s: kl_to(mu, logvar, 0 * m, 1.0),
                "With s = 2.5 a row gets {found}, where {right} is right: the divergence from "
                "N(0, I). What do m and s do in your formula?",
            ),
            Slip(
                lambda mu, logvar, m, s: kl_to(mu, logvar, 0 * m, s),
                "A row gets {found}, where {right} is right: what a prior around 0 would give. A "
                "posterior that sits at m should be cheapest. Where is the centre in yours?",
            ),
            Slip(
                lambda mu, logvar, m, s: kl_to(mu, logvar, m, 1.0),
                "A row gets {found}, where {right} is right: what a prior of width 1 would give. "
                "Is a posterior far from m as surprising under a wide prior? Where does s come in?",
            ),
            Slip(
                lambda mu, logvar, m, s: kl_to(mu, logvar, m, s**0.5),
                "A row gets {found}, where {right} is right: the divergence from a prior of "
                "variance s. Read again what s stands for.",
            ),
            Slip(
                lambda mu, logvar, m, s: kl_to(mu, logvar, m, s) - mu.shape[1] * np.log(s),
                "A row gets {found}, where {right} is right; for a wide prior you get "
                "divergences below 0, which cannot be. What does a Gaussian's height depend on?",
            ),
            Slip(
                lambda mu, logvar, m, s: kl_to(mu, logvar, m, s) - mu.shape[1] * np.log(s) / 2,
                "A row gets {found}, where {right} is right. A posterior equal to a wide prior "
                "gets less than 0, where 0 is right. Which power of s is in your logarithm?",
            ),
            Slip(
                lambda mu, logvar, m, s: (
                    kl_to(mu, logvar, m, s)
                    + ((logvar / 2).exp() - logvar.exp()).sum(dim=1) / (2 * s**2)
                ),
                "A row gets {found}, where {right} is right. It comes out if the posterior's "
                "standard deviation stands where its variance belongs. What is exp(logvar)?",
            ),
            Slip(
                lambda mu, logvar, m, s: kl_to(
                    m.expand_as(mu), torch.full_like(mu, 2 * np.log(s)), mu, (logvar / 2).exp()
                ),
                "A row gets {found}, where {right} is right: the divergence from the prior to the "
                "posterior. Whose draws are averaged in KL(q ‖ p)? Which variance divides?",
            ),
        ],
        hints=(
            "Shift and shrink: what happens to a divergence if both clouds are moved by −m and "
            "divided by s?",
            "Per unit, log q − log p is a difference of two squares, each over its own variance, "
            "and of two logarithms of a width. Average it over q.",
            "After moving and shrinking, the prior is N(0, 1), the posterior's mean is (mu − m)/s, "
            "its variance exp(logvar)/s². You have a formula for that.",
        ),
        praise="Any Gaussian prior of one width has its price now, and N(0, I) is a special case.",
    )
)
