"""Exercise 4.2-own: draw and loss of a VAE, from an empty cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from anomalylab.classroom.behaviour import Behaviour, Measured, Property
from anomalylab.classroom.core import Failed, call
from anomalylab.classroom.engine import declare
from anomalylab.classroom.parts import Parts
from anomalylab.classroom.vae.draw import DRAW
from anomalylab.classroom.vae.loss import LOSS


def thermometers(rows: int, seed: int) -> Tensor:
    """Eight thermometers in a cold store, moved by the weather and, four against four, by a door.

    Parameters
    ----------
    rows, seed : int

    Returns
    -------
    tensor (rows, 8)
        Differences from the mean, read with noise of standard deviation 0.2.
    """
    rng = np.random.default_rng(seed)
    weather, door = rng.normal(0, 1, (rows, 1)), rng.normal(0, 0.6, (rows, 1))
    side = np.repeat([1.0, -1.0], 4)
    return torch.tensor(weather + door * side + rng.normal(0, 0.2, (rows, 8)))


def _as_draw(answer: Any) -> Any:
    """The z that the answer hands to `decode`."""

    def drawn(mu: Tensor, logvar: Tensor) -> Any:
        decoded: list[Any] = []

        def decode(z: Any) -> Any:
            decoded.append(z)
            return z

        result = answer(lambda x: (mu, logvar), decode, torch.zeros_like(mu), 1.0)
        if not decoded and result is not ...:
            raise Failed("Your function never calls decode. Where does x_hat come from?")
        return decoded[-1] if decoded else result

    return drawn


def _as_loss(answer: Any) -> Any:
    """The loss if the decoder gives x_hat whatever z is; the noise is no tensor here."""
    return lambda x, x_hat, mu, logvar, noise: answer(
        lambda rows: (mu, logvar), lambda z: x_hat, x, float(noise)
    )


def _train(answer: Any, rng: np.random.Generator) -> Measured:
    """Widths of three units' clouds after training, and the widths that theory gives.

    The decoder is fixed, z → z W with orthogonal rows of W of lengths w, so that the right cloud
    is known (Tipping and Bishop 1999): σ = noise / √(noise² + w²).
    """
    lengths, noise = np.array([rng.uniform(1.0, 1.5), rng.uniform(0.4, 0.7), 0.0]), 0.5
    w = torch.tensor(np.linalg.qr(rng.normal(size=(6, 3)))[0].T * lengths[:, None])
    x = torch.tensor(rng.normal(size=(30, 3))) @ w + noise * torch.tensor(rng.normal(size=(30, 6)))
    mu, logvar = torch.zeros(30, 3, requires_grad=True), torch.zeros(3, requires_grad=True)
    optimiser = torch.optim.Adam([mu, logvar], lr=0.08)
    for _ in range(120):
        value = call(
            answer,
            lambda rows: (mu, logvar.expand_as(mu)),
            lambda z: z @ w,
            x.clone(),
            noise,
            on="120 steps of training",
        )
        optimiser.zero_grad()
        value.backward()
        optimiser.step()
    widths = torch.exp(logvar.detach() / 2).numpy()
    return {"found": widths, "due": noise / np.sqrt(noise**2 + lengths**2)}


TRAIN = Behaviour(
    name="4.2-own",
    title="",
    hints=(),
    build=_train,
    properties=[
        Property(
            "30 rows, after 120 steps with your loss,",
            lambda clouds: np.allclose(clouds["found"], clouds["due"], rtol=0.13),
            "the clouds have widths {found[0]:.2f}, {found[1]:.2f}, {found[2]:.2f} in three "
            "units; {due[0]:.2f}, {due[1]:.2f}, {due[2]:.2f} is right. Print z, error and price at "
            "an early and a late step: which is not what the text asks for?",
        )
    ],
    praise="",
)

declare(
    Parts(
        name="4.2-own",
        title="your own draw and loss",
        parts=[
            (DRAW, _as_draw),
            (replace(LOSS, draws=True, gradients=(1, 2, 3)), _as_loss),
            (TRAIN, lambda answer: answer),
        ],
        hints=(
            "Five steps: encode, noise, z, decode, loss. Notebook 4.2 has them all, for pictures.",
            "mu, logvar = encode(x); z is mu plus σ times fresh noise in the shape of mu; x_hat = "
            "decode(z). What is σ, if logvar is log σ²?",
            "For every row ((x − x_hat)²).sum(dim=1) / (2 noise²) plus ½ Σ (mu² + σ² − 1 − "
            "logvar); then the mean over the rows.",
        ),
        praise="Your loss trains: its clouds become as wide as theory says.",
    )
)
