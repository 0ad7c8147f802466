"""Settings of nbgrader for teachers; nbgrader reads this file when it is run in this folder."""

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)

c = get_config()  # noqa: F821 given by nbgrader
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = "Your answer here."
c.ExecutePreprocessor.timeout = 120
c.ClearSolutions.enforce_metadata = True


class ForgetCopies(NbGraderPreprocessor):
    """A student who copies an answer cell must not end the run for everyone after.

    nbgrader empties what it knows about all copies but the last, and then takes the empty
    metadata for those of an old version.
    """

    def preprocess_cell(self, cell, resources, index):
        """Drop empty metadata."""
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
        return cell, resources


c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DeduplicateIds,
    ForgetCopies,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
