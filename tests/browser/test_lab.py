"""What a learner does, in a real JupyterLab: run everything, turn a control, meet an error."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.lab import (
    IMAGE,
    PANEL,
    ROOT,
    Lab,
    cell_errors,
    cut_off,
    explorer_with_slider,
    open_notebook,
    run_all,
    write_notebook,
)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

GOAL = 150  # milliseconds from key press to new picture
PRESSES = 15
NOTEBOOK = "4.1_autoencoder.ipynb"

SYNTHETIC = """\
import numpy as np
from anomalylab.explore import threshold_explorer
draw = np.random.default_rng(0)
threshold_explorer(draw.gamma(9, 0.002, 300), draw.gamma(9, 0.004, 80),
                   calibration_scores=draw.gamma(9, 0.002, 150),
                   rules={"percentile": 0.028, "mean + 3σ": 0.036, "F1": 0.026,
                          "false-positive budget": 0.031})
"""

FAILING = """\
from anomalylab.explore import Explorer, slider

def draw(ax, width):
    if width > 2:
        raise ZeroDivisionError(f"no picture for a width of {width} <yet>")
    ax.bar([0], [width])
    return f"Width {width}."

Explorer("Fragile", {"width": slider("width of the code", 1, 9, 1, 2)}, draw, widths=[1])
"""

# Resolves with the milliseconds from a key press to the first new <img> below the box, or to -1.
STOPWATCH = """(box, key) => new Promise(done => {
    const before = box.querySelector('figure img').src;
    const start = performance.now();
    const watch = new MutationObserver(() => {
        const now = box.querySelector('figure img');
        if (now && now.src !== before) {
            watch.disconnect();
            now.decode().then(() => done(performance.now() - start));
        }
    });
    watch.observe(box, {subtree: true, childList: true, attributes: true});
    box.querySelector('.noUi-handle').dispatchEvent(
        new KeyboardEvent('keydown', {key: key, bubbles: true, cancelable: true}));
    setTimeout(() => done(-1), 5000);
})"""


def seen(box: Locator) -> tuple[Any, ...]:
    """Picture, sentence and position of the slider."""
    image = box.locator("figure img")
    slider = box.locator(".noUi-handle").get_attribute("aria-valuetext")
    return image.get_attribute("src"), box.locator("figcaption").inner_text(), slider


def press(page: Page, box: Locator, key: str) -> tuple[Any, ...]:
    """Press a key on the slider; return what is seen once the picture has changed."""
    before = seen(box)
    box.locator(".noUi-handle").focus()
    page.keyboard.press(key)
    page.wait_for_function(
        "([box, old]) => box.querySelector('figure img').src !== old",
        arg=[box.element_handle(), before[0]],
        timeout=5000,
    )
    return seen(box)


def flagged(sentence: str) -> int:
    """How many normal rows the sentence says are flagged."""
    found = re.search(r"(\d+) of \d+ normal rows flagged", sentence)
    assert found, sentence
    return int(found[1])


def test_notebook_runs_and_its_explorer_turns(
    page: Page, lab: Lab, complaints: list[str], pictures: Path
) -> None:
    if not (ROOT / "notebooks" / NOTEBOOK).exists():
        pytest.fail(f"notebooks/{NOTEBOOK} is missing")
    open_notebook(page, lab, NOTEBOOK)
    run_all(page)
    assert cell_errors(page) == []
    box = explorer_with_slider(page)
    before = seen(box)
    after = press(page, box, "ArrowRight")
    assert all(old != new for old, new in zip(before, after, strict=True))
    box.screenshot(path=pictures / "notebook_explorer.png")
    page.screenshot(path=pictures / "notebook.png")
    assert cut_off(box) == []
    assert complaints == []


def test_threshold_explorer_follows_the_keyboard_at_once(
    page: Page, lab: Lab, complaints: list[str], pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(lab, "threshold.ipynb", SYNTHETIC)
    open_notebook(page, lab, "threshold.ipynb")
    run_all(page)
    assert cell_errors(page) == []
    box = explorer_with_slider(page)
    low, high = press(page, box, "Home"), press(page, box, "End")
    assert (flagged(low[1]), flagged(high[1])) == (300, 0)
    times = [box.evaluate(STOPWATCH, "ArrowLeft") for _ in range(PRESSES)]
    middle = median(times)
    with capsys.disabled():
        print(f"\nkey press to new picture: median {middle:.0f} ms, {min(times):.0f} to ", end="")
        print(f"{max(times):.0f} ms over {PRESSES} presses (goal {GOAL} ms)")
    assert min(times) > 0, "a press changed nothing"
    assert middle < 3 * GOAL
    for _ in range(4):
        press(page, box, "PageDown")
    assert 0 < flagged(seen(box)[1]) < 300
    box.screenshot(path=pictures / "threshold_explorer.png")
    assert box.locator("figure img").get_attribute("alt") == seen(box)[1]
    assert cut_off(box) == []
    for width, height in ((1100, 700), (700, 900)):
        page.set_viewport_size({"width": width, "height": height})
        box.scroll_into_view_if_needed()
        page.screenshot(path=pictures / f"threshold_{width}.png")
        assert cut_off(box) == []
    assert complaints == []


def test_an_exception_in_a_callback_is_seen(
    page: Page, lab: Lab, complaints: list[str], pictures: Path
) -> None:
    write_notebook(lab, "failing.ipynb", FAILING, "1 / 0", "2")
    open_notebook(page, lab, "failing.ipynb")
    run_all(page)
    assert cell_errors(page) == ["ZeroDivisionError: division by zero"], "blind to cell errors"
    box = explorer_with_slider(page)
    alert = box.get_by_role("alert")
    assert alert.count() == 0
    box.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    alert.wait_for(timeout=5000)
    box.screenshot(path=pictures / "error.png")
    assert "ZeroDivisionError: no picture for a width of 3 <yet>" in alert.inner_text()
    assert "Width 2." in box.locator("figcaption").inner_text()
    assert cut_off(box) == []
    page.keyboard.press("ArrowLeft")
    alert.wait_for(state="detached", timeout=5000)
    assert page.locator(f"{PANEL} {IMAGE}").count() == 1
    assert complaints == []
