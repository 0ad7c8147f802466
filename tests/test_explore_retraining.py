"""Explorers that retrain, without a browser: several seeds, a trail, failures in the open."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from anomalylab import data, latent
from anomalylab.detector import evaluate, fit, reconstruct, score
from anomalylab.explore import Retraining, Run, beta_explorer, bottleneck_explorer
from anomalylab.models import VAE
from anomalylab.seeding import seeded
from tests.explorers import axes_of

FOUND = {1: 1.0, 4: 0.75, 16: 0.25}  # share of the anomalies above every normal row with seed 0
X = np.linspace(0, 1, 12).reshape(3, 4)


def run_of(share: float, **changes: Any) -> Run:
    """A run with an ROC-AUC of `share`."""
    parts: dict[str, Any] = {
        "normal_scores": [1.0, 2.0],
        "anomaly_scores": np.where(np.arange(4) < 4 * share, 3.0, 0.0),
        "pictures": {"x": X, "x_hat": X / 2},
        "names": "abc",
    }
    return Run(**{**parts, **changes})


class Factory:
    """Stands in for training: counts its calls, looks at the explorer, fails at noise 0.3."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.explorer: Retraining | None = None
        self.panes: list[str] = []

    def __call__(self, seed: int, **state: Any) -> Run:
        self.calls.append((seed, *state.values()))
        if self.explorer is not None:
            self.panes.append(self.explorer.pane.value)
        if state.get("noise") == 0.3:
            raise ArithmeticError("the loss became nan")
        if "beta" in state:
            facts = {"active": 4 - seed, "kl": state["beta"], "reconstruction": 20.0}
            facts["kinds"] = 5 + 2 * seed
            new = (seed + 1) / 4 * np.ones((2, 4))
            return run_of(0.75, pictures={"x": X, "new": new, "x_hat": X / 2}, facts=facts)
        share = FOUND[state["width"]] - 0.25 * (seed == 1)
        return run_of(share, facts={"error": 0.1 / state["width"] + 0.01 * seed})


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


@pytest.fixture
def train() -> Factory:
    return Factory()


def explorer_of(train: Any, **changes: Any) -> Retraining:
    settings = {"widths": (1, 4, 16), "noises": (0, 0.1, 0.3), "image_shape": (2, 2)}
    return bottleneck_explorer(train, **{**settings, **changes})


def test_run_knows_its_auc() -> None:
    assert run_of(0.75).auc == pytest.approx(0.75)
    assert run_of(1.0, anomaly_scores=[0.0]).auc == 0.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normal_scores": []}, "Scores should be one number a row"),
        ({"anomaly_scores": [np.nan]}, "Score 0 is nan"),
    ],
)
def test_bad_runs_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run_of(1.0, **changes)


def test_sentence_gives_means_and_extremes_of_the_seeds(train: Factory) -> None:
    explorer = explorer_of(train)
    assert explorer.sentence == (
        "Width 4, digit 0 left out, noise 0: mean error of fresh normals 0.035, "
        "ROC-AUC 0.67 (0.50 to 0.75), of 3 seeds."
    )
    explorer.set(noise=0.1).set(noise=0, width=16, digit=2).set(digit=0)
    assert explorer.sentence == (
        "Width 16, digit 0 left out, noise 0: mean error of fresh normals 0.016, "
        "ROC-AUC 0.17 (0.00 to 0.25), of 3 seeds. "
        "So far (width of z: ROC-AUC) 4: 0.67 (0.50 to 0.75); 16: 0.17 (0.00 to 0.25)."
    )
    assert repr(explorer) == (
        f"Bottleneck explorer [digit=0, width=16, noise=0]: {explorer.sentence}"
    )


def test_every_state_is_trained_once_with_every_seed(train: Factory) -> None:
    explorer = explorer_of(train).set(width=1).set(width=16).set(width=1, digit=2)
    explorer.set(digit=0).set(width=4).set(width=16).set(width=1, digit=2, noise=0)
    states = [(0, 4, 0.0), (0, 1, 0.0), (0, 16, 0.0), (2, 1, 0.0)]
    assert train.calls == [(seed, *state) for state in states for seed in (0, 1, 2)]


