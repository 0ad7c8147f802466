"""Guess before you run: a quick choice, saved, and set beside what came out later."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from html import escape
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

import ipywidgets as widgets
import numpy as np
from scipy.stats import t

FILE, DAMAGED = "predictions.json", "predictions.damaged"
CLOSE = "too close to call"


def _load() -> tuple[dict[str, str], str]:
    """The saved guesses of this folder, and a remark if they could not be read."""
    try:
        saved = json.loads(Path(FILE).read_text(encoding="utf-8"))
        return {str(k): str(v) for k, v in saved.items()}, ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError, AttributeError):  # unreadable, damaged, or no mapping
        return {}, _set_aside()


def _set_aside() -> str:
    """Keep a damaged file under another name, so that nothing a learner wrote is lost."""
    names = (f"{DAMAGED}{'' if n == 1 else f'-{n}'}.json" for n in count(1))
    free = next(name for name in names if not Path(name).exists())
    try:
        os.replace(FILE, free)
    except OSError as problem:
        return f"{FILE} is damaged and could not be moved away ({problem}). "
    return f"{FILE} was damaged: it is kept as {free}, and a new one begins. "


class Guess(widgets.VBox):
    """A question with options. The choice is saved in ``predictions.json`` at once.

    Parameters
    ----------
    key : str
        Under which `reveal` finds the choice again.
    question : str
        Plain text, as the options: shown as it is, not read as HTML.
    options : sequence of str
        "too close to call" may be one of them.
    """

    def __init__(self, key: str, question: str, options: Sequence[str]) -> None:
        self.key, self.question, self.choices = key, question, list(options)
        self._buttons = widgets.ToggleButtons(
            options=self.choices,
            value=None,
            description="Your guess",
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
        saved, remark = _load()
        text = json.dumps(saved | {self.key: change["new"]}, indent=1, ensure_ascii=False)
        try:
            Path(f"{FILE}.new").write_text(text + "\n", encoding="utf-8")
            os.replace(f"{FILE}.new", FILE)
            note = f"{remark}Saved: {change['new']}. Run on to see."
        except OSError as problem:
            note = f"Could not save here ({problem}). Remember it: {change['new']}."
        self._note.value = escape(note)

    def set(self, choice: str) -> Guess:
        """Choose from a cell or a test."""
        if choice not in self.choices:
            raise ValueError(f"{choice!r} is not among the options: {', '.join(self.choices)}.")
        self._buttons.value = choice
        return self

    def __repr__(self) -> str:
        return f"Guess: {self.question} Options: {'; '.join(self.choices)}."

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {}
        return {**bundle, "text/plain": repr(self)}


def guess(key: str, question: str, options: Sequence[str]) -> Guess:
    """Ask the learner for a guess; see `Guess`."""
    return Guess(key, question, options)


def outcome(runs: Mapping[str, Sequence[float]]) -> tuple[str, str]:
    """Return the option with the largest mean, or "too close to call", and a sentence of numbers.

    The first option must lead every other by more than chance could: with the differences d of the
    paired runs (one seed each), mean(d) > t · std(d) / √n, where t is the 97.5th percentile of
    Student's t with n - 1 degrees of freedom (4.3 for three runs, 2.8 for five). Where two options
    do not differ, this names a winner in at most 5 % of the cases.
    """
    rows = [list(each) for each in runs.values()]
    count = min(map(len, rows), default=0)
    if len(rows) < 2 or count < 2 or count < max(map(len, rows)) or not np.isfinite(rows).all():
        raise ValueError(
            "reveal needs finite values of two options or more, over the same two seeds or more."
        )
    values = np.array(rows, dtype=float)
    order = np.argsort(-values.mean(axis=1), kind="stable")
    names, values = [list(runs)[place] for place in order], values[order]
    leads = values[0] - values[1:]
    chance = t.ppf(0.975, count - 1) * leads.std(axis=1, ddof=1) / np.sqrt(count)
    clear = leads.mean(axis=1) > chance + 1e-9 * abs(values).max()  # rounding is no lead
    means = dict(zip(names, values.mean(axis=1), strict=True))
    first, second = (float(mean) for mean in list(means.values())[:2])
    digits = next((n for n in (2, 3, 5) if _short(first, n) != _short(second, n)), 2)
    listed = ", ".join(f"{name} {_short(mean, digits)}" for name, mean in means.items())
    numbers = f"Means of {count}: {listed}."
    if clear.all():
        return names[0], numbers
    rival = int(np.argmin(clear))
    lead = f"{names[0]} leads {names[rival + 1]} by {_short(leads[rival].mean())}"
    return CLOSE, f"{numbers} {lead}; chance alone can make {_short(chance[rival])}."


def _short(number: float, digits: int = 2) -> str:
    """At least so many digits, and never fewer than the whole number has."""
    digits = max(digits, len(str(int(abs(number)))))
    return np.format_float_positional(number, precision=digits, fractional=False, trim="-")


def reveal(
    key: str,
    measured: str | float | Mapping[str, Sequence[float]],
    at_least: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """Print what came out beside the saved guess.

    Parameters
    ----------
    key : str
        As in `guess`.
    measured : str, float, or mapping of str to sequence of float
        The option that came out; or a number, with `at_least`; or for each option its values over
        the same seeds: then the option with the largest mean, or "too close to call" (`outcome`
        says when).
    at_least : mapping of str to float
        For a number: the options in rising order, each with the lowest number that it stands for.
        So the call does not name the answer.
    """
    saved, remark = _load()
    choice = saved.get(key)
    if remark:
        print(remark.strip())
    if isinstance(measured, Mapping):
        result, numbers = outcome(measured)
    else:
        fitting = [option for option, low in at_least.items() if float(measured) >= low]
        result, numbers = (fitting[-1] if at_least else str(measured)), ""
    if choice is None:
        answer = "(You saved no guess.)"
    elif choice == result:
        answer = "You guessed it."
    else:
        why = "These runs cannot tell." if result == CLOSE else "Why was it different?"
        answer = f"You guessed: {choice}. {why}"
    told = " ".join(filter(None, (f"Measured: {result}.", numbers, answer)))
    # JupyterLab breaks a long line inside a word
    print(told.replace(" You guessed: ", "\nYou guessed: "))
