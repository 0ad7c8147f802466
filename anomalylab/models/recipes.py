"""Detectors by name: how the pipeline builds one for a table it has never seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import gcd, isqrt
from typing import Any

import torch

from anomalylab.detector import Detector, duplicate
from anomalylab.models.anogan import EGBAD, AnoGAN, FastAnoGAN
from anomalylab.models.autoencoder import SparseAutoencoder
from anomalylab.models.convolutional import ConvAutoencoder
from anomalylab.models.gan import GAN
from anomalylab.models.recurrent import LSTMAutoencoder
from anomalylab.models.tabular import table_recipe
from anomalylab.models.vae import VAE
from anomalylab.seeding import seeded

PATIENCE = 20  # of a detector given by the user
Built = tuple[Detector, dict[str, Any]]


@dataclass(frozen=True)
class Recipe:
    """How to build and train a detector for samples of (window, columns).

    Attributes
    ----------
    build : callable
        Takes window, columns and the number of training samples, and settings of the detector by
        name; returns the untrained detector and the settings of `fit`.
    patience : int, optional
        With it training stops early, and the pipeline keeps rows for it to watch.
    scaling : {"standard", "minmax", "pixels"}
        What the detector expects.
    """

    build: Callable[..., Built]
    patience: int | None = None
    scaling: str = "standard"


def _tabular(window: int, columns: int, rows: int, **settings: Any) -> Built:
    return table_recipe(window * columns, rows, **settings)


def _vae(window: int, columns: int, rows: int, **settings: Any) -> Built:
    values = window * columns
    latent = min(32, max(2, values // 4))
    plain = {"hidden": (64,), "latent": latent, "warmup": 5}
    return VAE(values, **{**plain, **settings}), _length(rows)


def _sparse(window: int, columns: int, rows: int, **settings: Any) -> Built:
    values = window * columns
    plain = {"latent": min(512, max(64, values)), "output": "linear"}
    return SparseAutoencoder(values, **{**plain, **settings}), _length(rows)


def _conv(window: int, columns: int, rows: int, **settings: Any) -> Built:
    side = isqrt(columns)
    if "image_shape" not in settings and window == 1 and side**2 != columns:
        raise ValueError(
            f"{columns} columns are no square picture: say how high and wide it is with "
            "model_settings={'image_shape': (height, width)}."
        )
    shape = (window, columns) if window > 1 else (side, side)
    latent = min(32, max(2, window * columns // 8))
    plain = {"image_shape": shape, "latent": latent, "output": "linear"}
    return ConvAutoencoder(**{**plain, **settings}), _length(rows)


def _lstm(window: int, columns: int, rows: int, **settings: Any) -> Built:
    if window == 1:
        raise ValueError("The model 'lstm_ae' reads windows of a series: pass window=32, say.")
    # Chosen on plants that no table holds: benchmarks/README.md. In 32 bits, as it also scores.
    detector = LSTMAutoencoder(window, columns, **{"patch": gcd(window, 4), **settings}).float()
    return detector, {"steps": 2000, "lr": 1e-2, "lr_decay": "cosine", "max_grad_norm": 1.0}


def _gan(kind: type[GAN], window: int, columns: int, rows: int, **settings: Any) -> Built:
    values = window * columns
    latent = min(32, max(2, values // 4))
    plain = {"hidden": (64, 64), "latent": latent, "output": "linear"}
    return kind(values, **{**plain, **settings}), {"steps": 2000}


def _length(rows: int) -> dict[str, Any]:
    """About 2,000 steps, in 20 to 200 epochs."""
    batch_size = 64 if rows < 2000 else 256
    epochs = min(200, max(20, 2000 * batch_size // rows))
    return {"epochs": epochs, "batch_size": batch_size, "lr": 3e-3}


RECIPES: dict[str, Recipe] = {
    "autoencoder": Recipe(_tabular),
    "vae": Recipe(_vae, patience=15),
    "sparse": Recipe(_sparse, patience=15, scaling="minmax"),
    "conv": Recipe(_conv, patience=15, scaling="pixels"),
    "lstm_ae": Recipe(_lstm),
    "anogan": Recipe(partial(_gan, AnoGAN)),
    "fast_anogan": Recipe(partial(_gan, FastAnoGAN)),
    "egbad": Recipe(partial(_gan, EGBAD)),
}


def recipe(model: Any) -> Recipe:
    """The recipe of a model.

    Parameters
    ----------
    model : str, Detector or callable
        A name in RECIPES; an untrained detector, of which a copy is taken; or a function that
        gets window and columns and returns a detector.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    if isinstance(model, str) and model in RECIPES:
        return RECIPES[model]
    if isinstance(model, Detector):
        return Recipe(lambda window, columns, rows: (duplicate(model), {}), PATIENCE)
    if not callable(model):
        raise ValueError(_unknown(model))

    def build(window: int, columns: int, rows: int, **settings: Any) -> Built:
        built = model(window, columns, **settings)
        if not isinstance(built, Detector):
            raise ValueError(_unknown(built))
        return duplicate(built), {}

    return Recipe(build, PATIENCE)


def build(
    chosen: Recipe, window: int, columns: int, rows: int, seed: int, **settings: Any
) -> Built:
    """Build a recipe's detector, in 64-bit numbers: the same in any process for the same seed."""
    with seeded(seed), _float64():
        return chosen.build(window, columns, rows, **settings)


@contextmanager
def _float64() -> Iterator[None]:
    """Starting weights drawn in 32 and in 64 bits differ, so the default dtype must not decide."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _unknown(model: Any) -> str:
    names = ", ".join(map(repr, RECIPES))
    return (
        f"model should be one of {names}, a Detector, or a function that gets window and columns "
        f"and returns a Detector, but is {model!r}."
    )