def test_a_picture_seen_before_holds_what_was_trained_since(train: Factory) -> None:
    explorer = explorer_of(train)
    alone = explorer.picture.value
    explorer.set(width=1).set(width=4)
    assert "1: 0.92 (0.75 to 1.00); 4: 0.67" in explorer.sentence
    assert explorer.picture.value != alone


def test_the_order_of_the_visits_leaves_no_trace(train: Factory) -> None:
    there = explorer_of(train).set(width=1).set(width=16).set(width=4, noise=0.1)
    back = explorer_of(Factory()).set(noise=0.1).set(noise=0, width=16).set(width=1)
    assert back.set(width=4, noise=0.1).picture.value == there.picture.value


def test_every_seed_is_a_dot_and_the_pictures_are_those_of_the_first(train: Factory) -> None:
    explorer = explorer_of(train).set(width=16).set(noise=0.1, width=1).set(noise=0, width=4)
    trail, strip = axes_of(explorer)
    lines = [np.asarray(line.get_xydata()) for line in trail.get_lines()]
    np.testing.assert_allclose(lines[0], [[1, 2 / 3], [2, 1 / 6]])
    np.testing.assert_allclose(lines[1], [[1, 0.75], [1, 0.5], [1, 0.75]])
    assert [text.get_text() for text in trail.texts] == ["0.035", "0.016"]
    assert [label.get_text() for label in trail.get_xticklabels()] == ["1", "4", "16"]
    pixels = np.asarray(strip.images[0].get_array())
    np.testing.assert_allclose(pixels[:2, 3:5], X[1].reshape(2, 2))
    np.testing.assert_allclose(pixels[3:5, 3:5], X[1].reshape(2, 2) / 2)
    assert [text.get_text() for text in strip.texts] == ["a", "b", "c"]


def test_it_says_which_network_it_trains(train: Factory) -> None:
    train.explorer = explorer = explorer_of(train)
    explorer.controls["width"].value = 16
    for number, pane in enumerate(train.panes, 1):
        assert 'role="status"' in pane
        assert f"Training… Width 16, digit 0 left out, noise 0, network {number} of 3." in pane
    assert explorer.pane.value == ""
    assert explorer.pane.layout.min_height, "the picture should not jump"


def test_a_failing_training_run_is_seen_and_not_remembered(train: Factory) -> None:
    explorer = explorer_of(train)
    good = explorer.picture.value
    for _ in range(2):
        explorer.controls["noise"].value = 0.3
        assert "ArithmeticError: the loss became nan" in explorer.pane.value
        assert "noise=0.3" in explorer.pane.value
        assert explorer.picture.value == good
        explorer.controls["noise"].value = 0.0
        assert explorer.pane.value == ""
    assert train.calls.count((0, 0, 4, 0.3)) == 2
    with pytest.raises(ArithmeticError):
        explorer.set(noise=0.3)


def test_a_stopped_training_run_says_that_the_picture_is_an_older_one(train: Factory) -> None:
    explorer = explorer_of(train)

    def stop(**_: Any) -> Run:
        raise KeyboardInterrupt

    explorer._train = stop
    with pytest.raises(KeyboardInterrupt):
        explorer.set(width=16)
    assert (
        "KeyboardInterrupt" in explorer.pane.value and "last one that worked" in explorer.pane.value
    )


def test_a_run_keeps_what_it_was_given() -> None:
    pictures, facts = np.zeros((2, 4)), {"error": 1.0}
    run = Run([0.0, 1.0], [2.0], {"x": pictures}, facts=facts)
    pictures[:] = 9
    facts["error"] = 2.0
    assert run.pictures["x"].max() == 0 and run.facts == {"error": 1.0}


def test_the_same_seed_twice_is_refused(train: Factory) -> None:
    with pytest.raises(ValueError, match="different ones"):
        beta_explorer(train, betas=(0, 1), seeds=(0, 0, 1, 2), image_shape=(2, 2))


