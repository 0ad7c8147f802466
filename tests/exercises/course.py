"""Hand answers in and have them graded by stock nbgrader, in a temporary course."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI

from tests.exercises.grading import assignment, file, mark
from tools.exercises import ROOT, config, release


class Course:
    """A course folder with one section's assignment released, and a gradebook."""

    def __init__(self, folder: Path, section: str) -> None:
        self.folder, self.section = folder, section
        self.assignment, self.file = assignment(section), file(section)
        shutil.copytree(
            ROOT / "solutions" / self.assignment, folder / "solutions" / self.assignment
        )
        self.released = release(folder) / self.assignment / f"{self.file}.ipynb"
        settings = config(folder)
        settings.ClearSolutions.enforce_metadata = True
        self.api = NbGraderAPI(config=settings)
        self.api.log.setLevel(logging.ERROR)

    def grade(
        self, student: str, answers: Mapping[str, str], train: bool = True
    ) -> dict[str, float]:
        """Points by cell for a student who handed in these cells (by grade_id).

        Without `train` the cells that carry no points and train networks are left out.
        """
        nb = nbformat.read(self.released, as_version=4)
        nb.cells = [c for c in nb.cells if train or not self._trains(c)]
        for cell in nb.cells:
            cell.source = answers.get(mark(cell).get("grade_id", ""), cell.source)
        target = self.folder / "submitted" / student / self.assignment
        target.mkdir(parents=True)
        nbformat.write(nb, target / f"{self.file}.ipynb")
        result = self.api.autograde(self.assignment, student, create=True, force=True)
        assert result["success"], result["log"]
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as book:
            submission = book.find_submission_notebook(self.file, self.assignment, student)
            assert submission.max_score == 10
            return {grade.name: grade.auto_score for grade in submission.grades}

    @staticmethod
    def _trains(cell: nbformat.NotebookNode) -> bool:
        return "nbgrader" not in cell.metadata and "al.fit(" in cell.source

    def errors(self, student: str) -> list[str]:
        """What went wrong while the student's notebook ran from top to bottom."""
        path = self.folder / "autograded" / student / self.assignment / f"{self.file}.ipynb"
        outputs = [o for c in nbformat.read(path, 4).cells for o in c.get("outputs", [])]
        return [str(o) for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
