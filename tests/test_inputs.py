"""What may come in: correct numbers, or an error that names the column, the row or the position."""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from anomalylab.inputs import (
    as_array,
    as_table,
    check_choice,
    check_columns,
    check_count,
    check_labels,
    check_rows,
    check_scores,
)


class Frame:
    """The least that a frame of another library offers: columns, and x[name]."""

    def __init__(self, **columns: Any) -> None:
        self.columns = list(columns)
        self.values = {name: np.asarray(column) for name, column in columns.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        # as polars does: all columns in one dtype, times as integers
        return np.column_stack([column.astype(np.int64) for column in self.values.values()])


DAY = datetime.date(2026, 1, 1)
NO_NUMBERS: dict[str, tuple[Any, str]] = {
    "text": (["red", "blue"], "holds 'red'"),
    "empty text": (["", "1"], "holds ''"),
    "bytes": ([b"red", b"1"], "holds b'red'"),
    "date": ([DAY, DAY], r"holds datetime.date\(2026, 1, 1\)"),
    "time": (pd.to_datetime(["2026-01-01"] * 2), "holds Timestamp"),
    "time with a zone": (pd.to_datetime(["2026-01-01"] * 2, utc=True), "holds Timestamp"),
    "no time": ([pd.NaT, pd.NaT], "holds NaT"),
    "duration": (pd.to_timedelta([1, 2], unit="h"), "holds Timedelta"),
    "period": (pd.period_range("2026", periods=2, freq="D"), "holds Period"),
    "NumPy time": (np.array([np.datetime64(1, "ns")] * 2, dtype=object), "holds Timestamp"),
    "category": (pd.Categorical(["x", "y"]), "holds 'x'"),
    "dict": ([{"a": 1}, {}], r"holds \{'a': 1\}"),
    "list": (pd.Series([[1], [2]]), r"holds \[1\]"),
    "array": (pd.Series([np.ones(1), np.ones(1)]), r"holds array\(\[1.\]\)"),
    "complex": ([1j, 1.0], r"holds 1j. Complex data not supported"),
    "complex object": (pd.Series([2, np.complex64(1j)], dtype=object), "holds .*Complex data not"),
    "endless": (pd.Series([10**400, 1], dtype=object), "holds 1000"),
}
NUMBERS: dict[str, Any] = {
    "Decimal": [Decimal("1.5"), None],
    "text": ["1.5", None],
    "nullable": pd.array([1.5, pd.NA], dtype="Float64"),
    "object": pd.Series([1.5, pd.NA], dtype=object),
    "sparse": pd.arrays.SparseArray([1.5, np.nan]),
    "category": pd.Categorical([1.5, None]),
}


@pytest.mark.parametrize("name", NO_NUMBERS)
def test_what_is_no_number_is_refused_by_name(name: str) -> None:
    column, message = NO_NUMBERS[name]
    frame = pd.DataFrame({"fine": [1.0, 2.0], "odd": column})
    for check in (as_array, check_columns):
        with pytest.raises(ValueError, match=f"Column 'odd' is not numeric: it {message}"):
            check(frame)


@pytest.mark.parametrize("name", NUMBERS)
def test_every_way_to_write_a_number(name: str) -> None:
    frame = pd.DataFrame({"fine": [1.0, 2.0], "odd": NUMBERS[name]})
    check_columns(frame)
    np.testing.assert_array_equal(as_array(frame, allow_nan=True), [[1, 1.5], [2, np.nan]])


def test_frames_of_other_libraries_are_read_by_column() -> None:
    dates = np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[D]")
    assert as_array(Frame(a=[1, 2], b=[0.5, 1.5])).tolist() == [[1, 0.5], [2, 1.5]]
    assert list(as_table(Frame(a=[1, 2], b=[3, 4])).columns) == ["a", "b"]
    for check in (as_array, check_columns):
        with pytest.raises(ValueError, match="Column 'when' is not numeric: it holds Timestamp"):
            check(Frame(a=[1, 2], when=dates))
    with pytest.raises(ValueError, match=r"Column 'pair' is not numeric: it holds array\(\[0, 1"):
        as_array(Frame(a=[1, 2], pair=[[0, 1], [2, 3]]))


def test_a_pandas_frame_and_an_array_stay_as_they_are() -> None:
    for x in (pd.DataFrame({"detach": [1.0], "columns": [2.0]}), np.ones((2, 2)), [[1.0]], None):
        assert as_table(x) is x


def test_what_is_masked_is_missing() -> None:
    masked = np.ma.array([[1, 2], [3, 4]], mask=[[0, 1], [0, 0]])
    for table in (masked, masked.astype(float), masked.astype(object), masked.astype(str)):
        np.testing.assert_array_equal(as_array(table, allow_nan=True), [[1, np.nan], [3, 4]])
    hidden = np.ma.array([["1", "red"]], mask=[[0, 1]])
    np.testing.assert_array_equal(as_array(hidden, allow_nan=True), [[1, np.nan]])
    with pytest.raises(ValueError, match="Column 1 has a missing value .NaN. in row 0"):
        as_array(masked)
    with pytest.raises(ValueError, match="Column 0 is not numeric: it holds Timestamp"):
        as_array(np.ma.array([["2026-01-01"]], dtype="datetime64[ns]", mask=[[1]]))


def test_as_array_accepts_and_refuses() -> None:
    assert as_array(torch.ones(2, 3, requires_grad=True)).shape == (2, 3)
    assert as_array(pd.DataFrame({"a": [True, False]})).tolist() == [[1.0], [0.0]]
    assert as_array([["1", "2"]]).tolist() == [[1.0, 2.0]]
    assert as_array(np.arange(8).reshape(2, 2, 2).astype(object)).tolist()[1] == [[4, 5], [6, 7]]
    for wrong, message in (
        ([[1 + 2j]], "Complex"),
        (np.array([[[1, "x"]]], dtype=object), "Column 1 is not numeric: it holds 'x'"),
        ([[1, 10**400]], "Column 1 is not numeric: it holds 1000"),
        ([1.0, 2.0], r"shape \(2,\).*reshape"),
        (pd.DataFrame(index=[0, 1]), r"shape \(2, 0\)"),
        (np.ones((0, 2)), "at least 1 row.*got 0"),
        ([[1.0, np.inf]], "Column 1 holds an infinite value in row 0"),
    ):
        with pytest.raises(ValueError, match=message):
            as_array(wrong)
    with pytest.raises(ValueError, match=r"shape \(3,\).*but these have \(2,\)"):
        as_array(np.ones((1, 2)), sample_shape=(3,))


def test_as_array_copies_only_what_it_must() -> None:
    x = np.arange(12.0).reshape(3, 4)
    windows = np.lib.stride_tricks.sliding_window_view(x[:, 0], 2)
    for view in (x, x[:, ::2], x.T, windows, torch.from_numpy(x)):
        assert np.shares_memory(as_array(view), x)
    for other in (x.astype(np.float32), x.astype(">f8"), x.astype(int), pd.DataFrame(x), x[::-1]):
        found = as_array(other)
        assert not np.shares_memory(found, other) and found.flags.writeable
        torch.from_numpy(found)  # takes no negative stride and no foreign byte order
        np.testing.assert_array_equal(found, other)


def test_check_columns_leaves_the_rest_to_scikit_learn() -> None:
    with pytest.raises(ValueError, match="'a' occurs twice"):
        check_columns(pd.DataFrame(np.ones((1, 2)), columns=["a", "a"]))
    times = [[np.timedelta64(1, "ns")], [np.datetime64(1, "ns")]]  # float() takes both
    for wrong in ([["red"]], [[DAY]], *(np.array([time], dtype=object) for time in times)):
        with pytest.raises(ValueError, match="Column 0 is not numeric"):
            check_columns(wrong)
    check_columns(np.array([[{"a": 1}]], dtype=object))
    check_columns(["red"])
    check_columns("no table")


def test_what_can_be_chosen_is_listed() -> None:
    assert check_choice("method", None, (None, "cosine")) is None
    with pytest.raises(ValueError, match="method should be one of None, 'cosine', not 'step'"):
        check_choice("method", "step", (None, "cosine"))


def test_what_counts_is_a_whole_number() -> None:
    assert type(check_count("window", np.int64(3))) is int
    assert check_count("late", 0, least=0) == 0 and check_count("k", 5, most=5) == 5
    value: Any
    for value in (0, -1, 1.0, 2.5, True, "2", None, np.inf, np.nan, [2]):
        with pytest.raises(ValueError, match="window is a whole number, 1 or more, and cannot be"):
            check_count("window", value)
    with pytest.raises(ValueError, match="k is a whole number, between 1 and 5 here.*cannot be 6"):
        check_count("k", 6, most=5)


def test_check_rows_names_row_and_column() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan], "b": [2.0, np.nan]}, index=["x", "y"])
    with pytest.raises(ValueError, match="Row y holds no value at all"):
        check_rows(frame.to_numpy(), frame)
    with pytest.raises(ValueError, match="Row 1 holds no value at all"):
        check_rows(frame.to_numpy(), frame.to_numpy())
    with pytest.raises(ValueError, match="Column 'b' holds an infinite value in row 0"):
        check_rows(frame.to_numpy() * [1, np.inf], frame)


