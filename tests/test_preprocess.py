"""Filling and scaling: exact values, gaps, constant columns, and a state that travels."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from anomalylab.preprocess import WIDEST, Preprocess


def test_preprocess_learns_from_its_rows_only() -> None:
    train = pd.DataFrame({"a": [0.0, 2.0, np.nan], "b": [1.0, 3.0, 5.0]})
    prepare = Preprocess().fit(train)
    np.testing.assert_allclose(prepare.transform(train)[:, 0], [-1, 1, 0])
    np.testing.assert_allclose(prepare.transform([[100.0, 3.0]]), [[99, 0]])
    box = Preprocess("minmax").fit(train)
    np.testing.assert_allclose(box.transform(train)[:, 1], [0, 0.5, 1])


def test_preprocess_constant_and_empty_columns() -> None:
    with pytest.warns(UserWarning, match="Constant column.* 1: left unscaled"):
        prepare = Preprocess().fit([[1.0, 5.0], [2.0, 5.0]])
    np.testing.assert_allclose(prepare.transform([[1.5, 7.0]]), [[0, 2]])
    gap = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": np.nan})
    with pytest.raises(ValueError, match=r"'b' has no value at all in the 3 rows to learn from"):
        Preprocess().fit(gap)
    with pytest.raises(ValueError, match="Column 1 has no value"):
        Preprocess().fit(gap.to_numpy())
    with pytest.raises(ValueError, match="Call fit"):
        Preprocess().transform([[1.0]])
    with pytest.raises(ValueError, match="one of 'standard', 'minmax', 'pixels', not 'robust'"):
        Preprocess("robust")


@pytest.mark.parametrize("method", ["standard", "minmax", "pixels"])
def test_preprocess_travels_in_a_state_dict(method: str) -> None:
    rows = np.random.default_rng(0).normal(size=(20, 3))
    rows[3, 1] = np.nan
    fitted = Preprocess(method).fit(rows)
    state = fitted.state_dict()
    assert set(state) == {"fill", "shift", "scale", "precision"}
    assert all(value.dtype == torch.float64 for value in state.values())
    fresh = Preprocess(method)
    fresh.load_state_dict(state)
    np.testing.assert_array_equal(fresh.transform(rows), fitted.transform(rows))
    fresh.fit(rows * 2)
    np.testing.assert_array_equal(fitted.state_dict()["scale"], state["scale"])  # its own memory
    other = Preprocess().fit(rows[:, :2])
    other.load_state_dict(state)
    np.testing.assert_array_equal(other.transform(rows), fitted.transform(rows))
    with pytest.raises(RuntimeError, match="Missing key.*scale"):
        Preprocess().load_state_dict({"fill": state["fill"], "shift": state["shift"]})


def test_preprocess_travels_inside_another_module() -> None:
    def chain(prepare: Preprocess) -> nn.Sequential:
        return nn.Sequential(prepare, nn.Linear(2, 1, dtype=torch.float64))

    first = chain(Preprocess().fit([[1.0, 2.0], [3.0, 5.0]]))
    second = chain(Preprocess())
    second.load_state_dict(first.state_dict())
    x = torch.tensor([[2.0, torch.nan]], dtype=torch.float64)
    assert torch.equal(second(x), first(x)) and not second(x).isnan().any()


def test_transform_takes_read_only_and_reversed_rows() -> None:
    rows = np.arange(12.0).reshape(6, 2)
    prepare = Preprocess("minmax").fit(rows)
    rows.setflags(write=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(prepare.transform(rows[::-1])[:, 0], np.arange(6)[::-1] / 5)
        found = prepare.transform(rows)
    found[:] = 0
    assert rows[5, 1] == 11


def correlated(rows: int, columns: int = 6, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, 2)) @ rng.normal(size=(2, columns)) + 3


@pytest.mark.parametrize("method", ["standard", "minmax", "pixels"])
def test_a_gap_is_filled_with_the_conditional_mean(method: str) -> None:
    """By another way: one row at a time, with a solve over its gaps."""
    train, rng = correlated(200), np.random.default_rng(1)
    prepare = Preprocess(method).fit(train)
    fresh = correlated(40, seed=2)
    holes = np.where(rng.random(fresh.shape) < 0.4, np.nan, fresh)
    holes[np.isnan(holes).all(axis=1), 0] = 3.0
    found = prepare.transform(holes)
    complete = prepare.transform(fresh)
    middle = ((prepare.fill - prepare.shift) / prepare.scale).numpy()
    precision = prepare.precision.numpy()
    for row, done, whole in zip(holes, found, complete, strict=True):
        gap = np.isnan(row)
        np.testing.assert_array_equal(done[~gap], whole[~gap])
        pull = precision[np.ix_(gap, ~gap)] @ (whole[~gap] - middle[~gap])
        expected = middle[gap] - np.linalg.solve(precision[np.ix_(gap, gap)], pull)
        np.testing.assert_allclose(done[gap], expected, rtol=1e-9, atol=1e-12)
    alone = np.concatenate([prepare.transform(row[None]) for row in holes])
    np.testing.assert_allclose(alone, found, rtol=1e-12, atol=1e-14)


def test_a_fill_uses_what_goes_together_and_nothing_else() -> None:
    train = correlated(500)
    one_gap = train[:100].copy()
    one_gap[:, 2] = np.nan
    off = abs(
        Preprocess().fit(train).transform(one_gap)[:, 2]
        - Preprocess().fit(train).transform(train[:100])[:, 2]
    )
    assert off.mean() < 0.2, "two others decide the column: the mean would be off by about 0.8"
    noise = np.random.default_rng(0).normal(size=(15, 6))
    prepare = Preprocess().fit(noise)
    holes = np.random.default_rng(1).normal(size=(200, 6))
    holes[:, 0] = np.nan
    assert abs(prepare.transform(holes)[:, 0]).mean() < 0.25, "few unrelated rows: near the mean"


def test_gaps_in_training_hide_no_relation() -> None:
    train, rng = correlated(500), np.random.default_rng(0)
    holed = np.where(rng.random(train.shape) < 0.2, np.nan, train)
    prepare = Preprocess().fit(holed)
    one_gap = train[:100].copy()
    one_gap[:, 2] = np.nan
    off = prepare.transform(one_gap)[:, 2] - prepare.transform(train[:100])[:, 2]
    assert abs(off).mean() < 0.3


def test_pixels_share_one_range() -> None:
    pictures = np.array([[0.0, 0.0, 8.0], [0.0, 4.0, 16.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a border that is always 0 is no constant column
        prepare = Preprocess("pixels").fit(pictures)
    np.testing.assert_allclose(prepare.transform(pictures), pictures / 16)


def test_very_wide_tables_are_filled_with_means() -> None:
    train = np.random.default_rng(0).normal(size=(5, WIDEST + 1))
    holes = train.copy()
    holes[0, 0] = np.nan
    assert Preprocess().fit(train).transform(holes)[0, 0] == pytest.approx(0)
