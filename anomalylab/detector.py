"""What a detector is, and the one loop that trains every detector of the course.

A detector is a PyTorch module with three methods: `errors` (same shape as x), `loss`
(a scalar to minimise) and `score` (one number a row, higher = more anomalous).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite, prod
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from anomalylab.inputs import Array, as_array, check_choice, check_count
from anomalylab.seeding import cpu_threads, seeded, status
from anomalylab.windows import Windows

CHUNK, CHUNK_VALUES = 4096, 2**18  # rows scored at a time, and values in them, at most
KEPT = "The weights are as they were before fit."


class Detector(nn.Module):
    """Base class. A subclass sets the attributes below and defines `reconstruct` or `errors`.

    What it remembers belongs into parameters and buffers: scoring may run on a copy.

    Attributes
    ----------
    sample_shape : tuple of int
        The shape of one sample, such as ``(64,)``, or ``(window, columns)``.
    output_range : (low, high)
        What the decoder can draw; training data outside are an error.
    warmup : int
        Epochs in which the loss still changes: `fit` counts its patience after them.
    scoring_dtype : torch.dtype
        Numbers in which samples are scored. In 64 bits a row scores the same alone and in any
        batch to about 13 digits, in 32 bits (for networks that are several times slower in 64,
        such as LSTMs) to about 5, to 3 if x_hat is almost x.
    arguments : (tuple, dict)
        What the detector was built with.
    """

    sample_shape: tuple[int, ...] = ()
    output_range: tuple[float, float] = (-np.inf, np.inf)
    warmup: int = 0
    scoring_dtype: torch.dtype = torch.float64
    arguments: tuple[tuple[Any, ...], dict[str, Any]]

    def __new__(cls, /, *args: Any, **settings: Any) -> Self:
        """Record what the detector is built with, as it is now."""
        detector, arguments = super().__new__(cls), (args, settings)
        with suppress(Exception):  # what cannot be copied is kept itself
            arguments = copy.deepcopy(arguments)
        detector.__dict__["arguments"] = arguments  # before nn.Module is set up
        return detector

    def untrained(self) -> Self:
        """A new detector, built with the arguments of this one; it can take its `state_dict`."""
        args, settings = copy.deepcopy(self.arguments)
        return type(self)(*args, **settings)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x_hat, the detector's idea of a normal x. Same shape as x."""
        raise NotImplementedError(f"{type(self).__name__} does not define reconstruct(x).")

    def forward(self, x: Tensor) -> Tensor:
        """Same as `reconstruct`, as PyTorch expects of a module; x stays as it is."""
        return _same_shape(self, "reconstruct", self.reconstruct(x.clone()), x.shape)

    def errors(self, x: Tensor) -> Tensor:
        """Squared error of every feature, (x − x_hat)², shape of x."""
        return (x - self(x)) ** 2

    def score(self, x: Tensor) -> Tensor:
        """Anomaly score, shape (batch,): the mean of the errors of a row.

        Called without gradients; a detector that searches opens ``torch.enable_grad()`` itself.
        """
        return self.errors(x).flatten(1).mean(1)

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """The scalar that `turn`'s parameters minimise: by default the mean score."""
        return self.score(x).mean()

    def turns(self) -> Mapping[str, nn.Module]:
        """The players, in order. In its turn only that player trains: gradients, dropout, and
        all. What nobody trains, such as a frozen network, stays as it is."""
        return {"train": self}

    def watch(self, x: Tensor) -> Tensor | None:
        """What early stopping wants to be small, a scalar: by default the first turn's loss.

        Called in evaluation mode without gradients, with the same noise in every epoch. None:
        there is nothing to watch, as in a GAN, and the last weights are kept.
        """
        return self.loss(x, next(iter(self.turns())))

    def optimiser(
        self, turn: str, parameters: list[nn.Parameter], lr: float
    ) -> torch.optim.Optimizer:
        """What moves the parameters of `turn`: by default Adam (Kingma and Ba 2015)."""
        return torch.optim.Adam(parameters, lr=lr, fused=True)


