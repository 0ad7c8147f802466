"""What every explorer of the course shares: controls, memory, picture, sentence, error pane.

A subclass writes one function, `render(**state) -> (Figure, sentence)`. Everything between a
turned control and the new picture in the browser lives here. Nothing is captured from
stdout: callbacks set the value of an HTML widget, which a notebook test can compare.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Mapping
from html import escape
from io import BytesIO
from typing import Any, Self

import ipywidgets as widgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

WIDGET = "application/vnd.jupyter.widget-view+json"
REMEMBERED = 200
SLIDER_WIDTH = "620px"
CSS_DPI, DPI = 96, 144


class Explorer(widgets.VBox):
    """Controls above a picture that follows them.

    Parameters
    ----------
    title : str
        What is explored; the first words of the text form.
    controls : mapping of name to ipywidget
        Each with a visible description. A name becomes a keyword of `render` and of `set`.

    Notes
    -----
    An exception in a widget's callback is invisible in JupyterLab. Here it is shown above the
    picture until the next state that works. With the environment variable
    ``ANOMALYLAB_STRICT=1`` it is raised as well.

    Attributes
    ----------
    slow : bool
        Set True where a state may take longer than a moment. What `working` returns then stands
        above the picture meanwhile, in a line that is kept free for it.
    """

    slow: bool = False

    def __init__(self, title: str, controls: Mapping[str, Any]) -> None:
        self.title = title
        self.controls = dict(controls)
        self._remembered: OrderedDict[tuple[Any, ...], tuple[bytes, str]] = OrderedDict()
        self._shown: tuple[bytes, str] | None = None
        self._failure = ""
        self._paused = False
        self._pen = _Pen()
        self._prepare_controls()
        self.error_pane = widgets.HTML(layout={"max_width": "100%"})
        if self.slow:
            self.error_pane.layout.min_height = "34px"
        self.picture = widgets.HTML(layout={"max_width": "100%"})
        super().__init__(
            [*self.controls.values(), self.error_pane, self.picture],
            layout={"align_items": "flex-start", "overflow": "visible"},
        )
        self._update()

    def render(self, **state: Any) -> tuple[Figure, str]:
        """Draw one state. The answer may depend on nothing but `state` and the data.

        Returns
        -------
        (Figure, str)
            A `matplotlib.figure.Figure` made without pyplot, and one sentence with the key
            numbers of the picture. To redraw fast, return the same Figure each time and change
            only artists made with ``animated=True``: the rest of it is then drawn once.
        """
        raise NotImplementedError

    def working(self, **state: Any) -> str:
        """What to say while `render` computes this state; by default nothing."""
        return ""

    def forget_pictures(self) -> None:
        """Draw every state anew: what earlier pictures showed no longer holds."""
        self._remembered.clear()

    @property
    def state(self) -> dict[str, Any]:
        """The values of all controls by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def sentence(self) -> str:
        """The key numbers of the state that is shown."""
        return self._shown[1] if self._shown else ""

    def set(self, **values: Any) -> Self:
        """Turn the controls, as a hand would, and return the explorer.

        Raises
        ------
        ValueError
            For an unknown name or a value that the control cannot take. Nothing is turned then.
        Exception
            Whatever `render` raises.
        """
        for name, value in values.items():
            if name not in self.controls or not _takes(self.controls[name], value):
                raise ValueError(f"{name}={value!r} is not possible here. {self._choices()}")
        self._paused = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self._paused = False
        self._update(strict=True)
        return self

    def _prepare_controls(self) -> None:
        """Give the descriptions room and have each control report once it comes to rest."""
        for name, control in self.controls.items():
            if not getattr(control, "description", ""):
                raise ValueError(f"The control {name!r} needs a description that readers can see.")
        longest = max((len(control.description) for control in self.controls.values()), default=0)
        for control in self.controls.values():
            if control.has_trait("continuous_update"):
                control.continuous_update = False
            if hasattr(control.style, "description_width"):
                control.style.description_width = f"{longest + 2}ch"
            if control.has_trait("readout"):
                control.layout.width = control.layout.width or SLIDER_WIDTH
            control.layout.max_width = "calc(100% - 4px)"  # beside its margin of 2 pixels
            control.observe(self._on_turn, names="value")

    def _on_turn(self, change: Any) -> None:
        if not self._paused:
            self._update()

    def _update(self, strict: bool = False) -> None:
        """Show the current state, or say in the error pane why it cannot be shown."""
        try:
            self._shown = self._look_up()
        except Exception as error:
            self._failure = f"{type(error).__name__}: {error}"
            self.error_pane.value = self._error_html()
            if strict or os.environ.get("ANOMALYLAB_STRICT") == "1":
                raise
            return
        self._failure = self.error_pane.value = ""
        self.picture.value = _picture_html(*self._shown)

    def _look_up(self) -> tuple[bytes, str]:
        """Picture and sentence of the current state, computed at most once while remembered."""
        key = tuple(_key(value) for value in self.state.values())
        if key not in self._remembered:
            figure, sentence = self._render_in_sight()
            self._remembered[key] = self._pen.draw(figure), sentence
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        self._remembered.move_to_end(key)
        return self._remembered[key]

    def _render_in_sight(self) -> tuple[Figure, str]:
        """Compute the current state, saying so meanwhile. Widgets show a new value at once."""
        if told := self.working(**self.state):
            self.error_pane.value = _working_html(told)
        try:
            return self.render(**self.state)
        finally:
            if told:
                self.error_pane.value = ""

    def _error_html(self) -> str:
        kept = " The picture below is still the last one that worked." if self._shown else ""
        return (
            '<div role="alert" style="border-left:4px solid #D55E00; padding:4px 10px; '
            'line-height:1.5; white-space:normal">'
            f"<strong>This state could not be drawn</strong> ({escape(self._settings())}).<br>"
            f"<code>{escape(self._failure)}</code><br>Turn a control to another value.{kept} "
            "If no value works, run the cell that made the explorer again.</div>"
        )

    def _settings(self) -> str:
        return ", ".join(f"{name}={_short(control)}" for name, control in self.controls.items())

    def _choices(self) -> str:
        listed = "; ".join(f"{name}: {_range(control)}" for name, control in self.controls.items())
        return f"The controls are {listed}."

    def __repr__(self) -> str:
        told = f"could not be drawn, {self._failure}" if self._failure else self.sentence
        return f"{self.title} [{self._settings()}]: {told}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The live widget where a kernel runs; text and a picture where none does."""
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        if self._shown:
            bundle["image/png"] = b64encode(self._shown[0]).decode("ascii")
        if self.model_id:
            view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
            bundle[WIDGET] = view
        return bundle


