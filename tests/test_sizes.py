"""The size gate: what it counts, and that it goes red."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import sizes


def test_statements_are_neither_imports_nor_docstrings() -> None:
    text = (
        '"""A module."""\nimport os\n\n\ndef f() -> int:\n    """Say."""\n    x = 1\n    return x\n'
    )
    assert sizes.statements(text) == 3
    assert sizes.statements(text + "\n# a comment\n" * 50) == 3


def test_a_room_over_its_budget_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "explore").mkdir()
    (tmp_path / "explore" / "a.py").write_text("x = 1\n" * 5, encoding="utf-8")
    (tmp_path / "b.py").write_text("x = 1\n" * 3, encoding="utf-8")
    assert sizes.rooms(tmp_path) == {"library": 3, "explore": 5, "classroom": 0}
    counts = sizes.rooms(tmp_path)
    monkeypatch.setattr(sizes, "rooms", lambda: counts)
    for budget, code in ((5, 0), (4, 1)):
        monkeypatch.setattr(sizes, "BUDGETS", {"library": 9, "explore": budget, "classroom": 9})
        assert sizes.main() == code
    assert "explore        5 statements of 4 OVER" in capsys.readouterr().out
