"""A JupyterLab server of the tests' own, and the ways in which a test uses a notebook in it.

Nothing of the user's is read or written: settings, kernels' files and caches lie in a new folder.
"""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat

START = 120  # seconds for what takes ten on an idle computer
SETTINGS = {  # without them a question about news lies over the page
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}
}


class JupyterLab:
    """A running server: its address, its folder of notebooks and its REST API."""

    def __init__(self, folder, port, token):
        self.folder, self.port, self.token = folder, port, token

    def call(self, method, path):
        """The answer of the REST API, from JSON; None for an empty one."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def write(self, name, *cells):
        """Write a notebook of these code cells."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.folder / name)

    def open(self, page, name, host="127.0.0.1"):
        """Open a notebook and wait for its kernel."""
        page.goto(f"http://{host}:{self.port}/lab/tree/{name}?reset&token={self.token}")
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=1000 * START)
        page.evaluate(
            """async () => {
                const notebook = jupyterapp.shell.currentWidget;
                await notebook.revealed;
                await notebook.sessionContext.ready;
                await notebook.sessionContext.session.kernel.info;
            }"""
        )

    def run(self, page, cell):
        """Run a cell of the open notebook, by its index, and wait until it is done."""
        page.evaluate(
            """async (index) => {
                jupyterapp.shell.currentWidget.content.activeCellIndex = index;
                await jupyterapp.commands.execute("notebook:run-cell");
            }""",
            cell,
        )

    def kernel(self, name):
        """The identity of a notebook's kernel."""
        sessions = self.call("GET", "sessions")
        return next(each["kernel"]["id"] for each in sessions if each["path"] == name)


@contextlib.contextmanager
def jupyterlab(folder):
    """Run a server on a free port, with its own settings and no user's; yields a JupyterLab."""
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = JupyterLab(notebooks, port, secrets.token_hex(16))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={notebooks}", f"--IdentityProvider.token={server.token}"),
        "--ServerApp.allow_remote_access=True",  # by a name that is not localhost, all the same
        "--LabApp.expose_app_in_browser=True",
    ]
    with open(folder / "jupyterlab.log", "wb") as log:
        process = subprocess.Popen(command, env=_environment(folder), stdout=log, stderr=log)
    try:
        _wait(server, process, folder / "jupyterlab.log")
        yield server
    finally:
        process.terminate()  # it ends its kernels, too
        process.wait(30)


def _environment(folder):
    settings = folder / "settings"
    for name, values in SETTINGS.items():
        path = settings / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))
    own = {
        "HOME": folder,
        "FER_CACHE": folder / "cache",
        "IPYTHONDIR": folder / "ipython",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": settings,
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
    }
    kept = {name: value for name, value in os.environ.items() if name != "FER_YUNET"}
    return kept | {name: str(path) for name, path in own.items()}


def _wait(server, process, log):
    deadline = time.monotonic() + START
    while True:
        try:
            return server.call("GET", "status")
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                text = Path(log).read_text(errors="replace")
                raise RuntimeError(f"JupyterLab did not start:\n{text}") from error
            time.sleep(0.2)
