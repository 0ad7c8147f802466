"""Style gates: what every notebook and text file of the course must keep to.

Every gate takes one thing and returns a list of messages; an empty list means that all is well.
The tests run the gates over everything they find.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tools import blanks

MARKER = "# NBVAL_IGNORE_OUTPUT"
TAG = "nbval-ignore-output"
COMPARED = ("text/plain", "text/html", "text/markdown", "text/latex", "application/json")
MAX_WORDS, MAX_BYTES = 3500, 1_000_000


def source(cell: Any) -> str:
    """Return a cell's source as one text."""
    return "".join(cell["source"])


def code_cells(nb: Any) -> list[Any]:
    """Return the code cells that hold something."""
    return [cell for cell in nb["cells"] if cell["cell_type"] == "code" and source(cell).strip()]


def prose(nb: Any) -> list[Any]:
    """Return the Markdown cells."""
    return [cell for cell in nb["cells"] if cell["cell_type"] == "markdown"]


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def cell_count(nb: Any, least: int = 18, most: int = 60) -> list[str]:
    """A notebook is neither a fragment nor endless."""
    count = len(nb["cells"])
    return [] if least <= count <= most else [f"{count} cells, not {least} to {most}"]


def prose_share(nb: Any) -> list[str]:
    """About half of the cells are prose."""
    share = len(prose(nb)) / max(1, len(nb["cells"]))
    return [] if 0.40 <= share <= 0.65 else [f"{share:.0%} of the cells are prose, not 40 to 65 %"]


def words(nb: Any) -> list[str]:
    """The prose can be read in the time a notebook takes."""
    count = sum(len(source(cell).split()) for cell in prose(nb))
    return [] if count <= MAX_WORDS else [f"{count} words of prose, more than {MAX_WORDS}"]


def code_length(nb: Any) -> list[str]:
    """Code cells are short: median 5 lines, 15 at the 90th percentile, 30 at most."""
    lengths = sorted(len(source(cell).strip().splitlines()) for cell in code_cells(nb))
    if not lengths:
        return ["no code cell"]
    measured = {
        "median": (median(lengths), 5),
        "90th percentile": (lengths[math.ceil(0.9 * len(lengths)) - 1], 15),
        "longest": (lengths[-1], 30),
    }
    return [
        f"code cells are too long: {name} {value:g} lines, more than {limit}"
        for name, (value, limit) in measured.items()
        if value > limit
    ]


def headings(nb: Any) -> list[str]:
    """One H1, which comes first, and no level of heading skipped."""
    text = "\n".join(_without_code(source(cell)) for cell in prose(nb))
    levels = [len(mark) for mark in re.findall(r"^(#{1,6}) ", text, flags=re.MULTILINE)]
    messages = [] if levels.count(1) == 1 else [f"{levels.count(1)} headings of level 1, not one"]
    for before, level in zip([0, *levels], levels, strict=False):
        if level > before + 1:
            messages.append(f"a heading of level {level} follows one of level {before}")
    return messages


def alt_text(nb: Any) -> list[str]:
    """Every picture in the prose has a text for those who cannot see it."""
    text = "\n".join(_without_code(source(cell)) for cell in prose(nb))
    bare = re.findall(r"!\[\s*\]\([^)]*\)", text)
    for tag in re.findall(r"<img\b[^>]*>", text):
        if not re.search(r"\balt\s*=\s*(\"\s*[^\"\s]|'\s*[^'\s])", tag):
            bare.append(tag)
    return [f"picture without alt text: {picture}" for picture in bare]


def executed(nb: Any) -> list[str]:
    """Every code cell was run in order, without an error that nobody expects."""
    counts = [cell.get("execution_count") for cell in code_cells(nb)]
    messages = []
    if None in counts:
        messages.append(f"{counts.count(None)} code cells were not run: `make notebooks`")
    elif counts != list(range(1, len(counts) + 1)):
        messages.append("the code cells were not run from first to last: `make notebooks`")
    for cell in code_cells(nb):
        errors = [out for out in cell["outputs"] if out["output_type"] == "error"]
        if errors and not {"raises-exception", "nbval-raises-exception"} & _tags(cell):
            messages.append(f"a cell ends in {errors[0]['ename']}")
    return messages


def _tags(cell: Any) -> set[str]:
    return set(cell["metadata"].get("tags", []))


def _is_compared(cell: Any) -> bool:
    if TAG in _tags(cell) or MARKER in source(cell) or "nbval-skip" in _tags(cell):
        return False
    for output in cell["outputs"]:
        if output["output_type"] == "stream" and "".join(output["text"]).strip():
            return True
        if output["output_type"] == "error" or set(output.get("data", {})) & set(COMPARED):
            return True
    return False


