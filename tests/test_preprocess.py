"""Filling and scaling: exact values, gaps, constant columns, and a state that travels."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from anomalylab.preprocess import Preprocess


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
    with pytest.raises(ValueError, match=r"'b' has no value among the rows given to fit \(3 rows"):
        Preprocess().fit(gap)
    with pytest.raises(ValueError, match="Column 1 has no value"):
        Preprocess().fit(gap.to_numpy())
    with pytest.raises(ValueError, match="Call fit"):
        Preprocess().transform([[1.0]])
    with pytest.raises(ValueError, match="'standard' or 'minmax'"):
        Preprocess("robust")


@pytest.mark.parametrize("method", ["standard", "minmax"])
def test_preprocess_travels_in_a_state_dict(method: str) -> None:
    rows = np.random.default_rng(0).normal(size=(20, 3))
    rows[3, 1] = np.nan
    fitted = Preprocess(method).fit(rows)
    state = fitted.state_dict()
    assert set(state) == {"fill", "shift", "scale"}
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
