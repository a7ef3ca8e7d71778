"""The folder for a room without network: made of the last commit, and enough to install from."""

import os
import subprocess
import sys

import pytest

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.teaching import offline

RUN = """
import nbformat
from nbclient import NotebookClient
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
    "from fer_lib import data, models\\n"
    "classify = models.load(models.shipped.FLOAT16)\\n"
    "print(classify(data.load_synthetic_faces(7).images).shape)"
)])
NotebookClient(notebook, extra_arguments=["--log-level=ERROR"]).execute()
print(notebook.cells[0].outputs[0]["text"])
"""


def test_a_folder_with_files_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").touch()
    with pytest.raises(Problem, match="isn't empty. Name a new folder"):
        offline.make(tmp_path, ["linux"], ["3.12"])


def test_a_copy_without_git_is_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "REPOSITORY", tmp_path)
    with pytest.raises(Problem, match="isn't a git clone"):
        offline.make(tmp_path / "room", ["linux"], ["3.12"])


def test_missing_uv_is_explained(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "uv", None)
    with pytest.raises(Problem, match="uv is missing. Run `pip install"):
        offline.make(tmp_path / "room", ["linux"], ["3.12"])


def test_this_computer_can_be_named():
    assert offline.this_system() in offline.SYSTEMS
    assert offline.this_python() in offline.PYTHONS


@pytest.mark.slow
def test_the_folder_installs_without_network_and_runs_a_notebook(request, tmp_path):
    if not request.config.getoption("network"):
        pytest.skip("downloads a gigabyte; run it with --network")
    pytest.importorskip("uv")
    room = tmp_path / "room"
    sizes = offline.make(room, [offline.this_system()], [offline.this_python()])
    assert sizes["all"] == pytest.approx(sizes.drop("all").sum())
    lines = (room / "README.txt").read_text(encoding="utf-8").splitlines()
    start = lines.index("Windows" if os.name == "nt" else "Linux and Mac")
    for command in lines[start + 1 : start + 3]:
        shell(command, room)
    python = room / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    printed = subprocess.run(
        [python, "-c", RUN], capture_output=True, text=True, env=clean(), check=True
    )
    assert printed.stdout.strip() == "(7, 7)"


def shell(command, folder):
    """Run a line of the README as a user would."""
    finished = subprocess.run(
        command, shell=True, cwd=folder, env=clean(), capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr


def clean():
    """The environment without what points to other packages."""
    own = {"JUPYTER_PREFER_ENV_PATH": "1", "PIP_CONFIG_FILE": os.devnull}
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))
    }
    return kept | own
