"""Section 4.3: two networks that train each other, and how to tell whether they did.

The generator G makes samples from random numbers, the discriminator D tells them from real ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Self

import numpy as np
import torch
from scipy.spatial.distance import pdist
from sklearn.neighbors import NearestNeighbors
from torch import Tensor, nn
from torch.nn.functional import softplus

from anomalylab.detector import Detector
from anomalylab.inputs import as_array, check_choice
from anomalylab.models.autoencoder import output_range
from anomalylab.models.convolutional import decoder, encoder

PENALTIES = {"non-saturating": 3.0, "wasserstein": 10.0}
CRITIC_STEPS = 3  # of a Wasserstein critic, for each step of the generator


class Discriminator(nn.Module):
    """One number a row, D(x): above 0 for "real", below 0 for "made by the generator".

    Parameters
    ----------
    body : nn.Module
        From x to the intermediate features.
    width : int
        How many features that are.
    """

    def __init__(self, body: nn.Module, width: int) -> None:
        super().__init__()
        self.body, self.head = body, nn.Linear(width, 1)

    def features(self, x: Tensor) -> Tensor:
        """Return f(x), the last hidden layer, shape (batch, width)."""
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logit D(x), shape (batch,); sigmoid makes a probability of it."""
        return self.head(self.features(x)).squeeze(1)


