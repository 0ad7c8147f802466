"""Explorers that train, leaf through rows or decode, turned in a real JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.lab import (
    Lab,
    cell_errors,
    cut_off,
    explorer_with_slider,
    open_notebook,
    run_all,
    write_notebook,
)
from tests.browser.test_lab import GOAL, STOPWATCH, press, seen

if TYPE_CHECKING:
    from playwright.sync_api import Locator

TRAINING_GOAL = 1500  # milliseconds from key press to the picture of a new training run
PRESSES = 9

BOTTLENECK = """\
import numpy as np
import anomalylab as al
al.setup(section="4.1")

def train(seed, digit, width, noise):
    if noise == 0.3:
        raise RuntimeError("no noise of <0.3> today")
    split = al.data.digits(held_out=digit)
    with al.seeded(seed):
        detector = al.DenoisingAutoencoder(64, hidden=(32,), latent=width, noise=noise)
    al.fit(detector, split.train, epochs=30, lr=3e-3, seed=seed)
    normal, anomalous = split.normal_tuning, split.anomalous_tuning
    x = np.concatenate([normal[:3], anomalous[:3]])
    scores = al.score(detector, normal)
    return al.explore.Run(
        scores, al.score(detector, anomalous), {"x": x, "x_hat": al.reconstruct(detector, x)},
        ["normal"] * 3 + [f"digit {digit}"] * 3, {"error": scores.mean()})
"""

RECONSTRUCTION = """\
import numpy as np
import anomalylab as al
draw = np.random.default_rng(0)
split = al.data.digits(held_out=8)
x_hat = np.clip(split.tuning + draw.normal(0, 0.15, split.tuning.shape), 0, 1)
scores = ((split.tuning - x_hat) ** 2).mean(axis=1)
al.explore.reconstruction_explorer(split.tuning, x_hat, scores, split.tuning_labels,
                                   image_shape=(8, 8), threshold=0.012)
"""

LATENT_WALK = """\
import anomalylab as al
from anomalylab import latent
al.setup(section="4.2")
split = al.data.digits(held_out=8)
with al.seeded(0):
    vae = al.VAE(64, hidden=(32,), latent=2)
al.fit(vae, split.train, epochs=20, lr=3e-3)
al.explore.latent_walk(lambda z: latent.decode(vae, z), latent.encode(vae, split.train),
                       split.train, split.train_kinds, split.normal_tuning)
"""

BETA = """\
import numpy as np
import torch
import anomalylab as al
from anomalylab import latent
al.setup(section="4.2")

def train(seed, digit, beta):
    if digit == 9:
        raise RuntimeError("no <9> today")
    split = al.data.digits(held_out=digit)
    with al.seeded(seed):
        vae = al.VAE(64, hidden=(32,), latent=8, beta=beta)
    al.fit(vae, split.train, epochs=20, lr=3e-3, seed=seed)
    normal, anomalous = split.normal_tuning, split.anomalous_tuning
    with torch.no_grad():
        rows = torch.as_tensor(normal)
        reconstruction, kl = vae.reconstruction(rows, vae.encode(rows)).mean(), vae.kl(rows).mean()
    x = np.concatenate([normal[:3], anomalous[:3]])
    pictures = {"x": x, "x_hat": al.reconstruct(vae, x), "new": latent.sample(vae, 6)}
    new = latent.sample(vae, 100)
    facts = {"reconstruction": float(reconstruction), "kl": float(kl),
             "kinds": len(set(latent.kinds_among(new, split.train, split.train_kinds))),
             "active": latent.active_units(vae, normal).sum()}
    return al.explore.Run(al.score(vae, normal), al.score(vae, anomalous), pictures,
                          ["normal"] * 3 + [f"a {digit}"] * 3, facts)
"""

WEIGHT = """\
import numpy as np
from anomalylab.explore import weight_explorer
draw = np.random.default_rng(0)
labels = np.repeat([0, 1], [300, 100])
weight_explorer(draw.gamma(30, 1, 400) + 6 * labels, draw.gamma(20, 0.5, 400) - labels, labels)
"""

SEARCH = """\
import numpy as np
import torch
import anomalylab as al
al.setup(section="4.3")
split = al.data.digits(held_out=8)
with al.seeded(0):
    gan = al.GAN(64)
