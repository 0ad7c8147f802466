"""Check 4.2-draw: one z from every cloud, with fresh noise and a way back for the gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.behaviour import Behaviour, Measured, Property
from anomalylab.classroom.core import Failed, call, kind
from anomalylab.classroom.engine import call_watched, declare
from anomalylab.inputs import Array

ROWS = 1000
_ON = f"{ROWS} rows of 3 units,"


def draw(mu: Tensor, logvar: Tensor) -> Tensor:
    """Return one draw from N(mu, exp(logvar)) for every element."""
    return mu + torch.exp(logvar / 2) * torch.randn_like(mu)


@np.errstate(all="ignore")  # what cannot be divided is told by the first property that fails
def _build(answer: Any, rng: np.random.Generator) -> Measured:
    """Draw twice, and measure the noise (z − mu) / σ of each row; by name in the messages.

    Every row has a mu of its own. Three widths take turns, so that neighbours differ.
    """
    low, high, middle = rng.uniform(-2.5, -1.5), rng.uniform(0.8, 1.5), rng.uniform(-0.3, 0.3)
    widths = torch.tensor([[low, high, middle], [middle, low, high]])
    logvar = widths.repeat(ROWS // 2, 1).requires_grad_()
    mu = torch.tensor(rng.normal(0, 2, (ROWS, 3)), requires_grad=True)
    fresh = tuple(x.detach().clone().requires_grad_() for x in (mu, logvar))
    call_watched(("mu", "logvar"), answer, (mu, logvar), fresh, _ON, draws=True)
    z, second = (call(answer, mu, logvar, on=_ON) for _ in range(2))  # no generator is set back
    one = call(answer, mu[:1], logvar[:1], on="a single row of 3 units")
    for found, shape in ((z, (ROWS, 3)), (second, (ROWS, 3)), (one, (1, 3))):
        if not isinstance(found, Tensor) or found.shape != shape:
            raise Failed(
                f"On mu of shape {shape} z is {kind(found)}. Expected a PyTorch tensor as large "
                "as mu. Print the shape after every step."
            )
    slopes: Sequence[Tensor] = torch.zeros(1), torch.zeros(1)
    if z.requires_grad:
        slopes = torch.autograd.grad(z.sum(), [mu, logvar], materialize_grads=True)
    noise, again = (((x - mu) / torch.exp(logvar / 2)).detach().numpy() for x in (z, second))
    spread = [noise[(logvar == width).numpy()].std() for width in (low, high, middle)]
    return {
        "odd": noise.sum(),
        "count": _different(noise),
        "all": noise.size,
        "both": _different(np.stack([noise, again])),
        "alone": (one - mu[:1]).abs().max().item(),
        "own": max((np.corrcoef(noise[:, i], mu.detach()[:, i])[0, 1] for i in range(3)), key=abs),
        "shift": max(noise.mean(axis=0) / noise.std(axis=0), key=abs),
        "low": low,
        "high": high,
        "narrow": spread[0] * np.exp(low / 2),
        "wide": spread[1] * np.exp(high / 2),
        "off": np.abs(np.subtract(spread, 1)).max(),
        "largest": np.abs(noise).max(),
        "beyond": (np.abs(noise / noise.std(axis=0)) > 2).mean(),
        "alike": np.abs(np.corrcoef(np.hstack([noise[1:], noise[:-1]]).T) - np.eye(6)).max(),
        "bent": max((slopes[0] - 1).abs().max(), (slopes[1] - (z - mu) / 2).abs().max()),
    }


def _different(noise: Array) -> int:
    """How many different sizes there are; noise of opposite sign is no other noise."""
    return len(np.unique(np.abs(noise).round(5)))


_SPREAD = "numbers with logvar {low:.2f} and {high:.2f} spread by {narrow:.2f} and {wide:.2f}: "

DRAW = declare(
    Behaviour(
        name="4.2-draw",
        title="draw",
        reference=draw,
        build=_build,
        properties=[
            Property(
                _ON,
                lambda d: np.isfinite(d["odd"]),
                "a z is {odd}. A logarithm may be negative; what it is the logarithm of never is. "
                "How do you get back from one to the other?",
            ),
            Property(
                _ON,
                lambda d: d["largest"] >= 1e-6,
                "z is mu itself: nothing was drawn. How would the decoder learn what lies between "
                "the centres?",
            ),
            Property(
                _ON,
                lambda d: d["count"] >= 0.9 * d["all"],
                "your noise has {count} different sizes; {all} are due, a fresh one for every "
                "number of z. Where noise is shared, rows or units move together. What shape has "
                "your noise?",
            ),
            Property(
                f"{_ON} twice,",
                lambda d: d["both"] >= 1.5 * d["all"],
                "the second call brought the noise of the first again. Training should meet new "
                "noise at every step. Where does yours begin from the same place?",
            ),
            Property(
                "a single row",
                lambda d: d["alone"] >= 1e-6,
                "z − mu is at most {alone:.2g}, unlike among 1000 rows. A row alone should get "
                "noise like any other. Which line looks at other rows?",
            ),
            Property(
                _ON,
                lambda d: abs(d["own"]) <= 0.16,
                "z − mu correlates with mu by {own:+.2f}; about 0 is due. Every row of your z "
                "should lie around the mu of that row. Around what do yours lie?",
            ),
            Property(
                _ON,
                lambda d: abs(d["shift"]) <= 0.16,
                "the mean of a unit lies {shift:+.2f} standard deviations off its mu; about 0 "
                "is due. Around which point do your draws lie, and can they lie on both sides?",
            ),
            Property(
                _ON,
                lambda d: d["off"] <= 0.11,
                _SPREAD + "not what a variance of exp(logvar) gives. Work out by hand how wide a "
                "Gaussian with log-variance 0 is, then with −2.",
            ),
            Property(
                _ON,
                lambda d: 0.029 < d["beyond"] < 0.064,
                "centre and spread are right, but {beyond:.1%} of your draws lie further out than "
                "two standard deviations; of a Gaussian it is 4.6 %. Which distribution did you "
                "draw from?",
            ),
            Property(
                _ON,
                lambda d: d["alike"] <= 0.2,
                "noise of neighbours in your z correlates with {alike:.2f}; independent draws give "
                "about 0. How many random numbers does a row need?",
            ),
            Property(
                _ON,
                lambda d: d["bent"] <= 1e-4,
                "the draws are right, but not their gradients. If mu moves by 1, z should move by "
                "1; if σ doubles, so should z − mu. Which step cuts or bends the way back?",
            ),
        ],
        hints=(
            "A draw from N(mu, σ²) is a draw from N(0, 1), made wider and moved.",
            "σ is the root of the variance, and logvar is the variance's logarithm. The logarithm "
            "of a root is half the logarithm.",
            "torch.randn_like(mu) is fresh noise in the shape of mu. What it is multiplied by and "
            "added to keeps its gradient.",
        ),
        praise="Fresh noise for every number, the right width, and a way back to the encoder.",
    )
)
