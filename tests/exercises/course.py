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
        self.api = NbGraderAPI(config=settings)
        self.api.log.setLevel(logging.ERROR)

    def hand_in(
        self, student: str, answers: Mapping[str, str], train: bool = True, twice: bool = False
    ) -> None:
        """Put the notebook with these cells (by grade_id) where nbgrader collects it.

        Without `train` the cells that carry no points and train networks are left out; with
        `twice` each of these cells is followed by a copy of it.
        """
        nb = nbformat.read(self.released, as_version=4)
        nb.cells = [c for c in nb.cells if train or not self._trains(c)]
        for cell in nb.cells:
            cell.source = answers.get(mark(cell).get("grade_id", ""), cell.source)
        for cell in list(nb.cells) if twice else ():
            if mark(cell).get("grade_id") in answers:
                copied = nbformat.from_dict({**cell, "id": f"{cell.id}-copied"})
                nb.cells.insert(nb.cells.index(cell) + 1, copied)
        target = self.folder / "submitted" / student / self.assignment
        target.mkdir(parents=True)
        nbformat.write(nb, target / f"{self.file}.ipynb")

    def grade(self) -> dict[str, dict[str, float]]:
        """Grade everyone in one run; return the points by student and cell."""
        result = self.api.autograde(self.assignment, "*", create=True, force=True)
        assert result["success"], result["log"]
        with Gradebook(f"sqlite:///{self.folder / 'gradebook.db'}") as book:
            submissions = book.assignment_submissions(self.assignment)
            assert all(submission.max_score == 10 for submission in submissions)
            return {
                submission.student.id: {
                    g.name: g.auto_score for g in submission.notebooks[0].grades
                }
                for submission in submissions
            }

    @staticmethod
    def _trains(cell: nbformat.NotebookNode) -> bool:
        return "nbgrader" not in cell.metadata and "al.fit(" in cell.source

    def errors(self, student: str) -> list[str]:
        """What went wrong while the student's notebook ran from top to bottom."""
        path = self.folder / "autograded" / student / self.assignment / f"{self.file}.ipynb"
        outputs = [o for c in nbformat.read(path, 4).cells for o in c.get("outputs", [])]
        return [str(o) for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