@dataclass
class History:
    """What happened in `fit`. Prints as one sentence.

    Attributes
    ----------
    losses : dict of str to list of float
        Mean training loss of every epoch, by turn.
    validation : list of float
        What `watch` said of the validation rows after every epoch; empty if nothing was watched.
    best_epoch : int
        Counted from 1; its weights are the ones kept. The last one, even if unfinished, if
        nothing was watched.
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
            best = min(self.validation)
            watched = f", validation loss {best:.4f} at its best in epoch {self.best_epoch}"
        run = f"Trained {len(self.train)} epochs (seed {self.seed})"
        return f"{run}: {ends}{watched}. Stopped {self.stopped}."

    __repr__ = __str__


def fit(
    detector: Detector,
    x: Any,
    *,
    validation: Any = None,
    epochs: int | None = None,
    steps: int | None = None,
    batch_size: int = 64,
    lr: float = 1e-3,
    lr_decay: str | None = None,
    max_grad_norm: float | None = None,
    patience: int | None = None,
    seed: int = 0,
    device: str | torch.device | None = None,
    threads: int | None = 1,
    progress: bool = False,
) -> History:
    """Train `detector` on normal rows; keep its best epoch's weights.

    Parameters
    ----------
    x : array, DataFrame or Windows (rows, ...)
        Normal samples, at least 2.
    validation : array, optional
        Normal samples kept out of training: the epoch in which `watch` is lowest wins, else the
        last.
    epochs, steps : int, optional
        How long: passes over the rows (100 by default), or gradient steps of each player.
    batch_size, lr : int, float
        `lr` is the optimiser's step size.
    lr_decay : {None, "cosine"}
        "cosine" lets `lr` fall to 0 along half a cosine (Loshchilov and Hutter 2017).
    max_grad_norm : float, optional
        Longer gradients are shortened to this norm, as LSTMs need (Pascanu et al. 2013).
    patience : int, optional
        Stop after this many epochs without a better validation loss, if there is one to watch.
    seed : int
        Decides shuffling, dropout and noise; the weights at the start come from ``seeded(...)``.
    device : str, optional
        Such as "cuda". By default the detector stays where it is.
    threads : int or None
        CPU threads; one is fastest for small networks, None leaves the number.
    progress : bool
        Show one line while training.

    Raises
    ------
    ValueError
        Before training, if the data or a setting cannot work; while training, if a loss or a
        weight becomes NaN or infinite.

    Notes
    -----
    One thread of a process trains at a time (`seeded`). Interrupted, it keeps the best weights; if
    anything fails, the weights are as they were before.
    """
    counts = {"epochs": epochs, "steps": steps, "batch_size": batch_size, "patience": patience}
    _check_settings(counts, {"lr": lr, "max_grad_norm": max_grad_norm}, lr_decay)
    if patience is not None and validation is None:
        raise ValueError("patience needs validation rows to watch: pass validation=….")
    if device is not None:
        detector.to(device)
    like, batch_size = _like(detector), int(batch_size)
    rows = _samples(detector, x, like, minimum_rows=2)
    held_out = None if validation is None else _samples(detector, validation, like)
    _check_range(detector, rows)
    batches = len(_cut(torch.arange(len(rows)), batch_size))
    steps = (epochs or 100) * batches if steps is None else steps
    with seeded(seed, _like(detector).device), cpu_threads(threads), _nothing_lost(detector):
        run = _Run(detector, seed, lr, max_grad_norm, steps if lr_decay else None)
        if held_out is not None:
            run.try_watch(next(chunks(held_out)))
        try:
            for epoch in range(-(-steps // batches)):
                run.train_epoch(rows, batch_size, epoch, steps - epoch * batches)
                if progress:
                    total = -(-steps // batches)
                    status(f"epoch {epoch + 1}/{total}, loss {run.history.train[-1]:.4f}")
                if held_out is not None and run.better_or_stop(held_out, epoch + 1, patience):
                    break
        except KeyboardInterrupt:
            run.interrupted()
        run.restore()
    detector.eval()
    if progress:
        status(str(run.history), end=True)
    return run.history


@contextmanager
def _nothing_lost(detector: Detector) -> Iterator[None]:
    """Put the weights back if training fails, so that it can be tried again with other settings."""
    before = copy.deepcopy(detector.state_dict())
    try:
        yield
    except BaseException:  # an interrupt too, before the first epoch has ended
        detector.load_state_dict(before, strict=False)  # a buffer may be new
        detector.eval()
        raise


class _Run:
    """The state of one training run: players, optimisers, and the best weights so far."""

    def __init__(
        self,
        detector: Detector,
        seed: int,
        lr: float,
        max_grad_norm: float | None,
        decay_steps: int | None,
    ) -> None:
        self.detector, self.max_grad_norm = detector, max_grad_norm
        self.players = dict(detector.turns())
        self.parameters = {
            turn: [p for p in player.parameters() if p.requires_grad]
            for turn, player in self.players.items()
        }
        for turn, parameters in self.parameters.items():
            if not parameters:
                raise ValueError(f"The {turn} turn of this detector has no parameters to train.")
        # as it is now: a loss may freeze and thaw its players by turns
        self.frozen = {
            turn: [module for module in player.modules() if _is_frozen(module)]
            for turn, player in self.players.items()
        }
        self.optimisers = {
            turn: detector.optimiser(turn, parameters, lr)
            for turn, parameters in self.parameters.items()
        }
        self.schedules = [
            torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, decay_steps)
            for optimiser in self.optimisers.values()
            if decay_steps
        ]
        self.history = History({turn: [] for turn in self.players}, seed=seed)
        self.playing = ""
        self.best, self.best_found = np.inf, 0
        self.best_weights: dict[str, Tensor] | None = None

    def train_epoch(self, rows: Tensor | Windows, batch_size: int, epoch: int, steps: int) -> None:
        """One pass over the rows, of so many steps at most; every player has its turn on each
        batch."""
        self.history.best_epoch = epoch + 1
        like = _like(self.detector)
        batches = _cut(torch.randperm(len(rows), device=like.device), batch_size)[:steps]
        # one tensor for all: nobody waits for a GPU, and no kept losses leave memory in holes
        losses = like.new_empty(len(self.players), len(batches))
        for step, which in enumerate(batches):
            for number, turn in enumerate(self.players):
                losses[number, step] = self._step(rows[which], turn, epoch)
            for schedule in self.schedules:
                schedule.step()
        for turn, values in zip(self.players, losses.tolist(), strict=True):
            loss = float(np.average(values, weights=[*map(len, batches)]))
            if not isfinite(loss):
                raise ValueError(
                    f"Training diverged: the {turn} loss became {loss} in epoch {epoch + 1}. "
                    f"Scale the data or lower lr. {KEPT}"
                )
            self.history.losses[turn].append(loss)

    def _step(self, batch: Tensor, turn: str, epoch: int) -> Tensor:
        """One gradient step of one player; nobody else's gradients or modes are touched."""
        self._train_only(turn)
        loss = self.detector.loss(batch, turn, epoch)
        if not isinstance(loss, Tensor) or loss.ndim or not loss.requires_grad:
            raise ValueError(
                f"loss should return one number, a tensor with gradient, not {loss!r}."
            )
        parameters = self.parameters[turn]
        gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if gradient is None:
                names = {id(p): n for n, p in self.detector.named_parameters()}
                raise ValueError(
                    f"The {turn} loss does not depend on {names[id(parameter)]}. "
                    "Use it in loss (with weight 0 where it comes in later), or freeze it with "
                    "requires_grad_(False)."
                )
            parameter.grad = gradient
        if self.max_grad_norm is not None:
            nn.utils.clip_grad_norm_(parameters, self.max_grad_norm)
        self.optimisers[turn].step()
        return loss.detach()

    def _train_only(self, turn: str) -> None:
        """Training mode for this player, evaluation mode for all others and frozen networks."""
        if self.playing == turn and self.players[turn].training:
            return
        self.playing = turn
        self.detector.eval()
        self.players[turn].train()
        for module in self.frozen[turn]:
            module.eval()

    def watch(self, held_out: Tensor | Windows) -> float | None:
        """The mean of what the detector watches, over the rows held out; None if nothing."""
        self.detector.eval()
        self.playing, total = "", 0.0
        with torch.no_grad(), seeded(self.history.seed, _like(self.detector).device):
            for part in chunks(held_out):
                value = self.detector.watch(part.clone())
                if value is None:
                    return None
                total += float(value) * len(part)
        return total / len(held_out)

    def try_watch(self, few: Tensor) -> None:
        """Find out before training whether a loss of this kind can be watched."""
        try:
            self.watch(few)
        except RuntimeError as problem:
            if "require grad" not in str(problem):
                raise
            raise ValueError(
                f"{type(self.detector).__name__}.watch needs gradients, and there are none while "
                "validation rows are watched. Define watch(x) without them, or return None."
            ) from problem

    def better_or_stop(self, held_out: Tensor | Windows, epoch: int, patience: int | None) -> bool:
        """Look at the rows held out; True when patience has run out."""
        history, loss = self.history, self.watch(held_out)
        if loss is None:
            return False
        history.validation.append(loss)
        if not isfinite(loss):
            raise ValueError(
                f"The validation loss became {loss} in epoch {epoch}. Scale the data or lower lr. "
                + KEPT
            )
        if loss < self.best:
            self.best, self.best_found = loss, epoch
            self.best_weights = copy.deepcopy(self.detector.state_dict())
        waited = epoch - max(self.best_found, self.detector.warmup)
        stop = patience is not None and waited >= patience
        history.stopped = "early" if stop else history.stopped
        return stop

    def interrupted(self) -> None:
        """The user pressed stop: say so, and keep what was learned."""
        if not self.history.train:
            raise KeyboardInterrupt("Stopped before the first epoch ended.")
        self.history.stopped = "by you"

    def restore(self) -> None:
        """Put the best weights back."""
        if self.best_weights is not None:
            self.detector.load_state_dict(self.best_weights)
            self.history.best_epoch = self.best_found
        if not all(bool(p.isfinite().all()) for ps in self.parameters.values() for p in ps):
            raise ValueError(
                "The last step left weights that are no numbers: a gradient was NaN or infinite. "
                f"Lower lr or pass max_grad_norm. {KEPT}"
            )


