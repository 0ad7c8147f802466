"""The explorers of AnoGAN's search without a browser: true losses, true curves, kind errors."""

from __future__ import annotations

import time
from typing import Any

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest
import torch
from pytest import approx

from anomalylab import latent
from anomalylab.detector import evaluate
from anomalylab.explore import Explorer, search_explorer, search_settings_explorer
from anomalylab.models.anogan import AnoGAN
from anomalylab.seeding import seeded
from tests.explorers import axes_of

ROWS, STEPS = 7, 12
Data = dict[str, Any]
MIX = np.random.default_rng(1).random((3, 6)) / 9


def decode(z: np.ndarray) -> np.ndarray:
    """Six pixels that grow with z."""
    return np.asarray(0.5 + z @ MIX)


def features(x: np.ndarray) -> np.ndarray:
    """Two numbers a row."""
    return np.stack([x[:, 0], x.max(axis=1)], axis=1)


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


@pytest.fixture
def data() -> Data:
    """7 rows of 2 × 3 pixels, anomalies in rows 2, 3 and 6, and their paths."""
    draw = np.random.default_rng(0)
    return {
        "x": draw.random((ROWS, 6)),
        "labels": np.array([0, 0, 1, 1, 0, 0, 1]),
        "z": draw.standard_normal((ROWS, STEPS + 1, 3)),
        "decode": decode,
        "features": features,
        "weight": 0.2,
        "price": 0.4,
    }


def explorer_of(data: Data, **changes: Any) -> Explorer:
    return search_explorer(**{"image_shape": (2, 3), **data, **changes})


def losses(data: Data, row: int, step: int) -> tuple[float, float, float]:
    """L_R, L_D and the objective, term by term as in the formula."""
    x, z = data["x"][row], data["z"][row, step]
    drawn = decode(z[None])[0]
    residual = float(np.mean([abs(a - b) for a, b in zip(x, drawn, strict=True)]))
    seen, made = features(x[None])[0], features(drawn[None])[0]
    feature = float(abs(seen - made).sum() / 2)
    return residual, feature, 0.8 * residual + 0.2 * feature + 0.4 * float(z @ z) / 3


def test_sentence_is_true(data: Data) -> None:
    names = [f"digit {row}" for row in range(ROWS)]
    told = []
    for kind, row in (("normal", 4), ("anomaly", 3)):
        residual, feature, objective = losses(data, row, 5)
        path = [losses(data, row, step)[2] for step in range(STEPS + 1)]
        told.append(
            f"{kind} row {row} (digit {row}) has L_R {residual:.3f}, L_D {feature:.3f}, objective "
            f"{objective:.3f} (lowest {min(path):.3f}, in step {path.index(min(path))})"
        )
    explorer = explorer_of(data, names=names).set(normal=4, anomaly=3, step=5)
    assert explorer.sentence == f"In step 5 of 12: {told[0]}; {told[1]}."
    assert repr(explorer) == (f"Search explorer [normal=4, anomaly=3, step=5]: {explorer.sentence}")
    assert explorer_of(data).sentence.startswith("In step 0 of 12: normal row 0 has L_R ")


def test_the_objective_is_that_of_the_detector() -> None:
    """Fed as a notebook does it, the explorer tells the losses of `AnoGAN`."""
    with seeded(0):
        anogan = AnoGAN(6, hidden=(5,), latent=3, steps=4, starts=2, weight=0.3, price=0.1).eval()
    x = np.random.default_rng(0).random((4, 6))
    z = evaluate(anogan, "walk", x)
    explorer = search_explorer(
        x,
        [0, 0, 1, 1],
        z,
        lambda codes: latent.decode(anogan, codes),
        lambda rows: anogan.discriminator.features(torch.tensor(rows).float()),
        weight=anogan.weight,
        price=anogan.price,
        image_shape=(2, 3),
    )
    with torch.no_grad():
        rows, path = torch.tensor(x).float(), torch.tensor(z).float().swapaxes(0, 1)
        residual, feature = anogan.losses(rows, path)
        objective = anogan.objective(rows, path)
    for step in range(5):
        told = explorer.set(normal=1, anomaly=2, step=step).sentence
        for row in (1, 2):
            assert (
                f"row {row} has L_R {residual[step, row]:.3f}, L_D {feature[step, row]:.3f}, "
                f"objective {objective[step, row]:.3f} (lowest {objective[:, row].min():.3f}, "
            ) in told


