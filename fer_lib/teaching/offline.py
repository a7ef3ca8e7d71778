"""A folder for a room without network: the course, its packages, and how to install them.

uv finds which packages each system needs, as constraints.txt pins them; pip downloads the wheels.
"""

import io
import subprocess
import sys
import tarfile
from pathlib import Path

from fer_lib import paths
from fer_lib.exceptions import Problem

PYTHONS = ("3.11", "3.12", "3.13")


def _manylinux(machine):
    """The tags of wheels for Linux; the last one stands for the older ones, too."""
    return [f"manylinux_2_{minor}_{machine}" for minor in range(5, 29)] + [
        f"manylinux2014_{machine}"
    ]


# uv's name of each system, and the tags of the wheels that it can install.
SYSTEMS = {
    "linux": ("x86_64-unknown-linux-gnu", _manylinux("x86_64")),
    "linux-arm": ("aarch64-unknown-linux-gnu", _manylinux("aarch64")),
    "mac": ("aarch64-apple-darwin", ["macosx_14_0_arm64"]),
    "windows": ("x86_64-pc-windows-msvc", ["win_amd64"]),
}
README = """The course without network. You need Python {pythons}. In a terminal, in this folder:

Linux and Mac
    python3 -m venv env
    env/bin/pip install --no-index --find-links wheels -c course/constraints.txt -e course

Windows
    py -m venv env
    env\\Scripts\\pip install --no-index --find-links wheels -c course\\constraints.txt -e course

Then open the notebooks:
`env/bin/jupyter lab course` (Windows: `env\\Scripts\\jupyter lab course`).
"""


def this_system():
    """Name the system that this Python runs on, as in `SYSTEMS`."""
    import platform

    if sys.platform == "linux":
        return "linux-arm" if platform.machine() == "aarch64" else "linux"
    return "mac" if sys.platform == "darwin" else "windows"


def this_python():
    """Name this Python's version, as in `PYTHONS`."""
    return "{}.{}".format(*sys.version_info)


def make(folder, systems, pythons):
    """Collect what a room needs to install and run the course without network.

    Args:
        folder: A folder that doesn't exist yet, or is empty.
        systems: Names from `SYSTEMS`.
        pythons: Versions from `PYTHONS`.

    Returns:
        Series of sizes in MB: the course, the wheels that each system and version adds, and all.

    Raises:
        Problem: If the folder isn't empty, if this isn't a clone, if uv is missing, or if a
            download fails.
    """
    import pandas as pd

    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise Problem(f"{folder} isn't empty. Name a new folder.")
    _copy_repository(folder / "course")
    sizes = {"course": _megabytes(folder / "course")}
    for system in systems:
        for python in pythons:
            before = _megabytes(folder / "wheels")
            _download(folder / "wheels", system, python)
            sizes[f"wheels, {system}, Python {python}"] = _megabytes(folder / "wheels") - before
    (folder / "README.txt").write_text(README.format(pythons=" or ".join(pythons)), "utf-8")
    return pd.Series({**sizes, "all": sum(sizes.values())}, name="MB")


def _copy_repository(folder):
    """Copy the files of the last commit."""
    command = ["git", "archive", "--format=tar", "HEAD"]
    archived = subprocess.run(command, cwd=paths.REPOSITORY, capture_output=True)
    if archived.returncode != 0:
        raise Problem(f"{paths.REPOSITORY} isn't a git clone, so its files can't be told apart.")
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _download(folder, system, python):
    """Download the wheels of one system and Python version."""
    name, tags = SYSTEMS[system]
    options = [option for tag in tags for option in ("--platform", tag)]
    _run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        + [*options, "--python-version", python, "--dest", str(folder.resolve())]
        + _requirements(name, python).split()
    )


def _requirements(system, python):
    """The pinned packages of the course, and setuptools, with which pip installs the library."""
    return _run(
        [_uv(), "pip", "compile", "pyproject.toml", "-", "--constraints", "constraints.txt"]
        + ["--python-platform", system, "--python-version", python]
        + [
            "--quiet",
            "--no-header",
            "--no-annotate",
            "--no-emit-index-url",
            "--no-emit-find-links",
        ],
        "setuptools",
    )


def _uv():
    try:
        import uv
    except ImportError as error:
        raise Problem(
            "uv is missing. Run `pip install -c constraints.txt -e '.[teaching]'` and try again."
        ) from error
    return uv.find_uv_bin()


def _run(command, text=""):
    """Run a program in the repository with a text as its input, and return what it prints."""
    options = {"cwd": paths.REPOSITORY, "capture_output": True, "text": True}
    finished = subprocess.run(command, input=text, **options)
    if finished.returncode != 0:
        reason = finished.stderr.strip().splitlines()[-1]
        raise Problem(f"{Path(command[0]).name} failed: {reason} Check the network and try again.")
    return finished.stdout


def _megabytes(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
