"""Guesses: saved at once, set beside what came out, and a winner only where the runs show one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import anomalylab as al
from anomalylab.classroom.guess import CLOSE, FILE, outcome


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_choice_is_saved_and_compared(capsys: pytest.CaptureFixture[str]) -> None:
    question = al.guess("key", "Larger?", ["yes", "no"])
    al.reveal("key", "yes")
    question.set("no")
    al.reveal("key", "yes")
    question.set("yes")
    al.reveal("key", "yes")
    assert capsys.readouterr().out.splitlines() == [
        "Measured: yes. (You saved no guess.)",
        "Measured: yes.",
        "You guessed: no. Why was it different?",
        "Measured: yes. You guessed it.",
    ]
    assert "Saved: yes" in question.children[2].value
    assert "Saved earlier: yes" in al.guess("key", "Larger?", ["yes", "no"]).children[2].value


def test_question_and_options_are_text_not_html() -> None:
    options = ["x < y & y > z", "<script>"]
    question = al.guess("key", "Is x <b> y & z?", options)
    assert question.children[0].value == "<b>Is x &lt;b&gt; y &amp; z?</b>"
    assert question.children[1].options == tuple(options)  # ipywidgets escapes these by itself
    question.set(options[0])
    assert "Saved: x &lt; y &amp; y &gt; z." in question.children[2].value
    again = al.guess("key", "Is x <b> y & z?", options)
    assert "Saved earlier: x &lt; y &amp; y &gt; z." in again.children[2].value
    assert repr(again) == "Guess: Is x <b> y & z? Options: x < y & y > z; <script>."


def test_a_remark_is_text_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("<read-only>")

    monkeypatch.setattr("os.replace", refuse)
    question = al.guess("key", "Larger?", ["yes", "no"]).set("no")
    assert "(&lt;read-only&gt;)" in question.children[2].value
    Path(FILE).write_text("{", encoding="utf-8")
    note = al.guess("key", "Larger?", ["yes", "no"]).children[2].value
    assert "(&lt;read-only&gt;)" in note


def test_text_form_does_not_depend_on_the_choice() -> None:
    question = al.guess("key", "Larger?", ["yes", "no"])
    before = repr(question)
    assert before == repr(question.set("no")) == "Guess: Larger? Options: yes; no."
    assert question._repr_mimebundle_()["text/plain"] == before


@pytest.mark.parametrize("damage", [b"{", b"[1, 2]", b"\xff\xfe{}", b""])
def test_damaged_file_is_kept_and_reported(damage: bytes) -> None:
    Path(FILE).write_bytes(damage)
    question = al.guess("key", "Larger?", ["yes", "no"])
    assert "damaged: it is kept as predictions.damaged.json" in question.children[2].value
    assert Path("predictions.damaged.json").read_bytes() == damage
    question.set("no")
    assert '"key": "no"' in Path(FILE).read_text(encoding="utf-8")
    Path(FILE).write_bytes(damage)
    question.set("yes")
    assert "kept as predictions.damaged-2.json" in question.children[2].value
    assert "Saved: yes" in question.children[2].value
    assert Path("predictions.damaged.json").read_bytes() == damage


def test_damaged_file_is_reported_by_reveal(capsys: pytest.CaptureFixture[str]) -> None:
    Path(FILE).write_text("{", encoding="utf-8")
    al.reveal("key", "yes")
    assert "kept as predictions.damaged.json" in capsys.readouterr().out
    assert Path("predictions.damaged.json").exists()


def test_unknown_option_is_refused() -> None:
    with pytest.raises(ValueError, match="'maybe' is not among the options: yes, no"):
        al.guess("key", "Larger?", ["yes", "no"]).set("maybe")


def test_unwritable_folder_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("os.replace", refuse)
    question = al.guess("key", "Larger?", ["yes", "no"]).set("no")
    assert "Could not save here (read-only)" in question.children[2].value
    Path(FILE).write_text("{", encoding="utf-8")
    note = al.guess("key", "Larger?", ["yes", "no"]).children[2].value
    assert "could not be moved away (read-only)" in note and Path(FILE).read_text() == "{"


def test_what_was_saved_before_the_quiz_had_its_new_name_still_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("predictions.json").write_text('{"key": "yes"}', encoding="utf-8")
    assert "Saved earlier: yes" in al.guess("key", "Larger?", ["yes", "no"]).children[2].value
    al.reveal("key", "yes")
    assert capsys.readouterr().out == "Measured: yes. You guessed it.\n"


def test_a_clear_lead_over_the_runs_wins(capsys: pytest.CaptureFixture[str]) -> None:
    al.guess("key", "Which?", ["kNN", "PCA", CLOSE]).set("PCA")
    al.reveal("key", {"PCA": [0.90, 0.88, 0.92], "kNN": [0.96, 0.95, 0.97], "random": [0.5] * 3})
    assert capsys.readouterr().out == (
        "Measured: kNN. Means of 3: kNN 0.96, PCA 0.9, random 0.5.\n"
        "You guessed: PCA. Why was it different?\n"
    )


def test_a_lead_that_chance_can_make_is_too_close_to_call(
    capsys: pytest.CaptureFixture[str],
) -> None:
    question = al.guess("key", "Which?", ["a", "b", CLOSE]).set("a")
    close = {"a": [0.90, 0.92, 0.94], "b": [0.91, 0.90, 0.89], "c": [0.1, 0.2, 0.3]}
    numbers = "Means of 3: a 0.92, b 0.9, c 0.2. a leads b by 0.02; chance alone can make 0.075."
    al.reveal("key", close)
    question.set(CLOSE)
    al.reveal("key", close)
    assert capsys.readouterr().out.splitlines() == [
        f"Measured: {CLOSE}. {numbers}",
        "You guessed: a. These runs cannot tell.",
        f"Measured: {CLOSE}. {numbers} You guessed it.",
    ]


def test_what_differs_between_seeds_alone_does_not_hide_a_lead() -> None:
    seeds = np.array([0.5, 0.7, 0.9])
    assert outcome({"b": list(seeds), "a": list(seeds + [0.02, 0.021, 0.019])})[0] == "a"
    assert outcome({"b": list(seeds), "a": list(seeds[::-1] + 0.02)})[0] == CLOSE


@pytest.mark.parametrize("runs", [2, 3, 5])
def test_among_equals_a_winner_is_rarely_named(runs: int) -> None:
    draw = np.random.default_rng(runs)
    named = [
        outcome({"a": list(draw.normal(size=runs)), "b": list(draw.normal(size=runs))})[0] != CLOSE
        for _ in range(600)
    ]
    assert 0.02 < np.mean(named) < 0.08


def test_equal_runs_are_too_close() -> None:
    assert outcome({"a": [1.0, 1.0], "b": [1.0, 1.0]})[0] == CLOSE
    assert outcome({"a": [1.0, 1.0], "b": [2.0, 2.0]})[0] == "b"


@pytest.mark.parametrize(
    ("runs", "problem"),
    [
        ({}, "two options or more"),
        ({"a": [1, 2]}, "two options or more"),
        ({"a": [1], "b": [2]}, "two seeds or more"),
        ({"a": [1, 2], "b": [1, 2, 3]}, "the same two seeds"),
        ({"a": [1, np.nan], "b": [1, 2]}, "finite values"),
    ],
)
def test_runs_that_cannot_be_compared_are_refused(
    runs: dict[str, list[float]], problem: str
) -> None:
    with pytest.raises(ValueError, match=problem):
        al.reveal("key", runs)


def test_rounding_is_no_lead_and_no_number_is_rounded_away() -> None:
    assert outcome({"A": [0.3] * 3, "B": [0.1 + 0.2] * 3})[0] == CLOSE
    winner, numbers = outcome({"A": [14311, 14312, 14313], "B": [14400, 14390, 14401]})
    assert winner == "B" and numbers == "Means of 3: B 14397, A 14312."


def test_guesses_that_cannot_be_read_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / FILE).write_text('{"a": "x"}', encoding="utf-8")

    def locked(*_: object, **__: object) -> str:
        raise PermissionError("locked")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", locked)
        al.guess("q", "?", ["A", "B"])
    assert [p.read_text(encoding="utf-8") for p in tmp_path.glob("predictions.damaged*")] == [
        '{"a": "x"}'
    ]


@pytest.mark.parametrize(("value", "option"), [(0.02, "low"), (0.5, "middle"), (0.93, "high")])
def test_a_number_stands_for_the_last_option_it_reaches(
    value: float, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    al.reveal("test-number", np.float64(value), {"low": 0, "middle": 0.5, "high": 0.7})
    assert capsys.readouterr().out.startswith(f"Measured: {option}. ")