@pytest.mark.parametrize(
    "labels",
    [[1, 0], [True, False], [1.0, 0.0], torch.tensor([1, 0]), pd.Series([1, 0], dtype="Int64")],
)
def test_labels_in_every_form(labels: Any) -> None:
    found = check_labels(labels, 2)
    assert found.dtype == np.int64 and found.tolist() == [1, 0]


def test_labels_that_cannot_be_are_named() -> None:
    for wrong, message in (
        ([0, 1, 1], r"2 rows need 2 labels, but these have shape \(3,\)"),
        ([[0], [1]], r"shape \(2, 1\)"),
        ([1, -1], r"one is -1. For scikit-learn's −1 \(anomaly\) and 1 pass labels == -1"),
        ([0, 2], "one is 2.$"),
        ([0, 0.5], "one is 0.5"),
        ([0, np.nan], "one is nan"),
        (["0", "1"], "one is '0'"),
        (pd.array([True, pd.NA], dtype="boolean"), "one is <NA>"),
        (np.ma.array([0, 1], mask=[0, 1]), "one is nan"),
    ):
        with pytest.raises(ValueError, match=message):
            check_labels(wrong, 2)


def test_scores_that_cannot_be_are_named() -> None:
    assert check_scores(torch.tensor([1, 2])).tolist() == [1.0, 2.0]
    for wrong, message in (
        ([], r"shape \(0,\)"),
        ([[1.0]], r"shape \(1, 1\)"),
        (1.0, r"shape \(\)"),
        ([1.0, np.nan], "Score 1 is nan"),
        ([-np.inf, 1.0], "Score 0 is -inf"),
        (np.ma.array([0.0, 1.0], mask=[0, 1]), "Score 1 is nan"),
    ):
        with pytest.raises(ValueError, match=message):
            check_scores(wrong)


def test_checks_thresholds_and_metrics_need_no_torch() -> None:
    code = "import sys, anomalylab as al; al.inputs, al.metrics, al.thresholds; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "anomalylab.thresholds" in out.stdout.split() and "torch" not in out.stdout.split()
