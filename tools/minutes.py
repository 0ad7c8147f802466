"""How many minutes a notebook or an assignment takes, and the place where it says so.

``python -m tools.minutes [--check] [PATH ...]``: without paths every notebook below
``notebooks/`` and ``solutions/``. With ``--check`` nothing is written, and the command fails when
a time is not what the rule gives. A time over the budget is printed and does not fail.

The rule adds up, for what a learner reads, runs and writes:

==========================  ======  ==============================================================
prose                       1/100   a word that holds a letter or a digit, also in tables; not in
                                    code blocks and displayed equations
code                        1/4     a line in a code cell or in a code block of the prose, neither
                                    blank nor a comment; not in the locked cells that hold points
figure                      1.5     a picture among the outputs, unless an explorer drew it
guess                       2       a call of ``al.guess``, its ``al.reveal`` included
explorer                    6       a call of a function of ``explore``
displayed equation          2       a pair of ``$$``
line to write               2       a line of code between the marks of a solution, in place of 1/4
answer in words             10      a Markdown cell that is a solution, in place of its words
==========================  ======  ==============================================================

The last two are our own estimate of thinking, trying and mending. The whole is rounded to five
minutes, an exercise to one.
"""

from __future__ import annotations

import argparse
import copy
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.blanks import BEGIN, END
from tools.notebooks import ROOT, find, parse, text_of

WORD, LINE, FIGURE, GUESS, EXPLORER, EQUATION, WRITTEN, ESSAY = 0.01, 0.25, 1.5, 2, 6, 2, 2, 10
BUDGETS = {"solutions": 75, "further": 90}  # a core notebook: 100
_FENCE = re.compile(r"^```.*?\n(.*?)^```", re.MULTILINE | re.DOTALL)
_DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
_BLOCK = re.compile(f"{BEGIN}\n(.*?){END}", re.DOTALL)
_TIME = re.compile(r"(\*\*Time\*\* about )\d+( minutes)")
_HEADING = re.compile(r"^(## (\d+)\. .*\()\d+( minutes)", re.MULTILINE)


def minutes(cells: Sequence[Any]) -> float:
    """Return the minutes that these cells take."""
    return sum(_prose(cell) if cell.cell_type == "markdown" else _code(cell) for cell in cells)


def _lines(code: str) -> int:
    return sum(bool(line.strip()) and line.strip()[0] != "#" for line in code.splitlines())


def _prose(cell: Any) -> float:
    if cell.metadata.get("nbgrader", {}).get("solution"):
        return ESSAY
    code = sum(map(_lines, _FENCE.findall(cell.source)))
    text = _FENCE.sub("", cell.source)
    equations = len(_DISPLAYED.findall(text))
    words = sum(bool(re.search(r"\w", word)) for word in _DISPLAYED.sub("", text).split())
    return WORD * words + LINE * code + EQUATION * equations


def _code(cell: Any) -> float:
    if cell.metadata.get("nbgrader", {}).get("grade"):
        return 0
    written = sum(map(_lines, _BLOCK.findall(cell.source)))
    guesses = len(re.findall(r"\bal\.guess\(", cell.source))
    explorers = len(re.findall(r"\bexplore\.[a-z]\w*\(", cell.source))
    pictures = sum("image/png" in output.get("data", {}) for output in cell.outputs)
    return (
        LINE * (_lines(cell.source) - written)
        + WRITTEN * written
        + GUESS * guesses
        + EXPLORER * explorers
        + FIGURE * max(0, pictures - explorers)
    )


def total(nb: Any) -> int:
    """Return the minutes of a whole notebook, rounded to five."""
    return 5 * round(minutes(nb.cells) / 5)


def exercises(nb: Any) -> dict[str, int]:
    """Return the minutes of every numbered exercise, by its number."""
    parts: dict[str, list[Any]] = {}
    number = ""
    for cell in nb.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            heading = _HEADING.match(cell.source)
            number = heading[2] if heading else ""
        parts.setdefault(number, []).append(cell)
    return {number: round(minutes(cells)) for number, cells in parts.items() if number}


def timed(nb: Any) -> Any:
    """Return a copy of a notebook that says the minutes; the argument stays as it is.

    Raises `ValueError` if the first cell has no place for them.
    """
    nb = copy.deepcopy(nb)
    title = nb.cells[0]
    if not _TIME.search(title.source):
        raise ValueError("the first cell does not say '**Time** about … minutes'")
    title.source = _TIME.sub(rf"\g<1>{total(nb)}\g<2>", title.source)
    for number, count in exercises(nb).items():
        row = re.compile(rf"^(\| {number}\. .* \| )\d+( \|[^|]*\|)$", re.MULTILINE)
        title.source = row.sub(rf"\g<1>{count}\g<2>", title.source)
        for cell in nb.cells:
            heading = _HEADING.match(cell.source)
            if heading and heading[2] == number:
                cell.source = _HEADING.sub(rf"\g<1>{count}\g<3>", cell.source, count=1)
    return nb


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.minutes", description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a change")
    options = parser.parse_args(arguments)
    stale = 0
    for path in find(options.paths, root):
        nb = parse(path.read_text(encoding="utf-8"))
        said = timed(nb)
        budget = next((BUDGETS[room] for room in path.parts if room in BUDGETS), 100)
        count = total(nb)
        over = f", {count - budget} over the budget of {budget}" if count > budget else ""
        print(f"{path.name}: {count} minutes{over}{'' if said == nb else ' (changed)'}")
        stale += said != nb
        if said != nb and not options.check:
            path.write_text(text_of(said), encoding="utf-8")
    return int(options.check and stale > 0)


if __name__ == "__main__":
    sys.exit(main())
