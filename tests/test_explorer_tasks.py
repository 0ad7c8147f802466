"""Every explorer has a task, and the answer folded away below it is what the explorer shows.

To add an explorer: put its notebook into `ANSWERED`, and write a test that plays the cells which
the explorer needs, by their ids, and compares `answer(...)` with the explorer's sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import anomalylab as al
from anomalylab import data
from tools.notebooks import parse

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CORE, CLOUDS = "4.1_autoencoder.ipynb", "4.2_vae.ipynb"
MODELS = "further/4.1_autoencoder_further.ipynb"
VAES = "further/4.2_vae_further.ipynb"
GANS = "4.3_anogan.ipynb"
SERIES = "4.4_time_series.ipynb"
ANSWERED = {  # and how many explorers they hold
    CORE: 1,
    CLOUDS: 2,
    MODELS: 2,
    "further/4.1_practice_further.ipynb": 0,
    VAES: 1,
    GANS: 2,
    "further/4.3_anogan_further.ipynb": 0,
    SERIES: 2,
    "further/4.4_time_series_further.ipynb": 0,
}
EXPLORER = re.compile(r"\bexplore\.[a-z]\w*\(")
FOLDED = re.compile(r"\A<details><summary>Answer</summary>\n\n(.+?)\n\n</details>", re.DOTALL)


def cells_of(name: str) -> list[Any]:
    """The cells of a notebook."""
    return list(parse((NOTEBOOKS / name).read_text(encoding="utf-8")).cells)


def play(name: str, *ids: str, **changes: str) -> dict[str, Any]:
    """Run these cells of a notebook, with other text where `changes` says so; what they define."""
    sources = {cell.id: cell.source for cell in cells_of(name)}
    room: dict[str, Any] = {}
    for cell in ids:
        source = sources[cell]
        for old, new in changes.items():
            source = source.replace(old, new)
        exec(compile(source, f"{name}, cell {cell}", "exec"), room)
    return room


def answer(name: str, explorer: str) -> str:
    """The text folded away below the cell that shows this explorer."""
    cells = cells_of(name)
    place = [cell.id for cell in cells].index(explorer)
    folded = FOLDED.match(cells[place + 1].source)
    assert folded, f"no folded answer below {explorer} in {name}"
    return folded[1]


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Undo what a notebook's set-up does to the process."""
    threads = torch.get_num_threads()
    with mpl.rc_context():
        yield
    plt.close("all")
    torch.set_default_dtype(torch.float32)
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", ANSWERED)
def test_every_explorer_has_a_task_above_and_an_answer_below(name: str) -> None:
    cells = cells_of(name)
    explorers = [
        place
        for place, cell in enumerate(cells)
        if cell.cell_type == "code" and EXPLORER.search(cell.source)
    ]
    assert len(explorers) == ANSWERED[name]
    for place in explorers:
        before = [cell.source for cell in cells[:place] if cell.cell_type == "markdown"]
        assert "**Task.**" in before[-1]
        assert answer(name, cells[place].id)


def test_the_lowest_threshold_within_five_percent_and_that_of_the_lowest_cost() -> None:
    ids = ("setup", "trained", "rules", "rules-values", "explorer")
    explorer = play(CORE, *ids, **{"range(5)": "range(1)"})["threshold_explorer"]
    first, second = answer(CORE, "explorer").split(" (2) ")
    limit, false, shown, share, found, eights = re.findall(r"[\d.]*\d", first)[1:]
    assert f"{false} of {shown} normal rows flagged ({share} %), {found} of {eights} anomalies" in (
        explorer.set(threshold=float(limit)).sentence
    )
    assert float(share) <= 5
    flagged = re.compile(r"(\d+) of \d+ normal rows flagged \(([\d.]+) %\), (\d+) of (\d+)")
    cheapest, costs = "", {}
    for step in range(10, 70):
        threshold = step / 1000
        match = flagged.search(explorer.set(threshold=threshold).sentence)
        assert match
        costs[threshold] = int(match[1]) + 10 * (int(match[4]) - int(match[3]))
        assert threshold >= float(limit) or float(match[2]) > 5, "the lowest"
    best = min(costs, key=lambda threshold: costs[threshold])
    cheapest = f"at {best:g} there are"
    assert cheapest in second and f"= {costs[best]}. This is the lowest cost" in second
    roc = re.search(r"ROC ([\d.]+)", explorer.sentence)
    assert roc and abs(float(roc[1]) - best) < 0.002 and "Near the ROC rule" in second


