"""Predict before you run: a quick choice, saved, with feedback later."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets

FILE = "predictions.json"


def _load() -> dict[str, str]:
    """The saved predictions of this folder; a damaged file counts as empty."""
    try:
        saved = json.loads(Path(FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in saved.items()} if isinstance(saved, dict) else {}


def _save(key: str, choice: str) -> None:
    saved = _load() | {key: choice}
    fresh = Path(f"{FILE}.new")
    fresh.write_text(json.dumps(saved, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(fresh, FILE)


class Prediction(widgets.VBox):
    """A question with options. The choice is saved in ``predictions.json`` at once.

    Parameters
    ----------
    key : str
        Under which `compare` finds the choice again.
    question : str
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
        self._note = widgets.HTML("Choose one; a guess is welcome.")
        super().__init__([widgets.HTML(f"<b>{question}</b>"), self._buttons, self._note])
        earlier = _load().get(key)
        if earlier in self.choices:
            self._buttons.value = earlier
            self._note.value = f"Saved earlier: {earlier}."
        self._buttons.observe(self._chosen, "value")

    def _chosen(self, change: Any) -> None:
        if change["new"] is None:
            return
        try:
            _save(self.key, change["new"])
            self._note.value = f"Saved: {change['new']}. Run on to see."
        except OSError as problem:
            self._note.value = f"Could not save here ({problem}). Remember it: {change['new']}."

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
    choice = _load().get(key)
    if choice is None:
        print(f"Measured: {measured}. (You saved no prediction.)")
    elif choice == measured:
        print(f"Measured: {measured}. You predicted it.")
    else:
        print(f"Measured: {measured}. You predicted: {choice}. Why was it different?")
