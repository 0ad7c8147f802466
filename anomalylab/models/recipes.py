"""Detectors by name: how the pipeline builds one for a table it has never seen."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from anomalylab.detector import Detector
from anomalylab.models.tabular import table_recipe
from anomalylab.models.vae import VAE
from anomalylab.seeding import seeded

STOPPING = {"patience": 20}  # how a detector given by the user is trained: it stops early


@dataclass(frozen=True)
class Recipe:
    """An untrained detector, how to train it, and the scaling it expects.

    With `patience` among the settings of `fit`, training stops early, and the pipeline keeps rows
    for it to watch.
    """

    detector: Detector
    settings: dict[str, Any] = field(default_factory=dict)
    scaling: str = "standard"


def _autoencoder(values: int, rows: int) -> Recipe:
    return Recipe(*table_recipe(values, rows))


def _vae(values: int, rows: int) -> Recipe:
    latent = min(32, max(2, values // 4))
    detector = VAE(values, hidden=(64,), latent=latent, likelihood="gaussian", warmup=5)
    batch_size = 64 if rows < 2000 else 256
    epochs = min(200, max(20, 2000 * batch_size // rows))  # about 2,000 steps
    settings = {"epochs": epochs, "batch_size": batch_size, "lr": 3e-3, "patience": 15}
    return Recipe(detector, settings)


RECIPES: dict[str, Callable[[int, int], Recipe]] = {
    "autoencoder": _autoencoder,
    "vae": _vae,
}


def recipe(model: Any, values: int, rows: int, seed: int) -> Recipe:
    """Build a detector for samples of so many values.

    Parameters
    ----------
    model : str, Detector or callable
        A name in RECIPES; an untrained detector, of which a copy is taken; or a function that
        gets `values` and returns a detector.
    values : int
        Numbers in a sample: columns, times the rows of a window.
    rows : int
        Training rows, which decide how long to train.
    seed : int
        Of the weights at the start.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    with seeded(seed):
        if isinstance(model, str) and model in RECIPES:
            return RECIPES[model](values, rows)
        if isinstance(model, Detector):
            return Recipe(copy.deepcopy(model), dict(STOPPING))
        built = model(values) if callable(model) else None
    if not isinstance(built, Detector):
        names = ", ".join(map(repr, RECIPES))
        raise ValueError(
            f"model should be one of {names}, a Detector, or a function that gets the number of "
            f"values and returns a Detector, but is {model!r}."
        )
    return Recipe(built, dict(STOPPING))