def test_the_way_through_the_plane_and_a_place_without_a_digit() -> None:
    ids = ("holes-train", "holes-table", "holes-values", "plane-train", "walk", "new-digits")
    explorer = play(CLOUDS, "setup", *ids)["walk"]  # and still after the cells that follow
    text = answer(CLOUDS, "walk")
    order: list[str] = []
    for z1 in np.linspace(-3, 3, 31):
        drawn = re.search(
            r"nearest training sample is (\d)",
            explorer.set(z1=round(float(z1), 1), z2=0.0).sentence,
        )
        assert drawn
        if order[-1:] != [drawn[1]]:
            order.append(drawn[1])
    assert re.findall(r"an? (\d)", text) == order
    z1, z2 = re.findall(r"z[₁₂] = (−?[\d.]*\d)", text)[1:]
    sentence = explorer.set(z1=float(z1.replace("−", "-")), z2=float(z2)).sentence
    share = re.search(r"(\d+) % of fresh samples are nearer", sentence)
    assert share and f"{share[1]} % of fresh digits are nearer" in text and int(share[1]) >= 95


@pytest.mark.slow
def test_the_largest_beta_at_which_samples_differ() -> None:
    explorer = play(CLOUDS, "setup", "beta-explorer")["beta_explorer"]
    text = answer(CLOUDS, "beta-explorer")
    four, eight = (explorer.set(beta=beta).sentence for beta in (4.0, 8.0))
    kinds = [float(re.findall(r"([\d.]+) kinds", sentence)[0]) for sentence in (four, eight)]
    assert f"β = 4, for the digit {explorer.state['digit']}" in text
    assert f"show {kinds[0]:.0f} kinds" in text and kinds[0] > 4 and kinds[1] < 3
    one = explorer.set(beta=1.0).sentence
    areas = [re.findall(r"ROC-AUC ([\d.]+)", sentence)[0] for sentence in (one, four, eight)]
    assert "{} at β = 1, {} at 4 and {} at 8".format(*areas) in text
    assert "0.0 units active (0 to 0)" in eight and "At β = 8" in text


@pytest.mark.slow
def test_widths_that_win_that_lose_and_that_are_too_close_to_call() -> None:
    explorer = play(MODELS, "setup", "width-retrain", "width-explorer")["bottleneck_explorer"]
    found: dict[tuple[int, int], list[float]] = {}
    text = answer(MODELS, "width-explorer")
    for digit, width, error, areas in re.findall(
        r"^\| (\d) \| (\d+) \| ([\d.]+) \| (.+?) \|$", text, re.MULTILINE
    ):
        sentence = explorer.set(digit=int(digit), width=int(width), noise=0.0).sentence
        assert f"mean error of fresh normals {error}, ROC-AUC {areas}, of 3 seeds" in sentence
        numbers = re.findall(r"[\d.]+", f"{error} {areas}")
        found[int(digit), int(width)] = [float(number) for number in numbers]
    assert len(found) == 6
    for digit, narrow, wide in ((2, 4, 16), (8, 2, 32), (0, 16, 32)):
        assert found[digit, narrow][0] > found[digit, wide][0], "the error falls"
    mean, lowest, highest = 1, 2, 3
    assert found[2, 16][highest] < found[2, 4][lowest], "1. the wider is worse"
    assert found[8, 2][highest] < found[8, 32][lowest], "2. the wider is better"
    narrow_0, wide_0 = found[0, 16], found[0, 32]
    assert narrow_0[mean] > wide_0[mean], "3. the means differ"
    assert narrow_0[lowest] <= wide_0[highest], "3. the dots overlap"
    assert "1. Widths 4 and 16" in text and "2. The digit 8: width 32 is better" in text
    assert "3. Too close to call" in text


