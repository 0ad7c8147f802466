"""Section 4.1: the autoencoder."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from anomalylab.detector import Detector


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
    """

    def __init__(
        self,
        n_features: int,
        hidden: Sequence[int] = (32,),
        latent: int = 8,
        dropout: float = 0.0,
        output: str = "sigmoid",
    ) -> None:
        super().__init__()
        if min(n_features, latent, *hidden) < 1:
            raise ValueError("n_features, latent and every hidden width should be at least 1.")
        if output not in ("sigmoid", "linear"):
            raise ValueError(f"output should be 'sigmoid' or 'linear', not {output!r}.")
        self.sample_shape = (n_features,)
        if output == "sigmoid":
            self.output_range = (0.0, 1.0)
        self.encoder = layers([n_features, *hidden, latent], dropout)
        self.decoder = layers([latent, *reversed(hidden), n_features], dropout)
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

    def forward(self, x: Tensor) -> Tensor:
        """Same as `reconstruct`, as PyTorch expects of a module."""
        return self.reconstruct(x)


def layers(widths: Sequence[int], dropout: float = 0.0) -> nn.Sequential:
    """Linear layers of these widths with ReLU (and dropout) between, nothing after the last."""
    stack = nn.Sequential()
    for number, (before, after) in enumerate(pairwise(widths), start=2):
        stack.append(nn.Linear(before, after))
        if number < len(widths):
            stack.append(nn.ReLU())
            if dropout:
                stack.append(nn.Dropout(dropout))
    return stack
