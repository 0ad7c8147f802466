"""A detector for tables nobody has seen before: a wide denoising autoencoder with bounded units.

A pipeline asks for the detector and its settings, and hands both to the one training loop:

    detector, settings = table_recipe(n_features, rows)
    fit(detector, x, **settings)          # x: training rows after Preprocess("standard")

What was compared, on which tables, and what lost: ``benchmarks/README.md``.
"""

from __future__ import annotations

from math import log
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from anomalylab.detector import Detector
from anomalylab.seeding import fixed_noise

WIDTH, STEPS, BATCH = 256, 400, 256
PUSHES = 4  # and their opposites


class TableAutoencoder(Detector):
    """Draw the clean row from copies with a little noise and copies with a lot of it.

    One hidden layer, wider than most tables, whose units saturate on both sides:

        x_hat = W₂ · min(max(W₁x + b₁, 0), cap) + b₂
        loss  = mean((x − x_hat(x + σε))²),   ε ~ N(0, I),   log σ uniform, one σ a row

    The best such x_hat is a soft mean of the training rows near x (Vincent et al. 2008; Alain
    and Bengio 2014): where rows are dense it is x itself, so ‖x − x_hat‖ grows with the distance
    to them, and the noise, not a bottleneck, prevents copying. Many σ at once save the choice of
    one: too small for a sparse table, it would let the network copy; too large for a dense one,
    it would blur. Saturated units bound x_hat, so a row far outside cannot be drawn, where
    ReLU units would go on in a straight line. A row amid the others but where none lives, such
    as the centre of a ring, is its own soft mean. Only a push shows that it does not stay there,
    so a row is scored by how well it is drawn from eight noisy copies of itself:

        errors(x) = mean over k of (x − x_hat(x + probe · ε_k))²

    with ε₁ … ε₈ drawn once, each with its opposite, and the same for all rows.

    Parameters
    ----------
    n_features : int
        Columns of x, which should have mean 0 and standard deviation 1 in training.
    width : int
        Units of the hidden layer, at least 1.
    noise : (least, most)
        Range of σ, in the units of x; 0 < least <= most.
    cap : float
        Where a hidden unit stops growing, above 0; ``inf`` gives ReLU units.
    probe : float
        Standard deviation of the noise in scoring, in the units of x, at least 0.

    Raises
    ------
    ValueError
        If a parameter is outside its range.
    """

    pushes: Tensor

    def __init__(
        self,
        n_features: int,
        width: int = WIDTH,
        *,
        noise: tuple[float, float] = (0.05, 1.0),
        cap: float = 3.0,
        probe: float = 0.3,
    ) -> None:
        super().__init__()
        if min(n_features, width) < 1:
            raise ValueError("n_features and width should be at least 1.")
        if not 0 < noise[0] <= noise[1]:
            raise ValueError(f"noise is (least, most) with 0 < least <= most, not {noise}.")
        if not cap > 0:
            raise ValueError(f"cap should be above 0, not {cap}.")
        if not probe >= 0:
            raise ValueError(f"probe is a standard deviation and cannot be {probe}.")
        self.sample_shape = (n_features,)
        self.noise, self.cap = noise, cap
        self.encoder = nn.Linear(n_features, width)
        self.decoder = nn.Linear(width, n_features)
        pushes = probe * fixed_noise(PUSHES, n_features)
        self.register_buffer("pushes", torch.cat([pushes, -pushes]).to(torch.get_default_dtype()))

    def encode(self, x: Tensor) -> Tensor:
        """Return z, shape (batch, width), between 0 and `cap`."""
        return self.encoder(x).clamp(0, self.cap)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat, shape of x, the same for a row alone and in any batch."""
        return self.decoder(self.encode(x))

    def errors(self, x: Tensor) -> Tensor:
        """Squared error of every feature, drawn from noisy copies, shape of x."""
        total = torch.zeros_like(x)
        for push in self.pushes:
            total += (x - self.reconstruct(x + push)) ** 2
        return total / len(self.pushes)

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """Mean squared distance from the clean x to the reconstruction of a noisy one."""
        low, high = map(log, self.noise)
        sigma = torch.exp(low + (high - low) * torch.rand_like(x[:, :1]))
        return functional.mse_loss(self.reconstruct(x + sigma * torch.randn_like(x)), x)


def table_recipe(
    n_features: int, rows: int, **settings: Any
) -> tuple[TableAutoencoder, dict[str, Any]]:
    """Return an untrained detector and the settings of `fit` for a table of this size.

    The same number of gradient steps for any number of rows. No early stopping: on the
    tables of the benchmark it gained nothing.

    Parameters
    ----------
    n_features, rows : int
        Columns and rows of the training part, scaled by ``Preprocess("standard")``.
    **settings
        Of `TableAutoencoder`.

    Returns
    -------
    detector : TableAutoencoder
        Build it under ``seeded(...)`` to get the same weights again.
    settings : dict
        ``steps``, ``batch_size`` and ``lr`` of `fit`.

    Raises
    ------
    ValueError
        If there are fewer than 1 column or 2 rows.
    """
    if rows < 2:
        raise ValueError(f"Need at least 2 training rows but got {rows}. Pass more data.")
    training = {"steps": STEPS, "batch_size": min(BATCH, rows), "lr": 3e-3}
    return TableAutoencoder(n_features, **settings), training
