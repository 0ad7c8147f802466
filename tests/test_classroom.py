"""Predictions: saved at once, compared later, never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

import anomalylab as al
from anomalylab.classroom.predict import FILE


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_choice_is_saved_and_compared(capsys: pytest.CaptureFixture[str]) -> None:
    question = al.predict("key", "Larger?", ["yes", "no"])
    al.compare("key", "yes")
    question.set("no")
    al.compare("key", "yes")
    question.set("yes")
    al.compare("key", "yes")
    assert capsys.readouterr().out.splitlines() == [
        "Measured: yes. (You saved no prediction.)",
        "Measured: yes. You predicted: no. Why was it different?",
        "Measured: yes. You predicted it.",
    ]
    assert "Saved: yes" in question.children[2].value
    assert "Saved earlier: yes" in al.predict("key", "Larger?", ["yes", "no"]).children[2].value


def test_text_form_does_not_depend_on_the_choice() -> None:
    question = al.predict("key", "Larger?", ["yes", "no"])
    before = repr(question)
    assert before == repr(question.set("no")) == "Prediction: Larger? Options: yes; no."
    assert question._repr_mimebundle_()["text/plain"] == before


def test_damaged_file_counts_as_empty() -> None:
    Path(FILE).write_text("{", encoding="utf-8")
    al.predict("key", "Larger?", ["yes", "no"]).set("no")
    assert '"key": "no"' in Path(FILE).read_text(encoding="utf-8")


def test_unknown_option_is_refused() -> None:
    with pytest.raises(ValueError, match="'maybe' is not among the options: yes, no"):
        al.predict("key", "Larger?", ["yes", "no"]).set("maybe")


def test_unwritable_folder_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("os.replace", refuse)
    question = al.predict("key", "Larger?", ["yes", "no"]).set("no")
    assert "Could not save here (read-only)" in question.children[2].value
