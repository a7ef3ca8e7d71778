"""A JupyterLab server with a notebook in it, for measurements and for tests in a browser.

It neither reads nor writes anything of the user's: settings, kernels' files, and caches are in a
new folder. The server has Voilà, too, at `/voila/render/` plus a notebook's name.
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

import nbformat

PATIENCE = 120  # seconds for what takes ten on an idle computer
SETTINGS = {  # without them a question about news lies over the page
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}
}


class JupyterLab:
    """A running server.

    Attributes:
        folder: `Path` of the folder that holds its notebooks.
        port: The port on which it listens.
        token: What a client needs to be let in.
    """

    def __init__(self, folder, port, token):
        self.folder, self.port, self.token = folder, port, token

    def address(self, path, host="127.0.0.1"):
        """Return the address of a page, with the token in it."""
        return f"http://{host}:{self.port}/{path}?token={self.token}"

    def call(self, method, path, body=None):
        """Call the REST API.

        Args:
            method: `"GET"`, `"POST"`, or `"DELETE"`.
            path: The address after `api/`.
            body: What to send, as JSON.

        Returns:
            The response, from JSON. None if it is empty.
        """
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address(f"api/{path}"), content, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            content = response.read()
        return json.loads(content) if content else None

    def write(self, name, *cells):
        """Write a notebook.

        Args:
            name: Its file name.
            *cells: The source of each code cell.

        Returns:
            The name.
        """
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.folder / name)
        return name

    def start(self, name):
        """Start the kernel of a notebook, without a browser.

        Args:
            name: The notebook's file name.

        Returns:
            The session, as the REST API describes it.
        """
        kind = {"type": "notebook", "kernel": {"name": "python3"}}
        return self.call("POST", "sessions", {"path": name, "name": name, **kind})

    def client(self, session):
        """Connect to a session's kernel.

        Args:
            session: What `start` returns.

        Returns:
            A `jupyter_client.BlockingKernelClient` of a kernel that is ready.
        """
        from jupyter_client import BlockingKernelClient

        file = self.folder.parent / "runtime" / f"kernel-{session['kernel']['id']}.json"
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels(hb=False)  # on a busy computer a living kernel may miss its beat
        client.wait_for_ready(PATIENCE)
        return client

    def open(self, page, name, host="127.0.0.1"):
        """Open a notebook, and wait until its kernel runs.

        Args:
            page: A Playwright `Page`, new or with JupyterLab in it. Loading that takes longer than
                opening a notebook in it.
            name: The notebook's file name.
            host: The name by which the browser reaches the server, for a new page.

        Returns:
            The `Notebook`.
        """
        if page.evaluate("'jupyterapp' in window"):
            open_path = "jupyterapp.commands.execute('docmanager:open', { path })"
            page.evaluate(f"async (path) => {{ await {open_path}; }}", name)
        else:
            # Without the reset it would open the previous page's notebooks, too.
            page.goto(self.address(f"lab/tree/{name}", host) + "&reset")
        page.locator(".jp-NotebookPanel .jp-Cell").first.wait_for(timeout=1000 * PATIENCE)
        # Cells that are run before this are never executed.
        page.evaluate(
            """async () => {
                const { sessionContext } = jupyterapp.shell.currentWidget;
                await sessionContext.ready;
                await sessionContext.session.kernel.info;
            }"""
        )
        return Notebook(self, page, name)


class Notebook:
    """A notebook open in JupyterLab.

    Attributes:
        server: The `JupyterLab`.
        page: The Playwright `Page`.
        name: The notebook's file name.
    """

    def __init__(self, server, page, name):
        self.server, self.page, self.name = server, page, name

    def run(self, cell):
        """Run a cell, given its index, and wait until it is done."""
        self.page.evaluate(f"async () => {{ {self._select(cell)} await {self._execute} }}")

    def start(self, cell):
        """Run a cell, given its index, without waiting for it."""
        self.page.evaluate(f"() => {{ {self._select(cell)} {self._execute} }}")

    _execute = "jupyterapp.commands.execute('notebook:run-cell');"

    def _select(self, cell):
        return f"jupyterapp.shell.currentWidget.content.activeCellIndex = {cell};"

    def cell(self, index):
        """Return the Playwright `Locator` of a cell."""
        return self.page.locator(".jp-Cell").nth(index)

    def kernel(self, action):
        """Make the server `"interrupt"` or `"restart"` the kernel."""
        self.server.call("POST", f"kernels/{self._session()['kernel']['id']}/{action}")

    def close(self):
        """Close the notebook, but not its page, and end the kernel."""
        session = self._session()["id"]
        self.page.evaluate(
            """async () => {
                await jupyterapp.commands.execute("docmanager:save");  // or it would ask
                jupyterapp.shell.currentWidget.close();
            }"""
        )
        self.page.locator(".jp-NotebookPanel").wait_for(state="detached")
        self.server.call("DELETE", f"sessions/{session}")

    def _session(self):
        sessions = self.server.call("GET", "sessions")
        return next(each for each in sessions if each["path"] == self.name)


@contextlib.contextmanager
def jupyterlab(folder):
    """Run a server.

    Args:
        folder: A new folder (`Path`) for all its files.

    Yields:
        The `JupyterLab`.

    Raises:
        RuntimeError: If it doesn't start.
    """
    notebooks = folder / "notebooks"
    notebooks.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    server = JupyterLab(notebooks, port, secrets.token_hex(16))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *(f"--ServerApp.root_dir={notebooks}", f"--IdentityProvider.token={server.token}"),
        "--ServerApp.allow_remote_access=True",  # that is, by a name that is not localhost
        "--LabApp.expose_app_in_browser=True",
    ]
    log = folder / "jupyterlab.log"
    with open(log, "wb") as file:
        process = subprocess.Popen(command, env=_environment(folder), stdout=file, stderr=file)
    try:
        _wait(server, process, log)
        yield server
    finally:
        process.terminate()  # it ends its kernels, too
        process.wait(PATIENCE)


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
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return server.call("GET", "status")
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                text = log.read_text(errors="replace")
                raise RuntimeError(f"JupyterLab did not start:\n{text}") from error
            time.sleep(0.2)
