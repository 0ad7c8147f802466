"""A JupyterLab of our own, and the few gestures that the browser tests make in it.

The waits are the delicate part: an execution indicator is idle before any kernel exists, and
text of a cell's source also stands in the notebook, so outputs are looked for in outputs.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ROOT = Path(__file__).resolve().parents[2]
PANEL = ".jp-NotebookPanel:not(.lm-mod-hidden)"
IMAGE = ".jp-OutputArea-output .widget-html-content figure img"
STDERR = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
NO_TOAST = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}


@dataclass(frozen=True)
class Lab:
    """Where a running JupyterLab is, and the folder that it shows."""

    port: int
    token: str
    folder: Path

    def url(self, path: str) -> str:
        """Address of a page or of the API, with the token."""
        return f"http://127.0.0.1:{self.port}/{path}?token={self.token}"


@contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """Start a server that reads and writes only below `home`; stop it in the end."""
    (home / "work").mkdir(parents=True)
    settings = home / "config/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(
        json.dumps(NO_TOAST), encoding="utf-8"
    )
    lab = Lab(_free_port(), secrets.token_hex(8), home / "work")
    with (home / "server.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            _command(lab), cwd=lab.folder, env=_environment(home), stdout=log, stderr=log
        )
        try:
            _wait_until_up(lab, server, home / "server.log")
            yield lab
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(lab: Lab) -> list[str]:
    return [
        sys.executable,
        *("-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={lab.port}", "--ServerApp.port_retries=0"),
        *(f"--IdentityProvider.token={lab.token}", f"--ServerApp.root_dir={lab.folder}"),
    ]


def _environment(home: Path) -> dict[str, str]:
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    own = {name: str(home / folder) for name, folder in places.items()}
    kept = {name: value for name, value in os.environ.items() if name != "ANOMALYLAB_STRICT"}
    return {**kept, **own, "PYTHONPATH": path}


def _wait_until_up(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(150):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(lab.url("api/status"), timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')[-2000:]}")


def find_chromium() -> str | None:
    """Path of an installed Chromium or Chrome."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def write_notebook(lab: Lab, name: str, *cells: str) -> None:
    """Put a notebook with these code cells into the folder that JupyterLab shows."""
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    blank: dict[str, Any] = {"cell_type": "code", "execution_count": None, "outputs": []}
    content = {
        "cells": [
            {**blank, "id": f"cell-{number}", "metadata": {}, "source": source}
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (lab.folder / name).write_text(json.dumps(content), encoding="utf-8")


def open_notebook(page: Page, lab: Lab, name: str) -> None:
    """Show a notebook in a clean workspace and wait until its kernel is ready."""
    page.goto(lab.url(f"lab/tree/{name}") + "&reset")
    page.locator(f"{PANEL} .jp-Toolbar-kernelName", has_text="Python 3").wait_for(timeout=30_000)
    page.locator(f'{PANEL} .jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for(
        timeout=30_000
    )


def run_all(page: Page, timeout: float = 120) -> None:
    """Choose Run, Run All Cells; wait until every cell has its number, or one has complained."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(
        """([panel, stderr]) => {
            const prompts = [...document.querySelectorAll(`${panel} .jp-CodeCell`)]
                .filter(cell => cell.querySelector('.cm-content').textContent.trim())
                .map(cell => cell.querySelector('.jp-InputPrompt').textContent);
            const complaint = document.querySelector(`${panel} ${stderr}`);
            return complaint || prompts.every(prompt => /\\d/.test(prompt));
        }""",
        arg=[PANEL, STDERR],
        timeout=1000 * timeout,
    )


def cell_errors(page: Page) -> list[str]:
    """The last line of every traceback and of everything else that cells wrote to stderr."""
    outputs = page.locator(f"{PANEL} {STDERR}").all_text_contents()
    # Not their inner texts: those are empty off screen.
    return [text.strip().splitlines()[-1] for text in outputs]


def explorer_with_slider(page: Page) -> Locator:
    """The first explorer of the notebook: the widget box around a slider and its picture."""
    box = page.locator(f"{PANEL} .widget-vbox").filter(has=page.locator(".noUi-handle")).first
    box.locator("figure img").wait_for(timeout=20_000)
    box.scroll_into_view_if_needed()
    return box


def cut_off(box: Locator) -> list[str]:
    """What inside a box is wider than the place it has, or reaches out of the notebook."""
    found = box.evaluate(
        """box => {
            const room = box.closest('.jp-OutputArea').getBoundingClientRect();
            const parts = box.querySelectorAll(
                'label, .widget-readout, img, figcaption, [role=alert], .widget-html-content');
            return [...parts].filter(part => part.scrollWidth > part.clientWidth + 1
                    && part.clientWidth > 0 || part.getBoundingClientRect().right > room.right + 1)
                .map(part => `${part.tagName}.${part.className}: ${part.textContent.slice(0, 40)}`);
        }"""
    )
    return list(found)
