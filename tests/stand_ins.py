"""Small detectors that make the demands of the sections to come: the suite examines them too."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss
from torch.nn.utils.parametrizations import weight_norm

from anomalylab.detector import Detector


class Literal(Detector):
    """What step 1 of CONTRIBUTING asks for, and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.sample_shape = (10,)
        self.net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 10))

    def errors(self, x: Tensor) -> Tensor:
        return (x - self.net(x)) ** 2

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        return self.errors(x).mean()


class Opposed(Detector):
    """Two turns that share an encoder, and whose weights change with the epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.sample_shape = (10,)
        self.encoder = nn.Sequential(nn.Linear(10, 8), nn.ReLU())
        self.first, self.second = nn.Linear(8, 10), nn.Linear(8, 10)

    def turns(self) -> Mapping[str, nn.Module]:
        return {
            "first": nn.ModuleList([self.encoder, self.first]),
            "second": nn.ModuleList([self.encoder, self.second]),
        }

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.first(self.encoder(x))

    def again(self, x: Tensor) -> Tensor:
        return self.second(self.encoder(self.reconstruct(x)))

    def errors(self, x: Tensor) -> Tensor:
        return 0.5 * (x - self.reconstruct(x)) ** 2 + 0.5 * (x - self.again(x)) ** 2

    def loss(self, x: Tensor, turn: str = "first", epoch: int = 0) -> Tensor:
        share = 1 / (epoch + 2)
        against = (1 - share) * mse_loss(self.again(x), x)
        if turn == "first":
            return share * mse_loss(self.reconstruct(x), x) + against
        return share * mse_loss(self.second(self.encoder(x)), x) - 0.1 * against

    def watch(self, x: Tensor) -> Tensor:
        return mse_loss(self.reconstruct(x), x)


class Recurrent(Detector):
    """An LSTM over (window, columns), scored in 32 bits."""

    scoring_dtype = torch.float32

    def __init__(self, window: int = 5, columns: int = 2) -> None:
        super().__init__()
        self.sample_shape = (window, columns)
        self.encoder = nn.LSTM(columns, 16, batch_first=True)
        self.decoder = nn.Linear(16, window * columns)

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.decoder(self.encoder(x)[0][:, -1]).reshape(x.shape)


class BesideFrozen(Detector):
    """Batch normalisation in what learns, and in a frozen network in front of it."""

    def __init__(self) -> None:
        super().__init__()
        self.sample_shape = (10,)
        self.frozen = nn.Sequential(nn.Linear(10, 10), nn.BatchNorm1d(10)).requires_grad_(False)
        self.net = nn.Sequential(
            nn.Linear(10, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10)
        )

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.net(self.frozen(x))


class Normed(Detector):
    """Weight normalisation, whose weights are computed from others."""

    def __init__(self) -> None:
        super().__init__()
        self.sample_shape = (10,)
        self.net = nn.Sequential(weight_norm(nn.Linear(10, 16)), nn.ReLU(), nn.Linear(16, 10))

    def reconstruct(self, x: Tensor) -> Tensor:
        return self.net(x)
