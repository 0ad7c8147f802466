"""The package itself: lazy, typed, and complete without any extra."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest

import anomalylab

ROOT = Path(__file__).resolve().parents[1]


def run(*command: str) -> str:
    """What a new Python process prints."""
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, encoding="utf-8", cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_is_lazy() -> None:
    heavy = "('torch', 'IPython', 'matplotlib', 'numpy')"
    code = f"import sys, anomalylab; print([m for m in {heavy} if m in sys.modules])"
    assert run("-c", code) == "[]"


def test_every_public_name_resolves() -> None:
    package = import_module("anomalylab")
    assert dir(package) == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        package.nonsense  # noqa: B018


def test_editors_see_the_names_that_are_there() -> None:
    stub = Path(anomalylab.__file__).with_suffix(".pyi").read_text(encoding="utf-8")
    seen = {
        alias.asname: node.module
        for node in ast.parse(stub).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    package = import_module("anomalylab")
    there = dict.fromkeys(package._MODULES, "anomalylab")
    there |= {name: f"anomalylab.{module}" for name, module in package._NAMES.items()}
    assert seen == there


def test_the_library_works_without_extras() -> None:
    assert run("tests/library_alone.py", "--block") == "The library works without extras."


def test_the_pins_satisfy_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    pins = dict(line.lower().replace("_", "-").split("==") for line in lines)
    from packaging.requirements import Requirement

    extras = project["optional-dependencies"]
    for text in chain(project["dependencies"], *extras.values()):
        wanted = Requirement(text)
        if wanted.name == project["name"]:  # an extra that brings another one
            assert wanted.extras <= extras.keys(), text
        else:
            assert wanted.specifier.contains(pins[wanted.name.lower()]), text
