"""The β explorer without a browser: trains once a state, keeps the trail, tells the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from anomalylab.explore import BetaExplorer, BetaRun, beta_explorer

ACTIVE = {0.0: 4, 1.0: 3, 10.0: 0}
FOUND = {0.0: 1.0, 1.0: 0.75, 10.0: 0.25}  # anomalies that score above every normal row
X = np.linspace(0, 1, 12).reshape(3, 4)


def run_of(beta: float = 1.0, **changes: Any) -> BetaRun:
    """A result with ACTIVE[beta] units, a KL of twice that, and an ROC-AUC of FOUND[beta]."""
    parts: dict[str, Any] = {
        "normal_scores": [1.0, 2.0],
        "anomaly_scores": np.where(np.arange(4) < 4 * FOUND[beta], 3.0, 0.0),
        "reconstruction": 20 + beta,
        "kl": 2.0 * ACTIVE[beta],
        "active": ACTIVE[beta],
        "latent": 4,
        "x": X,
        "x_hat": X / 2,
        "samples": 1 - X[:2],
        "names": "abc",
    }
    return BetaRun(**{**parts, **changes})


class Factory:
    """Stands in for training: counts its calls, looks at the explorer, fails without digit 2."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, float]] = []
        self.explorer: BetaExplorer | None = None
        self.seen: list[str] = []

    def __call__(self, digit: int, beta: float) -> BetaRun:
        self.calls.append((digit, beta))
        if self.explorer is not None:
            self.seen.append(self.explorer.error_pane.value)
        if digit == 2:
            raise ArithmeticError("the loss became nan")
        return run_of(beta)


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


@pytest.fixture
def train() -> Factory:
    return Factory()


def explorer_of(train: Any, **changes: Any) -> BetaExplorer:
    return beta_explorer(train, **{"betas": (0, 1, 10), "image_shape": (2, 2), **changes})


def test_result_knows_its_auc_and_keeps_flat_arrays() -> None:
    assert run_of(1.0).auc == pytest.approx(0.75)
    assert run_of(1.0, anomaly_scores=[0.0]).auc == 0.0
    square = run_of(x=X.reshape(3, 2, 2), x_hat=X.reshape(3, 2, 2), samples=np.ones((5, 2, 2)))
    assert (square.x.shape, square.samples.shape) == ((3, 4), (5, 4))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normal_scores": []}, "normal_scores should be one number a row"),
        ({"anomaly_scores": [np.nan]}, "anomaly_scores holds nan in row 0"),
        ({"x_hat": np.ones((2, 4))}, "x_hat should have the shape of x"),
        ({"samples": np.full((2, 4), np.nan)}, "samples holds a gap or an infinite value in row 0"),
        ({"samples": np.ones((2, 5))}, "samples have 5 pixels, but x has 4"),
        ({"names": ["one"]}, "names should be one text a row: 1 for 3 rows"),
        ({"reconstruction": np.nan}, "reconstruction holds nan"),
        ({"kl": [1.0, 2.0]}, "kl should be one number"),
        ({"active": 5}, "active should be 0 to latent, but is 5 of 4"),
    ],
)
def test_bad_results_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        run_of(**changes)


def test_sentence_tells_this_state_and_all_of_its_digit(train: Factory) -> None:
    explorer = explorer_of(train, digits=(0, 3))
    assert explorer.sentence == (
        "β 1, digit 0 left out: 3 of 4 units active, reconstruction error 21.0 and KL 6.0 nats "
        "per fresh normal, ROC-AUC 0.75."
    )
    explorer.set(digit=3, beta=0).set(digit=0, beta=10)
    assert explorer.sentence == (
        "β 10, digit 0 left out: 0 of 4 units active, reconstruction error 30.0 and KL 0.00 nats "
        "per fresh normal, ROC-AUC 0.25. So far (β: active units, KL, ROC-AUC) 1: 3, 6.0, 0.75; "
        "10: 0, 0.00, 0.25."
    )
    assert repr(explorer) == f"Beta explorer [digit=0, beta=10]: {explorer.sentence}"


