"""Where series come from: a simulated plant whose anomalies are known, and a real water pipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.random import Generator
from scipy.signal import lfilter

from anomalylab.extras import extra
from anomalylab.inputs import Array
from anomalylab.split import Labels

DAY = 96  # rows
BURN_IN, TRAIN, VALIDATION, CALIBRATION = 10 * DAY, 5000, 1000, 2500  # rows
EACH, GAP, JITTER = 3, 220, 20  # events of a kind; rows between events, more or less
# channel: standard deviation of the sensor's noise
CHANNELS = {
    "demand": 1.2,
    "power": 0.8,
    "flow": 1.2,
    "pressure": 0.9,
    "temperature": 0.5,
    "vibration": 0.12,
}
# kind of event: rows, size
KINDS = {
    "spike": (2, 3.5),
    "level": (60, 1.2),
    "drift": (120, 0.8),
    "noise": (48, 4.0),
    "phase": (96, 16.0),
    "broken": (96, 8.0),
    "stuck": (40, 0.0),
}
# of one channel: its signal, its noise, the row numbers, the size, and its standard deviation
CHANGES: dict[str, Callable[[Array, Array, Labels, float, float], Array]] = {
    "spike": lambda signal, noise, t, size, sd: signal[t] + noise[t] + size * sd,
    "level": lambda signal, noise, t, size, sd: signal[t] + noise[t] + size * sd,
    "drift": lambda signal, noise, t, size, sd: (
        signal[t] + noise[t] + size * sd * np.arange(1, len(t) + 1) / len(t)
    ),
    "noise": lambda signal, noise, t, size, sd: signal[t] + size * noise[t],
    "phase": lambda signal, noise, t, size, sd: signal[t - round(size)] + noise[t],
    "broken": lambda signal, noise, t, size, sd: signal[t - DAY * round(size)] + noise[t],
    "stuck": lambda signal, noise, t, size, sd: np.repeat((signal + noise)[t[0] - 1], len(t)),
}


class Event(NamedTuple):
    """Rows from `start` to `end`, without `end`, of a channel; ``pd.DataFrame(events)`` lists
    them. What happens, and of what `size`, is said at `SensorSeries.inject`."""

    kind: str
    channel: str
    start: int
    end: int
    size: float


@dataclass(frozen=True, eq=False)
class SensorSeries:
    """A series of several channels, in parts that follow each other in time.

    Attributes
    ----------
    train, validation, calibration : DataFrame (rows, channels)
        Normal, with a time index. The job of each part is that in a `Split`.
    test : DataFrame (rows, channels)
        With the events.
    labels : array (rows, channels)
        1 where an event changed this channel of this test row; ``labels.any(axis=1)`` has one
        label a row.
    events : tuple of Event
        In test rows.
    signal, noise : array (rows, channels)
        Their sum is all parts, one after the other, without events.
    """

    train: pd.DataFrame
    validation: pd.DataFrame
    calibration: pd.DataFrame
    test: pd.DataFrame
    labels: Labels
    events: tuple[Event, ...]
    signal: Array
    noise: Array

    def inject(
        self, kind: str, channel: str, start: int, length: int, size: float = 0.0
    ) -> SensorSeries:
        """Return this series with one event more in the test part.

        Parameters
        ----------
        kind : str
            What happens to the channel, and what `size` says of it:

            - "spike" or "level": it is higher by `size` of its standard deviations in training,
              for a short or a long time;
            - "drift": it moves there in a straight line;
            - "noise": the noise of the sensor is `size` times as large;
            - "phase": its signal comes `size` rows late;
            - "broken": its signal is that of `size` days before at the same hour, so that it looks
              as usual and does not fit the other channels;
            - "stuck": it repeats the value before, whatever `size` is.
        channel : str
            A column.
        start : int
            First row of the event, in the test part.
        length : int
            Rows of the event.
        size : float
            Rounded where it counts rows or days. ``KINDS[kind]`` has the length and the size of
            the events of `sensors`.

        Raises
        ------
        ValueError
            If kind or channel is unknown, if the event, or what it repeats, would lie outside of
            the rows, if it would hide another event of its channel, or change nothing.
        """
        if kind not in KINDS or channel not in CHANNELS:
            raise ValueError(
                f"There is no kind {kind!r} with a channel {channel!r}. Kinds: {', '.join(KINDS)}. "
                f"Channels: {', '.join(CHANNELS)}."
            )
        end, column = start + length, list(CHANNELS).index(channel)
        rows = np.arange(start, end) + len(self.signal) - len(self.test)
        back = np.round(size) * {"broken": DAY, "phase": 1}.get(kind, 0)
        if (
            not 0 <= start < end <= len(self.test)
            or not 0 <= back <= rows[0]
            or self.labels[start:end, column].any()
        ):
            raise ValueError(
                f"A {kind} of {length} row(s) and size {size:g} does not fit at row {start} of "
                f"{len(self.test)}, or hides another event. Choose a smaller one, or another row."
            )
        signal, noise = self.signal[:, column], self.noise[:, column]
        test, labels = self.test.copy(), self.labels.copy()
        sd = float((signal + noise)[:TRAIN].std())
        test.iloc[start:end, column] = changed = CHANGES[kind](signal, noise, rows, size, sd)
        if (changed == (signal + noise)[rows]).all():
            raise ValueError(f"A {kind} of size {size:g} changes nothing. Pass another size.")
        labels[start:end, column] = 1
        events = (*self.events, Event(kind, channel, start, end, size))
        return replace(self, test=test, labels=labels, events=events)


def sensors(seed: int = 0, *, events: bool = True) -> SensorSeries:
    """Six sensors of a simulated plant, a row every 15 minutes; 21 events of seven kinds.

    Demand has a daily season and wanders. Flow answers it, late and bounded. A pump switches on
    and off at two different limits. Power, pressure and temperature depend on flow, pump and
    weather; vibration is an oscillation whose rate and height depend on flow. Temperature has a
    trend. With t in rows, AR(φ, sd) an autoregression of first order with that standard deviation,
    and lag(x, τ) the y that moves by (x − y)/τ in every row:

        season = sin(2πt/96) + 0.4 sin(4πt/96 + 1)
        demand = 50 + 14 season + AR(0.97, 6),  r = lag(demand, 3)
        pump = 1 from r > 58 until r < 44, else 0
        flow = 20 + 60 / (1 + exp(−(r − 50)/12))
        power = 10 + 0.004 flow² + 0.15 r + 4 pump
        pressure = 80 − 0.006 flow² + 0.5 (demand − r) + 3 pump
        temperature = 15 + 6 sin(2πt/96 − 2.2) + AR(0.995, 2) + lag(0.6 power, 24) + t/5000
        vibration = (0.5 + 0.01 flow) · sin(2π Σ 1/(20 − 0.12 (flow − 20)))

    and every sensor adds noise, AR(0.3, `CHANNELS`). The test part holds three events of each
    kind, one after the other in no order, about 220 rows apart, each on one channel: 22 % of the
    rows. `KINDS` gives their rows and sizes; spikes, levels and drifts go up or down, and a broken
    channel is that of 8 to 19 days before.

    Parameters
    ----------
    seed : int
        Draws weather, demand, noise and events. The plant is always the same, so choices may be
        made on the test part of another seed.
    events : bool
        False leaves the events out: all rows are normal, for `SensorSeries.inject`.
    """
    rng = np.random.default_rng(seed)
    kinds = [str(kind) for kind in rng.permutation(np.repeat(list(KINDS), EACH))]
    lengths = np.array([KINDS[kind][0] for kind in kinds])
    starts = np.cumsum(GAP + lengths) - lengths + rng.integers(-JITTER, JITTER + 1, len(kinds))
    cuts = np.cumsum([0, TRAIN, VALIDATION, CALIBRATION, lengths.sum() + GAP * (len(kinds) + 1)])
    signal = _signal(BURN_IN + cuts[-1], rng)[BURN_IN:]
    noise = np.stack([_wander(rng, cuts[-1], 0.3, sd) for sd in CHANNELS.values()], axis=1)
    times = pd.date_range("2026-01-01", periods=cuts[-1], freq="15min", name="time")
    frame = pd.DataFrame(signal + noise, times, list(CHANNELS))
    train, validation, calibration, test = (frame.iloc[a:b] for a, b in pairwise(cuts))
    plant = SensorSeries(
        train, validation, calibration, test, np.zeros(test.shape, np.int64), (), signal, noise
    )
    for kind, start in zip(kinds, starts.tolist(), strict=True) if events else ():
        sign = rng.choice([-1, 1]) if kind in ("spike", "level", "drift") else 1
        size = float(rng.integers(8, 20) if kind == "broken" else sign * KINDS[kind][1])
        plant = plant.inject(kind, str(rng.choice(list(CHANNELS))), start, KINDS[kind][0], size)
    return plant


def _signal(rows: int, rng: Generator) -> Array:
    """What the sensors would show without noise, shape (rows, channels)."""
    t = np.arange(rows)
    angle = 2 * np.pi * t / DAY
    season = np.sin(angle) + 0.4 * np.sin(2 * angle + 1)
    demand = 50 + 14 * season + _wander(rng, rows, 0.97, 6)
    response = _lag(demand, 3)
    limits = np.select([response > 58, response < 44], [1.0, 0.0], np.nan)
    pump = np.asarray(pd.Series(limits).ffill().fillna(0))
    flow = 20 + 60 / (1 + np.exp(-(response - 50) / 12))
    power = 10 + 0.004 * flow**2 + 0.15 * response + 4 * pump
    pressure = 80 - 0.006 * flow**2 + 0.5 * (demand - response) + 3 * pump
    weather = 15 + 6 * np.sin(angle - 2.2) + _wander(rng, rows, 0.995, 2)
    temperature = weather + _lag(0.6 * power, 24) + t / 5000
    turns = np.cumsum(1 / (20 - 0.12 * (flow - 20)))
    vibration = (0.5 + 0.01 * flow) * np.sin(2 * np.pi * turns)
    return np.stack([demand, power, flow, pressure, temperature, vibration], axis=1)


def _wander(rng: Generator, rows: int, phi: float, sd: float) -> Array:
    """An autoregression of first order, x_t = φ x_{t−1} + ε_t, that settles at this spread."""
    return np.asarray(lfilter([sd * np.sqrt(1 - phi**2)], [1, -phi], rng.normal(size=rows)))


def _lag(x: Array, tau: float) -> Array:
    """y with y += (x − y)/τ in every row: x, late and smooth."""
    return np.asarray(lfilter([1 / tau], [1, 1 / tau - 1], x))


def water_flow() -> tuple[pd.DataFrame, Labels]:
    """Litres a second through a water pipe, an hour a row, with four anomalies and some gaps.

    Returns
    -------
    frame : DataFrame (1268, 1)
        Column "flow", under times in UTC: 20 March to 16 May 2022. Ten steps are longer than an
        hour, most of them in the last week.
    labels : array (1268,)
        1 where less than 98 or more than 109 litres flow: three moments of low flow (lost water or
        maintenance) and a short peak (pumping).

    Notes
    -----
    Given by Tecnojest s.r.l., as packaged by river (BSD-3). Its documentation names the four
    anomalies; the two limits are ours. Three of the four lie in the first two weeks; the longest
    normal stretch is from 4 to 26 April.
    """
    with extra("course"):
        from river.datasets import WaterFlow

    table = pd.read_csv(WaterFlow().path)
    times = pd.DatetimeIndex(pd.to_datetime(table.pop("Time"), utc=True), name="time")
    frame = table.set_axis(["flow"], axis=1).set_index(times)
    return frame, np.asarray(~frame.flow.between(98, 109), dtype=np.int64)
