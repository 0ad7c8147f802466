"""The simulated plant is what its equations say, and its events are where its labels say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from anomalylab import data
from anomalylab.data import KINDS, SensorSeries
from anomalylab.data_series import CHANGES, DAY


@pytest.fixture(scope="module")
def plant() -> SensorSeries:
    return data.sensors(seed=1)


@pytest.fixture(scope="module")
def clean() -> SensorSeries:
    return data.sensors(seed=1, events=False)


def test_parts_follow_each_other_without_a_gap(plant: SensorSeries, clean: SensorSeries) -> None:
    parts = [plant.train, plant.validation, plant.calibration, clean.test]
    assert [len(part) for part in parts] == [5000, 1000, 2500, 6226]
    whole = pd.concat(parts)
    assert (np.diff(whole.index) == np.timedelta64(15, "m")).all()
    np.testing.assert_array_equal(whole, plant.signal + plant.noise)
    assert list(whole) == list(data.CHANNELS) and whole.notna().all(axis=None)
    for part in ("train", "validation", "calibration"):
        pd.testing.assert_frame_equal(getattr(plant, part), getattr(clean, part))


def test_a_seed_makes_the_series(plant: SensorSeries) -> None:
    again, other = data.sensors(seed=1), data.sensors(seed=2)
    pd.testing.assert_frame_equal(plant.test, again.test)
    assert plant.events == again.events
    assert not np.allclose(plant.train, other.train)
    assert [e.start for e in plant.events] != [e.start for e in other.events]


def test_labels_are_where_something_changed(plant: SensorSeries, clean: SensorSeries) -> None:
    changed = (plant.test != clean.test).to_numpy()
    np.testing.assert_array_equal(changed, plant.labels == 1)
    assert clean.labels.sum() == 0 and clean.events == ()
    assert plant.labels.any(axis=1).mean() == pytest.approx(0.2226, abs=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_every_kind_has_three_events_with_normal_rows_between(seed: int) -> None:
    plant = data.sensors(seed)
    events = pd.DataFrame(plant.events)
    assert events.kind.value_counts().to_dict() == dict.fromkeys(KINDS, 3)
    for event in plant.events:
        length, size = KINDS[event.kind]
        assert event.end - event.start == length
        assert plant.labels[event.start : event.end].sum(axis=0).max() == length
        if event.kind == "broken":
            assert 8 <= event.size <= 19
        else:
            assert abs(event.size) == size
    ends = np.array([0, *events.end])
    starts = np.array([*events.start, len(plant.test)])
    assert (starts - ends).min() >= 180 and (starts - ends).max() <= 260


def test_the_plant_has_what_the_chapter_names(clean: SensorSeries) -> None:
    """Dependence on the past, season, trend, and channels that depend on each other."""
    frame = pd.concat([clean.train, clean.validation, clean.calibration, clean.test])
    day = frame.groupby(np.arange(len(frame)) % DAY).transform("mean")
    share = (day.var() / frame.var()).to_dict()
    assert share["demand"] > 0.6 and share["temperature"] > 0.3
    assert frame.demand.autocorr(1) > 0.95 and frame.vibration.autocorr(8) < -0.5
    assert frame.demand.corr(frame.flow) > 0.9 and frame.flow.corr(frame.pressure) < -0.9
    for channel, sd in data.CHANNELS.items():
        noise = pd.Series(clean.noise[:, list(frame).index(channel)])
        assert noise.std() == pytest.approx(sd, rel=0.05)
        assert noise.autocorr(1) == pytest.approx(0.3, abs=0.05)
    quiet = pd.DataFrame(clean.signal, columns=list(frame))
    # the pump is the only thing that power knows and flow does not
    bends = quiet.power - 0.004 * quiet.flow**2
    response = 50 + 12 * np.log((quiet.flow - 20) / (80 - quiet.flow))
    pump = (bends - 10 - 0.15 * response) / 4
    np.testing.assert_allclose(pump, pump.round(), atol=1e-9)
    assert set(pump.round()) == {0, 1}
    assert (pump[response > 58].round() == 1).all() and (pump[response < 44].round() == 0).all()
    for low, high in ((45, 48), (54, 57)):
        between = pump[(response > low) & (response < high)].round()
        assert set(between) == {0, 1}, "between its limits it depends on the past"


def test_temperature_rises_slowly() -> None:
    rises = []
    for seed in range(8):
        quiet = data.sensors(seed, events=False).signal[:, 4]
        rises.append(quiet[-DAY * 60 :].mean() - quiet[: DAY * 60].mean())
    assert 0.5 < np.mean(rises) < 3  # 8,966 rows apart: 1.8


@pytest.mark.parametrize("kind", KINDS)
def test_one_event_is_what_its_name_says(clean: SensorSeries, kind: str) -> None:
    start, length, size = 500, 40, {"phase": 5.0, "broken": 9.0}.get(kind, -2.0)
    changed = clean.inject(kind, "flow", start, length, size)
    rows = slice(start, start + length)
    before, after = clean.test.flow.to_numpy(), changed.test.flow.to_numpy()
    sd = clean.train.flow.std(ddof=0)
    signal, noise = clean.signal[-6226:, 2], clean.noise[-6226:, 2]
    ramp = np.linspace(0, 1, length + 1)[1:]
    expected = {
        "spike": before[rows] - 2 * sd,
        "level": before[rows] - 2 * sd,
        "drift": before[rows] - 2 * sd * ramp,
        "noise": (signal - 2 * noise)[rows],
        "phase": signal[start - 5 : start + length - 5] + noise[rows],
        "broken": clean.signal[8500 - 9 * DAY + start :][:length, 2] + noise[rows],
        "stuck": np.full(length, before[start - 1]),
    }
    np.testing.assert_allclose(after[rows], expected[kind])
    outside = np.delete(changed.test.to_numpy(), np.r_[rows], axis=0)
    np.testing.assert_array_equal(outside, np.delete(clean.test.to_numpy(), np.r_[rows], axis=0))
    assert changed.labels.sum() == changed.labels[rows, 2].sum() == length
    assert changed.events == ((kind, "flow", start, start + length, size),)
    assert clean.labels.sum() == 0, "the series it was made from stays as it is"
    twice = changed.inject("spike", "power", 900, 2, 3.5)
    assert [e.kind for e in twice.events] == [kind, "spike"] and twice.labels.sum() == length + 2


def test_a_first_test_row_can_change(clean: SensorSeries) -> None:
    for kind, (length, size) in KINDS.items():
        assert clean.inject(kind, "demand", 0, length, size).labels[:length, 0].all()


def test_events_that_cannot_be(clean: SensorSeries) -> None:
    for kind, channel, start, length, size, message in (
        ("peak", "flow", 0, 2, 1, "no kind 'peak'.*Kinds: spike,.*Channels: demand"),
        ("spike", "heat", 0, 2, 1, "channel 'heat'"),
        ("spike", "flow", -1, 2, 1, "does not fit at row -1 of 6226"),
        ("spike", "flow", 6225, 2, 1, "does not fit"),
        ("spike", "flow", 7, 0, 1, "of 0 row"),
        ("phase", "flow", 7, 9, -1, "size -1 does not fit"),
        ("phase", "flow", 7, 9, 8508, "does not fit"),
        ("broken", "flow", 7, 9, 89, "does not fit"),
        ("broken", "flow", 0, 9, 88.53, "does not fit"),  # rounded it is 89
        ("phase", "flow", 7, 9, np.nan, "size nan does not fit"),
        ("phase", "flow", 7, 9, 0.4, "size 0.4 changes nothing"),
        ("level", "flow", 7, 9, 0, "changes nothing"),
        ("noise", "flow", 7, 9, 1, "changes nothing"),
    ):
        with pytest.raises(ValueError, match=message):
            clean.inject(kind, channel, start, length, size)


def test_an_event_hides_no_other_of_its_channel(clean: SensorSeries) -> None:
    level = clean.inject("level", "flow", 100, 50, 2)
    with pytest.raises(ValueError, match="fit at row 149 .* hides another event"):
        level.inject("spike", "flow", 149, 2, 3.5)
    both = level.inject("spike", "power", 149, 2, 3).inject("spike", "flow", 150, 2, 3)
    assert len(both.events) == 3


def test_every_kind_has_a_change() -> None:
    assert list(CHANGES) == list(KINDS)


def test_water_flow_has_four_anomalies_and_gaps() -> None:
    frame, labels = data.water_flow()
    assert frame.shape == (1268, 1) and len(labels) == 1268
    assert isinstance(frame.index, pd.DatetimeIndex) and str(frame.index.tz) == "UTC"
    assert frame.index.is_monotonic_increasing
    assert (np.diff(frame.index) > np.timedelta64(90, "m")).sum() == 10
    ends = np.flatnonzero(np.diff(labels))
    assert len(ends) == 8 and labels.sum() == 48
    assert frame.index[ends[4] + 1] == pd.Timestamp("2022-04-03 04:00", tz="UTC")
    assert frame.flow[labels == 0].between(98, 108).all()
    longest = frame.index.slice_indexer("2022-04-04", "2022-04-26 23:00")
    assert labels[longest].sum() == 0