def test_the_pictures_are_those_of_the_rows_and_the_step(data: Data) -> None:
    panel, curve = axes_of(explorer_of(data), normal=5, anomaly=6, step=7)
    assert [text.get_text() for text in panel.texts] == ["x", "G(z)", "|x − G(z)|"]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["normal", "anomaly"]
    pixels = np.asarray(panel.images[-1].get_array())
    for top, row in ((0, 5), (3, 6)):
        drawn = decode(data["z"][row, 7][None])[0]
        wanted = [data["x"][row], drawn, abs(data["x"][row] - drawn)]
        for place, picture in enumerate(wanted):
            found = pixels[top : top + 2, 4 * place : 4 * place + 3]
            np.testing.assert_allclose(found, np.reshape(picture, (2, 3)))
    normal, odd, now = curve.get_lines()
    assert now.get_marker() == "None", "a mark would look like a value of the objective"
    for line, row in ((normal, 5), (odd, 6)):
        path = [losses(data, row, step)[2] for step in range(STEPS + 1)]
        np.testing.assert_allclose(np.asarray(line.get_ydata()), path)
        assert line.get_markevery() == [int(np.argmin(path))]
    assert normal.get_linestyle() != odd.get_linestyle(), "told apart without colour"
    assert set(np.ravel(np.asarray(now.get_xdata()))) == {7}


def test_every_curve_has_room_on_the_axes(data: Data) -> None:
    data["z"][6, 3] = 40.0
    curve = axes_of(explorer_of(data))[1]
    assert curve.get_ylim()[0] == 0 and curve.get_ylim()[1] > losses(data, 6, 3)[2]
    assert curve.get_xlim()[0] < 0 and curve.get_xlim()[1] > STEPS


def test_the_menus_offer_the_rows_of_their_kind(data: Data) -> None:
    controls = explorer_of(data, names=[*"abcdefg"]).controls
    assert controls["normal"].options[-1] == ("row 5 (f)", 5)
    assert [row for _, row in controls["normal"].options] == [0, 1, 4, 5]
    assert [row for _, row in controls["anomaly"].options] == [2, 3, 6]
    assert [control.description for control in controls.values()] == [
        "normal row",
        "anomaly",
        "step of the search",
    ]


@pytest.mark.parametrize("values", [{"normal": 2}, {"anomaly": 0}, {"step": 13}, {"row": 1}])
def test_set_refuses_what_is_not_there(data: Data, values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"normal: one of 0, 1, 4, 5; anomaly: .*; step: 0 to 12"):
        explorer_of(data).set(**values)


def test_the_play_button_turns_the_slider_and_follows_it(data: Data) -> None:
    explorer = explorer_of(data)
    row = explorer.children[3]
    assert isinstance(row, widgets.HBox)
    label, play = row.children
    assert label.value == "play or stop" and isinstance(play, widgets.Play)
    assert (play.min, play.max, play.step) == (0, STEPS, 1)
    before = explorer.picture.value
    play.value = 4  # what the button does in the browser
    assert explorer.state["step"] == 4 and explorer.sentence.startswith("In step 4 of")
    assert explorer.picture.value != before
    explorer.set(step=9)
    assert play.value == 9, "it would start from somewhere else"
    assert list(explorer.children)[-2:] == [explorer.pane, explorer.picture]


def test_drawing_leaves_no_trace_of_other_steps(data: Data) -> None:
    travelled = explorer_of(data).set(normal=4, step=9).set(normal=1, step=3)
    direct = explorer_of(data).set(normal=1, step=3)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(step=4).picture.value
    assert f'alt="{direct.sentence}"' in direct.picture.value
    assert "image/png" in direct._repr_mimebundle_()


