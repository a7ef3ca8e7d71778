"""A class on one computer: a learner logs in to JupyterHub and runs notebook 01 in a browser."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

from fer_lib import paths

CONFIG = paths.REPOSITORY / "teaching" / "jupyterhub_config.py"
PROXY = paths.REPOSITORY / "node_modules" / ".bin" / "configurable-http-proxy"
PASSWORD = "one-for-the-class"
# Cells that are run before the kernel is known are never executed.
RUN_AND_SAVE = """async () => {
    const { context, sessionContext } = jupyterapp.shell.currentWidget;
    await sessionContext.ready;
    await sessionContext.session.kernel.info;
    await jupyterapp.commands.execute("notebook:run-all-cells");
    await context.save();
}"""
PATIENCE = 400  # seconds for what takes fifty on an idle computer


def free_ports(count):
    with contextlib.ExitStack() as stack:
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
        return [stack.enter_context(each).getsockname()[1] for each in listeners]


@pytest.fixture
def hub(tmp_path):
    """The address of a JupyterHub with the course's configuration."""
    pytest.importorskip("jupyterhub")
    if not PROXY.exists():
        pytest.skip("needs configurable-http-proxy (npm install)")
    page, proxy, inner = free_ports(3)
    address = f"http://127.0.0.1:{page}"
    command = [
        sys.executable,
        "-m",
        "jupyterhub",
        "-f",
        str(CONFIG),
        f"--JupyterHub.hub_port={inner}",
    ]
    command += [f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy}"]
    own = {"CLASS_FOLDER": str(tmp_path / "class"), "CLASS_ADDRESS": address}
    environment = os.environ | own | {"CLASS_PASSWORD": PASSWORD}
    with open(tmp_path / "hub.log", "wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait(f"{address}/hub/health", process)
        yield address
    finally:
        process.terminate()  # it ends the proxy and the learners' servers, too
        process.wait(60)


def wait(address, process):
    """Wait until something answers there."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return urllib.request.urlopen(address, timeout=10).close()
        except OSError:
            time.sleep(0.2)
    pytest.fail("JupyterHub did not start")


def clear(notebook):
    """Write a copy of a committed notebook without what its cells printed."""
    content = nbformat.read(paths.NOTEBOOKS / notebook.name, as_version=4)
    for cell in content.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.parent.mkdir(parents=True)
    nbformat.write(content, notebook)


def expose_lab(home):
    """Let the test reach JupyterLab's commands in the learner's browser."""
    config = home / ".jupyter" / "jupyter_lab_config.json"
    config.parent.mkdir()
    config.write_text(json.dumps({"LabApp": {"expose_app_in_browser": True}}))


@pytest.mark.slow
def test_a_learner_logs_in_and_runs_notebook_01(hub, chromium, tmp_path):
    notebook = tmp_path / "class" / "ada" / "notebooks" / "01_data_exploration.ipynb"
    clear(notebook)
    expose_lab(tmp_path / "class" / "ada")
    with chromium() as context:
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(f"{hub}/hub/login?next=/hub/user-redirect/lab/tree/{notebook.name}")
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for()
        page.evaluate(RUN_AND_SAVE)
    cells = [
        cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"
    ]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert outputs and all(output.output_type != "error" for output in outputs)
    assert (notebook.parent / "02_transfer_learning.ipynb").exists(), "the others were copied"
