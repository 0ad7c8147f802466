"""A guess made with the keyboard, and lines folded away, in a real JupyterLab."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.browser.lab import PANEL, Lab, cell_errors, open_notebook, run_all, write_notebook
from tools import blanks

if TYPE_CHECKING:
    from pathlib import Path

ASK = """\
import anomalylab as al
al.guess("browser", "Is x < y & z?", ["a < b", "too close to call"])
"""
BLANK = f"""\
def double(x):
    {blanks.BEGIN}
    twice = 2 * x
    return twice
    {blanks.END}
"""


def test_a_guess_is_made_with_the_keyboard_and_revealed(
    page: Any, lab: Lab, complaints: list[str], pictures: Path
) -> None:
    write_notebook(lab, "guess.ipynb", ASK, 'al.reveal("browser", "a < b")')
    open_notebook(page, lab, "guess.ipynb")
    run_all(page)
    outputs = page.locator(f"{PANEL} .jp-OutputArea-output")
    outputs.get_by_text("You saved no guess").wait_for(timeout=10_000)
    button = page.get_by_role("button", name="a < b", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    page.locator(f"{PANEL} .widget-html-content", has_text="Saved: a < b.").wait_for(timeout=5000)
    page.screenshot(path=pictures / "guess.png")
    run_all(page)
    outputs.get_by_text("Measured: a < b. You guessed it.").wait_for(timeout=10_000)
    assert cell_errors(page) == []
    assert complaints == []


def test_missing_lines_are_folded_away_below_the_dots(
    page: Any, lab: Lab, complaints: list[str], pictures: Path
) -> None:
    write_notebook(lab, "blank.ipynb", BLANK, "double(2)")
    path = lab.folder / "blank.ipynb"
    nb = blanks.learners(json.loads(path.read_text(encoding="utf-8")))
    path.write_text(json.dumps(nb), encoding="utf-8")
    open_notebook(page, lab, "blank.ipynb")
    run_all(page)
    lines = page.locator(f"{PANEL} .jp-MarkdownOutput details pre", has_text="twice = 2 * x")
    assert not lines.is_visible()
    page.locator(f"{PANEL} .jp-MarkdownOutput summary").click()
    lines.wait_for(state="visible", timeout=5000)
    page.screenshot(path=pictures / "blank.png")
    assert cell_errors(page) == []
    assert complaints == []