def test_large_pictures_are_redrawn_at_once() -> None:
    draw = np.random.default_rng(0)
    explorer = search_explorer(
        draw.random((4, 784)),
        [0, 0, 1, 1],
        draw.standard_normal((4, 101, 784)),
        lambda z: 1 / (1 + np.exp(-z)),
        features,
        weight=0.1,
        price=0.0,
        image_shape=(28, 28),
    )
    times = []
    for step in range(1, 8):
        start = time.perf_counter()
        explorer.set(step=step)
        times.append(time.perf_counter() - start)
    assert np.median(times) < 3 * 0.15


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.ones((ROWS, 5))}, r"shape \(6,\)"),
        ({"z": np.ones((ROWS, 3))}, r"z needs shape \(7, 2 or more steps, latent\), not \(7, 3\)"),
        ({"z": np.ones((ROWS, 1, 3))}, r"2 or more steps, latent\), not \(7, 1, 3\)"),
        ({"z": np.ones((6, 4, 3))}, r"not \(6, 4, 3\)"),
        ({"z": np.full((ROWS, 4, 3), np.nan)}, "missing value"),
        ({"labels": [0] * ROWS}, "labels some 0 and some 1"),
        ({"labels": [0, 1]}, "7 rows need 7 labels"),
        ({"names": ["a"]}, "names need one entry a row"),
        ({"decode": lambda z: z}, r"shape \(6,\)"),
        ({"decode": lambda z: decode(z)[:5]}, "Need at least 91 row"),
        ({"features": lambda x: x[:5]}, "Need at least 91 row"),
    ],
)
def test_bad_input_is_named(data: Data, changes: Data, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        explorer_of(data, **changes)


@pytest.fixture
def table() -> pd.DataFrame:
    """Two digits, three seeds; ROC-AUC highest after 3 steps, objective lowest after 30."""
    runs = pd.MultiIndex.from_product(
        [[1, 8], [0, 1, 2], [0, 3, 30], [1, 4], [0.0, 0.3], [0.0, 0.5]],
        names=["digit", "seed", "steps", "starts", "price", "weight"],
    ).to_frame(index=False)
    noise = np.random.default_rng(0).random(len(runs)) / 100
    runs["roc_auc"] = runs["steps"].map({0: 0.6, 3: 0.9, 30: 0.8}) + noise + runs["digit"] / 100
    runs["objective"] = (0.5 + runs["price"]) / (1 + runs["steps"]) + noise
    return runs


STATE = {"steps": 3, "starts": 4, "price": 0.3, "weight": 0.5}


def by_seed(table: pd.DataFrame, column: str, **state: Any) -> list[float]:
    """Mean over the digits, row by row."""
    sums = {0: 0.0, 1: 0.0, 2: 0.0}
    for row in table.to_dict("records"):
        if all(row[name] == value for name, value in state.items()):
            sums[int(row["seed"])] += row[column] / 2
    return list(sums.values())


def test_sentence_of_the_settings_is_true(table: pd.DataFrame) -> None:
    areas, values = (by_seed(table, name, **STATE) for name in ("roc_auc", "objective"))
    least = np.mean(by_seed(table, "objective", **{**STATE, "steps": 30}))
    explorer = search_settings_explorer(table).set(**STATE)
    assert explorer.sentence == (
        f"Steps 3, starts 4, price 0.3, λ 0.5: ROC-AUC {np.mean(areas):.2f} ({min(areas):.2f} to "
        f"{max(areas):.2f}), objective {np.mean(values):.3f} ({min(values):.3f} to "
        f"{max(values):.3f}), of 3 seeds, each the mean of 2 digits; G draws 16 times for "
        f"each row. ROC-AUC is highest, {np.mean(areas):.2f}, after 3 steps, the objective lowest, "
        f"{least:.3f}, after 30."
    )
    assert repr(explorer) == (
        f"Search settings explorer [steps=3, starts=4, price=0.3, weight=0.5]: {explorer.sentence}"
    )


def test_the_order_of_the_rows_does_not_matter(table: pd.DataFrame) -> None:
    mixed = table.sample(frac=1, random_state=0)
    first, second = (search_settings_explorer(t).set(**STATE) for t in (table, mixed))
    assert first.sentence == second.sentence and first.picture.value == second.picture.value


def test_dots_and_means_stand_where_the_sentence_says(table: pd.DataFrame) -> None:
    explorer = search_settings_explorer(table)
    for ax, name in zip(axes_of(explorer, **STATE), ("roc_auc", "objective"), strict=True):
        lines = ax.get_lines()[-4:]  # the mean, then the dots of three numbers of steps
        for place, steps in enumerate((0, 3, 30)):
            wanted = by_seed(table, name, **{**STATE, "steps": steps})
            dots = np.asarray(lines[1 + place].get_ydata())
            np.testing.assert_allclose(dots, wanted)
            assert np.asarray(lines[0].get_ydata())[place] == approx(np.mean(wanted))
        assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "3", "30"]
        low, high = ax.patches[-1].get_extents().transformed(ax.transData.inverted()).intervalx
        assert (low, high) == (approx(0.5), approx(1.5)), "3 steps are shaded"
        assert "one seed" in {line.get_label() for line in lines}
        everything = table.groupby([*STATE, "seed"])[name].mean()
        low, high = ax.get_ylim()
        assert low < everything.min() < everything.max() < high, "no state is cut off"


