"""Run the course's notebooks in place and write them in one normal form.

``python -m tools.notebooks [--check] [PATH ...]``: without paths every notebook below
``notebooks/`` and ``solutions/``. With ``--check`` nothing is written, and the command fails when
a file would change (cells tagged ``picture-varies`` are compared without their pictures). A
notebook in which a cell fails is left as it was.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("notebooks", "solutions")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
VALID_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
CELL_TIMEOUT = 300
# a tag for a cell whose picture shows a network of 32 bits, which differs a little on another
# processor: `--check` compares its caption
VARIES = "picture-varies"
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_RETURN = re.compile(r"^.*\r(?=[^\n])", re.MULTILINE)


def find(paths: Sequence[Path] = (), root: Path = ROOT) -> list[Path]:
    """Return the notebooks among ``paths`` (files or folders), by default the whole course."""
    starts = list(paths) or [root / folder for folder in FOLDERS]
    found: list[Path] = []
    for start in starts:
        inside = sorted(start.rglob("*.ipynb")) if start.is_dir() else [start]
        found += [path for path in inside if ".ipynb_checkpoints" not in path.parts]
    return [path for path in found if path.exists() or paths]


def execute(nb: Any, folder: Path) -> Any:
    """Return a copy of the notebook run from its first cell to its last in ``folder``."""
    nb = copy.deepcopy(nb)
    client = NotebookClient(
        nb,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return nb


def normalise(nb: Any) -> Any:
    """Return a copy without anything that differs from run to run; the argument stays as it is."""
    nb = copy.deepcopy(nb)
    nb["nbformat"], nb["nbformat_minor"] = 4, max(5, int(nb.get("nbformat_minor", 5)))
    nb.metadata.pop("widgets", None)
    nb.metadata.get("language_info", {}).pop("version", None)
    _name_cells(nb.cells)
    count = 0
    for cell in nb.cells:
        for key in ("execution", "ExecuteTime", "trusted"):
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            count += cell.get("execution_count") is not None
            _normalise_code(cell, count if cell.get("execution_count") is not None else None)
    return nb


def _normalise_code(cell: Any, count: int | None) -> None:
    cell["execution_count"] = count
    cell["outputs"] = _merge_streams(cell.outputs)
    for output in cell.outputs:
        if output.output_type == "execute_result":
            output["execution_count"] = count
        output.get("data", {}).pop(WIDGET_VIEW, None)
        output.get("metadata", {}).pop(WIDGET_VIEW, None)


def _merge_streams(outputs: Iterable[Any]) -> list[Any]:
    merged: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and merged and merged[-1].get("name") == output.name:
            merged[-1]["text"] += output.text
        else:
            merged.append(output)
    for output in merged:
        if output.output_type == "stream":
            output["text"] = fold(output.text)
    return merged


def fold(text: str) -> str:
    r"""Return a text as it stands after its carriage returns: progress ends as its last line."""
    return _RETURN.sub("", text)


def _name_cells(cells: Sequence[Any]) -> None:
    taken = {str(cell.get("id", "")) for cell in cells}
    seen: set[str] = set()
    for position, cell in enumerate(cells, start=1):
        name = str(cell.get("id", ""))
        if name in seen or not VALID_ID.fullmatch(name):
            base = name = f"{cell.cell_type}-{position}"
            extra = 1
            while name in taken:
                extra += 1
                name = f"{base}-{extra}"
        taken.add(name)
        seen.add(name)
        cell["id"] = name


def text_of(nb: Any) -> str:
    """Return the notebook as the file's text: one space of indent, one newline at the end."""
    return str(nbformat.writes(nb, version=nbformat.NO_CONVERT)).rstrip("\n") + "\n"


def parse(text: str) -> Any:
    """Return the notebook of a text; names cells here, since nbformat does it at random."""
    nb = nbformat.from_dict(json.loads(text))
    nb["nbformat_minor"] = max(5, int(nb["nbformat_minor"]))
    _name_cells(nb["cells"])
    return nbformat.reads(json.dumps(nb), as_version=4)


def compared(nb: Any) -> str:
    """Return the text of a notebook without the pictures that may differ between processors."""
    nb = copy.deepcopy(nb)
    for cell in nb.cells:
        for output in cell.get("outputs", []) if VARIES in cell.metadata.get("tags", []) else ():
            output.get("data", {}).pop("image/png", None)
    return text_of(nb)


def refresh(path: Path, check: bool = False) -> bool:
    """Run one notebook and write it; or, with ``check``, only say whether it would change."""
    old = path.read_bytes()
    nb = parse(old.decode("utf-8"))
    fresh = normalise(execute(nb, path.parent))
    if check:
        return compared(fresh) != compared(nb)
    new = text_of(fresh).encode("utf-8")
    if new != old:
        path.write_bytes(new)
    return new != old


def report(path: Path, check: bool) -> str:
    """Refresh one notebook and print a line; return ``same``, ``changed`` or ``failed``."""
    start = time.perf_counter()
    try:
        word = "changed" if refresh(path, check) else "same"
    except CellExecutionError as error:
        word = "failed"
        print(_COLOUR.sub("", str(error)).strip(), file=sys.stderr)
    print(f"{path}: {word}, {time.perf_counter() - start:.1f} s", flush=True)
    return word


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.notebooks", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a change")
    options = parser.parse_args(arguments)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the kernels, as under `make test`
    words = [(path, report(path, options.check)) for path in find(options.paths)]
    changed = [str(path) for path, word in words if word == "changed"]
    if options.check and changed:
        print("These notebooks would change; run `make notebooks`:", *changed, file=sys.stderr)
    failed = any(word == "failed" for _, word in words)
    return int(failed or (options.check and bool(changed)))


if __name__ == "__main__":
    sys.exit(main())