class _Pen:
    """Figure to PNG. What stands still in a figure that comes again is drawn only once."""

    def __init__(self) -> None:
        self._canvas: FigureCanvasAgg | None = None
        self._still: Any = None

    def draw(self, figure: Figure) -> bytes:
        """Copy the still parts, draw the animated ones on top, and encode the pixels."""
        if self._canvas is None or self._canvas.figure is not figure:
            self._canvas = FigureCanvasAgg(figure)
            self._canvas.draw()
            self._still = self._canvas.copy_from_bbox(figure.bbox)
        self._canvas.restore_region(self._still)
        for ax in figure.axes:
            for artist in ax.get_children():
                if artist.get_animated():
                    ax.draw_artist(artist)
        buffer = BytesIO()
        pixels = Image.fromarray(np.asarray(self._canvas.buffer_rgba()))
        pixels.convert("RGB").save(buffer, "png", compress_level=1)
        return buffer.getvalue()


def _picture_html(png: bytes, sentence: str) -> str:
    """An HTML figure whose sentence is both alternative text and announced caption."""
    told, data = escape(sentence), b64encode(png).decode("ascii")
    width = round(int.from_bytes(png[16:20], "big") * CSS_DPI / DPI)
    return (
        f'<figure style="margin:0"><img alt="{told}" src="data:image/png;base64,{data}" '
        f'width="{width}" style="max-width:100%; height:auto">'
        f'<figcaption aria-live="polite" style="max-width:{width}px; line-height:1.5; '
        f'white-space:normal">{told}</figcaption></figure>'
    )


def _working_html(told: str) -> str:
    return (
        '<div role="status" style="border-left:4px solid #0072B2; padding:4px 10px; '
        f'line-height:1.5; white-space:normal">{escape(told)}</div>'
    )


def _key(value: Any) -> Any:
    """A browser's 0.30000000000000004 and Python's 0.3 are one state."""
    return f"{value:.12g}" if isinstance(value, float) else value


def _short(control: Any) -> str:
    """The value of a control, with as many digits as the control shows."""
    if isinstance(control.value, float):
        return f"{control.value:{getattr(control, 'readout_format', '.4g')}}"
    return repr(control.value)


def _takes(control: Any, value: Any) -> bool:
    """Whether a control can hold a value, without changing it."""
    if hasattr(control, "options"):
        return value in [choice for _, choice in control._options_full]
    if hasattr(control, "min"):
        whole = isinstance(control.value, int)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = number and (not whole or value == int(value))
        return bool(fits and control.min <= value <= control.max)
    return isinstance(value, type(control.value))


def _range(control: Any) -> str:
    if hasattr(control, "options"):
        return "one of " + ", ".join(repr(choice) for _, choice in control._options_full)
    if hasattr(control, "min"):
        return f"{control.min:.6g} to {control.max:.6g}"
    return f"a {type(control.value).__name__}"
