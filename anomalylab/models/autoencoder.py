"""Section 4.1: the dense autoencoder, and two ways to keep it from merely copying."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from math import inf, log
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from anomalylab.detector import Detector
from anomalylab.inputs import check_choice

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "leaky": partial(nn.LeakyReLU, 0.2),
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Autoencoder(Detector):
    """Squeeze x through a narrow layer and draw it again: x → z → x_hat.

    The score is the mean squared reconstruction error (chapter 4.1.1, per feature):

        score(x) = mean((x − decoder(encoder(x)))²)

    Parameters
    ----------
    n_features : int
        Columns of x.
    hidden : sequence of int
        Widths of the encoder's hidden layers; the decoder mirrors them.
    latent : int
        Width of z, the bottleneck.
    dropout : float in [0, 1)
        Share of hidden units switched off at random while training.
    output : {"sigmoid", "linear"}
        "sigmoid" can only draw values in [0, 1]; "linear" draws any number.
    activation : {"relu", "leaky", "tanh", "sigmoid"}
        Of the hidden layers.
    """

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int] = (32,),
        latent: int = 8,
        dropout: float = 0.0,
        output: str = "sigmoid",
        activation: str = "relu",
    ) -> None:
        super().__init__()
        if min(n_features, latent, *hidden) < 1:
            raise ValueError("n_features, latent and every hidden width should be at least 1.")
        self.sample_shape = (n_features,)
        self.output_range = output_range(output)
        self.encoder = layers([n_features, *hidden, latent], dropout, activation)
        self.decoder = layers([latent, *reversed(hidden), n_features], dropout, activation)
        if output == "sigmoid":
            self.decoder.append(nn.Sigmoid())

    def encode(self, x: Tensor) -> Tensor:
        """Return z, shape (batch, latent)."""
        return self.encoder(x)

    def decode(self, z: Tensor) -> Tensor:
        """Return x_hat, shape (batch, n_features)."""
        return self.decoder(z)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat = decode(encode(x)), shape of x."""
        return self.decode(self.encode(x))

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """The mean of `score`, in one fused step that is a fifth faster."""
        return functional.mse_loss(self.reconstruct(x), x)


class DenoisingAutoencoder(Autoencoder):
    """Draw the clean x from a noisy copy of it (Vincent et al. 2008).

    While training, Gaussian noise is added to what goes in, but not to what should come out:

        loss = mean((x − decoder(encoder(x + noise · ε)))²),   ε ~ N(0, I)

    Copying no longer pays, however wide the bottleneck. Scoring adds no noise.

    Parameters
    ----------
    noise : float
        Standard deviation of the noise, in the units of x; at least 0.
    n_features, **settings
        As in `Autoencoder`.
    """

    def __init__(
        self, n_features: int, hidden: Sequence[int] = (32,), *, noise: float = 0.2, **settings: Any
    ) -> None:
        super().__init__(n_features, hidden, **settings)
        if not noise >= 0:
            raise ValueError(f"noise is a standard deviation and cannot be {noise}.")
        self.noise = noise

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """Mean squared distance from the clean x to the reconstruction of a noisy one."""
        noisy = x + self.noise * torch.randn_like(x)
        return functional.mse_loss(self.reconstruct(noisy), x)


class SparseAutoencoder(Autoencoder):
    """A wide z of which each x may use only a little.

    loss = mean((x − x_hat)²) + weight · penalty(z), where the penalty is one of

    - "l1": z = ReLU(encoder(x)), penalty Σ_j |z_j|, mean over the batch;
    - "kl": z = sigmoid(encoder(x)), penalty Σ_j KL(target ‖ mean of z_j over the batch), the
      divergence between two coins (Ng 2011, lecture notes on sparse autoencoders).

    Parameters
    ----------
    latent : int
        Width of z; it may exceed n_features.
    penalty : {"l1", "kl"}
    weight : float
        Price of activity, at least 0; at 0 this is an `Autoencoder` of that width.
    target : float in (0, 1)
        Mean activity that "kl" asks of every unit.
    n_features, hidden, **settings
        As in `Autoencoder`.
    """

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int] = (),
        latent: int = 64,
        *,
        penalty: str = "l1",
        weight: float = 3e-4,
        target: float = 0.05,
        **settings: Any,
    ) -> None:
        super().__init__(n_features, hidden, latent, **settings)
        check_choice("penalty", penalty, ("l1", "kl"))
        if not weight >= 0:
            raise ValueError(f"weight is a price of at least 0, not {weight}.")
        if not 0 < target < 1:
            raise ValueError(f"target is a share between 0 and 1, such as 0.05, not {target}.")
        self.penalty, self.weight, self.target = penalty, weight, target

    def encode(self, x: Tensor) -> Tensor:
        """Return z, shape (batch, latent), none below 0 (and none above 1 for "kl")."""
        z = super().encode(x)
        return functional.relu(z) if self.penalty == "l1" else torch.sigmoid(z)

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """Mean squared error plus the price of an active z."""
        z = self.encode(x)
        error = functional.mse_loss(self.decode(z), x)
        return error + self.weight * self.activity(z)

    def activity(self, z: Tensor) -> Tensor:
        """The penalty of a batch of z, a scalar of at least 0."""
        if self.penalty == "l1":
            return z.abs().sum(1).mean()
        return bernoulli_kl(self.target, z.mean(0)).sum()


def bernoulli_kl(target: float, rate: Tensor) -> Tensor:
    """KL divergence from coins that show heads at `rate` to a coin that does at `target`.

        target · log(target / rate) + (1 − target) · log((1 − target) / (1 − rate))

    Element-wise; 0 where rate equals target (but for rounding), and never below 0. A rate of
    exactly 0 or 1 is moved inside by 1e-7.
    """
    rate = rate.clamp(1e-7, 1 - 1e-7)
    heads = target * (log(target) - rate.log())
    tails = (1 - target) * (log(1 - target) - (1 - rate).log())
    return (heads + tails).clamp(min=0)


def output_range(output: str) -> tuple[float, float]:
    """What a decoder with this output can draw."""
    ranges = {"sigmoid": (0.0, 1.0), "linear": (-inf, inf)}
    return ranges[check_choice("output", output, ranges)]


def layers(widths: Sequence[int], dropout: float = 0.0, activation: str = "relu") -> nn.Sequential:
    """Linear layers of these widths, activation (and dropout) between, nothing after the last."""
    check_choice("activation", activation, ACTIVATIONS)
    stack = nn.Sequential()
    for number, (before, after) in enumerate(pairwise(widths), start=2):
        stack.append(nn.Linear(before, after))
        if number < len(widths):
            stack.append(ACTIVATIONS[activation]())
            if dropout:
                stack.append(nn.Dropout(dropout))
    return stack
