"""Settings of nbgrader, which makes the student versions and grades; see README.md."""

from traitlets.config import get_config

c = get_config()
c.CourseDirectory.course_id = "fer"
c.Execute.timeout = 120  # seconds per cell
# Kernels warn that they talk over this computer's own network without encryption.
c.Execute.extra_arguments = ["--log-level=ERROR"]
