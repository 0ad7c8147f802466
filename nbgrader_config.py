"""Settings of nbgrader for teachers; nbgrader reads this file when it is run in this folder."""

from traitlets.config import get_config

c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = "Your answer here."
c.ExecutePreprocessor.timeout = 120
# a submission without one of its cells, or with a cell twice, does not end the run for the others
c.ClearSolutions.enforce_metadata = True
