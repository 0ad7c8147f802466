"""How fast `anomalylab.fit` trains beside two rivals: ``python benchmarks/training.py``.

- A loop over a DataLoader, as tutorials write it: same network, same weights at the start, same
  epochs, batch size, step size and number type. Only the time of training counts.
- PyOD's AutoEncoder with its default settings, beside ours with the same number of epochs. Scaling,
  training and scoring the training rows count, for PyOD's fit does all three; and the AUC on a test
  set is told, since speed without it is worth nothing.

One thread, and its processor time, in which other programs do not count. Rival and we take turns;
the ratio is the median over the turns. PyOD is in the extra `benchmarks`; without it, its line
says so.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import anomalylab as al

ROWS, COLUMNS, EPOCHS = 5000, 30, 10
Run = Callable[[], Any]


def manifold(rows: int, seed: int = 0) -> np.ndarray:
    """Rows on a curved surface of 3 dimensions in 30 columns, with a little noise."""
    surface, draw = np.random.default_rng(0), np.random.default_rng(seed)
    mix, shift = surface.normal(size=(3, COLUMNS)), surface.uniform(0, 2 * np.pi, COLUMNS)
    x = np.sin(draw.normal(size=(rows, 3)) @ mix + shift)
    return np.asarray(x + draw.normal(0, 0.05, x.shape))


def test_set(rows: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Half on the surface; in the other half, a third of the columns comes from other rows."""
    x, labels = manifold(2 * rows, seed=1), np.repeat([0, 1], rows)
    draw = np.random.default_rng(2)
    for column in draw.choice(COLUMNS, COLUMNS // 3, replace=False):
        x[rows:, column] = draw.permutation(x[rows:, column])
    return x, labels


def with_loader(net: nn.Module, rows: np.ndarray, batch_size: int) -> list[float]:
    """Train as tutorials do; return the mean loss of every epoch."""
    x = torch.from_numpy(rows).to(next(net.parameters()))
    loader = DataLoader(TensorDataset(x), batch_size=batch_size, shuffle=True)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.MSELoss()
    history = []
    net.train()
    for _ in range(EPOCHS):
        total = 0.0
        for (batch,) in loader:
            optimiser.zero_grad()
            loss = criterion(net(batch), batch)
            loss.backward()
            optimiser.step()
            total += loss.item() * len(batch)
        history.append(total / len(x))
    return history


def ours(latent: int = 32) -> al.Autoencoder:
    """An autoencoder 30-64-latent-64-30."""
    with al.seeded(0):
        return al.Autoencoder(COLUMNS, hidden=(64,), latent=latent, output="linear")


def take_turns(first: Run, second: Run, turns: int) -> tuple[float, float, float]:
    """Median processor seconds of both, and the median of first / second over the turns."""
    times = []
    for run in (first, second):
        run()  # the first call pays for imports and memory
    for _ in range(turns):
        pair = []
        for run in (first, second):
            start = time.process_time()
            run()
            pair.append(time.process_time() - start)
        times.append(pair)
    return (
        median(pair[0] for pair in times),
        median(pair[1] for pair in times),
        median(pair[0] / pair[1] for pair in times),
    )


def told(name: str, seconds: tuple[float, float, float], goal: float) -> str:
    """One line of the table."""
    rival, we, ratio = seconds
    return f"{name:<44}{1000 * rival:>8.0f} ms{1000 * we:>8.0f} ms{ratio:>7.2f}   (goal {goal})"


def against_loader(turns: int, batch_size: int = 128) -> list[str]:
    """The same network in both loops, in both number types."""
    x = manifold(ROWS)
    lines = []
    for dtype in (torch.float32, torch.float64):
        start = ours().to(dtype)

        def loop(start: nn.Module = start) -> list[float]:
            return with_loader(copy.deepcopy(start), x, batch_size)

        def fit(start: al.Autoencoder = start) -> list[float]:
            detector = copy.deepcopy(start)
            return al.fit(detector, x, epochs=EPOCHS, batch_size=batch_size).train

        apart = abs(loop()[-1] / fit()[-1] - 1)
        assert apart < 0.1, f"the last losses differ by {apart:.0%}: not the same training"
        name = f"DataLoader loop, batch {batch_size}, {str(dtype).removeprefix('torch.')}"
        lines.append(told(name, take_turns(loop, fit, turns), 1.7))
    return lines


def against_pyod(turns: int) -> list[str]:
    """Scale, train and score, by PyOD's AutoEncoder as it comes and by ours."""
    name = "PyOD AutoEncoder, its defaults"
    if find_spec("pyod") is None:
        return [f"{name}: skipped, pip install 'anomalylab-course[benchmarks]' brings it"]
    rival = import_module("pyod.models.auto_encoder").AutoEncoder
    x, (test, labels) = manifold(ROWS), test_set()
    found: dict[str, np.ndarray] = {}

    def pyod() -> None:
        model = rival(verbose=0, epoch_num=EPOCHS).fit(x)
        found["PyOD"] = model.decision_function(test)

    def we() -> None:
        scale = al.Preprocess().fit(x)
        rows, detector = scale.transform(x), ours(latent=8)
        al.fit(detector, rows, epochs=EPOCHS)
        al.score(detector, rows)
        found["ours"] = al.score(detector, scale.transform(test))

    line = told(name, take_turns(pyod, we, turns), 3)
    areas = {who: roc_auc_score(labels, scores) for who, scores in found.items()}
    listed = ", ".join(f"{who} {area:.2f}" for who, area in areas.items())
    return [line, f"  ROC-AUC on the test set: {listed}"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=9, help="how often both take their turn")
    turns = parser.parse_args().turns
    torch.set_num_threads(1)
    print(f"{ROWS} rows of {COLUMNS} columns, {EPOCHS} epochs, one thread, {turns} turns;")
    print("median processor time, and the median ratio")
    print(f"{'rival':<44}{'rival':>11}{'ours':>11}{'ratio':>7}")
    for compare in (against_loader, against_pyod):
        print("\n".join(compare(turns)), flush=True)


if __name__ == "__main__":
    main()
