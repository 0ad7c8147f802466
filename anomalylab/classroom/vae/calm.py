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
) -> Inputs:
    """A VAE with weights of some size, which nobody trained, and rows for it."""
    vae = VAE(6, hidden=(5,), latent=2, likelihood=likelihood).double().train(train)
    for weights in vae.parameters():
        weights.data = torch.tensor(rng.normal(0, 0.7, weights.shape))
    return vae, torch.tensor(rng.uniform(0, 1, (rows, 6))), beta


def _far(rng: np.random.Generator) -> Inputs:
    vae, x, beta = _trained(rng, 5, 2.0)
    return vae, 20 * (x - 0.5), beta


def _single(rng: np.random.Generator) -> Inputs:
    vae, x, beta = _trained(rng, 6, 0.5)
    return vae.float(), x.float(), beta


_METHOD = "Take the chance out of the old method, and leave the rest of it as it was."
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
            Case("6 rows of black and white", lambda r: _trained(r, 6, 1.0, "bernoulli"), _COIN),
            Case("a single row", lambda rng: _trained(rng, 1, 1.0), _METHOD),
            Case("rows far away from 0", _far, _METHOD),
            Case("100 rows", lambda rng: _trained(rng, 100, 1.0), _METHOD),
            Case("32-bit numbers", _single, _METHOD),
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
