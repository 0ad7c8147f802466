"""How far one row, and one long series, reach: ``python benchmarks/reach.py``.

- One row through `al.score`, beside the bare forward pass of the same detector (goal: at most 3
  times it), and through the default pipeline, beside that of its detector (at most 4 times).
- 50,000 rows of one column in windows of 1,000: how much memory `fit`, `detect` and
  `contributions` take above what was in use before (goal: below 250 MB each; as copies the windows
  are 400 MB). Each runs in a process of its own.

One thread. Times are medians, taken in turns; ratios travel between machines, milliseconds do not.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import torch

import anomalylab as al

ROWS, WINDOW = 50_000, 1000


def seconds(*runs: Callable[[], Any], turns: int = 300) -> list[float]:
    """The median time of each, taken in turns."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(turns):
        for run, times in zip(runs, taken, strict=True):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
    return [median(times) for times in taken]


def bare(detector: al.Detector, row: np.ndarray) -> Callable[[], Any]:
    """The forward pass and nothing else."""
    x = torch.from_numpy(row).to(next(detector.parameters()))

    def run() -> None:
        with torch.no_grad():
            detector.score(x)

    return run


def one_row() -> None:
    """Print the ratios of one row."""
    table = np.random.default_rng(0).normal(size=(1000, 30))
    row = table[:1]
    detector = al.Autoencoder(30, hidden=(32,), latent=8, output="linear").double().eval()
    ours, plain = seconds(lambda: al.score(detector, row), bare(detector, row))
    told = "{:<30} {:5.2f} x the forward pass ({:.0f} us)"
    print(told.format("al.score of one row", ours / plain, ours * 1e6))
    pipeline = al.AnomalyDetectionPipeline().fit(table)
    ours, plain = seconds(lambda: pipeline.score_samples(row), bare(pipeline.detector_, row))
    print(told.format("score_samples of one row", ours / plain, ours * 1e6))


def peak() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def long_series(what: str) -> None:
    """Print how much memory one method takes above the start."""
    wave = np.sin(np.arange(ROWS) / 50) + np.random.default_rng(0).normal(0, 0.1, ROWS)
    frame = pd.DataFrame({"a": wave})
    pipeline = al.AnomalyDetectionPipeline(window=WINDOW, fit_settings={"steps": 100})
    if what != "fit":
        pipeline.fit(frame.iloc[: 10 * WINDOW])
    else:  # so that what PyTorch and scikit-learn load once does not count
        al.AnomalyDetectionPipeline(window=2, fit_settings={"steps": 2}).fit(frame.iloc[:100])
    before = peak()
    getattr(pipeline, what)(frame)
    print(f"{what:<14} {ROWS} x 1, window {WINDOW}: {peak() - before:4.0f} MB above the start")


def main() -> None:
    """Run everything, or one part in a process of its own."""
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        long_series(sys.argv[1])
        return
    one_row()
    for what in ("fit", "detect", "contributions"):
        subprocess.run([sys.executable, __file__, what], check=True)


if __name__ == "__main__":
    main()
