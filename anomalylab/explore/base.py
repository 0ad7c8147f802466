"""What every explorer shares: controls, memory, picture, sentence, error pane.

An explorer is a configuration: controls, and a function that draws one state with `plots` and
returns a sentence. Everything between a turned control and the new picture in the browser
stands here. Nothing is captured from stdout: callbacks set the value of an HTML widget, which
a notebook test can compare.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
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
CSS_DPI, DPI = 96, 144
LINE = 0.23  # inches that a line of the legend takes
NEARBY = {"align_items": "flex-start", "overflow": "visible"}
ALERT, STATUS = ("alert", "#D55E00"), ("status", "#0072B2")


def choice(
    description: str, options: Sequence[Any], start: Any = None, *, ordered: bool = True
) -> Any:
    """Declare a control with a few values: a slider over them, or a menu if not `ordered`.

    A slider passes all values between two: a menu is better where each costs a training run.

    Raises
    ------
    ValueError
        If there is no option, or one occurs twice.
    """
    listed = list(options)
    if not listed or len(set(listed)) < len(listed):
        raise ValueError(f"{description!r} needs different values, at least one, not {listed}.")
    made = widgets.SelectionSlider if ordered else widgets.Dropdown
    value = listed[0] if start is None else start
    named = [(f"{v:g}" if isinstance(v, float) else str(v), v) for v in listed]
    return made(options=named, value=value, description=description)


def slider(
    description: str, low: float, high: float, step: float, start: float, digits: str = ".3g"
) -> Any:
    """Declare a control for a number, or for a whole number if all of its numbers are whole."""
    whole = all(isinstance(number, int) for number in (low, high, step, start))
    made, form = (widgets.IntSlider, "d") if whole else (widgets.FloatSlider, digits)
    limits = {"min": low, "max": high, "step": step, "value": start}
    return made(**limits, description=description, readout_format=form)


class Explorer(widgets.VBox):
    """Controls above a picture that follows them.

    Parameters
    ----------
    title : str
        What is explored; the first words of the text form.
    controls : mapping of name to control
        Made by `choice` or `slider`. A name becomes a keyword of `draw` and of `set`.
    draw : callable (*axes, **state) -> str
        Draws one state with functions of `plots` and returns a sentence with the key numbers of
        the picture. It may depend on nothing but the state and its data. Legends of the axes
        are gathered above the picture.
    still : callable (*axes), optional
        Draws what is the same in every state, also the limits of the axes. It is drawn only once,
        and `draw` then adds to it: lines, texts, pictures, but no other ticks, names or limits.
        About four times as fast.
    widths : sequence of float
        Of the axes, one or two: more are too slow. In a proportion to each other.
    size : (width, height)
        Of the picture, in inches.
    left, bottom, gap, right : float
        Room for numbers and names beside, below and between the axes, in inches.

    Notes
    -----
    An exception in a widget's callback is invisible in JupyterLab. Here it is shown above the
    picture until the next state that works. With the environment variable
    ``ANOMALYLAB_STRICT=1`` it is raised as well.
    """

    def __init__(
        self,
        title: str,
        controls: Mapping[str, Any],
        draw: Callable[..., str],
        still: Callable[..., Any] | None = None,
        *,
        widths: Sequence[float] = (5, 3),
        size: tuple[float, float] = (8, 3.2),
        left: float = 0.65,
        bottom: float = 0.5,
        gap: float = 0.7,
        right: float = 0.1,
    ) -> None:
        self.title, self.controls = title, dict(controls)
        self._draw, self._still = draw, still
        self._stage: tuple[FigureCanvasAgg, Any] | None = None
        self._widths, self._size, self._room = widths, size, (left, bottom, gap, right)
        self._remembered: OrderedDict[tuple[Any, ...], tuple[bytes, str]] = OrderedDict()
        self._shown: tuple[bytes, str] | None = None
        self._failure = ""
        self._paused = False
        self._prepare_controls()
        self.pane = widgets.HTML(layout={"max_width": "100%"})
        self.picture = widgets.HTML(layout={"max_width": "100%"})
        super().__init__([*self.controls.values(), self.pane, self.picture], layout=NEARBY)
        self._update()

    def render(self, **state: Any) -> tuple[bytes, str]:
        """Draw one state: a PNG, and one sentence with its key numbers."""
        if self._still is None:
            canvas = self._new_canvas()
            sentence, _ = self._add(canvas.figure, state)
            self._arrange(canvas.figure)
            canvas.draw()
            return _png(canvas), sentence
        self._stage = self._stage or self._prepare_stage(self._still, state)
        canvas, background = self._stage
        canvas.restore_region(background)
        sentence, added = self._add(canvas.figure, state)
        for artist in added:
            artist.axes.draw_artist(artist)
            artist.remove()
        return _png(canvas), sentence

    def _new_canvas(self) -> FigureCanvasAgg:
        figure = Figure(self._size, DPI)
        figure.subplots(1, len(self._widths), width_ratios=self._widths)
        return FigureCanvasAgg(figure)

    def _prepare_stage(
        self, still: Callable[..., Any], state: dict[str, Any]
    ) -> tuple[FigureCanvasAgg, Any]:
        """Draw what stands still, and a legend that also names what moves."""
        canvas = self._new_canvas()
        figure = canvas.figure
        still(*figure.axes)
        for ax in figure.axes:
            ax.autoscale_view()  # it would be done only while drawing
            ax.autoscale(False)
        _, added = self._add(figure, state)
        self._arrange(figure)
        for artist in added:
            artist.remove()
        canvas.draw()
        return canvas, canvas.copy_from_bbox(figure.bbox)

    def _add(self, figure: Figure, state: dict[str, Any]) -> tuple[str, list[Any]]:
        """Draw a state; return its sentence and the artists that it added."""
        before = {artist for ax in figure.axes for artist in ax.get_children()}
        labels = [ax.get_label() for ax in figure.axes]
        for ax in figure.axes:
            ax.set_prop_cycle(None)  # or the colours would depend on the states before
        sentence = self._draw(*figure.axes, **state)
        for ax, label in zip(figure.axes, labels, strict=True):
            ax.set_label(label)
            if legend := ax.get_legend():
                legend.remove()
        artists = [artist for ax in figure.axes for artist in ax.get_children()]
        return sentence, [artist for artist in artists if artist not in before]

    def _arrange(self, figure: Figure) -> None:
        """Gather the legends above the axes, where they hide nothing."""
        entries: dict[str, Any] = {}
        for ax in figure.axes:
            for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
                entries.setdefault(label, handle)
        columns = 5 if len(entries) < 6 else 4
        (width, height), (left, bottom, gap, right) = self._size, self._room
        top = 0.15 + LINE * -(-len(entries) // columns)
        figure.subplots_adjust(
            left=left / width,
            right=1 - right / width,
            bottom=bottom / height,
            top=1 - top / height,
            wspace=2 * gap / (width - left - gap - right),
        )
        if entries:
            look: dict[str, Any] = {"loc": "upper left", "frameon": False, "fontsize": 9}
            figure.legend([*entries.values()], [*entries], ncols=columns, **look)

    def say(self, text: str) -> None:
        """Show above the picture what is going on; it goes away with the new picture."""
        self.pane.value = _pane_html(escape(text), *STATUS)

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
            Whatever `draw` raises.
        """
        for name, value in values.items():
            if name not in self.controls or not _takes(self.controls[name], value):
                possible = "; ".join(f"{n}: {_range(c)}" for n, c in self.controls.items())
                raise ValueError(f"{name}={value!r} is not possible here. Controls: {possible}.")
        self._paused = True
        try:
            for name, value in values.items():
                self.controls[name].value = value
        finally:
            self._paused = False
        self._update(strict=True)
        return self

    def with_play(self, name: str, interval: int = 200) -> Self:
        """Add buttons that turn this slider by themselves, a step every `interval` milliseconds.

        Choose an interval above the time that one picture takes, or the pictures lag behind.
        """
        control = self.controls[name]
        buttons = widgets.Play(
            min=control.min,
            max=control.max,
            step=control.step,
            value=control.value,
            interval=interval,
            show_repeat=False,
        )
        widgets.link((control, "value"), (buttons, "value"))
        label = widgets.Label(
            "play or stop",
            layout={
                "display": "flex",
                "justify_content": "flex-end",
                "width": control.style.description_width,
            },
        )
        self.children = [
            *self.controls.values(),
            widgets.HBox([label, buttons]),
            self.pane,
            self.picture,
        ]
        return self

    def _prepare_controls(self) -> None:
        """Give the descriptions room and have each control report once it comes to rest."""
        longest = max(len(control.description) for control in self.controls.values())
        for control in self.controls.values():
            control.style.description_width = f"{longest + 2}ch"
            control.layout.max_width = "calc(100% - 4px)"  # beside its margin of 2 pixels
            if control.has_trait("continuous_update"):
                control.continuous_update = False
                control.layout.width = "620px"
            control.observe(self._on_turn, names="value")

    def _on_turn(self, change: Any) -> None:
        if not self._paused:
            self._update()

    def _update(self, strict: bool = False) -> None:
        """Show the current state, or say in the error pane why it cannot be shown."""
        self._failure = ""
        try:
            self._shown = self._look_up()
            self.picture.value = _picture_html(*self._shown)
        except BaseException as error:  # the stop button too leaves an old picture
            self._failure = f"{type(error).__name__}: {error}"
            interrupted = not isinstance(error, Exception)
            if interrupted or strict or os.environ.get("ANOMALYLAB_STRICT") == "1":
                raise
        finally:
            self.pane.value = self._failure and self._error_html()

    def _look_up(self) -> tuple[bytes, str]:
        """Picture and sentence of the current state, drawn at most once while remembered."""
        key = tuple(self.state.values())
        drawn = self._remembered.get(key) or self.render(**self.state)
        self._remembered[key] = drawn
        self._remembered.move_to_end(key)
        if len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)
        return drawn

    def _error_html(self) -> str:
        kept = " The picture below is still the last one that worked." if self._shown else ""
        return _pane_html(
            f"<strong>This state could not be drawn</strong> ({escape(self._settings())}).<br>"
            f"<code>{escape(self._failure)}</code><br>Turn a control to another value.{kept} "
            "If no value works, run the cell that made the explorer again.",
            *ALERT,
        )

    def _settings(self) -> str:
        return ", ".join(f"{name}={_short(control)}" for name, control in self.controls.items())

    def __repr__(self) -> str:
        shown = f"could not be drawn, {self._failure}" if self._failure else self.sentence
        return f"{self.title} [{self._settings()}]: {shown}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """The live widget where a kernel runs; text and a picture where none does."""
        bundle: dict[str, Any] = {"text/plain": repr(self)}
        if self._shown:
            bundle["image/png"] = b64encode(self._shown[0]).decode("ascii")
        if self.model_id:
            view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
            bundle[WIDGET] = view
        return bundle


def _png(canvas: FigureCanvasAgg) -> bytes:
    buffer = BytesIO()
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    pixels.save(buffer, "png", compress_level=1)
    return buffer.getvalue()


def _picture_html(png: bytes, sentence: str) -> str:
    """An HTML figure whose sentence is both alternative text and announced caption."""
    text, data = escape(sentence), b64encode(png).decode("ascii")
    width = round(int.from_bytes(png[16:20], "big") * CSS_DPI / DPI)
    return (
        f'<figure style="margin:0"><img alt="{text}" src="data:image/png;base64,{data}" '
        f'width="{width}" style="max-width:100%; height:auto">'
        f'<figcaption aria-live="polite" style="max-width:{width}px; line-height:1.5; '
        f'white-space:normal">{text}</figcaption></figure>'
    )


def _pane_html(content: str, role: str, colour: str) -> str:
    return (
        f'<div role="{role}" style="border-left:4px solid {colour}; padding:4px 10px; '
        f'line-height:1.5; white-space:normal">{content}</div>'
    )


def _short(control: Any) -> str:
    """The value of a control, with as many digits as the control shows."""
    value = control.value
    form = getattr(control, "readout_format", ".4g") if isinstance(value, float) else ""
    return f"{value:{form}}" if form else repr(value)


def _takes(control: Any, value: Any) -> bool:
    """Whether a control can hold a value, without changing it."""
    if hasattr(control, "options"):
        return value in [option for _, option in control.options]
    whole = isinstance(control.value, int)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and (not whole or value == int(value)) and control.min <= value <= control.max


def _range(control: Any) -> str:
    if hasattr(control, "options"):
        return "one of " + ", ".join(repr(option) for _, option in control.options)
    return f"{control.min:.6g} to {control.max:.6g}"
