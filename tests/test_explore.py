"""Explorers without a browser: turning, remembering, failing in the open, telling the truth."""

from __future__ import annotations

import ast
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from PIL import Image

import anomalylab.explore
from anomalylab.explore import Explorer, ThresholdExplorer, threshold_explorer
from anomalylab.explore import base as explore_base

WIDGET = "application/vnd.jupyter.widget-view+json"


class Steps(Explorer):
    """Draws `height` as a bar; counts its renderings; has no picture for 3."""

    def __init__(self, start: int = 1) -> None:
        self.rendered: list[dict[str, Any]] = []
        slider = widgets.IntSlider(value=start, min=0, max=5, description="height of the bar")
        shade = widgets.Dropdown(options=["light", "dark"], description="shade")
        super().__init__("Steps", {"height": slider, "shade": shade})

    def render(self, **state: Any) -> tuple[Figure, str]:
        self.rendered.append(state)
        if state["height"] == 3:
            raise ArithmeticError("no bar <3> today")
        figure = Figure(figsize=(2, 1), dpi=explore_base.DPI)
        figure.subplots().bar([0], [state["height"]])
        return figure, f'Bar of "{state["height"]}", {state["shade"]}.'


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


@pytest.fixture
def scores() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(0)
    return draw.gamma(9, 0.002, 300), draw.gamma(9, 0.004, 80)


def test_turning_a_control_changes_picture_and_sentence() -> None:
    steps = Steps()
    before = steps.picture.value
    steps.controls["height"].value = 2
    assert steps.sentence == 'Bar of "2", light.'
    assert steps.picture.value != before
    assert steps.state == {"height": 2, "shade": "light"}


def test_picture_has_its_sentence_as_alternative_text_and_caption() -> None:
    html = Steps().picture.value
    assert 'alt="Bar of &quot;1&quot;, light."' in html
    assert '<figcaption aria-live="polite"' in html and html.count("Bar of &quot;1&quot;") == 2
    assert 'width="192"' in html, "2 inches are 192 CSS pixels, however fine the picture"


def test_a_state_is_computed_once() -> None:
    steps = Steps()
    first = steps.picture.value
    steps.set(height=2).set(height=1)
    assert [state["height"] for state in steps.rendered] == [1, 2]
    assert steps.picture.value == first


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore_base, "REMEMBERED", 2)
    steps = Steps().set(height=0).set(height=1).set(height=2)
    assert len(steps._remembered) == 2
    steps.set(height=1)
    assert len(steps.rendered) == 3, "the state that was used last but one is still there"
    steps.set(height=0)
    assert len(steps.rendered) == 4, "the oldest one is gone"


def test_set_turns_several_controls_with_one_rendering_and_returns_the_explorer() -> None:
    steps = Steps()
    assert steps.set(height=4, shade="dark") is steps
    assert steps.rendered[1:] == [{"height": 4, "shade": "dark"}]


@pytest.mark.parametrize(
    "values", [{"width": 1}, {"height": 6}, {"height": 1.5}, {"height": "2"}, {"shade": "red"}]
)
def test_set_refuses_what_the_controls_cannot_take(values: dict[str, Any]) -> None:
    steps = Steps()
    with pytest.raises(ValueError, match=r"height: 0 to 5; shade: one of 'light', 'dark'"):
        steps.set(**{"shade": "dark", **values})
    assert steps.state == {"height": 1, "shade": "light"}, "nothing was turned"


def test_a_failing_state_is_shown_and_leaves_with_the_next_good_one() -> None:
    steps = Steps()
    good = steps.picture.value
    steps.controls["height"].value = 3
    assert 'role="alert"' in steps.error_pane.value
    assert "ArithmeticError: no bar &lt;3&gt; today" in steps.error_pane.value
    assert "height=3" in steps.error_pane.value and "still the last one" in steps.error_pane.value
    assert steps.picture.value == good
    assert repr(steps) == (
        "Steps [height=3, shade='light']: could not be drawn, ArithmeticError: no bar <3> today"
    )
    steps.controls["height"].value = 4
    assert steps.error_pane.value == ""


def test_a_first_state_that_fails_is_shown_too() -> None:
    steps = Steps(start=3)
    assert "ArithmeticError" in steps.error_pane.value
    assert "still the last one" not in steps.error_pane.value
    assert "image/png" not in steps._repr_mimebundle_()


def test_set_raises_what_render_raises() -> None:
    with pytest.raises(ArithmeticError, match="no bar"):
        Steps().set(height=3)


def test_strict_mode_raises_in_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps()
    monkeypatch.setenv("ANOMALYLAB_STRICT", "1")
    with pytest.raises(ArithmeticError, match="no bar"):
        steps.controls["height"].value = 3
    assert "ArithmeticError" in steps.error_pane.value


def test_controls_are_labelled_and_wait_until_they_rest() -> None:
    steps = Steps()
    assert steps.controls["height"].continuous_update is False
    widths = {control.style.description_width for control in steps.controls.values()}
    assert widths == {f"{len('height of the bar') + 2}ch"}
    with pytest.raises(ValueError, match="'bare' needs a description"):
        Explorer("Bare", {"bare": widgets.IntSlider()})


