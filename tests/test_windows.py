"""Windows of a series, and the way back to its rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from anomalylab.windows import Layout, as_index, is_time, layout, usual_steps

HOURS = pd.date_range("2026-01-01", periods=8, freq="h")


def covered(where: Layout) -> list[list[int]]:
    """The rows of every window."""
    return [where.order[s : s + where.size].tolist() for s in where.starts]


def test_rows_without_time_are_consecutive() -> None:
    assert covered(layout(None, 4, 3)) == [[0, 1, 2], [1, 2, 3]]
    assert covered(layout(pd.Index(list("dcba")), 4, 4)) == [[0, 1, 2, 3]]
    assert covered(layout(None, 3, 1)) == [[0], [1], [2]]
    assert covered(layout(pd.RangeIndex(0, 40, 10), 4, 3)) == [[0, 1, 2], [1, 2, 3]]
    assert len(layout(None, 2, 3)) == 0


def test_windows_follow_time_and_stop_at_gaps() -> None:
    times = HOURS[[0, 1, 2, 5, 6, 7]]
    assert covered(layout(times, 6, 2)) == [[0, 1], [1, 2], [3, 4], [4, 5]]
    assert layout(times, 6, 2).pieces == 2
    assert covered(layout(times[::-1], 6, 2)) == [[5, 4], [4, 3], [2, 1], [1, 0]]
    for same in (times.to_period("h"), times - times[0], times.tz_localize("Asia/Tokyo")):
        assert covered(layout(same, 6, 2)) == covered(layout(times, 6, 2))


def test_a_slightly_late_row_is_no_gap() -> None:
    late = HOURS + pd.to_timedelta([0, 0, 0, 20, 0, 0, 0, 0], "min")
    assert len(layout(late, 8, 3)) == 6


def test_the_usual_step_may_come_from_elsewhere() -> None:
    """So that what is a gap does not depend on the rows that are scored."""
    days = pd.date_range("2026-01-01", periods=3, freq="8D")
    assert len(layout(days, 3, 2)) == 2
    assert usual_steps(HOURS) == {None: 3600}
    assert len(layout(days, 3, 2, steps=usual_steps(HOURS))) == 0
    assert usual_steps(HOURS[:1]) == usual_steps(pd.RangeIndex(3)) == {}


@pytest.mark.parametrize("year", ["1500", "2500", "9000"])
def test_years_that_nanoseconds_do_not_reach(year: str) -> None:
    times = pd.date_range(f"{year}-01-01", periods=4, freq="h", unit="s")
    assert covered(layout(times, 4, 2)) == [[0, 1], [1, 2], [2, 3]]
    assert usual_steps(times) == {None: 3600}


def test_several_series_side_by_side() -> None:
    times = HOURS[[0, 0, 1, 1, 2, 2]]
    groups = np.array(["b", "a"] * 3)
    assert covered(layout(times, 6, 2, groups)) == [[0, 2], [2, 4], [1, 3], [3, 5]]
    assert covered(layout(None, 6, 2, groups)) == [[0, 2], [2, 4], [1, 3], [3, 5]]
    assert usual_steps(times, groups) == {None: 3600, "a": 3600, "b": 3600}
    alone = layout(times[::2], 3, 2)
    assert covered(layout(times, 6, 2, groups))[:2] == [[2 * r for r in w] for w in covered(alone)]


def test_every_series_has_its_own_step() -> None:
    slow = pd.date_range("2026", periods=6, freq="10min")
    fast = pd.date_range("2026", periods=20, freq="1min").delete([8, 9, 10, 11])
    times, groups = slow.append(fast), np.repeat(["slow", "fast"], [6, 16])
    found = covered(layout(times, 22, 2, groups))
    assert len([w for w in found if w[0] < 6]) == 5
    assert len([w for w in found if w[0] >= 6]) == 14, "the hole of four minutes is a gap"
    steps = usual_steps(times, groups)
    assert steps == {"slow": 600.0, "fast": 60.0}
    with pytest.raises(ValueError, match="'new' was not there in training"):
        layout(slow, 6, 2, np.repeat("new", 6), steps=steps)
    assert len(layout(slow, 6, 2, np.repeat("new", 6), steps=usual_steps(slow))) == 5
    one_more = layout(times[:7], 7, 2, np.repeat(["slow", "new"], [6, 1]), steps=steps)
    assert len(one_more) == 5, "a series of one row has no step"
    pair = pd.date_range("2026", periods=2, freq="h")
    few = usual_steps(slow.append(pair), np.repeat(["slow", "pair"], [6, 2]))
    assert few[None] == 600, "two rows do not make a kind of their own"


def test_a_step_of_one_and_a_half_is_no_gap_in_any_unit() -> None:
    for usual in (10, 14, 86, 198):
        ticks = np.concatenate([np.arange(6) * usual, 6.5 * usual + np.arange(6) * usual])
        for unit in ("s", "ms", "us", "ns"):
            times = pd.to_datetime((ticks * 1000).astype(int), unit="ms").as_unit(unit)
            assert len(layout(times, 12, 2)) == 11, (usual, unit)


def test_times_of_another_library() -> None:
    assert is_time(as_index(pd.CategoricalIndex(HOURS)))
    assert as_index(HOURS) is HOURS and as_index(None) is None
    assert as_index(pd.Index(["a"])).tolist() == ["a"]


def test_times_that_make_no_order_are_refused() -> None:
    twice = HOURS[[0, 1, 1, 2]]
    with pytest.raises(ValueError, match="2026-01-01 01:00:00 occurs twice.*drop one.*groups="):
        layout(twice, 4, 2)
    with pytest.raises(ValueError, match="Row 1 has no time"):
        layout(pd.DatetimeIndex([HOURS[0], pd.NaT]), 2, 2)
    assert len(layout(twice, 4, 1)) == 4, "single rows need no order"
    assert len(layout(twice, 4, 2, np.array([0, 0, 1, 1]))) == 2


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["2026-01-01 00:00", "2026-01-01 01:00", "2026-01-05 00:00"]),
        pd.Index([t.date() for t in HOURS[:3]], dtype=object),
        pd.Index(list(HOURS[:3]), dtype=object),
        pd.Index([None, *HOURS[:2]], dtype=object),
        pd.Index(["start", "2026-01-01 01:00", "n/a"]),
        pd.Index(["31.01.2026", "01.02.2026", "05.02.2026"]),
        pd.Index(["1/31/2026", "2/1/2026", "2/5/2026"]),
        pd.Index(["00:00", "01:00", "05:00"]),
        pd.Index([np.datetime64("2026-01-01"), np.datetime64("2026-01-02"), None], dtype=object),
        pd.Index(["start", HOURS[0], HOURS[1]], dtype=object),
        pd.Index((HOURS[:3] - HOURS[0]).astype(object)),
        pd.Index((HOURS[:3] - HOURS[0]).astype(str)),
        pd.interval_range(HOURS[0], periods=3, freq="h"),
    ],
)
def test_times_in_another_dress_are_refused(index: pd.Index) -> None:
    with pytest.raises(ValueError, match="times as text or objects.*pd.to_datetime"):
        layout(index, 3, 2)
    assert len(layout(index, 3, 1)) == 3, "single rows need no order"


def test_labels_that_are_no_times_are_consecutive() -> None:
    for labels in (
        ["part 1", "x", "y"],
        ["7", "8", "9"],
        ["M1", "may", ""],
        ["1st", "1D", "12-345"],
    ):
        assert len(layout(pd.Index(labels), 3, 2)) == 2


def test_several_levels_are_refused() -> None:
    index = pd.MultiIndex.from_product([["a", "b"], HOURS[:2]])
    with pytest.raises(ValueError, match="several levels.*groups="):
        layout(index, 4, 2)


def test_what_counts_as_time() -> None:
    assert is_time(HOURS) and is_time(HOURS.to_period("h")) and is_time(HOURS - HOURS[0])
    assert not is_time(pd.RangeIndex(3)) and not is_time(None) and not is_time(pd.Index(["a"]))


def test_windows_are_views_until_a_batch_needs_them() -> None:
    values = np.arange(12.0).reshape(6, 2)
    windows = layout(HOURS[[0, 1, 2, 5, 6, 7]], 6, 2).of(values)
    assert len(windows) == 4
    expected = np.stack([values[0:2], values[1:3], values[3:5], values[4:6]])
    np.testing.assert_array_equal(windows[:].numpy(), expected)
    np.testing.assert_array_equal(windows[torch.tensor([2, 0])].numpy(), expected[[2, 0]])
    np.testing.assert_array_equal(windows.shaped((4,))[:].numpy(), expected.reshape(4, 4))
    assert windows.to(torch.empty(0, dtype=torch.float32))[:].dtype == torch.float32
    card = windows.to(torch.empty(0, device="meta"))  # where the numbers of a batch are drawn
    assert card.values.device == card.starts.device == torch.device("meta")
    assert layout(None, 2, 3).of(values[:2])[:].shape == (0, 3, 2)
    with pytest.raises(ValueError, match=r"shape \(5,\), but 2 column.*2 row.*are 4 values"):
        windows.shaped((5,))


def test_end_gives_each_window_to_its_last_row() -> None:
    where = layout(HOURS[[0, 1, 2, 5, 6]], 5, 2)
    steps = where.to_steps(np.array([1.0, 2.0, 3.0]), "end")
    np.testing.assert_array_equal(steps, [np.nan, 1, 2, np.nan, 3])


def test_mean_averages_the_windows_over_a_row() -> None:
    steps = layout(None, 4, 2).to_steps(np.array([1.0, 2.0, 6.0]), "mean")
    np.testing.assert_array_equal(steps, [1, 1.5, 4, 6])
    alone = layout(HOURS[[0, 1, 5]], 3, 2).to_steps(np.array([1.0]), "mean")
    np.testing.assert_array_equal(alone, [1, 1, np.nan])


@pytest.mark.parametrize("align", ["end", "mean"])
def test_steps_against_brute_force(align: str) -> None:
    rng = np.random.default_rng(0)
    times = pd.DatetimeIndex(rng.permutation(pd.date_range("2026", periods=90, freq="h")[::1]))[:70]
    groups = rng.integers(0, 3, 70)
    where = layout(times, 70, 4, groups, steps={None: 3 * 3600.0})
    values = rng.normal(size=(len(where), 2))
    found = where.to_steps(values, align)
    for row in range(70):
        hits = [v for v, rows in zip(values, covered(where), strict=True) if row in rows]
        if align == "end":
            hits = [v for v, r in zip(values, covered(where), strict=True) if r[-1] == row]
        expected = np.mean(hits, axis=0) if hits else [np.nan, np.nan]
        np.testing.assert_allclose(found[row], expected)
    assert np.isfinite(found).any() and np.isnan(found).any()


def test_a_stride_counts_from_the_start_of_every_stretch() -> None:
    times = pd.date_range("2026", periods=13, freq="h").delete([5])
    assert covered(layout(times, 12, 2, stride=2)) == [[0, 1], [2, 3], [5, 6], [7, 8], [9, 10]]
    assert covered(layout(None, 9, 3, stride=5)) == [[0, 1, 2], [5, 6, 7]]
    groups = np.array(["b", "a"] * 4)
    assert covered(layout(None, 8, 2, groups, stride=2)) == [[0, 2], [4, 6], [1, 3], [5, 7]]
    assert len(layout(None, 2, 3, stride=2)) == 0
    for size, stride, name in ((0, 1, "size"), (2, 0, "stride")):
        with pytest.raises(ValueError, match=f"{name} .*1 or more, and cannot be 0"):
            layout(None, 9, size, stride=stride)


def test_rows_that_no_window_covers_have_no_value() -> None:
    where = layout(None, 9, 3, stride=5)
    np.testing.assert_array_equal(
        where.to_steps(np.array([1.0, 2.0]), "mean"), [1, 1, 1, np.nan, np.nan, 2, 2, 2, np.nan]
    )
    ends = np.full(9, np.nan)
    ends[[2, 7]] = 1, 2
    np.testing.assert_array_equal(where.to_steps(np.array([1.0, 2.0]), "end"), ends)
    assert np.isnan(layout(None, 2, 3).errors_to_steps(np.empty((0, 3, 4)), "mean")).all()


def test_errors_of_windows_go_to_their_rows_and_columns() -> None:
    where = layout(None, 4, 3)
    errors = np.array([[[0, 9], [2, 9], [4, 9]], [[6, 1], [8, 1], [10, 1]]], dtype=np.float64)
    mean, end = where.errors_to_steps(errors, "mean"), where.errors_to_steps(errors, "end")
    np.testing.assert_array_equal(mean, [[0, 9], [4, 5], [6, 5], [10, 1]])
    np.testing.assert_array_equal(end, [[np.nan, np.nan]] * 2 + [[4, 9], [10, 1]])
    for wrong in (errors[:1], errors[:, :2], errors[:, :, 0].T):
        with pytest.raises(ValueError, match=r"2 window\(s\) of 3 row\(s\), but errors of shape"):
            where.errors_to_steps(wrong, "mean")
    with pytest.raises(ValueError, match="'end', 'mean', not 'Mean'"):
        where.to_steps(np.zeros(2), "Mean")


@pytest.mark.parametrize("align", ["end", "mean"])
@pytest.mark.parametrize("stride", [1, 3])
def test_errors_to_steps_against_brute_force(align: str, stride: int) -> None:
    """Rows in no order, several series, gaps: each row gets what its windows say of it."""
    rng = np.random.default_rng(1)
    times = pd.DatetimeIndex(rng.permutation(pd.date_range("2026", periods=90, freq="h")))[:70]
    groups = rng.integers(0, 2, 70)
    where = layout(times, 70, 4, groups, steps={None: 3 * 3600.0}, stride=stride)
    errors = rng.normal(size=(len(where), 4, 2))
    found = where.errors_to_steps(errors, align)
    for row in range(70):
        hits = [
            error
            for window, rows in zip(errors, covered(where), strict=True)
            for place, (error, r) in enumerate(zip(window, rows, strict=True))
            if r == row and (align == "mean" or place == 3)
        ]
        expected = np.mean(hits, axis=0) if hits else [np.nan, np.nan]
        np.testing.assert_allclose(found[row], expected)
    assert np.isfinite(found).any() and np.isnan(found).any()


def test_arrow_times_are_times() -> None:
    arrow = pytest.importorskip("pyarrow")
    index = pd.Index(HOURS.astype(pd.ArrowDtype(arrow.timestamp("ns"))))
    assert is_time(as_index(index)) and not is_time(index)
