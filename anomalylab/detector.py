"""What a detector is, and the one loop that trains every detector of the course.

A detector is a PyTorch module with three methods: `errors` (same shape as x), `loss`
(a scalar to minimise) and `score` (one number a row, higher = more anomalous).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.inputs import Array, as_array
from anomalylab.seeding import seeded, status, threads


class Detector(nn.Module):
    """Base class. A subclass sets the attributes below and defines `reconstruct` or `errors`.

    Attributes
    ----------
    sample_shape : tuple of int
        The shape of one sample, such as ``(64,)``.
    output_range : (low, high)
        What the decoder can draw; data outside are an error before training.
    threads : int or None
        CPU threads while training; one is fastest for small networks, None leaves the number.
    warmup : int
        Epochs in which the loss still changes: `fit` counts its patience after them.
    """

    sample_shape: tuple[int, ...] = ()
    output_range: tuple[float, float] = (-np.inf, np.inf)
    threads: int | None = 1
    warmup: int = 0

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat, the detector's idea of a normal x. Same shape as x."""
        raise NotImplementedError(f"{type(self).__name__} should define reconstruct(x).")

    def errors(self, x: Tensor) -> Tensor:
        """Squared error of every feature, (x − x_hat)², shape of x."""
        return (x - self.reconstruct(x)) ** 2

    def score(self, x: Tensor) -> Tensor:
        """Anomaly score, shape (batch,): the mean of the errors of a row."""
        return self.errors(x).flatten(1).mean(1)

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """The scalar that `turn`'s parameters minimise: by default the mean score."""
        return self.score(x).mean()

    def turns(self) -> Mapping[str, nn.Module]:
        """The players, in order. In each turn only that player's parameters get gradients."""
        return {"train": self}


@dataclass
class History:
    """What happened in `fit`. Prints as one sentence.

    Attributes
    ----------
    losses : dict of str to list of float
        Mean training loss of every epoch, by turn.
    validation : list of float
        Validation loss of every epoch (empty without validation rows).
    best_epoch : int
        Counted from 1; its weights are the ones kept.
    stopped : {"at the last epoch", "early", "by you"}
    """

    losses: dict[str, list[float]] = field(default_factory=dict)
    validation: list[float] = field(default_factory=list)
    best_epoch: int = 0
    stopped: str = "at the last epoch"
    seed: int = 0

    @property
    def train(self) -> list[float]:
        """Training losses of the first (or only) turn."""
        return next(iter(self.losses.values()))

    def __str__(self) -> str:
        ends = ", ".join(f"{name} loss {values[-1]:.4f}" for name, values in self.losses.items())
        watched = ""
        if self.validation:
            best = self.validation[self.best_epoch - 1]
            watched = f", validation loss {best:.4f} at its best in epoch {self.best_epoch}"
        run = f"Trained {len(self.train)} epochs (seed {self.seed})"
        return f"{run}: {ends}{watched}. Stopped {self.stopped}."

    __repr__ = __str__


def fit(
    detector: Detector,
    x: Any,
    *,
    validation: Any = None,
    epochs: int = 100,
    batch_size: int = 64,
    lr: float = 1e-3,
    patience: int | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
    progress: bool = False,
) -> History:
    """Train `detector` on normal rows by Adam (Kingma and Ba 2015); keep its best epoch's weights.

    Parameters
    ----------
    x : array or DataFrame (rows, ...)
        Normal samples, at least 2.
    validation : array, optional
        Normal samples kept out of training: the epoch of their lowest loss wins, else the last.
    epochs, batch_size, lr : int, int, float
        `lr` is Adam's step size.
    patience : int, optional
        Stop after this many epochs without a better validation loss.
    seed : int
        Decides shuffling, dropout and noise; the weights at the start come from ``seeded(...)``.
    device : str, optional
        Such as "cuda". By default the detector stays where it is.
    progress : bool
        Show one line while training.

    Raises
    ------
    ValueError
        Before training, if the data or a setting cannot work.
    """
    _check_settings(epochs, batch_size, lr, patience, validation)
    if device is not None:
        detector.to(device)
    rows = _tensor(detector, x, minimum_rows=2)
    held = None if validation is None else _tensor(detector, validation)
    _check_range(detector, rows)
    history = History({turn: [] for turn in detector.turns()}, seed=seed)
    with seeded(seed), threads(detector.threads):
        keeper = _Trainer(detector, history, lr=lr, patience=patience)
        try:
            for epoch in range(epochs):
                keeper.train_epoch(rows, batch_size, epoch)
                if progress:
                    status(f"epoch {epoch + 1}/{epochs}, loss {history.train[-1]:.4f}")
                if keeper.better_or_stop(held, epoch):
                    break
        except KeyboardInterrupt:
            keeper.interrupted()
        keeper.restore()
    detector.eval()
    if progress:
        status(str(history), end=True)
    return history


