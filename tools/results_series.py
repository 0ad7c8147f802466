"""The tables of section 4.4, one run a row; `tools.results` writes them.

Settings were chosen on the test parts of seeds 100 to 102 (`benchmarks/README.md`), which no table
holds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.random import Generator
from sklearn.neural_network import MLPRegressor

from anomalylab import baselines, data, metrics
from anomalylab.detector import Detector, errors, fit
from anomalylab.extras import extra
from anomalylab.inputs import Array
from anomalylab.models import Autoencoder, LSTMAutoencoder, LSTMForecaster, gaussian_score
from anomalylab.notebook import progress
from anomalylab.preprocess import Preprocess
from anomalylab.seeding import seeded
from anomalylab.windows import ALIGNMENTS, Layout, layout

Row = dict[str, Any]
SEEDS = range(200, 203)
WINDOW, LENGTHS = 32, (8, 16, 32, 64, 128)
MARGIN = 32  # rows around an event that VUS-PR also looks at, at most
LSTM: Row = {"steps": 2000, "lr": 1e-2, "lr_decay": "cosine", "max_grad_norm": 1.0}
DENSE: Row = {"steps": 4000, "lr": 3e-3, "lr_decay": "cosine"}
WARPED_ROWS, WARPED_TRAIN, WARPED_TEST = 48, 3000, 500  # rows of a window; windows; of each kind
# what is trained on windows, and how
NETWORKS: dict[str, tuple[Callable[[int, int], Detector], Row]] = {
    "dense autoencoder": (
        lambda window, columns: Autoencoder(window * columns, (128,), 16, output="linear"),
        DENSE,
    ),
    "LSTM autoencoder": (lambda window, columns: LSTMAutoencoder(window, columns), LSTM),
    "LSTM autoencoder, teacher-forced": (
        lambda window, columns: LSTMAutoencoder(window, columns, teacher_forced=True),
        LSTM,
    ),
    "LSTM forecaster": (lambda window, columns: LSTMForecaster(window, columns, given=4), LSTM),
    "untrained": (lambda window, columns: LSTMAutoencoder(window, columns), {}),
}
# errors (or one score) of windows, given windows as long rows
FLAT: dict[str, Callable[[Array, Array, int], Array]] = {
    "PCA": lambda train, x, seed: baselines.pca_errors(train, x, min(16, train.shape[1] // 2)),
    "kNN": lambda train, x, seed: baselines.knn_errors(train, x),
    "isolation forest": baselines.isolation_forest,
}
# scores of rows, given the rows from training on
STEPWISE: dict[str, Callable[[Array, int], Array]] = {
    "random": lambda x, seed: np.random.default_rng(seed).random(len(x)),
    "norm": lambda x, seed: np.abs(x).max(axis=1),
    "moving z": lambda x, seed: baselines.moving_z(x).max(axis=1),
}


def parts(seed: int) -> tuple[data.SensorSeries, Array, Array]:
    """A plant, its training rows, and those of calibration and test; scaled by training rows."""
    plant = data.sensors(seed)
    scale = Preprocess("standard").fit(plant.train)
    later = np.concatenate([scale.transform(plant.calibration), scale.transform(plant.test)])
    return plant, scale.transform(plant.train), later


def trained(name: str, window: int, x: Array, seed: int) -> Detector:
    """A network after training on windows of shape (windows, window, columns)."""
    build, settings = NETWORKS[name]
    with seeded(seed):
        detector = build(window, x.shape[2]).float()  # 64 bits cost an LSTM four times the time
    if settings:
        fit(detector, x.reshape(len(x), *detector.sample_shape), seed=seed, **settings)
    return detector


def of_windows(name: str, train: Array, x: Array, seed: int) -> Array:
    """Errors of windows, shape of x; or scores of windows from what knows no errors."""
    window = x.shape[1]
    if name in NETWORKS:
        detector = trained(name, window, train, seed)
        return errors(detector, x.reshape(len(x), *detector.sample_shape)).reshape(x.shape)
    found = FLAT[name](train.reshape(len(train), -1), x.reshape(len(x), -1), seed)
    return found.reshape(x.shape) if found.ndim > 1 else found


def of_rows(where: Layout, found: Array) -> dict[str, Array]:
    """Scores of rows from errors of windows, in each way that there is."""
    scores = found.reshape(len(found), -1).mean(axis=1)
    ways = {f"window, {align}": where.to_steps(scores, align) for align in ALIGNMENTS}
    if found.ndim == 1:
        return ways
    rows = {f"row, {align}": where.errors_to_steps(found, align) for align in ALIGNMENTS}
    return ways | {way: values.mean(axis=1) for way, values in rows.items()}


def judged(plant: data.SensorSeries, scores: Array, late: int) -> Row:
    """What scores of calibration and test rows are worth; 0.5 % of calibration is flagged."""
    with extra("course"):
        from aeon.benchmarking.metrics.anomaly_detection import range_pr_vus_score

    labels = np.asarray(plant.labels.any(axis=1), dtype=np.int64)
    calm, values = scores[: -len(labels)], scores[-len(labels) :]
    flags = values > np.quantile(calm[np.isfinite(calm)], 0.995)
    counted = metrics.event_counts(labels, flags, late)
    kinds = {
        kind: sum(flags[e.start : e.end + late].any() for e in plant.events if e.kind == kind)
        for kind in data.KINDS
    }
    return {
        "roc_auc": round(metrics.roc_auc(labels, values), 4),
        "vus_pr": round(range_pr_vus_score(labels, values, max_buffer_size=MARGIN), 4),
        "found": counted["found"],
        "false_alarms": round(1000 * counted["false alarms"] / float(np.sum(labels == 0)), 2),
        "delay": counted["delay"],
        **kinds,
    }


def series_rows(
    seed: int, names: Sequence[str] = (*STEPWISE, *FLAT, *NETWORKS), window: int = WINDOW
) -> list[Row]:
    """What detectors find in one plant, for every way from windows to rows."""
    plant, train, later = parts(seed)
    found: dict[tuple[str, str], Array] = {}
    where = layout(None, len(later), window)
    known = layout(None, len(train), window).of(train)[:].numpy()
    for name in names:
        if name in STEPWISE:
            found[name, "row"] = STEPWISE[name](later, seed)
            continue
        values = of_windows(name, known, where.of(later)[:].numpy(), seed)
        found |= {(name, way): scores for way, scores in of_rows(where, values).items()}
        if values.ndim > 1:
            each = np.sqrt(where.errors_to_steps(values, "mean"))
            joint = gaussian_score(each[: len(plant.calibration)], each)
            found[name, "row, Gaussian"] = joint
    return [
        {"seed": seed, "detector": name, "score": way, **judged(plant, scores, WINDOW - 1)}
        for (name, way), scores in found.items()
    ]


def series_window_rows(seed: int, window: int) -> list[Row]:
    """What the length of the window changes."""
    names = ("PCA", "dense autoencoder", "LSTM autoencoder")
    return [
        {"window": window, **row}
        for row in series_rows(seed, names, window)
        if row["score"].startswith("window")
    ]


def pulses(rng: Generator, swapped: bool = False) -> Array:
    """One channel: pulses of height 1, 2, 3, 4, 1, 2, …, each 4 to 14 rows long."""
    heights = np.roll(np.tile([1.0, 2.0, 3.0, 4.0], 4), rng.integers(4))
    lengths = rng.integers(4, 15, len(heights))
    if swapped:
        heights[[2, 3]] = heights[[3, 2]]
    drawn = [
        height * np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2
        for height, length in zip(heights, lengths, strict=True)
    ]
    start = rng.integers(lengths[0])
    return np.concatenate(drawn)[start : start + WARPED_ROWS]


def warped(rng: Generator, windows: int, swapped: bool = False) -> Array:
    """Windows of three channels, each at a speed of its own, shape (windows, rows, 3).

    Swapped: in one channel two neighbouring pulses have changed places.
    """
    x = np.empty((windows, WARPED_ROWS, 3))
    for window in x:
        odd = rng.integers(3)
        for channel in range(3):
            window[:, channel] = pulses(rng, swapped and channel == odd)
    return x + rng.normal(0, 0.05, x.shape)


def of_pieces(name: str, train: Array, x: Array, seed: int, size: int) -> Array:
    """Scores of windows: mean over shorter windows inside them, every fourth one."""

    def cut(windows: Array) -> Array:
        pieces = sliding_window_view(windows, size, axis=1)[:, ::4]
        return pieces.swapaxes(2, 3).reshape(-1, size, windows.shape[2])

    found = of_windows(name, cut(train), cut(x), seed)
    return found.reshape(len(x), -1).mean(axis=1)


def by_channel(
    found: Callable[[Array, Array, int], Array], train: Array, x: Array, seed: int
) -> Array:
    """What is found in windows, every channel looked at by itself."""
    channels = range(x.shape[2])
    return np.stack([found(train[:, :, [c]], x[:, :, [c]], seed) for c in channels], axis=1)


def dense_forecasts(train: Array, x: Array, seed: int, alone: bool = False) -> Array:
    """Scores of windows by a dense network that forecasts a row from the 16 rows before it.

    Alone: every channel from its own rows, by the same network.
    """

    def cut(windows: Array) -> tuple[Array, Array]:
        pieces = sliding_window_view(windows, 17, axis=1)
        pieces = pieces.reshape(-1, 1 if alone else windows.shape[2], 17)
        return pieces[:, :, :-1].reshape(len(pieces), -1), pieces[:, :, -1].squeeze()

    (before, then), (given, due) = cut(train), cut(x)
    few = np.random.default_rng(seed).choice(len(before), min(len(before), 80_000), replace=False)
    network = MLPRegressor(
        hidden_layer_sizes=(128,),
        batch_size=64,
        learning_rate_init=3e-3,
        max_iter=20,
        random_state=seed,
    )
    with warnings.catch_warnings(action="ignore"):  # 20 epochs are what was chosen
        network.fit(before[few], then[few])
    found = (network.predict(given) - due) ** 2
    return np.asarray(found.reshape(len(x), -1).mean(axis=1))


# what only looks at whole windows is not all that rivals can do
ADAPTED: dict[str, Callable[[Array, Array, int], Array]] = {
    "kNN, 16 rows": partial(of_pieces, "kNN", size=16),
    "kNN, each channel alone": partial(by_channel, partial(of_windows, "kNN")),
    "kNN, 16 rows, each channel alone": partial(by_channel, partial(of_pieces, "kNN", size=16)),
    "dense autoencoder, 24 rows": partial(of_pieces, "dense autoencoder", size=24),
    "dense forecaster": dense_forecasts,
    "dense forecaster, each channel alone": partial(dense_forecasts, alone=True),
}


def series_warp_rows(
    seed: int, names: Sequence[str] = ("norm", *FLAT, *ADAPTED, *NETWORKS)
) -> list[Row]:
    """ROC-AUC for windows in which one channel's pulses come in another order."""
    rng = np.random.default_rng(seed)
    train = warped(rng, WARPED_TRAIN)
    x = np.concatenate([warped(rng, WARPED_TEST), warped(rng, WARPED_TEST, swapped=True)])
    train, x = (train - train.mean()) / train.std(), (x - train.mean()) / train.std()
    labels, rows = np.repeat([0, 1], WARPED_TEST), []
    for name in names:
        if name in ADAPTED:
            found = ADAPTED[name](train, x, seed)
        else:
            found = x**2 if name == "norm" else of_windows(name, train, x, seed)
        area = metrics.roc_auc(labels, found.reshape(len(x), -1).mean(axis=1))
        rows.append({"seed": seed, "detector": name, "roc_auc": round(area, 4)})
    return rows


def series() -> Iterator[Row]:
    """All runs of "series"."""
    for seed in progress(list(SEEDS), "series"):
        yield from series_rows(seed)


def series_window() -> Iterator[Row]:
    """All runs of "series_window"."""
    for window, seed in progress(list(product(LENGTHS, SEEDS)), "series_window"):
        yield from series_window_rows(seed, window)


def series_warp() -> Iterator[Row]:
    """All runs of "series_warp"."""
    for seed in progress(list(SEEDS), "series_warp"):
        yield from series_warp_rows(seed)
