"""Make ``exercises/`` from ``solutions/`` with nbgrader's own machinery.

``python -m tools.exercises [--check]``: runs the solutions first, then makes all assignments in a
temporary folder, so that nothing is lost if nbgrader fails. With ``--check`` nothing is run or
written, and the command fails when a released notebook is not what its source gives.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config, PyFileConfigLoader

from tools import notebooks

ROOT = Path(__file__).resolve().parents[1]


def config(course: Path) -> Config:
    """Return the configuration under which the course's assignments are made and graded."""
    c: Config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    c.CourseDirectory.root = str(course)
    c.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
    return c


def use_own_programs() -> None:
    """Put this environment's programs first on the PATH: nbgrader calls `alembic` by name."""
    own = str(Path(sys.executable).parent)
    if not os.environ["PATH"].startswith(own):
        os.environ["PATH"] = own + os.pathsep + os.environ["PATH"]


def assignments(root: Path = ROOT) -> list[str]:
    """Return the names of the assignments: the folders below ``solutions/``."""
    return sorted(path.name for path in (root / "solutions").iterdir() if path.is_dir())


def release(course: Path) -> Path:
    """Make every assignment of a course folder that holds ``solutions/``; return ``exercises/``."""
    use_own_programs()
    api = NbGraderAPI(config=config(course))
    api.log.setLevel(logging.ERROR)
    for name in assignments(course):
        result = api.generate_assignment(name, force=True)
        if not result["success"]:
            raise RuntimeError(f"nbgrader could not release {name}:\n{result['error']}")
    return course / "exercises"


def build(root: Path = ROOT, check: bool = False) -> list[str]:
    """Release into a temporary folder, compare, and copy (unless ``check``); return the stale."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder)
        shutil.copytree(
            root / "solutions",
            course / "solutions",
            ignore=shutil.ignore_patterns(".ipynb_checkpoints", "predictions*"),
        )
        fresh = release(course)
        made = {p.relative_to(fresh): p.read_bytes() for p in fresh.rglob("*.ipynb")}
    target = root / "exercises"
    kept = {p.relative_to(target): p.read_bytes() for p in target.rglob("*.ipynb")}
    stale = sorted(p for p in made.keys() | kept.keys() if made.get(p) != kept.get(p))
    for path in [] if check else stale:
        (target / path).unlink(missing_ok=True)
        if path in made:
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            (target / path).write_bytes(made[path])
    return [str(path) for path in stale]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.exercises", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a change")
    options = parser.parse_args(arguments)
    if not options.check and notebooks.main([str(ROOT / "solutions")]):
        print("A solution does not run; nothing was made.", file=sys.stderr)
        return 1
    stale = build(check=options.check)
    print("exercises:", ", ".join(stale) if stale else "all up to date")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
