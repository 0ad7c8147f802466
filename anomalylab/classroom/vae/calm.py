"""Exercise 4.2-calm: mend a score that draws new noise at every call and looks at the batch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare
from anomalylab.models.vae import VAE


def calm(vae: VAE, x: Tensor, beta: float = 1.0) -> Tensor:
    """−log p(x|mu) + beta · KL, one number a row."""
    return vae.reconstruction(x, vae.encode(x)) + beta * vae.kl(x)


def _trained(
    rng: np.random.Generator,
    rows: int,
    beta: float,
    likelihood: str = "gaussian",
    train: bool = True,
    *,
    weight: float = 0.7,
    size: float = 1.0,
    gradients: bool = False,
    dtype: torch.dtype = torch.float64,
) -> Inputs:
    """A VAE with weights of this size, which nobody trained, and rows for it."""
    vae = VAE(6, hidden=(5,), latent=2, likelihood=likelihood).to(dtype).train(train)
    for weights in vae.parameters():
        weights.data = torch.tensor(rng.normal(0, weight, weights.shape), dtype=dtype)
        weights.grad = torch.ones_like(weights) if gradients else None
    return vae, size * torch.tensor(rng.uniform(0, 1, (rows, 6)), dtype=dtype), beta


def _near(rng: np.random.Generator) -> Inputs:
    """Rows that are drawn so well that −log p is below 0."""
    vae, x, beta = _trained(rng, 6, 0.5, weight=0.05, size=0.05)
    vae.log_sigma.data -= 3
    return vae, x, beta


_METHOD = (
    "It is −log p(x|z) + beta · KL of that row. Which line does anything else, such as look at "
    "other rows?"
)
_BELOW = "A Gaussian is higher than 1 where it is narrow. What may the sign of −log p be?"
_COIN = "This network's likelihood is not Gaussian. What does the network say −log p(x|z) is?"

declare(
    Declared(
        name="4.2-calm",
        title="mend the restless score",
        reference=calm,
        by_row=(1,),
        rtol=1e-4,
        atol=1e-6,
        cases=[
            Case("8 rows, beta = 1,", lambda rng: _trained(rng, 8, 1.0), _METHOD),
            Case("8 rows, beta = 0,", lambda rng: _trained(rng, 8, 0.0), _METHOD),
            Case("7 rows, beta = 3,", lambda rng: _trained(rng, 7, 3.0), _METHOD),
            Case("7 rows in mode eval", lambda rng: _trained(rng, 7, 1.5, train=False), _METHOD),
            Case(
                "a network with gradients in it",
                lambda rng: _trained(rng, 6, 1.0, gradients=True),
                _METHOD,
            ),
            Case("rows that are drawn well", _near, _BELOW),
            Case("6 rows of black and white", lambda r: _trained(r, 6, 1.0, "bernoulli"), _COIN),
            Case("a single row", lambda rng: _trained(rng, 1, 1.0), _METHOD),
            Case("rows far away from 0", lambda rng: _trained(rng, 5, 2.0, size=-20.0), _METHOD),
            Case("100 rows", lambda rng: _trained(rng, 100, 1.0), _METHOD),
            Case("32-bit numbers", lambda r: _trained(r, 6, 0.5, dtype=torch.float32), _METHOD),
        ],
        slips=[
            Slip(
                lambda vae, x, beta: ((x - vae.reconstruct(x)) ** 2).sum(1) + beta * vae.kl(x),
                "A row scores {found}, where {right} is right: the squared error instead of the "
                "old method's −log p(x|z). Its balance with KL is another. Mend chance only.",
            ),
            Slip(
                lambda vae, x, beta: vae.reconstruction(x, vae.encode(x)),
                "A row scores {found}, where {right} is right: KL is gone. Chance sat in the "
                "error. What became of the second part of the score?",
            ),
            Slip(
                lambda vae, x, beta: calm(vae, x, 1.0),
                "A row scores {found}, where {right} is right: KL comes in with weight 1, whatever "
                "beta is. Where did beta go?",
            ),
            Slip(
                lambda vae, x, beta: calm(vae, x, -beta),
                "A row scores {found}, where {right} is right. With a larger beta the rows that "
                "are unlike the prior score lower. Check a sign.",
            ),
            Slip(
                lambda vae, x, beta: -calm(vae, x, beta),
                "A row scores {found}, where {right} is right: odd rows score lowest. In this "
                "course higher is more anomalous.",
            ),
            Slip(
                lambda vae, x, beta: calm(vae, x, beta) - calm(vae, x, beta).mean(),
                "A row scores {found}, where {right} is right: the mean of the batch is taken off. "
                "What would the row get alone, and which line looks at other rows?",
            ),
            Slip(
                lambda vae, x, beta: (
                    (calm(vae, x, beta) - calm(vae, x, beta).mean()) / calm(vae, x, beta).std()
                ),
                "A row scores {found}, where {right} is right: it is still put on the scale of the "
                "batch. What would the row get alone, and which line looks at other rows?",
            ),
            Slip(
                lambda vae, x, beta: vae.reconstruction(x, vae.encode(x)) / 6 + beta * vae.kl(x),
                "A row scores {found}, where {right} is right: a mean over 6 features. The balance "
                "between error and KL has changed. Mend chance, and leave the method.",
            ),
        ],
        hints=(
            "Call the old score twice on the same rows, then on one row only. What differs, and "
            "why?",
            "Two lines are to blame: one draws, one looks at the whole batch.",
            "The centre of a cloud is a z without chance. A score needs no other row's score.",
        ),
        praise="A row scores the same today and tomorrow, alone or beside others.",
    )
)
