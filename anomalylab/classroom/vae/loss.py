"""Check 4.2-loss: the error of a row plus the price of its cloud, the mean over the rows."""

from __future__ import annotations

from math import pi
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.engine import Case, Declared, Inputs, Slip, declare


def loss(x: Tensor, x_hat: Tensor, mu: Tensor, logvar: Tensor, noise: float) -> Tensor:
    """Mean over rows of ‖x − x_hat‖² / (2 noise²) + KL(N(mu, exp(logvar)) ‖ N(0, I))."""
    error = ((x - x_hat) ** 2).sum(dim=1) / (2 * noise**2)
    kl = 0.5 * (mu**2 + logvar.exp() - 1 - logvar).sum(dim=1)
    return (error + kl).mean()


def _rows(
    rng: np.random.Generator, rows: int, columns: int, latent: int, noise: Any, size: float = 1.0
) -> Inputs:
    x = torch.tensor(rng.normal(size=(rows, columns)))
    x_hat = x + noise * size * torch.tensor(rng.normal(0.2, 1, (rows, columns)))
    mu, logvar = rng.normal(0.4, 1.2, (rows, latent)), rng.normal(-0.5, 1.0, (rows, latent))
    return x, x_hat, torch.tensor(size * mu), torch.tensor(size * logvar), noise


def _easy(rng: np.random.Generator, error: float, price: float) -> Inputs:
    """Rows that are drawn exactly (error 0), or whose clouds equal the prior (price 0), or both."""
    x, x_hat, mu, logvar, noise = _rows(rng, 4, 6, 3, 0.5)
    return x, x + error * (x_hat - x), price * mu, price * logvar, noise


_HAND = (
    "Work out the error and the KL of one row by hand, then the next row's. How are they joined?"
)
_ERROR = "Here every cloud equals the prior, so only the error is left."
_PRICE = "Here x_hat equals x, so only the price of the clouds is left."

LOSS = declare(
    Declared(
        name="4.2-loss",
        title="loss",
        reference=loss,
        gradients=(1, 2, 3, 4),
        rtol=1e-4,
        cases=[
            Case("clouds equal to the prior, noise 0.5,", lambda r: _easy(r, 1.0, 0.0), _ERROR),
            Case("rows drawn exactly, noise 0.5,", lambda r: _easy(r, 0.0, 1.0), _PRICE),
            Case("5 rows of 7 features, noise 0.2,", lambda rng: _rows(rng, 5, 7, 3, 0.2), _HAND),
            Case(
                "nothing to pay",
                lambda r: _easy(r, 0.0, 0.0),
                "Both parts of the loss should be 0.",
            ),
            Case("a single row, noise 3,", lambda rng: _rows(rng, 1, 9, 2, 3.0), _HAND),
            Case("a single feature and unit", lambda rng: _rows(rng, 6, 1, 1, 0.7), _HAND),
            Case("as many rows as features and units", lambda rng: _rows(rng, 4, 4, 4, 0.4), _HAND),
            Case("large errors, far clouds", lambda rng: _rows(rng, 7, 5, 3, 0.1, 6.0), _HAND),
            Case("90 rows of 40 features", lambda rng: _rows(rng, 90, 40, 11, 1.0), _HAND),
            Case(
                "a noise that is learned",
                lambda rng: _rows(rng, 4, 6, 2, torch.tensor(0.6)),
                _HAND,
            ),
            Case(
                "32-bit numbers",
                lambda rng: (*(x.float() for x in _rows(rng, 5, 7, 3, 0.3)[:-1]), 0.3),
                _HAND,
            ),
        ],
        slips=[
            Slip(
                lambda x, x_hat, mu, logvar, noise: (
                    2 * loss(x, x_hat, 0 * mu, 0 * logvar, noise)
                    - loss(x, x_hat, mu, logvar, noise)
                ),
                "The loss is {found}, where {right} is right: it falls when clouds move away from "
                "the prior. Which sign does their price have in yours?",
            ),
            Slip(
                lambda x, x_hat, mu, logvar, noise: loss(x, x_hat, 0 * mu, 0 * logvar, noise),
                "The loss is {found}, where {right} is right: it does not change when the clouds "
                "do. What do far and narrow clouds cost?",
            ),
            Slip(
                lambda x, x_hat, mu, logvar, noise: (
                    loss(x, x_hat, mu, logvar, noise)
                    + 0.5 * ((logvar / 2).exp() - logvar.exp()).sum(dim=1).mean()
                ),
                "The loss is {found}, where {right} is right. It comes out if the standard "
                "deviation stands where the variance belongs. What is exp(logvar)?",
            ),
            Slip(
                lambda x, x_hat, mu, logvar, noise: loss(
                    x / len(x[0]) ** 0.5, x_hat / len(x[0]) ** 0.5, mu, logvar, noise
                ),
                "The loss is {found}, where {right} is right: the mean of the error over the "
                "features, beside the sum of KL over the units. How do the features of a row join?",
            ),
            Slip(
                lambda x, x_hat, mu, logvar, noise: loss(x, x_hat, mu, logvar, 1.0),
                "The loss is {found}, where {right} is right: what noise = 1 would give. Is the "
                "same error as bad where x is noisy? Where does noise come in?",
            ),
            Slip(
                lambda x, x_hat, mu, logvar, noise: loss(x, x_hat, mu, logvar, noise**0.5),
                "The loss is {found}, where {right} is right. It comes out if noise were the "
                "variance of a feature. Read again what noise stands for.",
            ),
            Slip(
                lambda x, x_hat, mu, logvar, noise: len(x) * loss(x, x_hat, mu, logvar, noise),
                "The loss is {found}, where {right} is right: the sum over the rows. With twice "
                "the rows your steps would be twice as long. How do the rows join?",
            ),
            Slip(
                lambda x, x_hat, mu, logvar, noise: (
                    loss(x, x_hat, mu, logvar, noise)
                    + len(x[0]) * torch.log(noise * torch.tensor(2 * pi) ** 0.5)
                ),
                "The loss is {found}, where {right} is right; the difference is the same for all "
                "x_hat and clouds. Which constant of −log p should be left out?",
            ),
        ],
        hints=(
            "Two numbers for every row, the error and the KL; only then the mean over the rows.",
            "Error: square, sum over dim=1, divide by 2 noise². KL of a unit: four terms, with "
            "mu², the variance, its logarithm and 1.",
            "Check yours: x_hat = x, mu = 1 and logvar = 0 in two units cost 1. Nothing is below "
            "0.",
        ),
        praise="The error in units of the noise, plus the price of the clouds, for every row.",
    )
)
