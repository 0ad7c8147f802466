"""The course keeps to its style gates, and each gate goes red on a small broken example."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import gates

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "solutions").rglob("*.ipynb"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def visible(paths: list[Path]) -> list[Path]:
    return [path for path in paths if ".ipynb_checkpoints" not in path.parts]


@pytest.mark.parametrize("path", visible(NOTEBOOKS), ids=name_of)
def test_notebook(path: Path) -> None:
    assert gates.notebook(read(path), path.name, path.stat().st_size) == []


@pytest.mark.parametrize("path", visible(SOLUTIONS), ids=name_of)
def test_solution(path: Path) -> None:
    assert gates.solution(read(path)) == []


def test_the_gates_found_the_course() -> None:
    assert "notebooks/4.1_autoencoder.ipynb" in {name_of(path) for path in NOTEBOOKS}


def tracked() -> list[str]:
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    if listed.returncode:
        pytest.skip("not a git clone: the list of tracked files is unknown")
    return [name for name in listed.stdout.split("\0") if name]


def test_no_text_file_names_a_registry_or_a_machine() -> None:
    paths = gates.text_files(tracked(), ROOT)
    assert paths
    found = {name_of(path): gates.foreign(path.read_text(encoding="utf-8")) for path in paths}
    assert {name: messages for name, messages in found.items() if messages} == {}


def good() -> Any:
    """A notebook that passes every gate."""
    nb = new_notebook()
    for number in range(1, 10):
        heading = "# Title" if number == 1 else "## A part"
        nb.cells.append(new_markdown_cell(f"{heading}\n\nSome words. ![a curve](curve.png)"))
        output = new_output("stream", name="stdout", text="3\n")
        code = f"print({number})"
        nb.cells.append(new_code_cell(code, execution_count=number, outputs=[output]))
    return nb


def figure(text: str) -> Any:
    return new_output("display_data", data={"image/png": "", "text/plain": text})


def drop_cells(nb: Any) -> None:
    nb.cells = nb.cells[:16]


def set_code(code: str) -> Callable[[Any], None]:
    def change(nb: Any) -> None:
        nb.cells[3]["source"] = code

    return change


def set_all_code(code: str) -> Callable[[Any], None]:
    def change(nb: Any) -> None:
        for cell in nb.cells[1::2]:
            cell["source"] = code

    return change


def set_prose(text: str) -> Callable[[Any], None]:
    def change(nb: Any) -> None:
        nb.cells[2]["source"] = text

    return change


def more_code(nb: Any) -> None:
    extra = new_output("stream", name="stdout", text="1\n")
    for count in range(10, 15):
        nb.cells.append(new_code_cell("1", execution_count=count, outputs=[extra]))


def more_prose(nb: Any) -> None:
    nb.cells += [new_markdown_cell("word")] * 9


def cleared(nb: Any) -> None:
    for cell in nb.cells[1::2]:
        cell["outputs"], cell["execution_count"] = [], None


def one_not_run(nb: Any) -> None:
    nb.cells[5]["execution_count"] = None


def wrong_order(nb: Any) -> None:
    nb.cells[5]["execution_count"] = 99


def raised(nb: Any) -> None:
    nb.cells[5]["outputs"] = [new_output("error", ename="ValueError", evalue="", traceback=[])]


def pictures_only(nb: Any) -> None:
    for cell in nb.cells[1:11:2]:
        cell["outputs"] = [new_output("display_data", data={"image/png": ""})]


def mostly_ignored(nb: Any) -> None:
    for cell in nb.cells[1:11:2]:
        cell["metadata"]["tags"] = [gates.TAG]
        cell["source"] = "# the time differs from run to run\n1"


def tagged(nb: Any) -> None:
    nb.cells[3]["metadata"]["tags"] = [gates.TAG]


def skipped(nb: Any) -> None:
    nb.cells[3]["metadata"]["tags"] = ["nbval-skip"]


def bare_figure(nb: Any) -> None:
    nb.cells[3]["outputs"] = [figure("<Figure size 400x200 with 1 Axes>")]


def widgets(nb: Any) -> None:
    nb.metadata["widgets"] = {"state": {}}


BROKEN: list[tuple[Callable[[Any], None], str]] = [
    (drop_cells, "16 cells"),
    (more_code, "of the cells are prose"),
    (more_prose, "of the cells are prose"),
    (set_prose("## A part\n" + "word " * 3500), "words of prose"),
    (set_code("x = 1\n" * 31), "longest 31 lines"),
    (set_code("x = 1\n" * 16), "90th percentile 16 lines"),
    (set_all_code("x = 1\n" * 6), "median 6 lines"),
    (set_prose("# Another title"), "2 headings of level 1"),
    (set_prose("### Skipped"), "a heading of level 3 follows one of level 1"),
    (set_prose("## A part\n![](curve.png)"), "picture without alt text"),
    (set_prose('## A part\n<img src="curve.png">'), "picture without alt text"),
    (set_prose('## A part\n<img src="curve.png" alt="">'), "picture without alt text"),
    (cleared, "9 code cells were not run"),
    (one_not_run, "1 code cells were not run"),
    (wrong_order, "not run from first to last"),
    (raised, "a cell ends in ValueError"),
    (pictures_only, "only 4 of 9 code cells"),
    (mostly_ignored, "only 4 of 9 code cells"),
    (bare_figure, "figure without a description"),
    (set_code("#NBVAL_IGNORE_OUTPUT\n# the time differs\n1"), "not exactly"),
    (set_code("# NBVAL_IGNORE_OUTPUTS\n# the time differs\n1"), "not exactly"),
    (set_code(f"{gates.MARKER}\n1"), "without a reason"),
    (tagged, "without a reason"),
    (skipped, "a cell is skipped"),
    (set_code("ax.hist(x);"), "ends in a semicolon"),
    (widgets, "metadata.widgets"),
]


def test_a_good_notebook_passes() -> None:
    nb = good()
    nbformat.validate(nb)
    assert gates.notebook(nb, "4.1_good.ipynb") == []
    assert gates.solution(nb) == []


@pytest.mark.parametrize(("change", "message"), BROKEN, ids=[str(n) for n in range(len(BROKEN))])
def test_a_broken_notebook_fails(change: Callable[[Any], None], message: str) -> None:
    nb = good()
    change(nb)
    messages = gates.notebook(nb, "4.1_broken.ipynb")
    assert any(message in found for found in messages), messages


@pytest.mark.parametrize("change", [cleared, set_code("x;"), widgets])
def test_a_broken_solution_fails(change: Callable[[Any], None]) -> None:
    nb = good()
    change(nb)
    assert gates.solution(nb)


GUESS, REVEAL = 'al.guess(\n    "key", "Larger?", ["yes", "no"],\n)\n', "al.reveal('key', 'yes')\n"


@pytest.mark.parametrize("code", [GUESS, REVEAL, REVEAL + GUESS, GUESS + REVEAL + REVEAL])
def test_a_guess_is_revealed_once_and_later(code: str) -> None:
    nb = good()
    set_code(code)(nb)
    (message,) = gates.guesses(nb)
    assert "'key'" in message
    assert message in gates.notebook(nb, "4.1_broken.ipynb")
    assert message in gates.solution(nb)


def test_a_guess_and_its_reveal_pass() -> None:
    nb = good()
    set_code(GUESS + REVEAL)(nb)
    assert gates.guesses(nb) == []


def test_a_heading_inside_a_code_block_is_no_heading() -> None:
    nb = good()
    set_prose("## A part\n```python\n# a comment\n```")(nb)
    assert gates.headings(nb) == []


def test_the_first_notebook_may_be_shorter() -> None:
    nb = good()
    drop_cells(nb)
    assert gates.notebook(nb, "4.0_start_here.ipynb") == []
    nb.cells = nb.cells[:10]
    assert gates.notebook(nb, "4.0_start_here.ipynb") == ["10 cells, not 12 to 60"]


def test_a_notebook_may_not_be_huge() -> None:
    assert gates.notebook(good(), "4.1_good.ipynb", gates.MAX_BYTES) == []
    assert gates.notebook(good(), "4.1_good.ipynb", gates.MAX_BYTES + 1)


def test_an_ignored_output_with_its_reason_passes() -> None:
    nb = good()
    set_code(f"{gates.MARKER}\n# the seconds differ from run to run\n1")(nb)
    assert gates.notebook(nb, "4.1_good.ipynb") == []


def test_an_expected_error_passes() -> None:
    nb = good()
    raised(nb)
    nb.cells[5]["metadata"]["tags"] = ["raises-exception"]
    assert gates.executed(nb) == []


def test_gates_leave_the_notebook_as_it_is() -> None:
    nb = good()
    before = copy.deepcopy(nb)
    gates.notebook(nb, "4.1_good.ipynb")
    assert nb == before


@pytest.mark.parametrize(
    "text",
    [
        "pip install --index-url https://" + "pypi" + ".org/simple x",
        "see https://download." + "pytorch.org/whl/cpu",
        'open("/' + 'home/ada/course/x.csv")',
        "in /" + "Users/ada/course",
        "in C:\\" + "Users\\ada",
        "left in /" + "tmp/run-7",
    ],
)
def test_a_foreign_text_fails(text: str) -> None:
    assert len(gates.foreign(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "#!/usr/bin/env bash",
        "see docs/home/index.md",
        "at 2/3 of /dev/null",
        "https://x.org/work/a",
    ],
)
def test_an_ordinary_text_passes(text: str) -> None:
    assert gates.foreign(text) == []


def test_binary_files_are_not_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0\0")
    (tmp_path / "b.txt").write_bytes("ü".encode())
    assert gates.text_files(["a.png", "b.txt", "gone.txt"], tmp_path) == [tmp_path / "b.txt"]