class GAN(Detector):
    """A generator against a discriminator (Goodfellow et al. 2014; chapter 4.3.1).

    Each turn has a loss of its own, where σ is the sigmoid and x_fake = G(z), z ~ N(0, I):

    - "non-saturating": D: −log σ(D(x)) − log(1 − σ(D(x_fake))) + penalty/2 · ‖∂D(x)/∂x‖²,
      G: −log σ(D(x_fake)). The penalty on real rows is R1 (Mescheder et al. 2018); with 0 this is
      the plain game, which often collapses.
    - "wasserstein": D: D(x_fake) − D(x) + penalty · (‖∂D(x̃)/∂x̃‖ − 1)² at points x̃ between real and
      fake rows, G: −D(x_fake) (Gulrajani et al. 2017). D takes three steps for one of G, on the
      same real rows, each with an Adam of its own.

    The score is −D(x), which is **not** a good anomaly score: D has learned to tell real rows from
    generated ones, and has seen no anomaly. `AnoGAN` and its successors score.

    Parameters
    ----------
    n_features : int
        Columns of x.
    hidden : sequence of int
        Widths of D's hidden layers; G mirrors them. The last of D's is the feature layer.
    latent : int
        Width of z.
    game : {"non-saturating", "wasserstein"}
    penalty : float, optional
        Weight of the gradient penalty, at least 0: by default 3, or 10 for "wasserstein".
    momentum : float in [0, 1)
        First beta of Adam; the usual 0.9 makes the two players run around each other.
    output : {"sigmoid", "linear"}
        As in `Autoencoder`.
    image_shape, channels : (height, width), sequence of int, optional
        Build both players of convolutions, with these filters. `hidden` then is one width, that
        of the feature layer.
    frozen : bool
        Neither player trains; `on` sets this.
    """

    pairs = False  # whether D judges pairs (x, z)

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int] = (64, 64),
        latent: int = 16,
        *,
        game: str = "non-saturating",
        penalty: float | None = None,
        momentum: float = 0.5,
        output: str = "sigmoid",
        image_shape: tuple[int, int] | None = None,
        channels: Sequence[int] = (16, 32),
        frozen: bool = False,
    ) -> None:
        super().__init__()
        if not hidden or min(n_features, latent, *hidden) < 1:
            raise ValueError("n_features, latent and one or more hidden widths are at least 1.")
        check_choice("game", game, PENALTIES)
        self.game, self.penalty = game, PENALTIES[game] if penalty is None else penalty
        if not (0 <= self.penalty < inf and 0 <= momentum < 1):
            raise ValueError("penalty is at least 0, momentum at least 0 and below 1.")
        self.sample_shape, self.latent, self.momentum = (n_features,), int(latent), momentum
        self.output_range = output_range(output)
        self.plan: dict[str, Any] = {
            "n_features": n_features, "hidden": tuple(hidden), "latent": latent, "game": game,
            "penalty": penalty, "momentum": momentum, "output": output,
            "image_shape": image_shape, "channels": tuple(channels),
        }  # fmt: skip
        self.generator = decoder(n_features, [*hidden, latent], image_shape, channels)
        body = encoder(n_features, hidden, image_shape, channels, activation="leaky")
        if output == "sigmoid":
            self.generator.append(nn.Sigmoid())
        self.discriminator = Discriminator(body.append(nn.LeakyReLU(0.2)), hidden[-1])
        self.frozen = frozen
        for player in (self.generator, self.discriminator):
            player.requires_grad_(not frozen)

    @classmethod
    def on(cls, gan: GAN, **settings: Any) -> Self:
        """A detector of this kind on top of a trained GAN, of which it holds a frozen copy.

        Parameters
        ----------
        gan : GAN
            Not an `EGBAD`. Of an encoder that it may have nothing is taken over.
        **settings
            What this detector needs beyond the GAN, such as ``steps=100`` for `AnoGAN`.
        """
        if cls.pairs or gan.pairs:
            raise ValueError("The D of EGBAD judges pairs (x, z), no other does: build it anew.")
        detector = cls(**gan.plan, frozen=True, **settings).to(next(gan.parameters()))
        for name in ("generator", "discriminator"):
            getattr(detector, name).load_state_dict(getattr(gan, name).state_dict())
        return detector.eval()

    def turns(self) -> Mapping[str, nn.Module]:
        """D's turn and then G's; a Wasserstein D has three turns for one of G."""
        first = {"discriminator": self.discriminator}
        if self.game == "wasserstein":
            first |= {f"discriminator, {n}": self.discriminator for n in ("again", "once more")}
        return first | {"generator": self.generator}

    def optimiser(
        self, turn: str, parameters: list[nn.Parameter], lr: float
    ) -> torch.optim.Optimizer:
        """Adam with the momentum of this game."""
        second = 0.9 if self.game == "wasserstein" else 0.999
        return torch.optim.Adam(parameters, lr=lr, betas=(self.momentum, second), fused=True)

    def watch(self, x: Tensor) -> Tensor | None:
        """Nothing: each player's loss depends on how good the other one is."""
        return None

    def prior(self, x: Tensor) -> Tensor:
        """Return z ~ N(0, I), one for each row of x, shape (batch, latent)."""
        return torch.randn(len(x), self.latent, dtype=x.dtype, device=x.device)

    def encode(self, x: Tensor) -> Tensor:
        """Return z of x, shape (batch, latent): a GAN alone cannot."""
        raise NotImplementedError("A GAN has no way from x to z: use AnoGAN, FastAnoGAN or EGBAD.")

    def decode(self, z: Tensor) -> Tensor:
        """Return G(z), shape (batch, n_features)."""
        return self.generator(z)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat = G(z) with the z of x, shape of x."""
        return self.generator(self.encode(x))

    def loss(self, x: Tensor, turn: str = "discriminator", epoch: int = 0) -> Tensor:
        """What the player whose turn it is minimises, mean over the batch."""
        drawn = self.generator(self.prior(x))
        if turn == "generator":
            made = self.discriminator(drawn)
            return -made.mean() if self.game == "wasserstein" else softplus(-made).mean()
        return self.play(x, drawn.detach())

    def play(self, real: Tensor, drawn: Tensor) -> Tensor:
        """D's loss on these real and generated rows."""
        if self.game == "wasserstein":
            between = real + torch.rand_like(real[:, :1]) * (drawn - real)
            steepness = self.slope(between)[1].norm(dim=1)
            distance = self.discriminator(drawn).mean() - self.discriminator(real).mean()
            return distance + self.penalty * ((steepness - 1) ** 2).mean()
        if self.penalty:
            said, slope = self.slope(real)
            penalty = self.penalty / 2 * (slope**2).sum(1).mean()
        else:
            said, penalty = self.discriminator(real), real.new_zeros(())
        # softplus(−a) = −log σ(a)
        return softplus(-said).mean() + softplus(self.discriminator(drawn)).mean() + penalty

    def slope(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return D(x) and its gradient with respect to x, shape of x."""
        x = x.detach().requires_grad_()
        said = self.discriminator(x)
        return said, torch.autograd.grad(said.sum(), x, create_graph=True)[0]

    def score(self, x: Tensor) -> Tensor:
        """−D(x), shape (batch,): what is often taken for the anomaly score, and is not one."""
        return -self.discriminator(x)


def health(drawn: Any, train: Any, fresh: Any) -> dict[str, float]:
    """Measure whether a generator draws what it was trained on, and all of it.

    By Euclidean distance: scale the columns first.

    Parameters
    ----------
    drawn : array (samples, features)
        What it draws, at least 2, such as ``latent.sample(gan, 500)``.
    train, fresh : array (rows, features)
        Its training rows, at least 5, and normal rows it has not seen, such as the validation part.

    Returns
    -------
    dict of str to float
        "coverage": share of training rows that have a sample nearer than their third neighbour
        (Naeem et al. 2020). Near 0: most of the data is never drawn. Draw several times as many
        samples as there are rows: with m samples and n rows a perfect generator is expected to
        reach 1 − (n/(n + m))³.
        "diversity": mean distance between two samples, divided by that between two training rows.
        Far below 1: all samples look alike, the GAN has collapsed.
        "distance": median distance from a sample to the nearest training row, divided by that of a
        fresh row. About 1: samples are as near to the data as new data are, also after a collapse.
    """
    known = as_array(train, minimum_rows=5)
    # around their middle: far from 0, distances lose their last digits
    made, new = (
        as_array(rows, sample_shape=known.shape[1:], minimum_rows=least) - known.mean(axis=0)
        for rows, least in ((drawn, 2), (fresh, 1))
    )
    known = known - known.mean(axis=0)
    near = NearestNeighbors(n_neighbors=3).fit(known)
    reach = near.kneighbors()[0][:, 2]  # no row counts as its own neighbour
    nearest = NearestNeighbors(n_neighbors=1).fit(made).kneighbors(known)[0][:, 0]
    from_made, from_new = (np.median(near.kneighbors(rows)[0][:, 0]) for rows in (made, new))
    apart = pdist(known).mean()
    if not min(from_new, apart) > 0:
        raise ValueError("Training rows should differ, and fresh rows should not be among them.")
    return {
        "coverage": float((nearest <= reach).mean()),
        "diversity": float(pdist(made).mean() / apart),
        "distance": float(from_made / from_new),
    }
