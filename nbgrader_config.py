"""Settings of nbgrader for teachers; nbgrader reads this file when it is run in this folder."""

c = get_config()  # noqa: F821 given by nbgrader
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
c.ClearSolutions.code_stub = {"python": "..."}
c.ClearSolutions.text_stub = "Your answer here."
c.ExecutePreprocessor.timeout = 120
c.ClearSolutions.enforce_metadata = True
