"""Does comparing notebooks compare anything? A changed number must fail, a colour must not."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path

from jupyter_client.connect import LocalPortCache
from nbformat.v4 import new_code_cell, new_notebook

import conftest
from tools.notebooks import execute, normalise, text_of

CELLS = (
    "import anomalylab as al\nfrom anomalylab import plots\nal.setup(section='4.1')",
    "ax = plots.learning_curve([3.0, 1.0])\nax.lines[0].set_color('red')",
    "al.claim('ROC-AUC', 0.92, above=0.9)",
    "import numpy as np\nal.explore.threshold_explorer(np.arange(40.0), np.arange(30.0, 60.0))",
)
EDITS = {
    "same": ("red", "red"),
    "recoloured": ("red", "blue"),
    "figure": ("[3.0, 1.0]", "[3.0, 1.1]"),
    "claim": ("0.92, above", "0.95, above"),
    "explorer": ("np.arange(40.0)", "np.arange(41.0)"),
}


def test_a_changed_number_fails_and_a_recoloured_figure_passes(tmp_path: Path) -> None:
    made = normalise(execute(new_notebook(cells=[new_code_cell(c) for c in CELLS]), tmp_path))
    for name, (old, new) in EDITS.items():
        edited = copy.deepcopy(made)
        for cell in edited.cells:
            cell["source"] = cell["source"].replace(old, new)
        (tmp_path / f"{name}.ipynb").write_text(text_of(edited), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-rf", "-q"]
    run = subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        encoding="utf-8",
    )
    failed = {
        line.split("::")[0].split()[-1] for line in run.stdout.splitlines() if "FAILED" in line
    }
    assert {Path(name).stem for name in failed} == {"figure", "claim", "explorer"}, run.stdout


def test_kernels_of_test_processes_do_not_share_ports() -> None:
    ports = LocalPortCache.instance()
    taken = [ports.find_available_port("127.0.0.1") for _ in range(3)]
    for port in taken:
        ports.return_port(port)
    assert len(set(taken)) == 3
    assert all(conftest.FIRST_PORT <= port < conftest.FIRST_PORT + 100 for port in taken)
