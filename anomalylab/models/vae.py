"""Section 4.2: an autoencoder whose code is a cloud instead of a point.

The encoder gives every x a normal distribution over z, the decoder turns each z into a
distribution over x. Both are trained together by one bound on log p(x).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, pi

import torch
from torch import Tensor, nn
from torch.nn import functional

from anomalylab.detector import Detector
from anomalylab.inputs import check_choice
from anomalylab.models.convolutional import decoder, encoder
from anomalylab.seeding import fixed_noise

LIKELIHOODS = ("gaussian", "bernoulli")
SCORINGS = ("mean", "elbo", "probability", "importance")


class VAE(Detector):
    """Variational autoencoder (Kingma and Welling 2014; chapter 4.2.2).

        q(z|x) = N(z; μ(x), σ²(x)),    p(z) = N(0, I),    p(x|z) as `likelihood` says

    Trained by the negative evidence lower bound, a sum over features in nats, with KL weighted
    by β (Higgins et al. 2017; at β = 1 it bounds −log p(x)):

        loss = mean over rows of −log p(x|z) + β · KL(q(z|x) ‖ p(z)),  z = μ + σ ε,  ε ~ N(0, I)

    Parameters
    ----------
    n_features : int
        Columns of x.
    hidden : sequence of int
        Widths of the encoder's hidden layers; the decoder mirrors them. A convolutional VAE has
        `channels` instead.
    latent : int
        Width of z.
    likelihood : {"gaussian", "bernoulli"}
        "gaussian": N(x; x_hat, σ_dec² I) for any x, with one learned noise scale σ_dec. It starts
        at 1/e, below the spread of scaled data, so that drawing counts before KL empties z.
        "bernoulli": every feature is a coin, for x in [0, 1]. Of a grey value, neither 0 nor 1,
        it gives the cross-entropy: a sensible loss, but no likelihood (Loaiza-Ganem and
        Cunningham 2019), and above 0 even where x_hat equals x.
    beta : float
        Weight of KL in loss and score, at least 0. May be changed after training.
    warmup : int
        Epochs over which β rises in a straight line from 0 while training. Validation always
        uses the full β, so that epochs can be compared; `fit` counts patience after the warm-up.
    scoring : {"mean", "elbo", "probability", "importance"}
        What `score` returns. May be changed after training.
    draws : int
        How many ε the last three scorings use. They are drawn once, here, from a fixed seed, and
        shared by all rows, so that a row scores the same today and tomorrow, alone or not.
    image_shape : (height, width), optional
        Makes encoder and decoder convolutional; a row is a flattened picture of this shape.
    channels : sequence of int, optional
        Filters of each convolution, as in `ConvAutoencoder`; by default (8, 16).
    """

    eps: Tensor
    log_sigma: Tensor

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int] = (32,),
        latent: int = 8,
        *,
        likelihood: str = "gaussian",
        beta: float = 1.0,
        warmup: int = 0,
        scoring: str = "mean",
        draws: int = 16,
        image_shape: tuple[int, int] | None = None,
        channels: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        if min(n_features, latent, draws, *hidden) < 1:
            raise ValueError(
                "n_features, latent, draws and every hidden width should be at least 1."
            )
        check_choice("likelihood", likelihood, LIKELIHOODS)
        if not warmup >= 0:
            raise ValueError(f"warmup is a number of epochs, at least 0, not {warmup}.")
        if channels is not None and image_shape is None:
            raise ValueError("channels need the shape of the picture: pass image_shape=….")
        self.sample_shape = (n_features,)
        self.output_range = (0.0, 1.0) if likelihood == "bernoulli" else (-inf, inf)
        self.likelihood, self.beta, self.scoring, self.warmup = likelihood, beta, scoring, warmup
        filters = (8, 16) if channels is None else channels
        self.encoder = encoder(n_features, [*hidden, 2 * latent], image_shape, filters)
        self.decoder = decoder(n_features, [*hidden, latent], image_shape, filters)
        if likelihood == "gaussian":
            self.log_sigma = nn.Parameter(torch.tensor(-1.0))
        self.register_buffer("eps", fixed_noise(draws, latent).to(torch.get_default_dtype()))

    @property
    def beta(self) -> float:
        """Weight of KL in loss and score."""
        return self._beta

    @beta.setter
    def beta(self, value: float) -> None:
        if not 0 <= value < inf:
            raise ValueError(f"beta is a weight of at least 0, such as 1, not {value}.")
        self._beta = value

    @property
    def scoring(self) -> str:
        """Which of the four scores `score` returns."""
        return self._scoring

    @scoring.setter
    def scoring(self, value: str) -> None:
        self._scoring = check_choice("scoring", value, SCORINGS)

    def get_extra_state(self) -> Tensor:
        """`beta` and `scoring`, which travel with the weights in `state_dict`."""
        return torch.tensor([self.beta, SCORINGS.index(self.scoring)], dtype=torch.float64)

    def set_extra_state(self, state: Tensor) -> None:
        """Take them from another VAE's `state_dict`."""
        self.beta, self.scoring = float(state[0]), SCORINGS[int(state[1])]

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return μ and log σ² of q(z|x), each of shape (batch, latent).

        10 · tanh(·/10) keeps log σ² between −10 and 10, so that a wild row cannot overflow exp.
        """
        mu, raw = self.encoder(x).chunk(2, dim=1)
        return mu, 10 * torch.tanh(raw / 10)

    def encode(self, x: Tensor) -> Tensor:
        """Return μ, the centre of q(z|x), shape (batch, latent)."""
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """Return x_hat, the mean of p(x|z), shape (batch, n_features)."""
        drawn = self.decoder(z)
        return torch.sigmoid(drawn) if self.likelihood == "bernoulli" else drawn

    def spread(self, x: Tensor) -> Tensor:
        """Return σ, the standard deviations of q(z|x), shape (batch, latent), each above 0."""
        return torch.exp(0.5 * self.posterior(x)[1])

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat = decode(μ(x)), shape of x. No noise."""
        return self.decode(self.encode(x))

    def reconstruction(self, x: Tensor, z: Tensor) -> Tensor:
        """−log p(x|z), summed over the features, shape (batch,).

        bernoulli: −Σ x log x_hat + (1 − x) log(1 − x_hat), which is at least 0. Outside [0, 1]
        it would fall without end; there it is that of the nearest of 0 and 1, plus the squared
        distance to it;
        gaussian: ½ Σ ((x − x_hat)/σ_dec)² + log(2π σ_dec²), which may be negative.
        """
        drawn = self.decoder(z)
        if self.likelihood == "bernoulli":
            inside = x.clamp(0, 1)
            coins = functional.binary_cross_entropy_with_logits(drawn, inside, reduction="none")
            return (coins + (x - inside) ** 2).sum(1)
        squares = ((x - drawn) * torch.exp(-self.log_sigma)) ** 2
        return 0.5 * (squares + log(2 * pi)).sum(1) + x.shape[1] * self.log_sigma

    def kl_per_unit(self, x: Tensor) -> Tensor:
        """KL(q(z_j|x) ‖ N(0, 1)) of every unit j, shape (batch, latent)."""
        return normal_kl(*self.posterior(x))

    def kl(self, x: Tensor) -> Tensor:
        """KL(q(z|x) ‖ p(z)), the sum over the units, shape (batch,)."""
        return self.kl_per_unit(x).sum(1)

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """Negative ELBO with one draw of z a row, mean over the batch."""
        mu, logvar = self.posterior(x)
        z = reparameterise(mu, logvar, torch.randn_like(mu))
        warm = self.training and epoch < self.warmup
        beta = self.beta * epoch / self.warmup if warm else self.beta
        return (self.reconstruction(x, z) + beta * normal_kl(mu, logvar).sum(1)).mean()

    def score(self, x: Tensor) -> Tensor:
        """Anomaly score, shape (batch,), as `scoring` says; z_l = μ + σ ε_l with the fixed draws.

        - "mean": −log p(x|μ) + β KL, the chapter's (4.2.3), without any draw;
        - "elbo": −mean_l log p(x|z_l) + β KL, at β = 1 the negative ELBO;
        - "probability": −mean_l log p(x|z_l), the reconstruction probability (An and Cho 2015);
        - "importance": −log mean_l p(x, z_l)/q(z_l|x), a tighter bound (Burda et al. 2016).
        """
        mu, logvar = self.posterior(x)
        kl = normal_kl(mu, logvar).sum(1)
        if self.scoring == "mean":
            return self.reconstruction(x, mu) + self.beta * kl
        eps = self.eps[:, None]
        z = reparameterise(mu, logvar, eps)
        log_p = -torch.stack([self.reconstruction(x, one) for one in z])
        if self.scoring == "importance":
            log_weight = log_p + 0.5 * (eps**2 + logvar - z**2).sum(2)
            return log(len(z)) - torch.logsumexp(log_weight, dim=0)
        return -log_p.mean(0) + (self.beta * kl if self.scoring == "elbo" else 0)


def reparameterise(mu: Tensor, logvar: Tensor, eps: Tensor) -> Tensor:
    """z = μ + σ · ε: all chance sits in ε, so that gradients flow through μ and σ."""
    return mu + torch.exp(0.5 * logvar) * eps


def normal_kl(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)), element by element, at least 0 (chapter 4.2.2).

    ½ (μ² + σ² − 1 − log σ²)
    """
    return 0.5 * (mu**2 + logvar.exp() - 1 - logvar)
