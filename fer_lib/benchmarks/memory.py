"""How much memory one learner takes: a JupyterLab server, and the kernel of each notebook."""

import contextlib
import shutil
import tempfile
import threading
from pathlib import Path

import pandas as pd

from fer_lib import paths
from fer_lib.benchmarks.extras import psutil
from fer_lib.benchmarks.notebook_server import jupyterlab
from fer_lib.exceptions import Problem

LESSONS = "0[1-7]_*.ipynb"
INTERVAL = 0.1  # seconds between two looks at the memory


def measure(notebooks=None):
    """Run notebooks as a learner does, one after the other, and measure resident memory (RSS).

    Args:
        notebooks: Paths; defaults to the course's lessons.

    Returns:
        DataFrame with one row per notebook. Columns, in MiB: `server` (JupyterLab, at its most),
        `kernel, end` and `kernel, peak` (with its child processes), and `together, peak`.

    Raises:
        Problem: If a cell fails, or if one of the test extras is missing.
    """
    notebooks = sorted(paths.NOTEBOOKS.glob(LESSONS)) if notebooks is None else notebooks
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as name, jupyterlab(Path(name)) as lab:
        rows = {path.stem: _measure_notebook(lab, path) for path in notebooks}
    return pd.DataFrame(rows).T.rename_axis("MiB")


def _measure_notebook(lab, path):
    """Run a notebook in a kernel of its own, and end it."""
    shutil.copy(path, lab.folder)
    session = lab.start(path.name)
    client = lab.client(session)
    samples = []
    try:
        kernel = psutil.Process(_process_id(client))
        with _sampling(lambda: samples.append(_memory(kernel))):
            _run(client, path)
            end = _memory(kernel)
    finally:
        client.stop_channels()
        lab.call("DELETE", f"sessions/{session['id']}")
    table = pd.DataFrame(samples, columns=["server", "kernel"])
    return {
        "server": table["server"].max(),
        "kernel, end": end[1],
        "kernel, peak": table["kernel"].max(),
        "together, peak": table.sum(axis=1).max(),
    }


def _process_id(client):
    """The kernel's process, which it tells itself."""
    ask = {"process": "__import__('os').getpid()"}
    reply = client.execute("", user_expressions=ask, reply=True)
    return int(reply["content"]["user_expressions"]["process"]["data"]["text/plain"])


def _run(client, path):
    """Execute all code cells of a notebook."""
    import nbformat

    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            reply = client.execute_interactive(cell.source, output_hook=_ignore)["content"]
            if reply["status"] != "ok":
                raise Problem(f"{path.name} failed: {reply['ename']}: {reply['evalue']}.")


def _ignore(message):
    """Drop a kernel's output; JupyterLab would show it."""


def _memory(kernel):
    """MiB of the server and of the kernel with its children."""
    processes = [kernel, *kernel.children(recursive=True)]
    resident = [process.memory_info().rss for process in (kernel.parent(), *processes)]
    return resident[0] / 2**20, sum(resident[1:]) / 2**20


@contextlib.contextmanager
def _sampling(sample):
    """Call a function again and again in a thread, as long as the block runs."""
    over = threading.Event()

    def loop():
        while not over.wait(INTERVAL):
            sample()

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