def test_the_highest_normal_digit_and_the_lowest_eight() -> None:
    ids = ("setup", "conv-split", "conv-train", "sample-threshold", "sample-explorer")
    played = play(MODELS, *ids, **{"range(3)": "range(1)"})  # the explorer shows the first seed
    explorer = played["reconstruction_explorer"].set(order="by kind and score")
    first, second = answer(MODELS, "sample-explorer").split("\n2. ")
    pattern = r"Row (\d+),(?: a digit (\d),)? at place (\d+)\. Its score is ([\d.]+)"
    kinds = []
    for text in (first, second):
        named = re.search(pattern, text)
        assert named
        row, digit, place, score = named.groups()
        sentence = explorer.set(place=int(place)).sentence
        kinds.append(sentence[sentence.index("(") : sentence.index(":")])
        assert sentence.startswith(f"Row {row} ")
        assert f"score {score}, higher than" in sentence
        assert digit is None or f"digit {digit})" in sentence
    assert kinds[0].startswith("(normal") and kinds[1] == "(anomaly, digit 8)"
    assert "(anomaly" in explorer.set(place=450).sentence
    assert "(normal" in explorer.set(place=449).sentence, "the last place of the normal digits"
    assert ", above the threshold" in explorer.sentence and "above the threshold" in first
    below = re.search(r"higher than (\d+ %) of the normal digits", second)
    assert below
    sentence = explorer.set(place=450).sentence
    assert f"higher than {below[1]} of the normal rows, not above the threshold" in sentence
    assert "the threshold misses it" in second


def test_the_weight_of_kl_that_a_network_with_a_large_beta_should_have() -> None:
    played = play(VAES, "setup", "planes", "explorer", **{"range(3)": "range(0)"})
    explorer, text = played["weight_explorer"], answer(VAES, "explorer")
    own, best, alone = (float(area) for area in re.findall(r"0\.\d\d", text))
    sentence = explorer.set(weight=0.8).sentence
    assert f"(β = 4.00): ROC-AUC {own:.2f};" in sentence, "the network's own score"
    assert f"KL alone {alone:.2f}; highest {best:.2f} at weight 0." in sentence
    assert "at w = 0:" in text and alone < 0.4 < own < best - 0.03


def test_the_anomalies_that_a_search_draws_best_and_worst() -> None:
    ids = ("setup", "split", "players", "d-step", "g-step", "loop-function", "library-code")
    explorer = play(GANS, *ids, "explorer-search", **{"range(3)": "range(1)"})["search_explorer"]
    text = answer(GANS, "explorer-search")

    def objective(kind: str, row: int) -> float:
        sentence = explorer.set(step=100, **{kind: row}).sentence
        found = re.search(rf"{kind} row {row} .+?objective ([\d.]+) ", sentence)
        assert found
        return float(found[1])

    odd = {row: objective("anomaly", row) for row in range(6, 18)}
    normal = [objective("normal", row) for row in range(6)]
    best, worst = min(odd, key=odd.__getitem__), max(odd, key=odd.__getitem__)
    assert f"Row {best}, a nine, has the lowest: {odd[best]:.3f}." in text
    assert f"Row {worst}, a seven, has the highest: {odd[worst]:.3f}." in text
    assert f"they have {min(normal):.3f} to {max(normal):.3f}" in text and max(normal) < odd[best]
    assert f"row 13, a one, too ({odd[13]:.3f})" in text
    for row, digit in ((best, 9), (worst, 7), (13, 1)):
        assert f"anomaly row {row} ({digit})" in explorer.set(anomaly=row).sentence


