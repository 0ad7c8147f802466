"""Section 4.1: an autoencoder for pictures, which looks at neighbouring pixels together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

from torch import Tensor, nn

from anomalylab.detector import Detector
from anomalylab.inputs import check_count
from anomalylab.models.autoencoder import layers, output_range


class ConvAutoencoder(Detector):
    """Convolutions that halve the picture, a bottleneck, and transposed ones that double it.

    A row is a flattened grey picture, as in every `Split`. The same small filter slides over
    the whole picture, so a stroke learned in one corner is known in every other
    (LeCun et al. 1998; as an autoencoder Masci et al. 2011). The score is the mean squared
    reconstruction error.

    Parameters
    ----------
    image_shape : (height, width)
    channels : sequence of int
        Filters of each convolution; every one halves height and width, rounding up.
    latent : int
        Width of z.
    dropout : float in [0, 1)
        Share of whole channels switched off at random while training.
    output : {"sigmoid", "linear"}
        "sigmoid" can only draw values in [0, 1]; "linear" draws any number.
    """

    def __init__(
        self,
        image_shape: tuple[int, int],
        channels: Sequence[int] = (8, 16),
        latent: int = 32,
        dropout: float = 0.0,
        output: str = "sigmoid",
    ) -> None:
        super().__init__()
        check_count("latent", latent)
        self.sample_shape = (prod(image_shape),)
        self.output_range = output_range(output)
        self.encoder = conv_encoder(image_shape, channels, latent, dropout)
        self.decoder = conv_decoder(image_shape, channels, latent, dropout)
        if output == "sigmoid":
            self.decoder.append(nn.Sigmoid())

    def encode(self, x: Tensor) -> Tensor:
        """Return z, shape (batch, latent)."""
        return self.encoder(x)

    def decode(self, z: Tensor) -> Tensor:
        """Return x_hat, shape (batch, height · width)."""
        return self.decoder(z)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat = decode(encode(x)), shape of x."""
        return self.decode(self.encode(x))


def encoder(
    n_features: int,
    widths: Sequence[int],
    image_shape: tuple[int, int] | None,
    channels: Sequence[int],
    activation: str = "relu",
) -> nn.Sequential:
    """From rows to the last of these widths: dense layers, or convolutions for pictures.

    The activation is that of dense layers; convolutions have ReLU.
    """
    if image_shape is None:
        return layers([n_features, *widths], activation=activation)
    if prod(image_shape) != n_features:
        raise ValueError(f"A picture of shape {image_shape} has no {n_features} features.")
    return conv_encoder(image_shape, channels, widths[-1])


def decoder(
    n_features: int,
    widths: Sequence[int],
    image_shape: tuple[int, int] | None,
    channels: Sequence[int],
) -> nn.Sequential:
    """From the last of these widths back to rows: `encoder` mirrored, linear at its end."""
    if image_shape is None:
        return layers([*reversed(widths), n_features])
    return conv_decoder(image_shape, channels, widths[-1])


def conv_encoder(
    image_shape: tuple[int, int], channels: Sequence[int], width: int, dropout: float = 0.0
) -> nn.Sequential:
    """From flattened pictures to `width` numbers: convolutions that halve, one linear layer."""
    small = _shapes(image_shape, channels)[-1]
    return nn.Sequential(
        nn.Unflatten(1, (1, *image_shape)),
        *_halve([1, *channels], dropout),
        nn.Flatten(),
        nn.Linear(channels[-1] * prod(small), width),
    )


def conv_decoder(
    image_shape: tuple[int, int], channels: Sequence[int], width: int, dropout: float = 0.0
) -> nn.Sequential:
    """From `width` numbers to flattened pictures; nothing after the last convolution."""
    shapes = _shapes(image_shape, channels)
    return nn.Sequential(
        nn.Linear(width, channels[-1] * prod(shapes[-1])),
        nn.ReLU(),
        nn.Unflatten(1, (channels[-1], *shapes[-1])),
        *_double([*reversed(channels), 1], shapes[-2::-1], dropout),
        nn.Flatten(),
    )


def _shapes(image_shape: tuple[int, int], channels: Sequence[int]) -> list[tuple[int, int]]:
    """Height and width before and after every halving."""
    if not channels or min(*image_shape, *channels) < 1:
        raise ValueError("image_shape and channels should be at least 1, with one channel or more.")
    shapes = [image_shape]
    for _ in channels:
        shapes.append(((shapes[-1][0] + 1) // 2, (shapes[-1][1] + 1) // 2))
    return shapes


def _halve(channels: Sequence[int], dropout: float) -> list[nn.Module]:
    """Convolutions of stride 2, each followed by ReLU."""
    stack: list[nn.Module] = []
    for before, after in pairwise(channels):
        stack += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU()]
        stack += [nn.Dropout2d(dropout)] if dropout else []
    return stack


def _double(
    channels: Sequence[int], shapes: Sequence[tuple[int, int]], dropout: float
) -> list[nn.Module]:
    """Transposed convolutions up to these shapes, with ReLU between them."""
    stack: list[nn.Module] = []
    for (before, after), (height, width) in zip(pairwise(channels), shapes, strict=True):
        # 2n − 1 rows come out of n; an even height needs one row more
        missing = ((height + 1) % 2, (width + 1) % 2)
        if stack:
            stack += [nn.ReLU()] + ([nn.Dropout2d(dropout)] if dropout else [])
        stack.append(
            nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=missing)
        )
    return stack
