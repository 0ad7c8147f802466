"""A VAE small enough to know everything about: linear, with given weights, never trained."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from anomalylab.classroom.vae.divergence import divergence


class Toy(nn.Module):
    """Linear encoder and decoder for 6 features and 2 latent units, in 64-bit numbers.

    It has the methods of `anomalylab.VAE` that a score may need, for squared errors.

    Parameters
    ----------
    logvar : float
        log σ² of the posterior where x is 0; it moves a little with x.
    """

    def __init__(self, seed: int = 0, logvar: float = -1.0) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(seed)
        basis = torch.linalg.qr(torch.randn(6, 2, generator=random, dtype=torch.float64))[0]
        tilt = 0.1 * torch.randn(6, 2, generator=random, dtype=torch.float64)
        self.basis, self.tilt, self.logvar = nn.Parameter(basis), nn.Parameter(tilt), logvar

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and logvar, each of shape (batch, 2)."""
        return x @ self.basis, self.logvar + x @ self.tilt

    def encode(self, x: Tensor) -> Tensor:
        """Return mu."""
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """Return x_hat, shape (batch, 6)."""
        return z @ self.basis.T

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat without noise."""
        return self.decode(self.encode(x))

    def reconstruction(self, x: Tensor, z: Tensor) -> Tensor:
        """Squared error of the picture drawn from z, summed, shape (batch,)."""
        return ((x - self.decode(z)) ** 2).sum(1)

    def kl(self, x: Tensor) -> Tensor:
        """Divergence from N(0, I), shape (batch,)."""
        return divergence(*self.posterior(x))