def test_steps_that_no_longer_help_and_what_price_and_weight_do() -> None:
    explorer = play(GANS, "setup", "steps-table", "explorer-settings")["settings_explorer"]
    text = answer(GANS, "explorer-settings")
    steps = re.search(r"From (\d+) steps on", text)
    assert steps

    def shown(**settings: float) -> tuple[float, float]:
        explorer.set(
            **{"steps": int(steps[1]), "starts": 4, "price": 0.3, "weight": 0.1, **settings}
        )
        found = re.search(r"ROC-AUC ([\d.]+) .+?, objective ([\d.]+) ", explorer.sentence)
        assert found
        return float(found[1]), float(found[2])

    (area, objective), (later, lower) = shown(), shown(steps=100)
    assert f"falls from {objective:.3f} to {lower:.3f}, and the ROC-AUC stays at {area}" in text
    assert area == later > shown(steps=10)[0], "the first after which it stays"
    free, alike, alone = shown(price=0.0), shown(weight=0.0), shown(weight=1.0)
    assert f"without it the ROC-AUC is {free[0]}." in text and free[0] < area
    assert alike[0] == area and f"harms: {alone[0]}." in text


def test_an_anomaly_that_only_the_network_finds_and_one_that_it_misses() -> None:
    ids = ("cut-function", "prepared", "library-code", "injection-moving", "injection-network")
    cells = ("setup", *ids, "injection-inject", "explorer-injection")
    explorer = play(SERIES, *cells, **{"range(3)": "range(1)"})["injection_explorer"]
    told = re.findall(
        r"A (\w+) of (\w+), (\d+) rows?, size (\d): moving z finds (\d) of 3"
        r".*? the LSTM autoencoder (\d) of 3",
        answer(SERIES, "explorer-injection"),
    )
    assert [found for *_, found in told] == ["3", "0"]
    for kind, channel, length, size, *found in told:
        sentence = explorer.set(
            kind=kind, channel=channel, length=int(length), size=float(size)
        ).sentence
        assert re.findall(r"found (\d) of 3", sentence) == found


def test_the_length_of_the_window_and_its_delay() -> None:
    room = play(SERIES, "setup", "explorer-window")
    explorer, text = room["window_explorer"], answer(SERIES, "explorer-window")
    for name in ("LSTM autoencoder", "PCA"):
        area, delay = {}, {}
        for window in sorted(set(room["lengths"].window)):
            told = explorer.set(detector=name, window=window, measure="ROC-AUC").sentence
            area[window], delay[window] = map(
                float, re.findall(r"ROC-AUC ([\d.]+) .*delay of ([\d.]+)", told)[0]
            )
        best = max(area, key=area.__getitem__)
        assert sorted(area.values())[-2] < area[best], "the explorer shows which one is highest"
        assert f"{name}: {best} rows ({area[best]:.2f})" in text
        assert f"{delay[8]:.0f} to {delay[128]:.0f}" in text.replace(" rows", "")
        assert [*delay.values()] == sorted(delay.values()), "the delay grows with the length"
    ends = room["lengths"].query("score == 'window, end'").groupby(["detector", "window"]).vus_pr
    best = [ends.mean()[name].idxmax() for name in ("LSTM autoencoder", "PCA")]
    assert f"By VUS-PR it is {best[0]} and {best[1]} rows." in text
    chosen = room["lengths"].query("detector == 'LSTM autoencoder' and score == 'window, mean'")
    areas = chosen.groupby("window").roc_auc.mean()
    assert f"({areas[16]:.2f}, with 32 rows {areas[32]:.2f})" in text


def test_every_size_that_is_offered_changes_the_plant() -> None:
    sizes = signature(al.explore.injection_explorer).parameters["sizes"].default
    quiet = data.sensors(0, events=False)
    for kind, (length, usual) in data.KINDS.items():
        for size in sizes:
            assert quiet.inject(kind, "flow", 300, length, size * usual).labels.sum() == length
