"""How fast the live view is as its user has it: JupyterLab, kernel, and Chromium on one computer.

Chromium's camera shows a real face at 640×480 pixels and 30 FPS.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib.benchmarks import browser
from fer_lib.benchmarks.extras import psutil
from fer_lib.benchmarks.notebook_server import Notebook, jupyterlab

STAGES = ["encode", "decode", "find", "crop", "classify"]
NAME = "measured.ipynb"
SHOW = """
import json, os, pathlib
from fer_lib.widgets import LiveView
view = LiveView()
view
"""
REPORT = """
report = {"process": os.getpid(), "times": list(view.times)}
pathlib.Path("report.json").write_text(json.dumps(report))
view.times.clear()
"""


def measure(minutes, seconds=60):
    """Measure the live view, minute by minute.

    Between the minutes' ends nothing watches the browser (see `browser.unattended`).

    Args:
        minutes: How many to measure.
        seconds: Length of such a minute.

    Returns:
        DataFrame with one row per minute. Columns: results shown per second; latency in
        milliseconds from a frame in the browser to the boxes drawn over it (median and 95th
        percentile) and its stages' medians; resident memory in MiB of the kernel and of the tab
        (Chromium's renderers); and the tab's JavaScript memory after a garbage collection.

    Raises:
        Problem: If Chromium or one of the test extras is missing.
    """
    rows = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        camera = browser.write_astronaut(folder / "camera.mjpeg")
        with jupyterlab(folder) as lab, browser.unattended(folder / "profile", camera) as address:
            _start(lab, address)
            for minute in range(1, minutes + 1):
                rows.append({"minute": minute, **_measure_minute(lab, address, seconds)})
                print(f"Minute {minute} of {minutes} is over.", file=sys.stderr)
    return pd.DataFrame(rows).set_index("minute")


def _start(lab, address):
    """Open the notebook and start its live view."""
    with browser.attached(address) as page:
        notebook = lab.open(page, lab.write(NAME, SHOW, REPORT))
        notebook.run(0)
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_text("results per second").wait_for()
        notebook.run(1)  # which clears the times of the start


def _measure_minute(lab, address, seconds):
    started = time.perf_counter()
    time.sleep(seconds)
    with browser.attached(address) as page:
        report = _report(Notebook(lab, page, NAME))
        spent = time.perf_counter() - started
        tab, heap = browser.memory(page)
    times = pd.DataFrame(report["times"])
    return {
        "results per second": len(times) / spent,
        "latency": times["total"].median(),
        "95%": np.percentile(times["total"], 95),
        **times[STAGES].median(),
        "kernel": psutil.Process(report["process"]).memory_info().rss / 2**20,
        "tab": tab,
        "JavaScript": heap,
    }


def _report(notebook):
    """The kernel's process, and the frames' times since the last report."""
    notebook.run(1)
    return json.loads((notebook.server.folder / "report.json").read_text())