al.fit(gan, split.train, epochs=15, lr=1e-3)
anogan = al.AnoGAN.on(gan, steps=30)
x = np.concatenate([split.normal_tuning[:5], split.anomalous_tuning[:5]])
al.explore.search_explorer(
    x, [0] * 5 + [1] * 5, al.detector.evaluate(anogan, "walk", x),
    lambda z: al.latent.decode(anogan, z),
    lambda rows: anogan.discriminator.features(torch.tensor(rows)),
    weight=anogan.weight, price=anogan.price, names=["digit 0"] * 5 + ["digit 8"] * 5,
).set(step=20)
"""

SETTINGS = """\
import numpy as np
import pandas as pd
from anomalylab.explore import search_settings_explorer
draw = np.random.default_rng(0)
steps = [0, 1, 2, 3, 6, 10, 20, 30, 100, 300]
grid = [range(3), range(5), steps, [1, 4, 8], [0.0, 0.3], [0.0, 0.1, 0.5, 1.0]]
names = ["digit", "seed", "steps", "starts", "price", "weight"]
table = pd.MultiIndex.from_product(grid, names=names).to_frame(index=False)
way = np.log(1 + table["steps"])
table["roc_auc"] = 0.6 + 0.11 * way - 0.014 * way**2 + draw.normal(0, 0.02, len(table))
table["objective"] = (0.3 + table["price"]) / (1 + way) + draw.normal(0, 0.003, len(table))
search_settings_explorer(table).set(steps=30, starts=4)
"""

INJECTION = """\
import numpy as np
import anomalylab as al
from anomalylab import baselines, data
al.setup(section="4.4")
plant = data.sensors(0, events=False)
scale = al.Preprocess("standard").fit(plant.train)
score = {
    "random": lambda rows: np.random.default_rng(0).random(len(rows)),
    "largest |x|": lambda rows: abs(rows).max(axis=1),
    "moving z, mean": lambda rows: baselines.moving_z(rows).mean(axis=1),
    "moving z, largest": lambda rows: baselines.moving_z(rows).max(axis=1),
}
calibration = scale.transform(plant.calibration)
thresholds = {name: np.nanquantile(score[name](calibration), 0.995) for name in score}

def inject(kind, channel, length, size):
    changed = plant
    for start in (650, 850, 1050):
        changed = changed.inject(kind, channel, start, length, size * data.KINDS[kind][1])
    return scale.transform(changed.test[500:1200]), changed.labels[500:1200]

