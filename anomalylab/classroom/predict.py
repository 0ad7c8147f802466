"""Predict before you run: a quick choice, saved, with feedback later."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html import escape
from itertools import count
from pathlib import Path
from typing import Any

import ipywidgets as widgets

FILE, DAMAGED = "predictions.json", "predictions.damaged"


def _load() -> tuple[dict[str, str], str]:
    """The saved predictions of this folder, and a remark if they could not be read."""
    try:
        saved = json.loads(Path(FILE).read_text(encoding="utf-8"))
    except OSError:
        return {}, ""
    except ValueError:
        return {}, _set_aside()
    if not isinstance(saved, dict):
        return {}, _set_aside()
    return {str(k): str(v) for k, v in saved.items()}, ""


def _set_aside() -> str:
    """Keep a damaged file under another name, so that nothing a learner wrote is lost."""
    names = (f"{DAMAGED}{'' if n == 1 else f'-{n}'}.json" for n in count(1))
    free = next(name for name in names if not Path(name).exists())
    try:
        os.replace(FILE, free)
    except OSError as problem:
        return f"{FILE} is damaged and could not be moved away ({problem}). "
    return f"{FILE} was damaged: it is kept as {free}, and a new one begins. "


def _save(key: str, choice: str) -> str:
    """Add one choice to the file; return the remark of `_load`."""
    saved, remark = _load()
    fresh = Path(f"{FILE}.new")
    text = json.dumps(saved | {key: choice}, indent=1, ensure_ascii=False)
    fresh.write_text(text + "\n", encoding="utf-8")
    os.replace(fresh, FILE)
    return remark


class Prediction(widgets.VBox):
    """A question with options. The choice is saved in ``predictions.json`` at once.

    Parameters
    ----------
    key : str
        Under which `compare` finds the choice again.
    question : str
        Plain text, as the options: shown as it is, not read as HTML.
    options : sequence of str
    """

    def __init__(self, key: str, question: str, options: Sequence[str]) -> None:
        self.key, self.question, self.choices = key, question, list(options)
        self._buttons = widgets.ToggleButtons(
            options=self.choices,
            value=None,
            description="Predict",
            style={"button_width": "auto"},
        )
        saved, remark = _load()
        self._note = widgets.HTML(escape(f"{remark}Choose one; a guess is welcome."))
        super().__init__([widgets.HTML(f"<b>{escape(question)}</b>"), self._buttons, self._note])
        earlier = saved.get(key)
        if earlier in self.choices:
            self._buttons.value = earlier
            self._note.value = escape(f"Saved earlier: {earlier}.")
        self._buttons.observe(self._chosen, "value")

    def _chosen(self, change: Any) -> None:
        if change["new"] is None:
            return
        try:
            note = f"{_save(self.key, change['new'])}Saved: {change['new']}. Run on to see."
        except OSError as problem:
            note = f"Could not save here ({problem}). Remember it: {change['new']}."
        self._note.value = escape(note)

    def set(self, choice: str) -> Prediction:
        """Choose from a cell or a test."""
        if choice not in self.choices:
            raise ValueError(f"{choice!r} is not among the options: {', '.join(self.choices)}.")
        self._buttons.value = choice
        return self

    def __repr__(self) -> str:
        return f"Prediction: {self.question} Options: {'; '.join(self.choices)}."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {}
        return {**bundle, "text/plain": repr(self)}


def predict(key: str, question: str, options: Sequence[str]) -> Prediction:
    """Ask the learner for a prediction; see `Prediction`."""
    return Prediction(key, question, options)


def compare(key: str, measured: str) -> None:
    """Print the saved prediction beside what was measured."""
    saved, remark = _load()
    choice = saved.get(key)
    if remark:
        print(remark.strip())
    if choice is None:
        print(f"Measured: {measured}. (You saved no prediction.)")
    elif choice == measured:
        print(f"Measured: {measured}. You predicted it.")
    else:
        print(f"Measured: {measured}. You predicted: {choice}. Why was it different?")
