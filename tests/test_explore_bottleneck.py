"""The bottleneck explorer without a browser: trains once a state, keeps the trail, fails kindly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from anomalylab.explore import BottleneckExplorer, Trained, bottleneck_explorer

ERRORS = {1: 0.06, 4: 0.03, 16: 0.02}
FOUND = {1: 1.0, 4: 0.75, 16: 0.25}  # anomalies that score above every normal row


def trained(width: int = 4, **changes: Any) -> Trained:
    """A result with an error of ERRORS[width] and an ROC-AUC of FOUND[width]."""
    error = ERRORS[width]
    anomaly = np.where(np.arange(4) < 4 * FOUND[width], 3 * error, error / 3)
    x = np.linspace(0, 1, 12).reshape(3, 4)
    parts = {"normal_scores": [0.5 * error, 1.5 * error], "anomaly_scores": anomaly}
    return Trained(**{**parts, "x": x, "x_hat": x / 2, "names": "abc", **changes})


class Factory:
    """Stands in for training: counts its calls, looks at the explorer, fails at noise 0.3."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, int, float]] = []
        self.explorer: BottleneckExplorer | None = None
        self.seen: list[str] = []

    def __call__(self, digit: int, width: int, noise: float) -> Trained:
        self.calls.append((digit, width, noise))
        if self.explorer is not None:
            self.seen.append(self.explorer.error_pane.value)
        if noise == 0.3:
            raise ArithmeticError("the loss became nan")
        return trained(width)


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


@pytest.fixture
def train() -> Factory:
    return Factory()


def explorer_of(train: Any, **changes: Any) -> BottleneckExplorer:
    settings = {"widths": (1, 4, 16), "noises": (0, 0.1, 0.3), "image_shape": (2, 2)}
    return bottleneck_explorer(train, **{**settings, **changes})


def test_result_knows_its_error_and_its_auc() -> None:
    result = trained(4)
    assert result.error == pytest.approx(0.03)
    assert result.auc == pytest.approx(0.75)
    assert trained(4, anomaly_scores=[0.0]).auc == 0.0
    assert trained(4, x=np.ones((3, 2, 2)), x_hat=np.ones((3, 2, 2))).x.shape == (3, 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"normal_scores": []}, "normal_scores should be one number a row"),
        ({"anomaly_scores": [np.nan]}, "anomaly_scores holds nan in row 0"),
        ({"x": np.ones(4)}, "x should hold one sample a row"),
        ({"x_hat": np.full((3, 4), np.inf)}, "x_hat holds a gap or an infinite value in row 0"),
        ({"x_hat": np.ones((2, 4))}, "x_hat should have the shape of x"),
        ({"names": ["one"]}, "names should be one text a row: 1 for 3 rows"),
        ({"x": [["a"]]}, "x should hold numbers"),
    ],
)
def test_bad_results_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        trained(**changes)


def test_sentence_tells_this_state_and_all_of_its_digit_and_noise(train: Factory) -> None:
    explorer = explorer_of(train).set(width=16).set(noise=0.1)
    explorer.set(digit=3, width=1, noise=0).set(digit=0, width=16, noise=0.1)
    assert explorer.sentence == (
        "Width 16, digit 0 left out, noise 0.1: mean error of fresh normals 0.020, ROC-AUC 0.25."
    )
    assert explorer.set(noise=0).sentence == (
        "Width 16, digit 0 left out, noise 0: mean error of fresh normals 0.020, ROC-AUC 0.25. "
        "So far with this noise (width: error, ROC-AUC) 4: 0.030, 0.75; 16: 0.020, 0.25."
    )
    assert repr(explorer) == (
        f"Bottleneck explorer [digit=0, width=16, noise=0]: {explorer.sentence}"
    )


def test_every_state_is_trained_once(train: Factory) -> None:
    explorer = explorer_of(train).set(width=1).set(width=16).set(width=1, digit=2)
    explorer.set(digit=0).set(width=4).set(width=16).set(width=1, digit=2, noise=0)
    assert train.calls == [(0, 4, 0.0), (0, 1, 0.0), (0, 16, 0.0), (2, 1, 0.0)]


def test_a_picture_seen_before_holds_what_was_trained_since(train: Factory) -> None:
    explorer = explorer_of(train)
    alone = explorer.picture.value
    explorer.set(width=1).set(width=4)
    assert "1: 0.060, 1.00; 4: 0.030, 0.75." in explorer.sentence
    assert explorer.picture.value != alone
    direct = explorer_of(Factory()).set(width=1).set(width=4)
    assert explorer.picture.value == direct.picture.value


