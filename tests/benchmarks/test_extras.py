"""The measurements in a browser need packages of the extra `test`."""

import subprocess
import sys

import pytest

COMMANDS = (["bench", "live-view", "1"], ["bench", "recorder", "1"], ["bench", "website"])
RUN_WITHOUT = """
import sys
sys.modules[{missing!r}] = None  # as if it weren't installed
from fer_lib import cli
assert all(cli.main(command) == 1 for command in {commands!r})
"""


@pytest.mark.parametrize("missing", ["playwright", "psutil"])
def test_a_missing_package_is_one_line_that_says_how_to_install_it(missing):
    code = RUN_WITHOUT.format(missing=missing, commands=COMMANDS)
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    lines = finished.stderr.splitlines()
    assert len(lines) == len(COMMANDS)
    for line in lines:
        assert line.startswith(f"fer: The package {missing}") and "pip install" in line