def compared(nb: Any) -> list[str]:
    """At least half of the code cells print something that a new run is compared with."""
    cells = code_cells(nb)
    count = sum(map(_is_compared, cells))
    if cells and 2 * count >= len(cells):
        return []
    return [f"only {count} of {len(cells)} code cells have an output that is compared"]


def described(nb: Any) -> list[str]:
    """Every figure comes with a sentence: that text is what a new run is compared with."""
    messages = []
    for cell in code_cells(nb):
        for output in cell["outputs"]:
            data = output.get("data", {})
            text = "".join(data.get("text/plain", ""))
            if "image/png" in data and (not text or text.startswith(("<Figure", "<IPython"))):
                messages.append(f"figure without a description: {source(cell)[:50]!r}")
    return messages


def markers(nb: Any) -> list[str]:
    """An ignored output is marked in the one way that works, and the cell says why."""
    messages = []
    for cell in code_cells(nb):
        comments = [line for line in source(cell).splitlines() if line.strip().startswith("#")]
        near = [line for line in comments if re.search(r"nbval|validate_ignore", line, re.I)]
        messages += [f"not exactly {MARKER!r}: {line!r}" for line in near if line != MARKER]
        if "nbval-skip" in _tags(cell):
            messages.append("a cell is skipped (nbval-skip): run it, and ignore its output")
        reasons = [line for line in comments if line not in near and len(line.split()) > 2]
        if (near or TAG in _tags(cell)) and not reasons:
            messages.append(f"an ignored output without a reason: {source(cell)[:50]!r}")
    return messages


def semicolons(nb: Any) -> list[str]:
    """No line ends in a semicolon: nbval runs cells in a way that does not hide their value."""
    lines = [line for cell in code_cells(nb) for line in source(cell).splitlines()]
    return [f"ends in a semicolon: {line!r}" for line in lines if line.rstrip().endswith(";")]


def no_widgets(nb: Any) -> list[str]:
    """No saved state of widgets: it is large, and it differs from run to run."""
    return ["metadata.widgets is saved: `make notebooks`"] if "widgets" in nb["metadata"] else []


def blanked(nb: Any) -> list[str]:
    """What a learner's copy leaves out is one block of 2 to 4 lines a cell; the rest is Python."""
    messages = []
    for cell in filter(blanks.marked, nb["cells"]):
        try:
            compile(blanks.split(source(cell))[0], "cell", "exec")
        except SyntaxError:
            messages.append(f"a cell with a blank is no Python: {source(cell)[:50]!r}")
        except ValueError as problem:
            messages.append(f"{problem}: {source(cell)[:50]!r}")
    return messages


def guesses(nb: Any) -> list[str]:
    """Every guess is revealed once, later, under its key."""
    code = "\n".join(source(cell) for cell in code_cells(nb))
    calls = re.findall(r"\bal\.(guess|reveal)\(\s*[\"']([^\"']+)[\"']", code)
    kinds: dict[str, list[str]] = {}
    for kind, key in calls:
        kinds.setdefault(key, []).append(kind)
    wrong = [key for key, found in kinds.items() if found != ["guess", "reveal"]]
    return [f"not one guess and then one reveal: {key!r}" for key in wrong]


CORE = (
    prose_share,
    words,
    code_length,
    headings,
    alt_text,
    executed,
    compared,
    described,
    markers,
    semicolons,
    no_widgets,
    blanked,
    guesses,
)
REDUCED = (executed, semicolons, no_widgets, guesses)


def notebook(nb: Any, name: str, size: int = 0) -> list[str]:
    """Return the messages of every gate for a notebook of the course."""
    messages = cell_count(nb, least=12 if name.startswith("4.0") else 18)
    messages += [message for gate in CORE for message in gate(nb)]
    return messages + ([f"{size} bytes, more than {MAX_BYTES}"] if size > MAX_BYTES else [])


def solution(nb: Any) -> list[str]:
    """Return the messages of the gates that a solution keeps to."""
    return [message for gate in REDUCED for message in gate(nb)]


_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "download.pytorch" + ".org",
    "anaconda" + ".org",
)
_PLACES = re.compile(
    r"(?<![\w.~/-])/(?:home|root|Users|work|tmp|mnt|opt|usr/local)/[\w.-]+|\b[A-Z]:\\Users\\"
)


def foreign(text: str, allowed: Sequence[str] = ()) -> list[str]:
    """Return the package registries and the absolute paths of a machine that a text names."""
    messages = [f"names a package registry: {host}" for host in _HOSTS if host in text]
    paths = {match.group() for match in _PLACES.finditer(text)} - set(allowed)
    return messages + [f"names a path of one machine: {path}" for path in sorted(paths)]


def text_files(names: Sequence[str], root: Path) -> list[Path]:
    """Return those of the tracked files that are text."""
    paths = [root / name for name in names]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:8000]]
