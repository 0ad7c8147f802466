"""Any table ends in a correct score or a clear error, never in a silent wrong score."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anomalylab.pipeline import AnomalyDetectionPipeline
from anomalylab.preprocess import FAR

COLUMNS = ["a", "b", "c", "d"]
Change = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]
settings.register_profile(
    "course",
    deadline=None,
    derandomize=True,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no failure
)
settings.load_profile("course")


def table(rows: int, seed: int = 0) -> pd.DataFrame:
    """Whole numbers of several sizes, so that every numeric dtype can hold them."""
    rng = np.random.default_rng(seed)
    base = rng.normal(size=(rows, 2))
    values = np.column_stack([base @ [3, 1], base @ [-8, 8], rng.normal(size=rows) * 5, base[:, 0]])
    return pd.DataFrame((values * 4).round(), columns=COLUMNS)


@pytest.fixture(scope="module")
def fitted() -> AnomalyDetectionPipeline:
    return AnomalyDetectionPipeline(fit_settings={"epochs": 5}).fit(table(200))


def expected(pipeline: AnomalyDetectionPipeline, frame: pd.DataFrame) -> np.ndarray:
    """The scores by another way: NumPy for the table, one row at a time for the network."""
    rows = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    train = table(200)
    mean, spread = pipeline.preprocess_.fill.numpy(), pipeline.preprocess_.scale.numpy()
    assert np.all(abs(mean - train.mean()) < 0.5 * train.std()), "fills with about the means"
    precision, network = pipeline.preprocess_.precision.numpy(), pipeline.detector_
    scores = []
    for row in np.clip((rows - mean) / spread, -FAR, FAR):
        gap = np.isnan(row)
        pull = precision[np.ix_(gap, ~gap)] @ row[~gap]
        row[gap] = -np.linalg.solve(precision[np.ix_(gap, gap)], pull)
        x = torch.from_numpy(np.clip(row[None], -FAR, FAR))
        with torch.inference_mode():
            for _ in range(2):
                x = torch.where(torch.from_numpy(gap), network.reconstruct(x), x)
            scores.append(float(network.score(x)))
    return np.array(scores)


def _cells(frame: pd.DataFrame, rng: np.random.Generator, value: Any) -> pd.DataFrame:
    """Some cells set to a value, at least one of every row left as it is."""
    hit = rng.random(frame.shape) < 0.3
    hit[np.arange(len(frame)), rng.integers(0, frame.shape[1], len(frame))] = False
    if len(frame):
        hit[0, 0], hit[0, 1] = True, False
    return frame.astype(object).mask(hit, value)


FINE: dict[str, Change] = {
    "gaps": lambda f, r: _cells(f, r, np.nan).astype(float),
    "None": lambda f, r: _cells(f, r, None),
    "pd.NA": lambda f, r: _cells(f, r, pd.NA).astype("Float64"),
    "huge": lambda f, r: _cells(f, r, 1e300).astype(float),
    "very negative": lambda f, r: _cells(f, r, -1e308).astype(float),
    "tiny": lambda f, r: _cells(f, r, 5e-324).astype(float),
    "one row": lambda f, r: f.iloc[:1],
    "row order": lambda f, r: f.iloc[r.permutation(len(f))],
    "float32": lambda f, r: f.astype("float32"),
    "float16": lambda f, r: f.astype("float16"),
    "int16": lambda f, r: f.astype("int16"),
    "nullable integer": lambda f, r: f.astype("Int64"),
    "object": lambda f, r: f.astype(object),
    "numbers as text": lambda f, r: f.astype(str),
    "unsigned": lambda f, r: f.abs().astype("uint8"),
    "boolean column": lambda f, r: f.assign(b=f.b.gt(0)),
    "other index": lambda f, r: f.set_axis([f"row {i}" for i in range(len(f))]),
    "repeated index": lambda f, r: f.set_axis(np.full(len(f), 7)),
    "time index": lambda f, r: f.set_axis(pd.date_range("2026", periods=len(f), freq="min")),
    "column-major": lambda f, r: pd.DataFrame(np.asfortranarray(f), f.index, f.columns),
}
BROKEN: dict[str, tuple[Change, str]] = {
    "inf": (lambda f, r: _cells(f, r, np.inf).astype(float), "infinite value in row"),
    "-inf": (lambda f, r: _cells(f, r, -np.inf).astype(float), "infinite value in row"),
    "text": (lambda f, r: _cells(f, r, "red"), "'a' is not numeric: it holds 'red'"),
    "bytes": (lambda f, r: _cells(f, r, b"red"), "'a' is not numeric"),
    "times": (lambda f, r: f.assign(c=pd.Timestamp("2026-01-01")), "'c' is not numeric"),
    "durations": (lambda f, r: f.assign(c=pd.Timedelta("1h")), "'c' is not numeric"),
    "categories": (lambda f, r: f.assign(c=pd.Categorical(["x"] * len(f))), "'c' is not numeric"),
    "complex": (lambda f, r: f.assign(c=1j), "Complex data not supported"),
    "lists": (
        lambda f, r: f.assign(c=pd.Series([[1]] * len(f), f.index)),
        "'c' is not numeric: it holds .1.",
    ),
    "repeated column": (lambda f, r: f[["a", "b", "c", "c"]], "'c' occurs twice"),
    "column order": (lambda f, r: f[COLUMNS[::-1]], "same order as they were in fit"),
    "missing column": (lambda f, r: f.drop(columns="b"), "now missing:\n- b"),
    "extra column": (lambda f, r: f.assign(e=0.0), "unseen at fit time:\n- e"),
    "renamed column": (lambda f, r: f.rename(columns={"a": "A"}), "unseen at fit time:\n- A"),
    "blank row": (lambda f, r: f.reindex([*f.index[:-1], "?"]), "Row \\? holds no value at all"),
    "no rows": (lambda f, r: f.iloc[:0], "0 sample"),
    "no columns": (lambda f, r: f[[]], "now missing"),
}


@given(st.lists(st.sampled_from(list(FINE)), max_size=3), st.integers(0, 99))
@settings(max_examples=60)
def test_odd_tables_score_as_they_should(
    fitted: AnomalyDetectionPipeline, changes: list[str], seed: int
) -> None:
    frame, rng = table(12, seed), np.random.default_rng(seed)
    for change in changes:
        try:
            frame = FINE[change](frame, rng)
        except (ValueError, TypeError, OverflowError):
            return  # pandas itself refuses this combination
    if np.isinf(frame.to_numpy(dtype=np.float64, na_value=np.nan)).any():
        return  # 1e300 does not fit into float32
    found = fitted.detect(frame)
    assert found.index.equals(frame.index)
    assert np.isfinite(found.score).all()
    np.testing.assert_allclose(found.score, expected(fitted, frame), rtol=1e-9)
    assert found.filled.tolist() == frame.isna().sum(axis=1).tolist()


@given(
    st.sampled_from(list(BROKEN)),
    st.lists(st.sampled_from(["gaps", "one row", "float32"])),
    st.integers(0, 99),
)
@settings(max_examples=60)
def test_broken_tables_are_refused(
    fitted: AnomalyDetectionPipeline, broken: str, before: list[str], seed: int
) -> None:
    frame, rng = table(6, seed), np.random.default_rng(seed)
    for change in before:
        frame = FINE[change](frame, rng)
    spoil, message = BROKEN[broken]
    with pytest.raises((ValueError, TypeError), match=message):
        fitted.detect(spoil(frame, rng))


@given(
    rows=st.integers(1, 60),
    powers=st.lists(st.integers(-600, 600), min_size=4, max_size=4),
    holes=st.sampled_from([0.0, 0.2, 0.6]),
    constant=st.booleans(),
    seed=st.integers(0, 9),
)
@settings(max_examples=30)
def test_fit_learns_or_says_why_not(
    rows: int, powers: list[int], holes: float, constant: bool, seed: int
) -> None:
    frame, rng = table(rows, seed), np.random.default_rng(seed)
    frame = frame.mask(rng.random(frame.shape) < holes)
    frame["d"] = frame["d"] * 0.0 if constant else frame["d"]
    scaled = frame * [2.0**power for power in powers]
    model = AnomalyDetectionPipeline(fit_settings={"epochs": 2})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = model.fit(frame).detect(frame)
        except ValueError as reason:
            known = ("minimum of 4", "no value at all", "at least 2")
            assert any(words in str(reason) for words in known), reason
            with pytest.raises(ValueError):
                model.fit(scaled)
            return
        unscaled = bool((model.preprocess_.scale == 1).any())  # a constant column keeps its unit
        again = model.fit(scaled).detect(scaled)
    assert np.isfinite(found.score).all() and np.isfinite(found.threshold).all()
    # the unit of a column must not matter, were it 2⁻⁶⁰⁰ or 2⁶⁰⁰: its square is no number
    if not unscaled:
        np.testing.assert_allclose(again.score, found.score, rtol=1e-3)


@pytest.mark.parametrize("column", [[-1.7e308, 1.7e308] * 10, [-1e308, 0, 1e308, 0] * 5])
def test_a_spread_beyond_numbers_is_refused(column: list[float]) -> None:
    frame = table(20).assign(b=column)
    with pytest.raises(ValueError, match="'b' holds values too large"):
        AnomalyDetectionPipeline(random_state=1).fit(frame)


def test_equal_values_with_rounding_are_constant() -> None:
    frame = table(40).assign(b=[0.3, 0.1 + 0.2] * 20)
    with pytest.warns(UserWarning, match="Constant column.* 'b'"):
        pipeline = AnomalyDetectionPipeline(fit_settings={"epochs": 2}).fit(frame)
    assert float(pipeline.preprocess_.scale[1]) == 1
