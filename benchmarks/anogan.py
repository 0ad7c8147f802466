"""How fast AnoGAN's search and its successors are: ``python benchmarks/anogan.py``.

256 rows of handwritten digits (8 × 8), 100 steps, one start, 64-bit numbers, one thread:

- the search over all rows at once, beside the same search in a loop over the rows, as it is mostly
  written; both give the same scores, and the AUC is told;
- f-AnoGAN's encoder beside the batched search;
- the same for convolutional networks on 32 pictures of 28 × 28 pixels (noise: only the time
  counts), where one row alone keeps a processor busy, so that there is less to gain; no goal;
- PyOD's AnoGAN, its own network and settings with 100 steps, on the same training and test rows.

Processor time, in which other programs do not count; the median over the turns, but the dense
loop and PyOD run once. PyOD is in the extra `benchmarks`; without it, its line says so.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from typing import Any

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

import anomalylab as al
from anomalylab.models import GAN, AnoGAN, FastAnoGAN

ROWS, STEPS, FEW = 256, 100, 32
Rows = np.ndarray


def digits() -> tuple[Rows, Rows, Rows]:
    """Training rows (digit 3), all test rows of it and others up to 256, and their labels."""
    split = al.data.digits(normal=3)
    odd = np.random.default_rng(0).permutation(np.flatnonzero(split.test_labels))
    chosen = np.concatenate([np.flatnonzero(split.test_labels == 0), odd])[:ROWS]
    return split.train, split.test[chosen], split.test_labels[chosen]


def looped(detector: AnoGAN, x: Rows) -> Rows:
    """Search row by row."""
    return np.concatenate([al.score(detector, row[None]) for row in x])


def seconds(run: Callable[[], Any], turns: int) -> float:
    """Median processor time of a call; the first one is not counted."""
    times = []
    run()
    for _ in range(turns):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return median(times)


def told(name: str, rival: float, ours: float, goal: str = "") -> str:
    """One line of the table."""
    return f"{name:<48}{1000 * rival:>9.1f} ms{1000 * ours:>9.2f} ms{rival / ours:>8.1f}   {goal}"


def dense(turns: int) -> Iterator[str]:
    """The digits: loop against batch, and batch against the encoder, with the AUC of both ways."""
    train, x, labels = digits()
    with al.seeded(0):
        gan = GAN(64, (64, 64), 16)
    al.fit(gan, train, steps=2000)
    search, encoder = AnoGAN.on(gan.double(), steps=STEPS, starts=1), FastAnoGAN.on(gan)
    batch = seconds(lambda: al.score(search, x), turns)
    fast = seconds(lambda: al.score(encoder, x), 10 * turns)
    yield told("dense: search in a batch / encoder", batch, fast, "(goal 50)")
    start = time.process_time()
    alone = looped(search, x)
    yield told("dense: loop / batch", time.process_time() - start, batch, "(goal 30)")
    together = al.score(search, x)
    apart = float(np.abs(alone / together - 1).max())
    assert apart < 1e-5, f"a row scores differently alone, by {apart:.1e}"
    areas = [roc_auc_score(labels, scores) for scores in (alone, together)]
    assert abs(areas[0] - areas[1]) < 0.01
    yield f"  scores {apart:.0e} apart at most; AUC {areas[0]:.3f} looped, {areas[1]:.3f} batched"


def convolutional(turns: int) -> Iterator[str]:
    """28 × 28 pixels of noise and an untrained GAN: the time is the same."""
    with al.seeded(0):
        gan = GAN(784, (64,), 16, image_shape=(28, 28)).double()
    x = np.random.default_rng(0).random((FEW, 784))
    search, encoder = AnoGAN.on(gan, steps=STEPS, starts=1), FastAnoGAN.on(gan)
    batch = seconds(lambda: al.score(search, x), turns)
    fast = seconds(lambda: al.score(encoder, x), 10 * turns)
    loop = seconds(lambda: looped(search, x), turns)
    yield told(f"convolutional, {FEW} rows: loop / batch", loop, batch)
    yield told(f"convolutional, {FEW} rows: batch / encoder", batch, fast)


def pyod(turns: int) -> Iterator[str]:
    """Train and score once, whatever `turns` is, on the same rows."""
    name = "PyOD AnoGAN, its own settings, 100 steps"
    if find_spec("pyod") is None:
        yield f"{name}: skipped, pip install 'anomalylab-course[benchmarks]' brings it"
        return
    train, x, labels = digits()
    torch.manual_seed(0)
    model = import_module("pyod.models.anogan").AnoGAN(epochs_query=STEPS)
    model.fit(train)
    start = time.process_time()
    scores = model.decision_function(x)
    took = time.process_time() - start
    with al.seeded(0):
        detector = AnoGAN(64, (64, 64), 16, steps=STEPS)
    al.fit(detector, train, steps=2000)
    start = time.process_time()
    ours = al.score(detector, x)
    yield told("scoring by PyOD / by ours, 4 starts", took, time.process_time() - start)
    areas = [roc_auc_score(labels, found) for found in (scores, ours)]
    yield f"  ROC-AUC on these rows: PyOD {areas[0]:.3f}, ours {areas[1]:.3f}"


PARTS = {"dense": dense, "convolutional": convolutional, "pyod": pyod}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=5, help="how often each is timed")
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)}; by default all")
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(f"{ROWS} rows, {STEPS} steps, one thread, median processor time of {given.turns} turns")
    print(f"{'':<48}{'first':>12}{'second':>12}{'ratio':>8}")
    for part in given.parts or PARTS:
        for line in PARTS[part](given.turns):
            print(line, flush=True)


if __name__ == "__main__":
    main()
