"""The explorers of section 4.4 without a browser: true verdicts, true curves, kind errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest import approx

from anomalylab import data
from anomalylab.explore import Explorer, injection_explorer, window_explorer
from tests.explorers import axes_of

ROWS, PLACES = 120, (40, 80)
CHANNELS = ["heat", "speed", "load"]
Rows = np.ndarray[Any, Any]


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


def inject(kind: str, channel: str, length: int, size: float) -> tuple[Rows, Rows]:
    """Three flat channels; at two places one is higher, by 4 or by half of that."""
    rows, labels = np.zeros((ROWS, 3)), np.zeros((ROWS, 3), dtype=int)
    for start in PLACES:
        changed = slice(start, start + length), CHANNELS.index(channel)
        rows[changed] += size * {"high": 4.0, "middle": 2.0}[kind]
        labels[changed] = 1
    return rows, labels


def late_by_three(rows: Rows) -> Rows:
    """The largest value of three rows before; the first three rows have none."""
    scores = np.full(len(rows), np.nan)
    scores[3:] = rows[:-3].max(axis=1)
    return scores


SCORE: dict[str, Callable[[Rows], Rows]] = {
    "largest": lambda rows: rows.max(axis=1),
    "late": late_by_three,
    "mean": lambda rows: rows.mean(axis=1) + np.eye(len(rows))[5] + 0.7 * np.eye(len(rows))[10],
}
THRESHOLDS = {"largest": 1.5, "late": 3.0, "mean": 0.9}


def explorer_of(**changes: Any) -> Explorer:
    given: dict[str, Any] = {"inject": inject, "score": SCORE, "thresholds": THRESHOLDS}
    choices = {"kinds": ["high", "middle"], "channels": CHANNELS, "lengths": (1, 5, 8)}
    return injection_explorer(**{**given, **choices, **changes})


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (
            {"kind": "high", "channel": "speed", "length": 5, "size": 1.0},
            "High of 5 row(s), size 1, in speed: largest found 2 of 2, delay 0, false alarms 0; "
            "late found 2 of 2, delay 3, false alarms 0; mean found 2 of 2, delay 0, false "
            "alarms 1.",
        ),
        (
            {"kind": "middle", "channel": "load", "length": 1, "size": 1.0},
            "Middle of 1 row(s), size 1, in load: largest found 2 of 2, delay 0, false alarms 0; "
            "late found 0 of 2, false alarms 0; mean found 0 of 2, false alarms 1.",
        ),
        (
            {"kind": "high", "channel": "heat", "length": 1, "size": 2.0},
            "High of 1 row(s), size 2, in heat: largest found 2 of 2, delay 0, false alarms 0; "
            "late found 0 of 2, false alarms 2; mean found 2 of 2, delay 0, false alarms 1.",
        ),
    ],
)
def test_sentence_of_the_verdicts_is_true(state: dict[str, Any], told: str) -> None:
    explorer = explorer_of().set(**state)
    assert explorer.sentence == told
    shown = ", ".join(f"{k}={v:g}" if k == "size" else f"{k}={v!r}" for k, v in state.items())
    assert repr(explorer) == f"Injection explorer [{shown}]: {told}"


def test_an_alarm_after_the_anomaly_may_still_mean_it() -> None:
    explorer = explorer_of(late=3).set(kind="high", channel="heat", length=1)
    assert "; late found 2 of 2, delay 3, false alarms 0; " in explorer.sentence


def test_start_is_the_first_kind_and_channel_and_the_usual_size() -> None:
    explorer = explorer_of()
    assert explorer.state == {"kind": "high", "channel": "heat", "length": 5, "size": 1.0}
    assert [control.description for control in explorer.controls.values()] == [
        "kind of anomaly",
        "channel",
        "length in rows",
        "size (1: usual)",
    ]
    assert explorer_of(sizes=(0.5, 2)).state["size"] == 0.5


def test_a_score_that_writes_into_its_rows_changes_nothing_else() -> None:
    def greedy(rows: Rows) -> Rows:
        rows *= 0
        return rows[:, 0]

    both = {"greedy": greedy, "largest": SCORE["largest"]}
    explorer = explorer_of(score=both, thresholds={"greedy": 1.0, "largest": 1.5})
    assert (
        "greedy found 0 of 2" in explorer.sentence and "largest found 2 of 2" in explorer.sentence
    )


def test_series_and_scores_stand_one_above_the_other_in_one_picture() -> None:
    (ax,) = axes_of(explorer_of(), channel="speed", length=8)
    names = dict(zip((t.get_text() for t in ax.get_yticklabels()), ax.get_yticks(), strict=True))
    assert [*names] == [*CHANNELS, *SCORE]
    assert sorted(names.values(), reverse=True) == [*names.values()]
    rows, labels = inject("high", "speed", 8, 1.0)
    _, *series, changed = ax.get_lines()[:5]  # the first line parts channels and scores
    for name, line, values in zip(CHANNELS, series, rows.T, strict=True):
        np.testing.assert_allclose(np.asarray(line.get_ydata()) - names[name], values / 7)
    drawn = np.asarray(changed.get_ydata())
    np.testing.assert_array_equal(~np.isnan(drawn), labels[:, 1] == 1)
    np.testing.assert_allclose(drawn[labels[:, 1] == 1] - names["speed"], 4 / 7)
    assert changed.get_linewidth() > series[0].get_linewidth(), "told apart without colour"


def test_shaded_are_the_injected_rows() -> None:
    (ax,) = axes_of(explorer_of(), length=1)
    dashes, shade = ax.collections
    corners = np.asarray(shade.get_paths()[0].vertices)
    high = corners[corners[:, 1] == ax.get_ylim()[1]][:, 0]
    assert set(high) == {39.5, 40.5, 79.5, 80.5}, "a row is a row wide"
    assert dashes.get_label() == "threshold"


def test_scores_are_drawn_in_shares_of_their_thresholds_with_their_alarms() -> None:
    (ax,) = axes_of(explorer_of(), kind="high", channel="heat", length=5, size=2.0)
    *_, largest, late, mean, alarms = ax.get_lines()
    rows, _ = inject("high", "heat", 5, 2.0)
    flags = set()
    levels = [np.asarray(path.vertices)[0, 1] for path in ax.collections[0].get_paths()]
    for place, (name, line) in enumerate(zip(SCORE, (largest, late, mean), strict=True)):
        share = SCORE[name](rows) / THRESHOLDS[name]
        heights = np.asarray(line.get_ydata())
        foot = np.nanmin(heights)
        np.testing.assert_allclose(heights - foot, 0.8 / 3 * np.minimum(share, 3), atol=1e-9)
        assert levels[place] == approx(foot + 0.8 / 3), "the dashes are the threshold"
        flags |= {(row, foot) for row in np.flatnonzero(share > 1).tolist()}
    assert {*zip(*map(np.ndarray.tolist, map(np.asarray, alarms.get_data())), strict=True)} == flags
    assert [text.get_text() for text in ax.texts] == [
        "found 2 of 2, delay 0\nfalse alarms 0",
        "found 2 of 2, delay 3\nfalse alarms 0",
        "found 2 of 2, delay 0\nfalse alarms 1",
    ]


def test_a_known_state_is_not_scored_again_and_leaves_no_trace() -> None:
    calls = []

    def counted(rows: Rows) -> Rows:
        calls.append(len(rows))
        return rows.max(axis=1)

    explorer = explorer_of(score={"one": counted}, thresholds={"one": 1.0}).set(length=8)
    first, times = explorer.picture.value, len(calls)
    assert explorer.set(kind="middle").picture.value != first
    assert explorer.set(kind="high").picture.value == first and len(calls) == times + 1
    assert f'alt="{explorer.sentence}"' in first
    assert "image/png" in explorer._repr_mimebundle_()
    direct = explorer_of(score={"one": counted}, thresholds={"one": 1.0}).set(length=8)
    assert direct.picture.value == first


def test_an_anomaly_that_does_not_fit_is_said_and_the_rest_works() -> None:
    plant = data.sensors(0, events=False)

    def on_plant(kind: str, channel: str, length: int, size: float) -> tuple[Any, Any]:
        there = plant.inject(kind, channel, 50, length, size)
        return there.test[:100], there.labels[:100]

    explorer = injection_explorer(
        on_plant,
        {"largest": lambda rows: rows.max(axis=1)},
        {"largest": 500.0},
        kinds=[*data.KINDS],
        channels=[*data.CHANNELS],
        lengths=(2, 8000),
    )
    with pytest.raises(ValueError, match="does not fit at row 50"):
        explorer.set(length=8000)
    assert "A spike of 8000 row(s)" in explorer.pane.value
    assert "found 0 of 1" in explorer.set(length=2).sentence and not explorer.pane.value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"thresholds": {"largest": 1.0}}, r"scores are of \['largest', 'late', 'mean'\], and the"),
        ({"score": {}, "thresholds": {}}, "Every detector needs a score and a threshold above 0"),
        ({"thresholds": {**THRESHOLDS, "late": 0.0}}, "threshold above 0"),
        ({"thresholds": {**THRESHOLDS, "late": np.nan}}, "threshold above 0"),
        ({"channels": []}, "needs different values, at least one"),
        ({"lengths": (1, 1)}, "'length in rows' needs different values"),
    ],
)
def test_bad_input_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer_of(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"score": {**SCORE, "mean": lambda rows: rows}}, r"mean gave scores of shape \(120, 3\)"),
        ({"score": {**SCORE, "late": lambda rows: rows[1:, 0]}}, r"late gave .*\(119,\) for 120"),
        ({"inject": lambda *what: (np.ones((9, 2)), np.ones((9, 2)))}, r"shape \(3,\)"),
        ({"inject": lambda *what: (np.ones((9, 3)), np.ones((8, 3)))}, "9 rows with 8 labels"),
        ({"inject": lambda *what: (np.full((9, 3), np.nan), np.ones((9, 3)))}, "missing value"),
    ],
)
def test_bad_answers_of_the_functions_are_shown(changes: dict[str, Any], message: str) -> None:
    explorer = explorer_of(**changes)
    assert "could not be drawn" in explorer.pane.value
    with pytest.raises(ValueError, match=message):
        explorer.set(length=8)


def test_a_long_picture_is_redrawn_at_once() -> None:
    draw = np.random.default_rng(0)
    normal, channels = draw.standard_normal((700, 6)), [*"abcdef"]

    def noisy(kind: str, channel: str, length: int, size: float) -> tuple[Rows, Rows]:
        labels = np.zeros(normal.shape, dtype=int)
        labels[300 : 300 + length, channels.index(channel)] = 1
        return normal + size * labels, labels

    explorer = injection_explorer(
        noisy,
        {f"detector {n}": partial(np.mean, axis=1) for n in range(5)},
        {f"detector {n}": 1.0 for n in range(5)},
        kinds=["high"],
        channels=channels,
    )
    times = []
    for length in (1, 2, 5, 20, 48, 96):
        start = time.perf_counter()
        explorer.set(length=length)
        times.append(time.perf_counter() - start)
    assert np.median(times) < 3 * 0.15


@pytest.fixture
def table() -> pd.DataFrame:
    """Two detectors, three windows, three seeds; 16 rows are best, 8 are quickest."""
    runs = pd.MultiIndex.from_product(
        [["PCA", "LSTM"], [8, 16, 64], [0, 1, 2]], names=["detector", "window", "seed"]
    ).to_frame(index=False)
    noise = np.random.default_rng(0).random(len(runs)) / 100
    runs["roc_auc"] = runs["window"].map({8: 0.6, 16: 0.9, 64: 0.8}) + noise
    runs["vus_pr"] = runs["roc_auc"] / 2 + (runs["detector"] == "LSTM") / 10
    runs["delay"] = runs["window"] / 4 + runs["seed"]
    runs["found"] = 20 - runs["window"] // 8 + runs["seed"]
    runs["false_alarms"] = runs["window"] / 32 + runs["seed"] / 2
    return runs


STATE = {"detector": "LSTM", "measure": "VUS-PR", "window": 64}


def runs_of(table: pd.DataFrame, column: str, window: int) -> list[float]:
    """The results of the LSTM, seed after seed."""
    chosen = table[(table["detector"] == "LSTM") & (table["window"] == window)]
    return [float(value) for value in chosen.sort_values("seed")[column]]


def test_sentence_of_the_window_is_true(table: pd.DataFrame) -> None:
    areas = runs_of(table, "vus_pr", 64)
    explorer = window_explorer(table.sample(frac=1, random_state=0)).set(**STATE)
    assert explorer.sentence == (
        f"LSTM, windows of 64 rows: VUS-PR {np.mean(areas):.2f} ({min(areas):.2f} to "
        f"{max(areas):.2f}), 13 (12 to 14) events found, with a delay of 17.0 (16.0 to 18.0) "
        "rows and 2.5 (2.0 to 3.0) false alarms in 1000 normal rows, of 3 seeds."
    )
    shown = "detector='LSTM', measure='VUS-PR', window=64"
    assert repr(explorer) == f"Window explorer [{shown}]: {explorer.sentence}"
    area = np.mean(runs_of(table, "roc_auc", 64))
    assert f": ROC-AUC {area:.2f} (" in explorer.set(measure="ROC-AUC").sentence


def test_dots_and_means_stand_where_the_sentence_of_the_window_says(table: pd.DataFrame) -> None:
    explorer = window_explorer(table)
    for ax, name in zip(axes_of(explorer, **STATE), ("vus_pr", "delay"), strict=True):
        mean, *dots = ax.get_lines()[-4:]
        for place, window in enumerate((8, 16, 64)):
            wanted = runs_of(table, name, window)
            np.testing.assert_allclose(np.asarray(dots[place].get_ydata()), wanted)
            assert np.asarray(mean.get_ydata())[place] == approx(np.mean(wanted))
        low, high = ax.get_ylim()
        assert low < table[name].min() and table[name].max() < high, "no state is cut off"
    assert axes_of(explorer)[0].get_ylim()[1] > table["roc_auc"].max()


def test_windows_are_redrawn_at_once_and_leave_no_trace(table: pd.DataFrame) -> None:
    explorer = window_explorer(table)
    times = []
    for window in (16, 64):
        for measure in ("ROC-AUC", "VUS-PR"):
            start = time.perf_counter()
            explorer.set(detector="LSTM", measure=measure, window=window)
            times.append(time.perf_counter() - start)
    assert np.median(times) < 3 * 0.15
    assert explorer.picture.value == window_explorer(table).set(**STATE).picture.value


def test_bad_tables_of_windows_are_named(table: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="has no column roc_auc, delay; it needs"):
        window_explorer(table.drop(columns=["roc_auc", "delay"]))
    with pytest.raises(ValueError, match="should have one run with each of 3 seeds"):
        window_explorer(table.iloc[1:])
    with pytest.raises(ValueError, match="LSTM has no run of some windows"):
        window_explorer(table[(table["detector"] == "PCA") | (table["window"] > 8)])
    with pytest.raises(ValueError, match="2 seeds, which should be at least 3"):
        window_explorer(table[table["seed"] < 2])
    with pytest.raises(ValueError, match="delay"):
        window_explorer(table.assign(delay=np.nan))
