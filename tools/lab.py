"""Open JupyterLab on the learner's own copy of the course.

``python -m tools.lab [--reset NAME] [--no-start] [--no-browser] [--where DIR] [-- OPTION ...]``
copies ``notebooks/`` and ``exercises/`` to ``my-course/`` and keeps that copy up to date. The copy
holds no outputs, so that a question does not stand above its answer, and ``...`` where a learner
writes the lines (`tools.blanks`). A file in which the learner typed something is never
overwritten; running a notebook does not count as typing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from tools import blanks

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("notebooks", "exercises")
FIRST = "notebooks/4.0_start_here.ipynb"
MANIFEST = ".manifest.json"
DAMAGED = "damaged"
PERSONAL = ("predictions.json", "predictions.json.new")  # what somebody answered, not the course
QUIET = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    }
}
Manifest = dict[str, dict[str, str]]


def originals(root: Path) -> dict[str, Path]:
    """Return the files to copy, by their path in the working copy (with ``/``)."""
    found: dict[str, Path] = {}
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith((".", "__")) for part in path.relative_to(root).parts)
            if path.is_file() and not hidden and path.name not in PERSONAL:
                found[path.relative_to(root).as_posix()] = path
    return found


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def typed(path: Path, data: bytes) -> str:
    """Return the SHA-256 of what a person types: kinds and sources of a notebook's cells.

    Files other than notebooks count whole; an unreadable notebook gives ``"damaged …"``.
    """
    if path.suffix != ".ipynb":
        return digest(data)
    try:
        cells = json.loads(data.decode("utf-8"))["cells"]
        content = [[cell["cell_type"], "".join(cell["source"])] for cell in cells]
    except (ValueError, KeyError, TypeError):
        return f"{DAMAGED} {digest(data)}"
    return digest(json.dumps(content).encode("utf-8"))


def fresh(original: Path) -> tuple[bytes, dict[str, str]]:
    """Return a learner's copy of a file, and its entry for the manifest."""
    data = original.read_bytes()
    if not typed(original, data).startswith(DAMAGED) and original.suffix == ".ipynb":
        nb = blanks.learners(json.loads(data.decode("utf-8")))
        data = (json.dumps(nb, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
    return data, {"bytes": digest(data), "typed": typed(original, data)}


def read_manifest(where: Path) -> Manifest:
    """Return what was copied when; empty if nothing was or the file is unreadable."""
    try:
        manifest: Any = json.loads((where / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def write_manifest(where: Path, manifest: Manifest) -> None:
    """Write the record of copies, whole or not at all."""
    where.mkdir(parents=True, exist_ok=True)
    part = where / (MANIFEST + ".part")
    part.write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
    part.replace(where / MANIFEST)


def write(mine: Path, data: bytes) -> None:
    """Write one file, whole or not at all."""
    mine.parent.mkdir(parents=True, exist_ok=True)
    part = mine.with_name(mine.name + ".part")
    part.write_bytes(data)
    part.replace(mine)


def update_file(name: str, original: Path, mine: Path, manifest: Manifest) -> str:
    """Bring one file of the working copy up to date; return a line for the learner, or ``""``."""
    data, entry = fresh(original)
    known = manifest.get(name, {})
    now = typed(mine, mine.read_bytes()) if mine.exists() else entry["typed"]
    if now in (known.get("typed"), entry["typed"]):
        if entry["bytes"] != known.get("bytes") or not mine.exists():
            write(mine, data)
            manifest[name] = entry
        return ""
    remedy = f"For a fresh copy beside it: python -m tools.lab --reset {name}"
    if now.startswith(DAMAGED):
        return f"{name} cannot be read as a notebook; it was left as it is. {remedy}"
    if known.get("typed") != entry["typed"]:
        return f"{name} has a newer version; yours was kept because you changed it. {remedy}"
    return ""


def update(root: Path, where: Path) -> list[str]:
    """Bring the working copy up to date and return the lines to tell the learner."""
    manifest = read_manifest(where)
    files = originals(root)
    _refuse_originals(root, where)
    lines = []
    try:
        for name, path in files.items():
            lines.append(update_file(name, path, where / name, manifest))
    finally:  # what was copied before a problem or Ctrl-C is on record
        write_manifest(where, manifest)
    return [line for line in lines if line]


def _refuse_originals(root: Path, where: Path) -> None:
    """A copy in the place of the originals would take their outputs away."""
    places = [where, *(where / folder for folder in FOLDERS)]
    own = [(root / folder).resolve() for folder in FOLDERS]
    for place in places:
        real = place.resolve()
        if any(real == folder or folder in real.parents for folder in own):
            raise ValueError(f"{place} holds the course's originals. Choose another folder.")


def find(name: str, names: Sequence[str]) -> str:
    """Return the one file that is meant: by its path, its name, or its name without ending."""
    wanted = name.replace("\\", "/").removeprefix("./").removeprefix("my-course/")
    hits = [known for known in names if wanted == known]
    paths = [PurePosixPath(known) for known in names]
    hits = hits or [str(path) for path in paths if wanted in (path.name, path.stem)]
    if len(hits) == 1:
        return hits[0]
    which = ", ".join(hits or names)
    problem = f"{len(hits)} files are called" if hits else "the course has no file called"
    raise ValueError(f"{problem} {name!r}. Choose one of: {which}")


def reset(name: str, root: Path, where: Path) -> str:
    """Put the learner's file aside under a new name and copy a fresh one; return what was done."""
    files = originals(root)
    name = find(name, list(files))
    _refuse_originals(root, where)
    mine, manifest = where / name, read_manifest(where)
    data, entry = fresh(files[name])  # before anything is moved
    message = f"{name} is fresh again."
    if mine.exists():
        number = 1
        while (aside := mine.with_name(f"{mine.stem}.mine-{number}{mine.suffix}")).exists():
            number += 1
        mine.rename(aside)
        message += f" What you had is kept as {aside.name}, in the same folder."
    manifest[name] = entry
    write(mine, data)
    write_manifest(where, manifest)
    return message


def environment(where: Path) -> dict[str, str]:
    """Return the variables for JupyterLab: defaults without news, the user's settings untouched."""
    config = where / ".settings"
    overrides = config / "labconfig" / "default_setting_overrides.json"
    overrides.parent.mkdir(parents=True, exist_ok=True)
    overrides.write_text(json.dumps(QUIET), encoding="utf-8")
    paths = [str(config), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    return {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, paths))}


def command(where: Path, options: Sequence[str] = ()) -> list[str]:
    """Return the command that opens JupyterLab on the first notebook."""
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={where}"]
    if (where / FIRST).exists():
        words.insert(3, str(where / FIRST))
    return [*words, *options]


def start(where: Path, options: Sequence[str]) -> int:
    """Start JupyterLab; on Linux and macOS it takes this process's place."""
    words, variables = command(where, options), environment(where)
    if os.name != "nt":
        os.execve(words[0], words, variables)
    try:
        return subprocess.run(words, env=variables, check=False).returncode
    except KeyboardInterrupt:
        return 0


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.lab", description=__doc__)
    parser.add_argument("--reset", metavar="NAME", help="a fresh copy of one file; yours is kept")
    parser.add_argument("--no-start", action="store_true", help="only copy, say to hand it out")
    parser.add_argument("--no-browser", action="store_true", help="only start the server")
    parser.add_argument("--where", type=Path, metavar="DIR", default=root / "my-course")
    parser.add_argument("options", nargs="*", help="after --: options for JupyterLab itself")
    options = parser.parse_args(arguments)
    where = options.where.resolve()
    if options.reset is not None:
        try:
            print(reset(options.reset, root, where))
        except ValueError as problem:
            print(problem, file=sys.stderr)
            return 1
        return 0
    for line in update(root, where):
        print(line)
    print(f"Your copy of the course: {where}", flush=True)
    if options.no_start:
        return 0
    return start(where, [*options.options, *(["--no-browser"] if options.no_browser else [])])


if __name__ == "__main__":
    sys.exit(main())