def score(detector: Detector, x: Any, *, chunk: int = CHUNK, progress: bool = False) -> Array:
    """Anomaly scores of the rows of `x`, shape (rows,), higher = more anomalous.

    In the detector's `scoring_dtype` and evaluation mode, so a row scores the same alone or in
    any batch. A score that is no number is an error. `progress` shows one line, if there is more
    than one chunk.
    """
    return evaluate(detector, "score", x, chunk, progress=progress)


def errors(detector: Detector, x: Any, *, chunk: int = CHUNK) -> Array:
    """The error of every feature, same shape as `x`."""
    return evaluate(detector, "errors", x, chunk)


def reconstruct(detector: Detector, x: Any, *, chunk: int = CHUNK) -> Array:
    """x_hat for every row, same shape as `x`."""
    return evaluate(detector, "reconstruct", x, chunk)


def evaluate(
    detector: Detector,
    method: str,
    x: Any,
    chunk: int = CHUNK,
    width: int | None = None,
    progress: bool = False,
) -> Array:
    """Run one method over samples (or rows of `width` numbers), `chunk` at a time."""
    with torch.inference_mode(False), torch.no_grad():  # a search needs tensors with gradients
        ready = for_scoring(detector)
        like = torch.empty(0, dtype=detector.scoring_dtype, device=_like(ready).device)
        rows = _samples(ready, x, like, shape=None if width is None else (width,))
        parts = [_evaluated(ready, method, part) for part in chunks(rows, chunk, progress)]
    values = parts[0] if len(parts) == 1 else torch.cat(parts)
    found: Array = values.detach().cpu().to(torch.float64).numpy()
    if np.isnan(found).any():
        row = int(np.argwhere(np.isnan(found))[0][0])
        raise ValueError(
            f"{type(detector).__name__}.{method} gives no number (NaN) for row {row}, which no "
            "threshold could judge. Was it trained, and on data of this size?"
        )
    return found