def test_text_form_is_the_same_in_every_run() -> None:
    assert (
        repr(Steps()) == repr(Steps()) == """Steps [height=1, shade='light']: Bar of "1", light."""
    )


def test_bundle_holds_widget_text_and_a_picture_for_viewers_without_a_kernel() -> None:
    steps = Steps()
    bundle = steps._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/png", WIDGET}
    assert bundle["text/plain"] == repr(steps)
    assert bundle[WIDGET]["model_id"] == steps.model_id
    assert Image.open(BytesIO(b64decode(bundle["image/png"]))).size == (288, 144)


@pytest.mark.parametrize("threshold", [0.012, 0.03, 0.0412])
def test_threshold_sentence_is_true(
    scores: tuple[np.ndarray, np.ndarray], threshold: float
) -> None:
    normal, anomaly = scores
    calibration = normal[:50]
    explorer = threshold_explorer(normal, anomaly, calibration_scores=calibration)
    alarms, found, over = (
        sum(score > threshold for score in part.tolist()) for part in (normal, anomaly, calibration)
    )
    assert explorer.set(threshold=threshold).sentence == (
        f"Threshold {threshold:.4f}: {alarms} of 300 normal rows flagged ({alarms / 3:.1f} %), "
        f"{found} of 80 anomalies found ({found / 0.8:.1f} %); "
        f"{over} of 50 calibration rows lie above ({over * 2:.1f} %)."
    )


def test_a_score_equal_to_the_threshold_is_not_flagged() -> None:
    explorer = threshold_explorer([1.0, 2.0, 3.0], [3.0, 4.0]).set(threshold=3.0)
    assert "0 of 3 normal rows flagged (0.0 %), 1 of 2 anomalies found" in explorer.sentence


def test_the_marks_stand_where_the_sentence_says(scores: tuple[np.ndarray, np.ndarray]) -> None:
    normal, anomaly = scores
    explorer = threshold_explorer(normal, anomaly).set(threshold=0.03)
    assert list(explorer._line.get_xdata()) == [0.03]
    assert explorer._shade.get_x() == 0.03
    rates = [[np.mean(normal > 0.03)], [np.mean(anomaly > 0.03)]]
    np.testing.assert_allclose(explorer._point.get_data(), rates)


def test_fast_drawing_leaves_no_trace_of_earlier_states(
    scores: tuple[np.ndarray, np.ndarray],
) -> None:
    travelled = threshold_explorer(*scores).set(threshold=0.05).set(threshold=0.03)
    direct = threshold_explorer(*scores).set(threshold=0.03)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(threshold=0.032).picture.value


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e5])
@pytest.mark.parametrize("offset", [0.0, 7.0])
def test_slider_spans_the_scores_in_round_steps(
    scores: tuple[np.ndarray, np.ndarray], scale: float, offset: float
) -> None:
    normal, anomaly = (scale * (part + offset) for part in scores)
    slider = threshold_explorer(normal, anomaly).controls["threshold"]
    both = np.concatenate([normal, anomaly])
    assert slider.min <= both.min() and slider.max >= both.max()
    assert 30 <= (slider.max - slider.min) / slider.step <= 100
    assert f"{slider.step:.0e}"[0] in "125"
    grid = slider.min + slider.step * np.arange(20)
    assert len({f"{value:{slider.readout_format}}" for value in grid}) == 20, "steps look different"


@pytest.mark.parametrize(
    ("normal", "anomaly", "calibration", "message"),
    [
        ([], [1.0], None, "normal_scores should be one number a row"),
        ([1.0], [[1.0, 2.0]], None, "anomaly_scores should be one number a row"),
        ([1.0, 2.0], [np.nan], None, "anomaly_scores holds nan in row 0"),
        ([1.0, np.inf], [1.0], None, "normal_scores holds inf in row 1"),
        (["a"], [1.0], None, "normal_scores should hold numbers"),
        ([1.0, 2.0], [3.0], [np.nan], "calibration_scores holds nan"),
        ([2.0, 2.0], [2.0], None, "are all 2: no threshold"),
    ],
)
def test_bad_scores_are_named(normal: Any, anomaly: Any, calibration: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        threshold_explorer(normal, anomaly, calibration_scores=calibration)


def test_explorers_use_no_pyplot_figures(scores: tuple[np.ndarray, np.ndarray]) -> None:
    before = plt.get_fignums()
    assert isinstance(threshold_explorer(*scores), ThresholdExplorer)
    assert plt.get_fignums() == before


def test_explorers_import_no_model() -> None:
    folder = Path(anomalylab.explore.__file__).parent
    imported = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                imported.add(str(node.module))
            elif isinstance(node, ast.Import):
                imported.update(alias.name for alias in node.names)
    assert "anomalylab.plots" in imported
    ours = {name for name in imported if name.startswith("anomalylab")}
    assert all(name.startswith(("anomalylab.explore", "anomalylab.plots")) for name in ours)
    assert not any(name.split(".")[0] == "torch" for name in imported)