al.explore.injection_explorer(
    inject, score, thresholds, kinds=[*data.KINDS], channels=[*data.CHANNELS],
    lengths=(1, 2, 3, 5, 7, 10, 15, 20, 30, 48, 60, 96), late=31,
)
"""

WINDOWS = """\
import numpy as np
import pandas as pd
from anomalylab.explore import window_explorer
draw = np.random.default_rng(0)
windows = [4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128]
grid = [["PCA", "dense autoencoder", "LSTM autoencoder"], windows, range(3)]
table = pd.MultiIndex.from_product(grid, names=["detector", "window", "seed"])
table = table.to_frame(index=False)
noise = draw.normal(0, 0.01, len(table))
table["roc_auc"] = 0.9 - 0.05 * abs(np.log2(table["window"] / 32)) + noise
table["vus_pr"] = table["roc_auc"] - 0.2
table["delay"] = table["window"] / 4 + draw.integers(0, 3, len(table))
table["found"], table["false_alarms"] = 21, 1.0
window_explorer(table).set(window=32)
"""

# Presses a key on a slider; resolves with every working sign and alert that was shown, the
# sentence at the end, and the milliseconds to the first sign and to the new picture or alert.
WATCH = """(handle, key) => new Promise(done => {
    const box = handle.closest('.widget-vbox');
    const before = box.querySelector('figure img').src;
    const start = performance.now();
    const found = {signs: [], first: -1, end: -1, sentence: ''};
    const finish = () => {
        watch.disconnect();
        found.sentence = box.querySelector('figcaption').textContent;
        done(found);
    };
    const watch = new MutationObserver(() => {
        const sign = box.querySelector('[role=status], [role=alert]');
        if (sign && found.signs.at(-1) !== sign.textContent) {
            found.signs.push(sign.textContent);
            if (found.first < 0) found.first = performance.now() - start;
        }
        const alert = box.querySelector('[role=alert]');
        if (alert || box.querySelector('figure img').src !== before && !sign) {
            found.end = performance.now() - start;
            finish();
        }
    });
    watch.observe(box, {subtree: true, childList: true, attributes: true});
    handle.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
    setTimeout(finish, 10000);
})"""


def watch(handle: Locator, key: str) -> dict[str, Any]:
    """Press `key` on a slider; tell what was seen until the kernel came to rest."""
    return dict(handle.evaluate(WATCH, key))


def test_bottleneck_explorer_says_that_it_trains_and_then_shows_it(
    page: Any, lab: Lab, complaints: list[str], pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(lab, "bottleneck.ipynb", BOTTLENECK, "al.explore.bottleneck_explorer(train)")
    open_notebook(page, lab, "bottleneck.ipynb")
    run_all(page)
    assert cell_errors(page) == []
    box = explorer_with_slider(page)
    width, noise = box.locator(".noUi-handle").all()
    turns = [watch(width, "ArrowRight") for _ in range(2)]
    ends = [turn["end"] for turn in turns]
    with capsys.disabled():
        print(
            f"\nkey press to new training run shown: median {median(ends):.0f} ms, to the ", end=""
        )
        print(f"working sign {median(t['first'] for t in turns):.0f} ms (goal {TRAINING_GOAL} ms)")
    for turn, wanted in zip(turns, (16, 32), strict=True):
        signs = [
            f"Training… Width {wanted}, digit 0 left out, noise 0, network {n} of 3."
            for n in (1, 2, 3)
        ]
        assert all(map(str.startswith, turn["signs"], signs)) and len(turn["signs"]) == 3
        assert turn["sentence"].startswith(f"Width {wanted}, digit 0 left out, noise 0: mean")
    assert median(ends) < 3 * TRAINING_GOAL
    known = watch(width, "ArrowLeft")
    assert known["signs"] == [], "a known state needs no training"
    assert re.search(r"ROC-AUC\) 8: .*; 16: .*; 32: ", known["sentence"])
    box.locator("select").select_option("1")
    box.locator("figcaption", has_text="digit 1 left out").wait_for(timeout=10_000)
    for size in ((1280, 900), (1100, 700)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        box.scroll_into_view_if_needed()
        page.screenshot(path=pictures / f"bottleneck_{size[0]}.png")
        assert cut_off(box) == []
    *_, failure = watch(noise, "End")["signs"]
    assert "RuntimeError: no noise of <0.3> today" in failure
    assert cut_off(box) == []
    assert complaints == []


def test_reconstruction_explorer_leafs_through_the_rows(
    page: Any, lab: Lab, complaints: list[str], pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(lab, "reconstruction.ipynb", RECONSTRUCTION)
    open_notebook(page, lab, "reconstruction.ipynb")
    run_all(page)
    assert cell_errors(page) == []
    box = explorer_with_slider(page)
    assert seen(box)[1].startswith("Row 0 (normal)")
    assert press(page, box, "ArrowRight")[1].startswith("Row 1 (normal)")
    times = [box.evaluate(STOPWATCH, "ArrowRight") for _ in range(PRESSES)]
    with capsys.disabled():
        print(f"\nkey press to next row: median {median(times):.0f} ms (goal {GOAL} ms)")
    assert min(times) > 0, "a press changed nothing"
    assert median(times) < 3 * GOAL
    assert "(anomaly)" in press(page, box, "End")[1]
    box.locator("select").select_option("by score")
    box.locator("figcaption", has_text="higher than 100 %").wait_for(timeout=5000)
    box.screenshot(path=pictures / "reconstruction_explorer.png")
    assert box.locator("figure img").get_attribute("alt") == seen(box)[1]
    assert cut_off(box) == []
    page.set_viewport_size({"width": 700, "height": 900})
    page.screenshot(path=pictures / "reconstruction_narrow.png")
    assert cut_off(box) == []
    assert complaints == []


@pytest.mark.parametrize(
    ("name", "cell", "begins", "ends"),
    [
        ("latent_walk", LATENT_WALK, "z = (0.00, 0.00): 0.00 from", "z = (3.00, 0.00): 3.00 from"),
        ("weight", WEIGHT, "Weight 0.5 (β = 1.00):", "Weight 1 (only the KL):"),
        ("search", SEARCH, "In step 20 of 30: normal row 0", "In step 30 of 30: normal row 0"),
        ("search_settings", SETTINGS, "Steps 30, starts 4, price 0,", "Steps 300, starts 4, price"),
        (
            "injection",
            INJECTION,
            "Spike of 15 row(s), size 1, in",
            "Spike of 96 row(s), size 1, in",
        ),
        ("windows", WINDOWS, "LSTM autoencoder, windows of 32", "LSTM autoencoder, windows of 128"),
    ],
)
def test_explorers_without_training_follow_the_keyboard_at_once(
    page: Any,
    lab: Lab,
    complaints: list[str],
    pictures: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    cell: str,
    begins: str,
    ends: str,
) -> None:
    write_notebook(lab, f"{name}.ipynb", cell)
    open_notebook(page, lab, f"{name}.ipynb")
    run_all(page)
    assert cell_errors(page) == []
    box = explorer_with_slider(page)
    assert box.locator("figcaption").inner_text().startswith(begins)
    box.screenshot(path=pictures / f"{name}_start.png")
    assert box.evaluate(STOPWATCH, "Home") > 0
    times = [box.evaluate(STOPWATCH, "ArrowRight") for _ in range(PRESSES)]
    with capsys.disabled():
        print(f"\n{name}, key press to new picture: median {median(times):.0f} ms (goal {GOAL} ms)")
    assert min(times) > 0, "a press changed nothing"
    assert median(times) < 3 * GOAL
    end = watch(box.locator(".noUi-handle").first, "End")
    assert end["sentence"].startswith(ends)
    box.screenshot(path=pictures / f"{name}.png")
    assert box.locator("figure img").get_attribute("alt") == end["sentence"]
    assert cut_off(box) == []
    for width, height in ((1280, 900), (1100, 700), (700, 900)):
        page.set_viewport_size({"width": width, "height": height})
        box.scroll_into_view_if_needed()
        page.screenshot(path=pictures / f"{name}_{width}.png")
        assert cut_off(box) == []
    assert complaints == []


def test_the_search_plays_by_itself_and_keeps_up(
    page: Any, lab: Lab, complaints: list[str], pictures: Path
) -> None:
    write_notebook(lab, "play.ipynb", SEARCH)
    open_notebook(page, lab, "play.ipynb")
    run_all(page)
    assert cell_errors(page) == []
    box = explorer_with_slider(page)
    play = box.locator(".widget-play")
    play.get_by_role("button").first.click()
    box.locator("figcaption", has_text="In step 30 of 30").wait_for(timeout=20_000)
    assert cut_off(box) == []
    assert complaints == []


def test_beta_explorer_says_that_it_trains_and_then_shows_it(
    page: Any, lab: Lab, complaints: list[str], pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(lab, "beta.ipynb", BETA, "al.explore.beta_explorer(train)")
    open_notebook(page, lab, "beta.ipynb")
    run_all(page)
    assert cell_errors(page) == []
    box = explorer_with_slider(page)
    handle = box.locator(".noUi-handle")
    turns = [watch(handle, "ArrowRight") for _ in range(2)]
    ends = [turn["end"] for turn in turns]
    with capsys.disabled():
        print(
            f"\nβ to new training run shown: median {median(ends):.0f} ms, to the working ", end=""
        )
        print(f"sign {median(t['first'] for t in turns):.0f} ms (goal {TRAINING_GOAL} ms)")
    for turn, wanted in zip(turns, (2, 4), strict=True):
        assert turn["signs"][0].startswith(f"Training… β {wanted}, digit 0 left out, network 1")
        assert turn["sentence"].startswith(f"β {wanted}, digit 0 left out: ")
    assert median(ends) < 3 * TRAINING_GOAL
    known = watch(handle, "ArrowLeft")
    assert known["signs"] == [], "a known state needs no training"
    assert re.search(r"ROC-AUC\) 1: .*; 2: .*; 4: 0", known["sentence"])
    box.screenshot(path=pictures / "beta_explorer.png")
    assert cut_off(box) == []
    box.locator("select").select_option("9")
    alert = box.get_by_role("alert")
    alert.wait_for(timeout=10_000)
    assert "RuntimeError: no <9> today" in alert.inner_text()
    assert cut_off(box) == []
    assert complaints == []
