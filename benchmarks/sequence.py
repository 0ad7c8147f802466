"""How fast windows of a series go through the LSTM autoencoders: ``python -m benchmarks.sequence``.

- Windows per second in training and in scoring, beside a loop as in chapter 4.4.3 (every window
  copied, a DataLoader, ``zero_grad``, ``loss.item()``), with the same network. Goals: scoring with
  patches at least 1.8 times as fast, the chapter's network no slower; the training loss within 5 %
  over three seeds.
- 1,000,000 rows of 10 columns scored: memory above what was in use before.

One thread. Ratios are medians of pairs taken in turns: they travel between machines.
"""

from __future__ import annotations

import argparse
import resource
import time
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

import anomalylab as al
from anomalylab.inputs import Array
from anomalylab.windows import Windows, layout

WINDOW, COLUMNS, ROWS, BATCH = 32, 6, 5000, 64
NETWORKS: dict[str, dict[str, Any]] = {
    "patched": {},
    "the chapter's": {"latent": 32, "patch": 1, "layers": 2},
}


def built(name: str, seed: int, columns: int = COLUMNS) -> al.LSTMAutoencoder:
    """An untrained network."""
    with al.seeded(seed):
        return al.LSTMAutoencoder(WINDOW, columns, **NETWORKS[name])


def as_in_the_chapter(x: Array) -> DataLoader[tuple[Tensor, ...]]:
    """Every window copied, in batches of a DataLoader."""
    windows = np.array([x[i : i + WINDOW] for i in range(len(x) - WINDOW + 1)])
    return DataLoader(TensorDataset(torch.FloatTensor(windows)), BATCH, shuffle=True)


def loop_fit(network: nn.Module, loader: DataLoader[tuple[Tensor, ...]], epochs: int) -> float:
    """Train as the chapter does; return the mean loss of the last epoch."""
    optimiser, criterion = torch.optim.Adam(network.parameters(), lr=1e-3), nn.MSELoss()
    for _ in range(epochs):
        network.train()
        total = 0.0
        for (batch,) in loader:
            loss = criterion(network(batch), batch)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item()
    return total / len(loader)


def loop_score(network: nn.Module, loader: DataLoader[tuple[Tensor, ...]]) -> Array:
    """Score as the chapter does."""
    network.eval()
    found: list[float] = []
    with torch.no_grad():
        for (batch,) in loader:
            found.extend(torch.mean((batch - network(batch)) ** 2, dim=(1, 2)).numpy())
    return np.array(found)


def taken(run: Any) -> float:
    """Processor seconds of a call."""
    began = time.process_time()
    run()
    return time.process_time() - began


def speed(name: str, x: Array, turns: int = 5) -> None:
    """Print windows per second, ours and the loop's."""
    windows, loader, network = (
        layout(None, len(x), WINDOW).of(x),
        as_in_the_chapter(x),
        built(name, 0),
    )
    pairs = {
        "training": (
            lambda: al.fit(network, windows, epochs=1),
            lambda: loop_fit(network, loader, epochs=1),
        ),
        "scoring": (lambda: al.score(network, windows), lambda: loop_score(network, loader)),
    }
    for what, (ours, loop) in pairs.items():
        times = [(taken(ours), taken(loop)) for _ in range(turns)]
        ratio = median(slow / fast for fast, slow in times)
        each = len(windows) / median(fast for fast, _ in times)
        print(f"{name:<14} {what:<9}{each:10,.0f} windows/s {ratio:6.2f} x the loop", flush=True)


def losses(name: str, x: Array, epochs: int, seeds: int = 3) -> None:
    """Print the training loss of both ways, from the same weights."""
    windows, loader = layout(None, len(x), WINDOW).of(x), as_in_the_chapter(x)
    ours, loop = [], []
    for seed in range(seeds):
        ours.append(al.fit(built(name, seed), windows, epochs=epochs, seed=seed).train[-1])
        torch.manual_seed(seed)
        loop.append(loop_fit(built(name, seed), loader, epochs))
    ratio = np.mean(ours) / np.mean(loop)
    print(f"{name:<14} loss after {epochs} epochs {ratio:.3f} x the loop's ({np.mean(ours):.4f})")


def long_series(rows: int = 1_000_000, columns: int = 10) -> None:
    """Print what scoring a long series takes."""
    x = np.random.default_rng(0).normal(size=(rows, columns))
    detector = built("patched", 0, columns)
    windows: Windows = layout(None, rows, WINDOW).of(x)
    al.score(detector, x[: 100 * WINDOW].reshape(100, WINDOW, columns))
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    scores = al.score(detector, windows)
    above = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    spent = time.process_time() - began
    print(f"{len(scores):,} windows: {spent:.0f} s, {above:.0f} MB above the rows themselves")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    torch.set_num_threads(1)
    plant = al.data.sensors(100)
    x = al.Preprocess("standard").fit(plant.train).transform(plant.train)[:ROWS]
    for name in NETWORKS:
        speed(name, x)
        losses(name, x, given.epochs)
    long_series(given.rows)


if __name__ == "__main__":
    main()
