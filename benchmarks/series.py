"""The LSTMs beside their rivals on the simulated plant; and settings of "lstm_ae" compared.

    python -m benchmarks.series --defaults     # error on normal validation rows only
    python -m benchmarks.series                # events, on other seeds

The defaults of "lstm_ae" are from earlier trials: neither table has been made in full yet.
Settings are compared on seeds 100, 101, …, by the reconstruction error of normal validation rows:
no event is looked at. The table of detectors is made on seeds 200, 201, …. Seconds are those of
the processor, on one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import anomalylab as al
from anomalylab import baselines, data, metrics
from anomalylab.inputs import Array
from anomalylab.windows import layout

WINDOW, STEPS = 32, 2000
TRAINING: dict[str, Any] = {"lr": 1e-2, "lr_decay": "cosine", "max_grad_norm": 1.0}
CHAPTER = {"hidden": 64, "latent": 32, "patch": 1, "layers": 2}
# settings of the network, and of its training, one changed at a time
SETTINGS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "lstm_ae": ({}, {}),
    "the chapter's network": (CHAPTER, {}),
    "1 row a step": ({"patch": 1}, {}),
    "2 rows a step": ({"patch": 2}, {}),
    "8 rows a step": ({"patch": 8}, {}),
    "hidden 32": ({"hidden": 32}, {}),
    "hidden 128": ({"hidden": 128}, {}),
    "2 layers": ({"layers": 2}, {}),
    "teacher-forced": ({"teacher_forced": True}, {}),
    "lr 3e-3": ({}, {"lr": 3e-3}),
    "no decay": ({}, {"lr_decay": None}),
    "no gradient limit": ({}, {"max_grad_norm": None}),
    "batches of 256": ({}, {"batch_size": 256}),
    "1000 steps": ({}, {"steps": 1000}),
    "4000 steps": ({}, {"steps": 4000}),
}


def parts(seed: int) -> tuple[data.SensorSeries, dict[str, Array]]:
    """A plant, and its parts scaled by what training shows."""
    plant = data.sensors(seed)
    scale = al.Preprocess("standard").fit(plant.train)
    names = ("train", "validation", "calibration", "test")
    return plant, {name: scale.transform(getattr(plant, name)) for name in names}


def trained(detector: al.Detector, x: Array, seed: int, **changes: Any) -> al.Detector:
    """The detector after training on windows of these rows."""
    windows = layout(None, len(x), WINDOW).of(x)
    al.fit(detector, windows, seed=seed, **{"steps": STEPS, **TRAINING, **changes})
    return detector


def by_row(detector: al.Detector, x: Array, align: str) -> Array:
    """Errors of every row and column."""
    where = layout(None, len(x), WINDOW)
    return where.errors_to_steps(al.errors(detector, where.of(x)), align)


def defaults(seeds: list[int], steps: int) -> None:
    """Print the error on normal validation rows for every setting."""
    for name, (network, training) in SETTINGS.items():
        found, began = [], time.process_time()
        for seed in seeds:
            rows = parts(seed)[1]
            with al.seeded(seed):
                detector = al.LSTMAutoencoder(WINDOW, 6, **network)
            trained(detector, rows["train"], seed, **{"steps": steps, **training})
            found.append(float(by_row(detector, rows["validation"], "mean").mean()))
        seconds = (time.process_time() - began) / len(seeds)
        half = (max(found) - min(found)) / 2
        print(f"{name:<24}{np.mean(found):8.4f} ± {half:.4f}{seconds:8.1f} s", flush=True)


def networks(steps: int) -> dict[str, Callable[[], tuple[al.Detector, dict[str, Any]]]]:
    """Untrained detectors of windows, each with what its training differs in."""
    size = WINDOW * 6
    return {
        "lstm_ae": lambda: (al.LSTMAutoencoder(WINDOW, 6), {"steps": steps}),
        "teacher-forced": lambda: (
            al.LSTMAutoencoder(WINDOW, 6, teacher_forced=True),
            {"steps": steps},
        ),
        "forecaster": lambda: (al.LSTMForecaster(WINDOW, 6, given=8), {"steps": steps}),
        "dense autoencoder": lambda: (
            al.Autoencoder(size, (128,), 16, output="linear"),
            {"steps": 2 * steps, "lr": 3e-3},
        ),
    }


def rivals() -> dict[str, Callable[[Array, Array, Array], Array]]:
    """Errors of every row and column, of training rows, the rows before, and the rows."""
    return {
        "norm": lambda train, before, x: x**2,
        "moving z": lambda train, before, x: with_rows_before(baselines.moving_z, before, x),
        "seasonal naive": lambda train, before, x: with_rows_before(
            lambda rows: baselines.seasonal_naive(rows, 96), before, x
        ),
        "PCA on windows": lambda train, before, x: baselines.window_errors(
            baselines.pca_errors, train, x, WINDOW, components=16
        ),
        "kNN on windows": lambda train, before, x: baselines.window_errors(
            baselines.knn_errors, train, x, WINDOW
        ),
        "matrix profile": lambda train, before, x: baselines.matrix_profile(train, x, WINDOW),
    }


def with_rows_before(errors: Callable[[Array], Array], before: Array, x: Array) -> Array:
    """Errors of `x` by a rival that looks back."""
    return errors(np.concatenate([before[-200:], x]))[200:]


def table(seeds: list[int], steps: int) -> None:
    """Print what every detector finds, mean over the seeds ± half their range."""
    from aeon.benchmarking.metrics.anomaly_detection import range_pr_vus_score

    found: dict[str, list[list[float]]] = {}
    for seed in seeds:
        plant, rows = parts(seed)
        labels = plant.labels.any(axis=1).astype(int)
        quiet, test = rows["calibration"], rows["test"]
        scores = {"random": [np.random.default_rng(seed).random(len(x)) for x in (quiet, test)]}
        for name, rival in rivals().items():
            pairs = ((rows["validation"], quiet), (quiet, test))
            both = [rival(rows["train"], before, x) for before, x in pairs]
            scores[name] = [errors.mean(axis=1) for errors in both]
        for name, build in networks(steps).items():
            with al.seeded(seed):
                detector, training = build()
            trained(detector, rows["train"], seed, **training)
            align = "end" if name == "forecaster" else "mean"
            size = (-1, WINDOW, 6)
            both = []
            for x in (quiet, test):
                where = layout(None, len(x), WINDOW)
                errors = al.errors(detector, where.of(x)).reshape(size)
                both.append(where.errors_to_steps(errors, align)[WINDOW:])
            scores[name] = [np.r_[np.zeros(WINDOW), errors.mean(axis=1)] for errors in both]
            joint = [al.models.gaussian_score(np.sqrt(both[0]), np.sqrt(e)) for e in both]
            scores[f"{name}, Gaussian"] = [np.r_[np.zeros(WINDOW), errors] for errors in joint]
        for name, (calm, values) in scores.items():
            flags = values > np.quantile(calm, 0.995)
            counted = metrics.event_counts(labels, flags, late=WINDOW - 1)
            found.setdefault(name, []).append(
                [
                    metrics.roc_auc(labels, values),
                    range_pr_vus_score(labels, values, max_buffer_size=32),
                    counted["found"],
                    counted["false alarms"] / (len(values) / 96),
                    counted["delay"],
                ]
            )
    print(f"{'':<28}{'AUC':>14}{'VUS-PR':>14}  found of 21   false alarms a day   delay")
    for name, runs in found.items():
        mean, half = np.mean(runs, axis=0), np.ptp(runs, axis=0) / 2
        areas = "".join(f"{m:8.3f} ± {h:.3f}" for m, h in zip(mean[:2], half[:2], strict=True))
        print(f"{name:<28}{areas}{mean[2]:10.1f}{mean[3]:18.2f}{mean[4]:13.1f}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--defaults", action="store_true")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=STEPS)
    given = parser.parse_args()
    first = 100 if given.defaults else 200
    task = defaults if given.defaults else table
    task(list(range(first, first + given.seeds)), given.steps)


if __name__ == "__main__":
    main()
