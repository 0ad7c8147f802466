"""The base of explorers without a browser: turning, remembering, failing in the open."""

from __future__ import annotations

import ast
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import anomalylab.explore
from anomalylab.explore import Explorer, choice, slider
from anomalylab.explore import base as explore_base

WIDGET = "application/vnd.jupyter.widget-view+json"


class Steps(Explorer):
    """Draws `height` as a bar; counts its drawings; has no picture for 3."""

    def __init__(self, start: int = 1, still: Any = None) -> None:
        self.drawn: list[dict[str, Any]] = []
        controls = {
            "height": slider("height of the bar", 0, 5, 1, start),
            "shade": choice("shade", ["light", "dark"], ordered=False),
        }
        super().__init__("Steps", controls, self._bar, still, widths=[1], size=(2, 1))

    def _bar(self, ax: Axes, **state: Any) -> str:
        self.drawn.append(state)
        if state["height"] == 3:
            raise ArithmeticError("no bar <3> today")
        ax.bar([0], [state["height"]], label="bar")
        ax.legend()
        return f'Bar of "{state["height"]}", {state["shade"]}.'


@pytest.fixture(autouse=True)
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANOMALYLAB_STRICT", raising=False)


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
    assert [state["height"] for state in steps.drawn] == [1, 2]
    assert steps.picture.value == first


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explore_base, "REMEMBERED", 2)
    steps = Steps().set(height=0).set(height=1).set(height=2)
    assert len(steps._remembered) == 2
    steps.set(height=1)
    assert len(steps.drawn) == 3, "the state that was used last but one is still there"
    steps.set(height=0)
    assert len(steps.drawn) == 4, "the oldest one is gone"


def test_set_turns_several_controls_with_one_rendering_and_returns_the_explorer() -> None:
    steps = Steps()
    assert steps.set(height=4, shade="dark") is steps
    assert steps.drawn[1:] == [{"height": 4, "shade": "dark"}]


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
    assert 'role="alert"' in steps.pane.value
    assert "ArithmeticError: no bar &lt;3&gt; today" in steps.pane.value
    assert "height=3" in steps.pane.value and "still the last one" in steps.pane.value
    assert steps.picture.value == good
    assert repr(steps) == (
        "Steps [height=3, shade='light']: could not be drawn, ArithmeticError: no bar <3> today"
    )
    steps.controls["height"].value = 4
    assert steps.pane.value == ""


def test_a_first_state_that_fails_is_shown_too() -> None:
    steps = Steps(start=3)
    assert "ArithmeticError" in steps.pane.value
    assert "still the last one" not in steps.pane.value
    assert "image/png" not in steps._repr_mimebundle_()


def test_set_raises_what_render_raises() -> None:
    with pytest.raises(ArithmeticError, match="no bar"):
        Steps().set(height=3)


def test_strict_mode_raises_in_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = Steps()
    monkeypatch.setenv("ANOMALYLAB_STRICT", "1")
    with pytest.raises(ArithmeticError, match="no bar"):
        steps.controls["height"].value = 3
    assert "ArithmeticError" in steps.pane.value


def test_controls_are_labelled_and_wait_until_they_rest() -> None:
    steps = Steps()
    assert steps.controls["height"].continuous_update is False
    widths = {control.style.description_width for control in steps.controls.values()}
    assert widths == {f"{len('height of the bar') + 2}ch"}


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


@pytest.mark.parametrize("still", [None, lambda ax: ax.set(xlim=(-1, 1), ylim=(0, 6))])
def test_earlier_states_leave_no_trace(still: Any) -> None:
    travelled, direct = Steps(5, still).set(height=1).set(height=4), Steps(4, still)
    assert travelled.picture.value == direct.picture.value
    assert travelled.picture.value != travelled.set(height=1).picture.value


def test_what_stands_still_is_drawn_once_and_gives_the_limits() -> None:
    calls: list[Axes] = []

    def still(ax: Axes) -> None:
        calls.append(ax)
        ax.plot([0, 1], [0, 9])

    steps = Steps(1, still).set(height=2).set(height=4)
    assert len(calls) == 1 and calls[0].get_ylim()[1] > 9
    assert calls[0].get_xlim()[0] > -0.1, "a bar must not move the axis, which is not drawn again"
    assert len(calls[0].get_children()) == len(Figure().subplots().get_children()) + 1
    assert len({steps.set(height=height).picture.value for height in (1, 2, 4)}) == 3


def test_a_legend_is_gathered_above_the_axes() -> None:
    figures: list[Figure] = []
    steps = Steps()
    arrange = steps._arrange
    steps._arrange = lambda figure: (arrange(figure), figures.append(figure))[0]  # type: ignore
    steps.set(height=2)
    assert [text.get_text() for text in figures[0].legends[0].get_texts()] == ["bar"]
    assert figures[0].axes[0].get_legend() is None


def test_say_is_shown_until_the_picture_comes() -> None:
    steps = Steps()
    steps.say("Training <1>")
    assert 'role="status"' in steps.pane.value and "Training &lt;1&gt;" in steps.pane.value
    steps.set(height=2)
    assert steps.pane.value == ""


@pytest.mark.parametrize("options", [[], [4, 4]])
def test_a_choice_needs_different_options(options: list[int]) -> None:
    with pytest.raises(ValueError, match="'width' needs different values, at least one"):
        choice("width", options)


def test_choices_are_named_in_short_and_sliders_are_whole_where_their_numbers_are() -> None:
    assert [label for label, _ in choice("β", [0.0, 0.25]).options] == ["0", "0.25"]
    assert isinstance(slider("place", 0, 9, 1, 0).value, int)
    assert slider("z", -1, 1, 0.1, 0, ".2f").readout_format == ".2f"


def test_explorers_use_no_pyplot_figures() -> None:
    before = plt.get_fignums()
    Steps()
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
    ours = {name for name in imported if name.startswith("anomalylab")}
    allowed = ("explore", "extras", "plots", "inputs", "metrics", "thresholds")
    assert all(name == "anomalylab" or name.split(".")[1] in allowed for name in ours)
    assert not any(name.split(".")[0] == "torch" for name in imported)
