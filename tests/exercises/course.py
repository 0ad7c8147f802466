"""Hand answers in and have them graded by stock nbgrader, in a temporary course."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from tools.exercises import ROOT, config, release

ASSIGNMENT, NOTEBOOK = "4.1_autoencoder", "4.1_exercises"
CELL = {"4.1-budget": "budget-answer", "4.1-leak": "leak-answer"}


def source_cells() -> dict[str, str]:
    """The source of every cell of the solutions, by id."""
    path = ROOT / "solutions" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    return {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}


class Course:
    """A course folder with the assignment released and a gradebook."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT / "solutions", folder / "solutions")
        self.released = release(folder) / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        settings = config(folder)
        settings.ClearSolutions.enforce_metadata = True
        self.api = NbGraderAPI(config=settings)
        self.api.log.setLevel(logging.ERROR)

    def grade(self, student: str, answers: Mapping[str, str]) -> dict[str, float]:
        """Points by cell for a student who handed in these cells (by grade_id)."""
        nb = nbformat.read(self.released, as_version=4)
        for cell in nb.cells:
            cell.source = answers.get(
                cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source
            )
        target = self.folder / "submitted" / student / ASSIGNMENT
        target.mkdir(parents=True)
        nbformat.write(nb, target / f"{NOTEBOOK}.ipynb")
        result = self.api.autograde(ASSIGNMENT, student, create=True, force=True)
        assert result["success"], result["log"]
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as book:
            submission = book.find_submission_notebook(NOTEBOOK, ASSIGNMENT, student)
            return {grade.name: grade.auto_score for grade in submission.grades}

    def errors(self, student: str) -> list[str]:
        """What went wrong while the student's notebook ran from top to bottom."""
        path = self.folder / "autograded" / student / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        outputs = [o for c in nbformat.read(path, 4).cells for o in c.get("outputs", [])]
        return [str(o) for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