def test_drawing_leaves_no_trace_of_other_settings(table: pd.DataFrame) -> None:
    travelled = search_settings_explorer(table).set(steps=30, weight=0.0).set(**STATE)
    direct = search_settings_explorer(table).set(**STATE)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(starts=1).picture.value
    assert f'alt="{direct.sentence}"' in direct.picture.value


@pytest.mark.parametrize("steps", [0, 30])
def test_settings_that_were_not_run_are_said_and_the_rest_works(
    table: pd.DataFrame, steps: int
) -> None:
    lacking = (table["starts"] == 4) & (table["price"] == 0.3) & (table["steps"] == steps)
    explorer = search_settings_explorer(table[~lacking])
    good = explorer.picture.value
    with pytest.raises(ValueError, match="no runs with these settings together"):
        explorer.set(steps=steps, starts=4, price=0.3)
    assert explorer.picture.value == good and "starts=4" in explorer.pane.value
    told = explorer.set(steps=3).sentence
    least = 3 if steps == 30 else 30
    assert "after 3 steps, the objective lowest, " in told and told.endswith(f"after {least}.")
    assert explorer.pane.value == ""


def test_settings_are_redrawn_at_once(table: pd.DataFrame) -> None:
    explorer = search_settings_explorer(table)
    times = []
    for steps in (3, 30):
        for weight in (0.0, 0.5):
            start = time.perf_counter()
            explorer.set(steps=steps, weight=weight)
            times.append(time.perf_counter() - start)
    assert np.median(times) < 3 * 0.15


@pytest.mark.parametrize("values", [{"steps": 10}, {"starts": 8}, {"weight": 0.25}, {"seed": 0}])
def test_set_refuses_settings_that_are_not_offered(
    table: pd.DataFrame, values: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match=r"steps: one of 0, 3, 30; starts: one of 1, 4; price"):
        search_settings_explorer(table).set(**values)


def test_bad_tables_are_named(table: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="has no column starts, objective; it needs"):
        search_settings_explorer(table.drop(columns=["objective", "starts"]))
    with pytest.raises(ValueError, match="one run of each of 2 digits with each of 3 seeds"):
        search_settings_explorer(table.iloc[1:])
    twice = table.copy()  # as many rows of every setting, but one seed twice
    twice.loc[0] = table[(table["seed"] == 1) & (table["digit"] == 8)].iloc[0]
    with pytest.raises(ValueError, match="Every setting should have one run"):
        search_settings_explorer(twice)
    with pytest.raises(ValueError, match="2 seeds, which should be at least 3"):
        search_settings_explorer(table[table["seed"] < 2])
    with pytest.raises(ValueError, match="objective"):
        search_settings_explorer(table.assign(objective=np.inf))
