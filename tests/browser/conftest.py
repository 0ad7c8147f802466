"""Fixtures: a JupyterLab with the notebooks' working copy, and a page that records complaints."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import ROOT, Lab, find_chromium, running_lab
from tools.lab import fresh

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _missing(what: str) -> None:
    """Skip on a laptop, fail in continuous integration."""
    message = f"Browser tests need {what}: `pip install playwright`, and Chromium on the PATH."
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    chromium = find_chromium()
    if chromium is None:
        _missing("Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _missing("the package playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A server of our own. It asks for `browser` first, so that nothing starts in vain."""
    with running_lab(tmp_path_factory.mktemp("jupyter") / "home") as lab:
        for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
            (lab.folder / notebook.name).write_bytes(fresh(notebook)[0])
        yield lab


@pytest.fixture
def complaints() -> list[str]:
    """What the page wrote to its console as errors, and its uncaught exceptions."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A page of laptop size in a fresh browser profile."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=1.5)
    page = context.new_page()
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: ANOMALYLAB_SCREENSHOTS, or a temporary folder."""
    wanted = os.environ.get("ANOMALYLAB_SCREENSHOTS")
    folder = Path(wanted) if wanted else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
