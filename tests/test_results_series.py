"""The tables of section 4.4: complete, still what the code gives, and made as they say."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from anomalylab import data, results
from anomalylab.windows import layout
from tools import results_series as tool

KEYS = ["seed", "detector", "score"]
SCORED = {"window, end", "window, mean", "row, end", "row, mean", "row, Gaussian"}


@pytest.fixture(autouse=True)
def in_64_bit() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_series_tables_are_complete() -> None:
    table = results.load("series")
    ways = dict.fromkeys([*tool.STEPWISE], {"row"})
    ways |= dict.fromkeys([*tool.FLAT, *tool.NETWORKS], SCORED)
    ways["isolation forest"] = {"window, end", "window, mean"}
    assert {name: set(group.score) for name, group in table.groupby("detector")} == ways
    assert table.groupby(KEYS[1:]).size().eq(len(tool.SEEDS)).all()
    assert not table.duplicated(KEYS).any() and set(table.seed) == set(tool.SEEDS)
    assert (table[list(data.KINDS)].sum(axis=1) == table.found).all()
    lengths = results.load("series_window")
    assert set(lengths.window) == set(tool.LENGTHS)
    assert lengths.groupby(["window", *KEYS[1:]]).size().eq(len(tool.SEEDS)).all()
    assert not lengths.duplicated(["window", *KEYS]).any()
    warp = results.load("series_warp")
    assert not warp.duplicated(KEYS[:2]).any()
    assert set(warp.detector) == {"norm", *tool.FLAT, *tool.ADAPTED, *tool.NETWORKS}
    assert warp.groupby("detector").size().eq(len(tool.SEEDS)).all()


def test_two_tables_agree_where_they_overlap() -> None:
    lengths = results.load("series_window").query("window == @tool.WINDOW")
    both = lengths.merge(results.load("series"), on=KEYS, suffixes=("", "_before"))
    assert len(both) == len(lengths)
    assert both.roc_auc.to_numpy() == pytest.approx(both.roc_auc_before.to_numpy(), abs=2e-3)


def test_sampled_rows_can_be_repeated() -> None:
    table = results.load("series").set_index(KEYS)
    for row in tool.series_rows(201, ["moving z", "isolation forest"]):
        found = table.loc[tuple(row[key] for key in KEYS)]
        for column in ("roc_auc", "vus_pr"):
            assert row[column] == pytest.approx(found[column], abs=2e-3), row
    warp = results.load("series_warp").set_index(["seed", "detector"]).roc_auc
    for row in tool.series_warp_rows(
        201, ["kNN", "kNN, 16 rows, each channel alone", "dense autoencoder"]
    ):
        assert row["roc_auc"] == pytest.approx(warp[row["seed"], row["detector"]], abs=0.02), row


@pytest.mark.slow
def test_a_sampled_lstm_can_be_repeated() -> None:
    table = results.load("series").set_index(KEYS)
    for row in tool.series_rows(200, ["LSTM autoencoder"]):
        found = table.loc[tuple(row[key] for key in KEYS)]
        assert row["roc_auc"] == pytest.approx(found.roc_auc, abs=0.02), row


def test_swapped_pulses_differ_in_one_channel_only() -> None:
    usual, odd = (tool.warped(np.random.default_rng(0), 50, swapped) for swapped in (False, True))
    changed = np.any(usual != odd, axis=1)
    assert (changed.sum(axis=1) == 1).all() and changed.any(axis=0).all()
    heights = pd.Series(tool.pulses(np.random.default_rng(1)).round(1)).drop_duplicates()
    assert heights.max() == 4


def test_windows_become_rows_in_every_way() -> None:
    """Two windows of two rows: the middle row has the error 4 in the first and 6 in the second."""
    where = layout(None, 3, 2)
    errors = np.array([[[0.0], [4.0]], [[6.0], [2.0]]])
    found = tool.of_rows(where, errors)
    assert found["window, mean"].tolist() == [2.0, 3.0, 4.0]
    assert found["row, mean"].tolist() == [0.0, 5.0, 2.0]
    assert found["window, end"][1:].tolist() == [2.0, 4.0]
    assert found["row, end"][1:].tolist() == [4.0, 2.0]
    assert set(tool.of_rows(where, np.array([1.0, 2.0]))) == {"window, end", "window, mean"}


def test_a_perfect_score_finds_every_event() -> None:
    plant = data.sensors(0)
    truth = np.concatenate([np.zeros(len(plant.calibration)), plant.labels.any(axis=1)])
    found = tool.judged(plant, truth, late=0)
    assert (found["roc_auc"], found["found"], found["false_alarms"]) == (1.0, 21, 0.0)
    assert all(found[kind] == 3 for kind in data.KINDS)


def test_pieces_and_channels_are_looked_at_alone() -> None:
    train, x = (np.random.default_rng(seed).normal(size=(40, 16, 2)) for seed in (0, 1))
    alone = tool.by_channel(partial(tool.of_windows, "kNN"), train, x, seed=0)
    again = tool.of_windows("kNN", train[:, :, [1]], x[:, :, [1]], seed=0)
    assert len(alone) == len(x) and np.array_equal(alone[:, 1], again)
    starts = (0, 4, 8)
    pieces = np.concatenate([train[:, a : a + 8] for a in starts])
    each = [tool.of_windows("kNN", pieces, x[:, a : a + 8], 0).mean(axis=(1, 2)) for a in starts]
    assert tool.of_pieces("kNN", train, x, 0, 8) == pytest.approx(np.mean(each, axis=0))