def test_the_order_of_the_visits_leaves_no_trace(train: Factory) -> None:
    there = explorer_of(train).set(width=1).set(width=16).set(width=4, noise=0.1)
    back = explorer_of(Factory()).set(noise=0.1).set(noise=0, width=16).set(width=1)
    assert back.set(width=4, noise=0.1).picture.value == there.picture.value


def test_points_and_pictures_are_where_the_sentence_says(train: Factory) -> None:
    explorer = explorer_of(train).set(width=16).set(noise=0.1, width=1)
    figure, _ = explorer.render(digit=0, width=16, noise=0.0)
    trail, strip = figure.axes
    lines = {str(line.get_label()): np.asarray(line.get_xydata()) for line in trail.get_lines()}
    assert set(lines) == {"noise 0", "noise 0.1", "width 16"}
    np.testing.assert_allclose(lines["noise 0"], [[0.03, 0.75], [0.02, 0.25]])
    np.testing.assert_allclose(lines["noise 0.1"], [[0.06, 1.0]])
    np.testing.assert_allclose(lines["width 16"], [[0.02, 0.25]])
    assert [text.get_text() for text in trail.texts] == ["4", "16"], "the other noise is not named"
    pixels = np.asarray(strip.images[0].get_array())
    np.testing.assert_allclose(pixels[:2, 3:5], trained(4).x[1].reshape(2, 2))
    np.testing.assert_allclose(pixels[3:5, 3:5], trained(4).x_hat[1].reshape(2, 2))
    assert [label.get_text() for label in strip.get_xticklabels()] == ["a", "b", "c"]


def test_it_says_that_it_trains_while_it_trains(train: Factory) -> None:
    train.explorer = explorer = explorer_of(train)
    explorer.controls["width"].value = 16
    assert 'role="status"' in train.seen[-1]
    assert "Training… Width 16, digit 0 left out, noise 0." in train.seen[-1]
    assert explorer.error_pane.value == ""
    assert explorer.error_pane.layout.min_height, "the picture should not jump"
    assert explorer.working(**explorer.state) == "", "what is known is not trained again"


def test_a_failing_training_run_is_seen_and_not_remembered(train: Factory) -> None:
    explorer = explorer_of(train)
    good = explorer.picture.value
    for _ in range(2):
        explorer.controls["noise"].value = 0.3
        assert "ArithmeticError: the loss became nan" in explorer.error_pane.value
        assert "noise=0.3" in explorer.error_pane.value
        assert explorer.picture.value == good
        explorer.controls["noise"].value = 0.0
        assert explorer.error_pane.value == ""
    assert train.calls.count((0, 4, 0.3)) == 2
    with pytest.raises(ArithmeticError):
        explorer.set(noise=0.3)


def test_a_stopped_training_run_leaves_no_sign(train: Factory) -> None:
    explorer = explorer_of(train)

    def stop(*_: Any) -> Trained:
        raise KeyboardInterrupt

    explorer._train = stop
    with pytest.raises(KeyboardInterrupt):
        explorer.set(width=16)
    assert explorer.error_pane.value == ""


def test_whole_numbers_are_fine_as_noise(train: Factory) -> None:
    explorer = explorer_of(train, noises=[0, 1]).set(noise=1).set(noise=1.0)
    assert train.calls == [(0, 4, 0.0), (0, 4, 1.0)]
    assert "noise 1:" in explorer.sentence and explorer.state["noise"] == 1.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"train": "ae"}, r"train should be a function: train\(digit, width, noise\)"),
        ({"widths": []}, "widths should hold different numbers, at least one"),
        ({"widths": [4, 4]}, "widths should hold different numbers"),
        ({"widths": [0, 4]}, "widths should all be at least 1"),
        ({"noises": [-0.1]}, "noises should all be at least 0"),
        ({"digits": []}, "digits should hold different numbers"),
    ],
)
def test_bad_settings_are_named(changes: dict[str, Any], message: str, train: Factory) -> None:
    with pytest.raises(ValueError, match=message):
        explorer_of(**{"train": train, **changes})
    assert train.calls == []


def test_wrong_answers_of_the_function_are_named() -> None:
    assert "TypeError: train should return an explore.Trained(…), not float" in repr(
        explorer_of(lambda digit, width, noise: 0.5)
    )
    assert "image_shape 3 × 3 is 9 pixels, but a sample has 4" in repr(
        explorer_of(Factory(), image_shape=(3, 3))
    )
