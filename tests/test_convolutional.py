"""Convolutions: shapes, and a stroke is the same wherever it stands."""

from __future__ import annotations

import pytest
import torch

from anomalylab.models import ConvAutoencoder
from anomalylab.seeding import seeded


@pytest.mark.parametrize("shape", [(8, 8), (7, 5), (1, 12), (28, 28)])
@pytest.mark.parametrize("channels", [(4,), (4, 8), (2, 3, 4)])
def test_convolutions_give_the_picture_its_shape_back(
    shape: tuple[int, int], channels: tuple[int, ...]
) -> None:
    detector = ConvAutoencoder(shape, channels, latent=3)
    x = torch.rand(5, shape[0] * shape[1])
    assert detector.encode(x).shape == (5, 3)
    assert detector.reconstruct(x).shape == x.shape


def test_convolution_knows_a_stroke_wherever_it_stands() -> None:
    """Away from the border, moving the picture by two pixels moves the filters' answer by one."""
    with seeded(0):
        first = ConvAutoencoder((12, 12), (6,), latent=2).encoder[:3]
    picture = torch.zeros(12, 12)
    picture[4:7, 4] = 1
    moved = picture.roll((2, 2), (0, 1))
    answer, after = first(picture.reshape(1, -1)), first(moved.reshape(1, -1))
    torch.testing.assert_close(answer.roll((1, 1), (2, 3))[:, :, 1:, 1:], after[:, :, 1:, 1:])


def test_convolutional_refuses_bad_settings() -> None:
    with pytest.raises(ValueError, match="one channel or more"):
        ConvAutoencoder((8, 8), channels=())
    with pytest.raises(ValueError, match="output should be one of 'sigmoid', 'linear'"):
        ConvAutoencoder((8, 8), output="relu")