def test_every_state_is_trained_once(train: Factory) -> None:
    explorer = explorer_of(train).set(beta=0).set(beta=10).set(beta=0, digit=1)
    explorer.set(digit=0).set(beta=1).set(beta=10).set(beta=0, digit=1)
    assert train.calls == [(0, 1.0), (0, 0.0), (0, 10.0), (1, 0.0)]


def test_the_order_of_the_visits_leaves_no_trace(train: Factory) -> None:
    there = explorer_of(train).set(beta=0).set(beta=10).set(beta=1)
    back = explorer_of(Factory()).set(beta=10).set(beta=0).set(beta=1)
    assert back.picture.value == there.picture.value
    assert there.picture.value != explorer_of(Factory()).picture.value, "the trail is missing"


def test_points_and_pictures_are_where_the_sentence_says(train: Factory) -> None:
    explorer = explorer_of(train).set(beta=0).set(beta=10)
    figure, _ = explorer.render(digit=0, beta=0.0)
    trail, strip = figure.axes
    lines = {str(line.get_label()): np.asarray(line.get_xydata()) for line in trail.get_lines()}
    np.testing.assert_allclose(lines["number: units active"], [[0, 1.0], [1, 0.75], [2, 0.25]])
    np.testing.assert_allclose(lines["β 0"], [[0, 1.0]])
    assert [text.get_text() for text in trail.texts] == ["4", "3", "0"]
    assert [label.get_text() for label in trail.get_xticklabels()] == ["0", "1", "10"]
    pixels = np.asarray(strip.images[0].get_array())
    for row, part in enumerate((X, X / 2, 1 - X)):
        np.testing.assert_allclose(pixels[3 * row : 3 * row + 2, 3:5], part[1].reshape(2, 2))
    assert np.isnan(pixels[6:, 6:]).all(), "there are only two samples"
    assert [label.get_text() for label in strip.get_yticklabels()] == ["x", "x_hat", "new"]


def test_it_says_that_it_trains_while_it_trains(train: Factory) -> None:
    train.explorer = explorer = explorer_of(train)
    explorer.controls["beta"].value = 10.0
    assert "Training… β 10, digit 0 left out." in train.seen[-1]
    assert explorer.error_pane.value == ""
    assert explorer.working(**explorer.state) == "", "what is known is not trained again"


def test_a_failing_training_run_is_seen_and_not_remembered(train: Factory) -> None:
    explorer = explorer_of(train)
    for _ in range(2):
        explorer.controls["digit"].value = 2
        assert "ArithmeticError: the loss became nan" in explorer.error_pane.value
        explorer.controls["digit"].value = 0
        assert explorer.error_pane.value == ""
    assert train.calls.count((2, 1.0)) == 2


def test_betas_come_in_order_and_one_or_the_middle_comes_first(train: Factory) -> None:
    shuffled = explorer_of(train, betas=(10, 0, 1)).controls["beta"]
    assert [value for _, value in shuffled.options] == [0.0, 1.0, 10.0] and shuffled.value == 1.0
    assert explorer_of(train, betas=(0, 10)).state["beta"] == 10.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train": "vae"}, r"train should be a function: train\(digit, beta\) -> BetaRun"),
        ({"betas": []}, "betas should hold different numbers, at least one"),
        ({"betas": [-1, 1]}, "betas should all be at least 0"),
        ({"digits": [4, 4]}, "digits should hold different numbers"),
    ],
)
def test_bad_settings_are_named(changes: dict[str, Any], message: str, train: Factory) -> None:
    with pytest.raises(ValueError, match=message):
        explorer_of(**{"train": train, **changes})
    assert train.calls == []


def test_wrong_answers_of_the_function_are_named() -> None:
    assert "TypeError: train should return an explore.BetaRun(…), not float" in repr(
        explorer_of(lambda digit, beta: 0.5)
    )
    assert "image_shape 3 × 3 is 9 pixels, but a sample has 4" in repr(
        explorer_of(Factory(), image_shape=(3, 3))
    )
