"""How the default detector for tables was chosen: labelled tables, one-class protocol.

Every detector sees 60 % of the normals; the rest of them and all anomalies are the test. The
networks get three quarters of those rows (in the pipeline the default gets 85 %, the rest sets the
threshold); the rivals get them all. Prints the mean ROC-AUC of the half on which choices were
made and of the half kept to confirm them, and processor seconds of training on 4,000 rows of
20 columns. From the root of the repository:

    python -m benchmarks.tables --quick            eight tables of either half, one seed
    python -m benchmarks.tables                    rivals, all tables, two seeds
    python -m benchmarks.tables --ablations        what each ingredient brings (development half)
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import torch
from torch import Tensor

import anomalylab as al
from anomalylab import baselines
from anomalylab.detector import Detector
from anomalylab.metrics import roc_auc
from anomalylab.models.tabular import STEPS, TableAutoencoder, table_recipe
from benchmarks.tables_sets import CONFIRMATION, DEVELOPMENT, Setting
from benchmarks.tables_simulated import Rows

Contestant = Callable[[Rows, Rows, int], Rows]
Build = Callable[[int], Detector]
WEIGHTS, VALIDATION = 0.75, 0.10


class Tanh(TableAutoencoder):
    """Hidden units that saturate smoothly."""

    def encode(self, x: Tensor) -> Tensor:
        """Return z between -1 and 1."""
        return torch.tanh(self.encoder(x))


class Exchange(TableAutoencoder):
    """Beside the noise, 15 % of the entries come from other rows."""

    def loss(self, x: Tensor, turn: str = "train", epoch: int = 0) -> Tensor:
        """Mean squared distance from the clean x."""
        other = x[torch.randint(len(x), x.shape), torch.arange(x.shape[1])]
        swapped = torch.where(torch.rand_like(x) < 0.15, other, x)
        noisy = swapped + 0.3 * torch.randn_like(x)
        return ((self.reconstruct(noisy) - x) ** 2).mean()


class WithNorm(TableAutoencoder):
    """The score also counts the distance from the centre."""

    def errors(self, x: Tensor) -> Tensor:
        """Squared errors and a little of the norm."""
        return super().errors(x) + 0.03 * x**2


class Absolute(TableAutoencoder):
    """The score adds absolute errors, so that no single column decides."""

    def errors(self, x: Tensor) -> Tensor:
        """Mean absolute errors over the pushes."""
        return torch.stack([(x - self.reconstruct(x + e)).abs() for e in self.pushes]).mean(0)


def plain(columns: int) -> Detector:
    """The narrow autoencoder of chapter 4.1."""
    latent = max(2, columns // 4)
    return al.Autoencoder(columns, hidden=(64,), latent=latent, output="linear")


def network(
    build: Build = TableAutoencoder,
    *,
    steps: float = 1,
    watch: bool = False,
    clip: float = inf,
    **changed: Any,
) -> Contestant:
    """A network on three quarters of the rows, trained as `table_recipe` says but for `changed`."""

    def run(train: Rows, test: Rows, seed: int) -> Rows:
        rows = np.random.default_rng(seed).permutation(train)
        first, second = (int(s * len(rows)) for s in (WEIGHTS, WEIGHTS + VALIDATION))
        scale = al.Preprocess().fit(rows[:first])
        x = scale.transform(rows[:first]).clip(-clip, clip)
        settings = table_recipe(x.shape[1], len(x))[1] | changed
        settings["steps"] = round(steps * settings["steps"])
        if watch:
            held = scale.transform(rows[first : max(second, first + 1)])
            settings |= {"validation": held, "patience": 20}
        with al.seeded(seed):
            detector = build(x.shape[1])
        if settings["steps"]:
            al.fit(detector, x, seed=seed, **settings)
        return al.score(detector, scale.transform(test).clip(-clip, clip))

    return run


def rival(scorer: Callable[..., Rows]) -> Contestant:
    """A rival of the course on all rows, standardised."""

    def run(train: Rows, test: Rows, seed: int) -> Rows:
        scale = al.Preprocess().fit(train)
        return scorer(scale.transform(train), scale.transform(test), seed=seed)

    return run


def pyod(train: Rows, test: Rows, seed: int) -> Rows:
    """PyOD's AutoEncoder as it comes, on all rows; it needs a full batch."""
    library = import_module("pyod.models.auto_encoder")
    model = library.AutoEncoder(verbose=0, random_state=seed, batch_size=min(32, len(train)))
    return np.asarray(model.fit(train).decision_function(test))