def _evaluated(detector: Detector, method: str, x: Tensor) -> Tensor:
    values: Tensor = getattr(detector, method)(x)
    due = {"score": x.shape[:1], "errors": x.shape, "reconstruct": x.shape}
    return _same_shape(detector, method, values, due[method]) if method in due else values


def _same_shape(detector: Detector, method: str, values: Tensor, shape: torch.Size) -> Tensor:
    """The values, if they have this shape; another one could mix up rows without an error."""
    if not isinstance(values, Tensor) or values.shape != shape:
        found = tuple(values.shape) if isinstance(values, Tensor) else type(values).__name__
        raise ValueError(
            f"{type(detector).__name__}.{method} should return a tensor of shape {tuple(shape)}, "
            f"but returns {found}."
        )
    return values


def for_scoring(detector: Detector) -> Detector:
    """The detector if it is in its scoring dtype and evaluation mode, else a copy that is."""
    dtype = detector.scoring_dtype
    if all(_ready(module, dtype) for module in detector.modules()):
        return detector
    device = _like(detector).device
    place = "cpu" if device.type == "mps" else device  # MPS has no 64-bit numbers
    return duplicate(detector).to(place, dtype).eval()


def _ready(module: nn.Module, dtype: torch.dtype) -> bool:
    """Whether a module, without those inside it, is in evaluation mode and in this dtype."""
    own = (*module._parameters.values(), *module._buffers.values())  # ten times as fast as lists
    return not module.training and all(
        t is None or t.dtype == dtype or not t.is_floating_point() for t in own
    )