def test_betas_come_in_order_with_short_names_and_one_or_the_middle_comes_first() -> None:
    explorer = beta_explorer(Factory(), betas=(10, 0, 1, 0.25), image_shape=(2, 2))
    assert [label for label, _ in explorer.controls["beta"].options] == ["0", "0.25", "1", "10"]
    assert explorer.sentence == (
        "β 1, digit 0 left out: 7.0 kinds among new samples (5 to 9), 3.0 units active (2 to 4), "
        "reconstruction error 20.0 and KL 1.00 nats per fresh normal, ROC-AUC 0.75 (0.75 to "
        "0.75), of 3 seeds."
    )
    trail, strip = axes_of(explorer)
    assert [text.get_text() for text in trail.texts] == ["7.0"]
    assert np.ptp(trail.get_ylim()) == pytest.approx(0.1), "small differences look small"
    rows = [label.get_text() for label in strip.get_yticklabels()]
    assert rows == ["x", "x_hat", "new,\nseed 0", "new,\nseed 1", "new,\nseed 2"]
    pixels = np.asarray(strip.images[0].get_array())
    assert [pixels[3 * row, 0] for row in (2, 3, 4)] == [0.25, 0.5, 0.75], "every seed's own"
    start = beta_explorer(Factory(), betas=(0, 10), image_shape=(2, 2)).state["beta"]
    assert start == 10.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train": "ae"}, "train should be a function of seed, digit, width, noise"),
        ({"noises": []}, "'noise in training' needs different values"),
        ({"digits": [4, 4]}, "'digit left out' needs different values"),
        ({"seeds": [0, 1]}, "seeds should be at least 3 different ones"),
        ({"seeds": [1, 1, 1]}, "seeds should be at least 3 different ones"),
    ],
)
def test_bad_settings_are_named(changes: dict[str, Any], message: str, train: Factory) -> None:
    with pytest.raises(ValueError, match=message):
        explorer_of(**{"train": train, **changes})
    assert train.calls == []


def test_wrong_answers_of_the_function_are_named() -> None:
    assert "TypeError: train should return an explore.Run(…), not float" in repr(
        explorer_of(lambda **state: 0.5)
    )
    assert "reshape" in repr(explorer_of(Factory(), image_shape=(3, 3)))
    bare = explorer_of(lambda **state: run_of(1.0))
    assert "KeyError: 'error'" in repr(bare)


def trained_vae(seed: int, digit: int, beta: float) -> Run:
    """What notebook 4.2 trains at every turn of its β explorer."""
    split = data.digits(held_out=digit)
    with seeded(seed):
        vae = VAE(64, hidden=(32,), latent=8, beta=beta)
    fit(vae, split.train, epochs=30, lr=3e-3, seed=seed)
    normal, anomalous = score(vae, split.normal_tuning), score(vae, split.anomalous_tuning)
    new = latent.sample(vae, 100)
    kl = float(evaluate(vae, "kl", split.normal_tuning).mean())
    facts = {
        "kinds": len(set(latent.kinds_among(new, split.train, split.train_kinds))),
        "active": latent.active_units(vae, split.train).sum(),
        "reconstruction": float(normal.mean()) - beta * kl,
        "kl": kl,
    }
    x = split.normal_tuning[:6]
    return Run(normal, anomalous, {"x": x, "x_hat": reconstruct(vae, x), "new": new[:6]}, (), facts)


def test_the_task_of_the_beta_explorer_has_the_answer_that_is_written_down() -> None:
    """β = 4 is the largest at which new samples show different digits; at 8 all look alike."""
    torch.set_default_dtype(torch.float64)
    try:
        explorer = beta_explorer(trained_vae).set(beta=8.0).set(beta=4.0)
    finally:
        torch.set_default_dtype(torch.float32)
    at = {beta: runs for (_, beta), runs in explorer._runs.items()}
    kinds = {beta: [run.facts["kinds"] for run in runs] for beta, runs in at.items()}
    active = {beta: [run.facts["active"] for run in runs] for beta, runs in at.items()}
    areas = {beta: np.mean([run.auc for run in runs]) for beta, runs in at.items()}
    assert min(kinds[1.0]) >= 8 and min(kinds[4.0]) >= 4 and max(kinds[8.0]) <= 3
    assert min(active[1.0]) >= 5 and min(active[4.0]) >= 1 and max(active[8.0]) == 0
    assert areas[1.0] > areas[4.0] + 0.03 > areas[8.0] + 0.06
