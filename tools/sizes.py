"""How large the course's code is: statements by room, without imports and docstrings.

``python -m tools.sizes`` prints them and fails if a room is over its budget. Statements, not
lines, so that nobody saves explanations.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# for the finished course
BUDGETS = {"library": 2400, "explore": 650, "classroom": 896}


def statements(text: str) -> int:
    """Count the statements of a module that are neither imports nor docstrings."""
    return sum(
        isinstance(node, ast.stmt) and not isinstance(node, ast.Import | ast.ImportFrom)
        for node in ast.walk(ast.parse(text))
    ) - sum(
        ast.get_docstring(node, clean=False) is not None
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    )


def rooms(package: Path = ROOT / "anomalylab") -> dict[str, int]:
    """Statements of the explorers, of the classroom, and of the library proper."""
    counts = dict.fromkeys(BUDGETS, 0)
    for path in sorted(package.rglob("*.py")):
        folder = path.relative_to(package).parts[0]
        counts[folder if folder in counts else "library"] += statements(
            path.read_text(encoding="utf-8")
        )
    return counts


def main() -> int:
    """Print every room; return 1 if one is over its budget."""
    counts = rooms()
    for room, count in counts.items():
        over = " OVER" if count > BUDGETS[room] else ""
        print(f"{room:<10} {count:>5} statements of {BUDGETS[room]}{over}")
    return int(any(count > BUDGETS[room] for room, count in counts.items()))


if __name__ == "__main__":
    sys.exit(main())
