"""Settings of "lstm_ae" compared, one changed at a time: ``python -m benchmarks.series``.

On plants of seeds 100, 101, …, which no table holds: the error of normal validation rows, and what
is found in the test part (scores of windows, averaged over the windows that cover a row; 0.5 % of
calibration rows are flagged). ``python -m tools.results series`` makes the table of detectors, on
other seeds. Seconds are those of the processor for the training, on one thread.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np

import anomalylab as al
from anomalylab import metrics
from anomalylab.windows import layout
from tools.results_series import LSTM, WINDOW, parts

CHAPTER = {"latent": 32, "patch": 1, "layers": 2}
# settings of the network, and of its training
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "lstm_ae": ({}, {}),
    "z of 8": ({"latent": 8}, {}),
    "z of 32": ({"latent": 32}, {}),
    "the chapter's network": (CHAPTER, {}),
    "1 row a step": ({"patch": 1}, {}),
    "2 rows a step": ({"patch": 2}, {}),
    "8 rows a step": ({"patch": 8}, {}),
    "hidden 32": ({"hidden": 32}, {}),
    "hidden 128": ({"hidden": 128}, {}),
    "teacher-forced": ({"teacher_forced": True}, {}),
    "lr 3e-3": ({}, {"lr": 3e-3}),
    "no decay": ({}, {"lr_decay": None}),
    "no gradient limit": ({}, {"max_grad_norm": None}),
    "batches of 256": ({}, {"batch_size": 256}),
    "1000 steps": ({}, {"steps": 1000}),
    "4000 steps": ({}, {"steps": 4000}),
}


def tried(seed: int, network: dict[str, Any], training: dict[str, Any]) -> list[float]:
    """Error of validation rows, ROC-AUC, events found, false alarms, seconds, of one plant."""
    plant, train, later = parts(seed)
    labels = plant.labels.any(axis=1).astype(int)
    scale = al.Preprocess("standard").fit(plant.train)
    quiet = scale.transform(plant.validation)
    with al.seeded(seed):
        detector = al.LSTMAutoencoder(WINDOW, train.shape[1], **network).float()
    began = time.process_time()
    windows = layout(None, len(train), WINDOW).of(train)
    al.fit(detector, windows, seed=seed, **{**LSTM, **training})
    spent = time.process_time() - began
    where = layout(None, len(later), WINDOW)
    scores = where.to_steps(al.score(detector, where.of(later)), "mean")
    calm, values = scores[: -len(labels)], scores[-len(labels) :]
    found = metrics.event_counts(labels, values > np.quantile(calm, 0.995), late=WINDOW - 1)
    error = float(al.score(detector, layout(None, len(quiet), WINDOW).of(quiet)).mean())
    alarms = 1000 * found["false alarms"] / float(np.sum(labels == 0))
    return [error, metrics.roc_auc(labels, values), found["found"], alarms, spent]


def main() -> None:
    """Read the command line, and print a line for every setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", nargs="*", default=list(SETTINGS), metavar="SETTING")
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    print(f"{'':<24}{'error':>17}{'AUC':>16}  found of 21  false alarms in 1,000 rows")
    for name in given.settings:
        runs = [tried(seed, *SETTINGS[name]) for seed in range(100, 100 + given.seeds)]
        mean, half = np.mean(runs, axis=0), np.ptp(runs, axis=0) / 2
        print(
            f"{name:<24}{mean[0]:9.4f} ± {half[0]:.4f}{mean[1]:9.3f} ± {half[1]:.3f}"
            f"{mean[2]:11.1f}{mean[3]:16.2f}{mean[4]:14.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