class _Trainer:
    """The state of one training run: optimisers, and the best weights so far."""

    def __init__(
        self, detector: Detector, history: History, *, lr: float, patience: int | None
    ) -> None:
        self.detector, self.history, self.patience = detector, history, patience
        self.players: dict[str, list[nn.Parameter]] = {
            turn: [p for p in player.parameters() if p.requires_grad]
            for turn, player in detector.turns().items()
        }
        self.optimisers = {
            turn: torch.optim.Adam(parameters, lr=lr, fused=True)
            for turn, parameters in self.players.items()
        }
        self.best = np.inf
        self.best_weights: dict[str, Tensor] | None = None

    def train_epoch(self, rows: Tensor, batch_size: int, epoch: int) -> None:
        """One pass over the rows, every player taking its turn on each batch."""
        self.detector.train()
        totals = dict.fromkeys(self.players, 0.0)
        order = torch.randperm(len(rows), device=rows.device)
        for batch in rows[order].split(batch_size):
            for turn in self.players:
                totals[turn] += self._step(batch, turn, epoch) * len(batch)
        for turn, total in totals.items():
            if not np.isfinite(total):
                raise ValueError(
                    f"The {turn} loss became {total} in epoch {epoch + 1}. "
                    "Scale the data or lower lr, then build the detector again."
                )
            self.history.losses[turn].append(total / len(rows))

    def _step(self, batch: Tensor, turn: str, epoch: int) -> float:
        """One gradient step of one player; nobody else's gradients are touched."""
        loss = self.detector.loss(batch, turn, epoch)
        parameters = self.players[turn]
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if gradient is None:
                names = {id(p): n for n, p in self.detector.named_parameters()}
                raise ValueError(
                    f"The {turn} loss does not depend on {names[id(parameter)]}. "
                    "Use it in loss, or freeze it with requires_grad_(False)."
                )
            parameter.grad = gradient
        self.optimisers[turn].step()
        return float(loss.detach())

    def better_or_stop(self, held: Tensor | None, epoch: int) -> bool:
        """Watch the validation rows; True when patience has run out."""
        if held is None:
            self.history.best_epoch = epoch + 1
            return False
        self.detector.eval()
        with torch.no_grad(), seeded(self.history.seed):  # the same noise in every epoch
            loss = float(self.detector.loss(held, next(iter(self.players)), epoch))
        self.history.validation.append(loss)
        if loss < self.best:
            self.best, self.history.best_epoch = loss, epoch + 1
            self.best_weights = copy.deepcopy(self.detector.state_dict())
        waited = epoch + 1 - max(self.history.best_epoch, self.detector.warmup)
        stop = self.patience is not None and waited >= self.patience
        self.history.stopped = "early" if stop else self.history.stopped
        return stop

    def interrupted(self) -> None:
        """The user pressed stop: say so, and keep what was learned."""
        if not self.history.train:
            raise KeyboardInterrupt("Stopped before the first epoch ended; nothing was learned.")
        self.history.stopped = "by you"

    def restore(self) -> None:
        """Put the best weights back."""
        if self.best_weights is not None:
            self.detector.load_state_dict(self.best_weights)


def score(detector: Detector, x: Any, *, chunk: int = 4096) -> Array:
    """Anomaly scores of the rows of `x`, shape (rows,), higher = more anomalous.

    In 64-bit numbers and evaluation mode, so a row scores the same alone or in any batch.
    """
    return evaluate(detector, "score", x, chunk)


def errors(detector: Detector, x: Any, *, chunk: int = 4096) -> Array:
    """The error of every feature, same shape as `x`."""
    return evaluate(detector, "errors", x, chunk)


def reconstruct(detector: Detector, x: Any, *, chunk: int = 4096) -> Array:
    """x_hat for every row, same shape as `x`."""
    return evaluate(detector, "reconstruct", x, chunk)


def evaluate(
    detector: Detector, method: str, x: Any, chunk: int = 4096, width: int | None = None
) -> Array:
    """Run one method of a 64-bit copy over samples (or rows of `width`), `chunk` at a time."""
    shape = detector.sample_shape if width is None else (width,)
    rows = torch.from_numpy(as_array(x, sample_shape=shape))
    frozen = copy.deepcopy(detector).double().eval()
    device = next(frozen.parameters()).device
    with torch.inference_mode():
        parts = [getattr(frozen, method)(part.to(device)).cpu() for part in rows.split(chunk)]
    return np.asarray(torch.cat(parts).numpy())


def _tensor(detector: Detector, x: Any, minimum_rows: int = 1) -> Tensor:
    """`x` as a tensor of the detector's own dtype and device."""
    rows = as_array(x, sample_shape=detector.sample_shape, minimum_rows=minimum_rows)
    return torch.from_numpy(rows).to(next(detector.parameters()))


def _check_settings(
    epochs: int, batch_size: int, lr: float, patience: int | None, validation: Any
) -> None:
    for name, value in (("epochs", epochs), ("batch_size", batch_size), ("lr", lr)):
        if not value > 0:
            raise ValueError(f"{name} should be above 0, but is {value}.")
    if patience is not None and validation is None:
        raise ValueError("patience needs validation rows to watch: pass validation=….")


def _check_range(detector: Detector, rows: Tensor) -> None:
    """Refuse data that the decoder cannot draw."""
    low, high = detector.output_range
    outside = (rows < low) | (rows > high)
    if outside.any():
        row, *_, column = (int(i) for i in outside.nonzero()[0])
        value = float(rows[outside][0])
        raise ValueError(
            f"Column {column} reaches {value:.3g} in row {row}, but this decoder can only draw "
            f"values in [{low:g}, {high:g}]. Scale the data to that range (Preprocess('minmax')) "
            "or build the detector with output='linear' (a VAE with likelihood='gaussian')."
        )
