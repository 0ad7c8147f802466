"""Exercise 4.2-fit: the prior N(m, s² I) that suits given clouds best, in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.core import Failed, kind, numbers
from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.inputs import Array


def best_prior(mu: Tensor, logvar: Tensor) -> tuple[Tensor, Tensor]:
    """The m and s with the lowest mean KL(N(mu, exp(logvar)) ‖ N(m, s² I)) over the rows."""
    m = mu.mean(dim=0)
    s = ((mu - m) ** 2 + logvar.exp()).mean().sqrt()
    return m, s


def _clouds(
    rng: np.random.Generator,
    rows: int,
    latent: int,
    size: float = 1.0,
    logvar: float = -0.5,
    apart: float = 1.0,
) -> Inputs:
    centre, spread = rng.normal(0, 3, latent), apart * rng.uniform(0.5, 2, latent)
    mu = size * rng.normal(centre, spread, (rows, latent))
    return torch.tensor(mu), torch.tensor(rng.normal(logvar, 1.2, (rows, latent)))


def _joined(result: Any, inputs: Inputs, on: str) -> Array:
    """Return s, and then m, in one row of numbers."""
    latent = inputs[0].shape[1]
    pair = result if isinstance(result, tuple | list) and len(result) == 2 else (None, None)
    m, s = numbers(pair[0]), numbers(pair[1])
    if m is None or s is None:
        raise Failed(f"On {on} you returned {kind(result)}. Expected two things: m and s.")
    if m.shape != (latent,) or s.size != 1:
        raise Failed(
            f"On {on} m has shape {m.shape} and s has shape {s.shape}. Expected ({latent},), one "
            "number a unit, and one number. Over which axes do you take means?"
        )
    return np.append(s.ravel(), m)


def _said(where: tuple[int, ...], found: str, right: str) -> str:
    name = f"unit {where[0] - 1} of m" if where[0] else "s"
    return f"{name} is {found}, where {right} is right"


def _with(s: Any) -> Any:
    """The right centre with another width."""
    return lambda mu, logvar: (mu.mean(dim=0), s(mu - mu.mean(dim=0), logvar))


_TRY = "Put your m and s into `kl_to`, then s a little larger and smaller: is the mean lowest?"

declare(
    Declared(
        name="4.2-fit",
        title="the prior that suits the clouds",
        reference=best_prior,
        view=_joined,
        rtol=1e-4,
        atol=1e-6,
        said=_said,
        cases=[
            Case("7 rows of 3 units", lambda rng: _clouds(rng, 7, 3), _TRY),
            Case(
                "clouds that are almost points",
                lambda rng: _clouds(rng, 8, 3, logvar=-60.0),
                "Here only the centres spread.",
            ),
            Case("small clouds near 0", lambda r: _clouds(r, 8, 3, 0.01, logvar=-10.0), _TRY),
            Case(
                "clouds that all lie in one place",
                lambda rng: _clouds(rng, 6, 3, apart=0.0),
                "Here only the clouds spread.",
            ),
            Case("a single row", lambda rng: _clouds(rng, 1, 4), _TRY),
            Case("a single unit", lambda rng: _clouds(rng, 5, 1), _TRY),
            Case("as many rows as units", lambda rng: _clouds(rng, 4, 4), _TRY),
            Case("clouds far apart", lambda rng: _clouds(rng, 20, 3, 50.0), _TRY),
            Case("60 rows of 12 units", lambda rng: _clouds(rng, 60, 12), _TRY),
            Case("32-bit numbers", lambda rng: tuple(x.float() for x in _clouds(rng, 9, 4)), _TRY),
        ],
        slips=[
            Slip(
                _with(lambda d, logvar: (d**2).mean().sqrt()),
                "A number is {found}, where {right} is right: your s is the spread of the centres "
                "alone. All rows in one place would get s = 0. What else spreads?",
            ),
            Slip(
                _with(lambda d, logvar: logvar.exp().mean().sqrt()),
                "A number is {found}, where {right} is right: your s knows how wide the clouds "
                "are, not how far apart they lie. Where do the centres come in?",
            ),
            Slip(
                _with(lambda d, logvar: (d**2 + logvar.exp()).mean()),
                "A number is {found}, where {right} is right: your s is a variance. Which of the "
                "two does N(m, s² I) ask for?",
            ),
            Slip(
                _with(lambda d, logvar: (d**2 + (logvar / 2).exp()).mean().sqrt()),
                "A number is {found}, where {right} is right. It comes out if σ stands where σ² "
                "belongs. What is exp(logvar)?",
            ),
            Slip(
                _with(lambda d, logvar: (d**2 + logvar.exp()).sum(dim=1).mean().sqrt()),
                "A number is {found}, where {right} is right: your s grows with the number of "
                "units, but it is the spread of every single one. How do the units join?",
            ),
            Slip(
                lambda mu, logvar: (0 * mu[0], (mu**2 + logvar.exp()).mean().sqrt()),
                "A number is {found}, where {right} is right: your prior stays around 0. Where do "
                "the clouds lie, on average?",
            ),
        ],
        hints=(
            "First m. In the divergence only (mu − m)² depends on it. Which m makes the mean of "
            "squares smallest?",
            "Then s. Set the slope by s to 0: it holds 1/s³ times a sum of squares, and 1/s.",
            "s² is the mean, over rows and units, of (mu − m)² plus the variance of the cloud.",
        ),
        praise="No search: the spread of the centres and the width of the clouds add up.",
    )
)