def contestants() -> dict[str, Contestant]:
    """Ours and everything it should beat."""
    known: dict[str, Contestant] = {name: rival(r) for name, r in baselines.RIVALS.items()}
    if find_spec("pyod") is not None:
        known["PyOD AutoEncoder"] = pyod
    return known | {
        "untrained": network(steps=0),
        "narrow autoencoder": network(plain, steps=2, lr=1e-3),
        "TableAutoencoder": network(),
    }


def ablations() -> dict[str, Contestant]:
    """Ours with one thing changed."""
    return {
        "TableAutoencoder": network(),
        "ReLU units (no cap)": network(lambda d: TableAutoencoder(d, cap=inf)),
        "cap 1": network(lambda d: TableAutoencoder(d, cap=1.0)),
        "tanh units": network(Tanh),
        "no noise": network(lambda d: TableAutoencoder(d, noise=(1e-6, 1e-6))),
        "one noise level, 0.1": network(lambda d: TableAutoencoder(d, noise=(0.1, 0.1))),
        "one noise level, 0.3": network(lambda d: TableAutoencoder(d, noise=(0.3, 0.3))),
        "one noise level, 1": network(lambda d: TableAutoencoder(d, noise=(1.0, 1.0))),
        "entries from other rows": network(Exchange),
        "32 units": network(lambda d: TableAutoencoder(d, 32)),
        "1024 units": network(lambda d: TableAutoencoder(d, 1024)),
        "no noise in scoring": network(lambda d: TableAutoencoder(d, probe=0.0)),
        "norm added": network(WithNorm),
        "absolute errors": network(Absolute),
        "values clipped at 3": network(clip=3.0),
        f"{STEPS // 4} steps": network(steps=0.25),
        f"{STEPS * 4} steps": network(steps=4),
        "early stopping": network(steps=4, watch=True),
    }


def seconds(contestant: Contestant) -> float:
    """Processor seconds for 4,000 rows of 20 columns on which a network trains."""
    rng = np.random.default_rng(0)
    rows = np.sin(rng.normal(size=(round(4000 / WEIGHTS), 3)) @ rng.normal(size=(3, 20)))
    start = time.process_time()
    contestant(rows, rows[:10], 0)
    return time.process_time() - start


def measure(
    entrants: dict[str, Contestant], halves: dict[str, list[Setting]], seeds: int
) -> pd.DataFrame:
    """One row for each half, table, seed and entrant."""
    found = []
    for half, settings in halves.items():
        for setting in settings:
            for seed in range(seeds):
                train, test, labels = setting.deal(seed)
                for name, entrant in entrants.items():
                    auc = roc_auc(labels, entrant(train, test, seed))
                    kind = "real" if setting.real else "simulated"
                    found.append((half, kind, setting.name, seed, name, auc))
    return pd.DataFrame(found, columns=["half", "kind", "table", "seed", "detector", "auc"])


def summary(results: pd.DataFrame, entrants: dict[str, Contestant]) -> str:
    """Means by half and kind, the spread of the half's mean over seeds, and the time."""
    lines = []
    for name, entrant in entrants.items():
        cells = [f"{name:<26}"]
        for _, part in results[results.detector == name].groupby("half", sort=False):
            by_kind, by_seed = part.groupby("kind").auc.mean(), part.groupby("seed").auc.mean()
            cells.append(f"{part.auc.mean():8.3f} ± {np.ptp(by_seed) / 2:.3f}")
            cells.append("".join(f"{value:7.3f}" for value in by_kind))
        lines.append(" ".join([*cells, f"{seconds(entrant):7.2f} s"]))
    halves = results.half.unique()
    title = " ".join(f"{half:>16} {'real':>6} {'simul.':>6}" for half in halves)
    return "\n".join([f"{'':<25} {title}  4,000 rows", *lines])


def main() -> None:
    """Run, print, and write every single area on request."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few tables, one seed")
    parser.add_argument("--ablations", action="store_true", help="vary ours, development half")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--csv", type=Path, help="where to write every single area")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")  # constant columns of digits
    torch.set_num_threads(1)
    entrants = ablations() if chosen.ablations else contestants()
    halves = {"development": DEVELOPMENT}
    if not chosen.ablations:
        halves["confirmation"] = CONFIRMATION
    if chosen.quick:
        halves = {half: settings[::6] for half, settings in halves.items()}
    results = measure(entrants, halves, 1 if chosen.quick else chosen.seeds)
    if chosen.csv:
        results.round(4).to_csv(chosen.csv, index=False)
    print(summary(results, entrants))


if __name__ == "__main__":
    main()