def duplicate(detector: Detector) -> Detector:
    """A copy with weights of its own."""
    # PyTorch refuses to copy what is computed from weights, as `weight_norm` keeps it
    computed = [
        value
        for module in detector.modules()
        for value in vars(module).values()
        if isinstance(value, Tensor) and not value.is_leaf
    ]
    memo: dict[int, Any] = {id(value): value.detach().clone() for value in computed}
    return copy.deepcopy(detector, memo | {id(detector.arguments): detector.arguments})


def _is_frozen(module: nn.Module) -> bool:
    weights = list(module.parameters())
    return bool(weights) and not any(weight.requires_grad for weight in weights)


def _like(detector: Detector) -> Tensor:
    """A tensor with the detector's dtype and device."""
    tensors = chain(detector.parameters(), detector.buffers())
    return next((t for t in tensors if t.is_floating_point()), torch.empty(0))


def _samples(
    detector: Detector,
    x: Any,
    like: Tensor,
    minimum_rows: int = 1,
    shape: tuple[int, ...] | None = None,
) -> Tensor | Windows:
    """`x` as samples in the dtype and on the device of `like`."""
    shape = detector.sample_shape if shape is None else shape
    if not shape:
        raise ValueError(f"{type(detector).__name__} should set sample_shape, such as (64,).")
    if isinstance(x, Windows):
        if len(x) < minimum_rows:
            raise ValueError(f"Need at least {minimum_rows} window(s) but got {len(x)}.")
        return x.shaped(shape).to(like)
    rows = as_array(x, sample_shape=shape, minimum_rows=minimum_rows)
    return torch.from_numpy(np.array(rows, order="C")).to(like)


def chunks(
    samples: Tensor | Windows, most: int = CHUNK, progress: bool = False
) -> Iterator[Tensor]:
    """The samples in order, at most so many at a time, and fewer of large ones."""
    if not len(samples):
        return
    size = max(1, min(most, CHUNK_VALUES // max(1, prod(samples[:1].shape[1:]))))
    for start in range(0, len(samples), size):
        yield samples[start : start + size]
        if progress and len(samples) > size:
            done = min(start + size, len(samples))
            status(f"scored {done} of {len(samples)}", end=done == len(samples))


def _cut(order: Tensor, size: int) -> list[Tensor]:
    """Row numbers in batches. A batch of one left over joins its neighbour: it has no spread,
    which batch normalisation needs."""
    pieces = list(order.split(size))
    if len(pieces) > 1 and len(pieces[-1]) == 1 < size:
        pieces[-2:] = [torch.cat(pieces[-2:])]
    return pieces


def _check_settings(
    counts: dict[str, Any], sizes: dict[str, float | None], lr_decay: str | None
) -> None:
    for name, value in counts.items():
        if value is not None:
            check_count(name, value)
    for name, size in sizes.items():
        if size is not None and not 0 < size < np.inf:
            raise ValueError(f"{name} should be above 0, but is {size}.")
    if counts["batch_size"] is None or sizes["lr"] is None:
        raise ValueError("batch_size and lr need a number. Leave them out for the usual one.")
    if counts["epochs"] is not None and counts["steps"] is not None:
        raise ValueError("Pass epochs or steps, not both: they say the same thing twice.")
    check_choice("lr_decay", lr_decay, (None, "cosine"))


def _check_range(detector: Detector, samples: Tensor | Windows) -> None:
    """Refuse data that the decoder cannot draw."""
    low, high = detector.output_range
    rows = samples.values if isinstance(samples, Windows) else samples
    outside = (rows < low) | (rows > high)
    if outside.any():
        row, *_, column = (int(i) for i in outside.nonzero()[0])
        value = float(rows[outside][0])
        raise ValueError(
            f"Column {column} reaches {value:.3g} in row {row}, but this decoder can only draw "
            f"values in [{low:g}, {high:g}]. Scale the data to that range (Preprocess('minmax')) "
            "or build the detector with output='linear' (a VAE with likelihood='gaussian')."
        )
