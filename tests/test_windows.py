"""Windows of a series, and the way back to its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from anomalylab.windows import is_time, to_steps, window_rows

HOURS = pd.date_range("2026-01-01", periods=8, freq="h")


def test_rows_without_time_are_consecutive() -> None:
    assert window_rows(None, 4, 3).tolist() == [[0, 1, 2], [1, 2, 3]]
    assert window_rows(pd.Index(list("dcba")), 4, 4).tolist() == [[0, 1, 2, 3]]
    assert window_rows(None, 3, 1).tolist() == [[0], [1], [2]]
    assert window_rows(None, 2, 3).shape == (0, 3)


def test_windows_follow_time_and_stop_at_gaps() -> None:
    times = HOURS[[0, 1, 2, 5, 6, 7]]
    assert window_rows(times, 6, 2).tolist() == [[0, 1], [1, 2], [3, 4], [4, 5]]
    backwards = window_rows(times[::-1], 6, 2).tolist()
    assert backwards == [[5, 4], [4, 3], [2, 1], [1, 0]]
    assert window_rows(times.to_period("h"), 6, 2).tolist() == window_rows(times, 6, 2).tolist()
    assert window_rows(times - times[0], 6, 2).tolist() == window_rows(times, 6, 2).tolist()


def test_a_slightly_late_row_is_no_gap() -> None:
    late = HOURS + pd.to_timedelta([0, 0, 0, 20, 0, 0, 0, 0], "min")
    assert len(window_rows(late, 8, 3)) == 6


def test_times_that_make_no_order_are_refused() -> None:
    with pytest.raises(ValueError, match="2026-01-01 01:00:00 occurs twice.*drop one"):
        window_rows(HOURS[[0, 1, 1, 2]], 4, 2)
    with pytest.raises(ValueError, match="Row 1 has no time"):
        window_rows(pd.DatetimeIndex([HOURS[0], pd.NaT]), 2, 2)
    assert len(window_rows(HOURS[[0, 1, 1, 2]], 4, 1)) == 4, "single rows need no order"


def test_what_counts_as_time() -> None:
    assert is_time(HOURS) and is_time(HOURS.to_period("h")) and is_time(HOURS - HOURS[0])
    assert not is_time(pd.RangeIndex(3)) and not is_time(None) and not is_time(pd.Index(["a"]))


def test_end_gives_each_window_to_its_last_row() -> None:
    covered = window_rows(HOURS[[0, 1, 2, 5, 6]], 5, 2)
    steps = to_steps(np.array([1.0, 2.0, 3.0]), covered, 5, "end")
    np.testing.assert_array_equal(steps, [np.nan, 1, 2, np.nan, 3])


def test_mean_averages_the_windows_over_a_row() -> None:
    covered = window_rows(None, 4, 2)
    steps = to_steps(np.array([1.0, 2.0, 6.0]), covered, 4, "mean")
    np.testing.assert_array_equal(steps, [1, 1.5, 4, 6])
    alone = to_steps(np.array([1.0]), window_rows(HOURS[[0, 1, 5]], 3, 2), 3, "mean")
    np.testing.assert_array_equal(alone, [1, 1, np.nan])


@pytest.mark.parametrize("align", ["end", "mean"])
def test_channels_are_aligned_like_scores(align: str) -> None:
    covered = window_rows(None, 5, 3)
    values = np.arange(6, dtype=np.float64).reshape(3, 2)
    steps = to_steps(values, covered, 5, align)
    for channel in range(2):
        alone = to_steps(values[:, channel], covered, 5, align)
        np.testing.assert_array_equal(steps[:, channel], alone)
