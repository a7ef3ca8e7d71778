"""Settings of nbgrader, which makes the student versions and grades; see README.md."""

from traitlets.config import get_config

c = get_config()
c.CourseDirectory.course_id = "fer"
c.Execute.timeout = 120  # seconds per cell
# Kernels warn that they talk over this computer's own network without encryption.
c.Execute.extra_arguments = ["--log-level=ERROR"]
# The files to collect are named STUDENT_EXERCISE.ipynb, e.g. ana_03_evaluation.ipynb.
c.FileNameCollectorPlugin.named_regexp = r".*[/\\](?P<student_id>[^/\\]+?)_(?P<file_id>\d\d_\w+)"
