"""Measure the live view as its user has it: JupyterLab, kernel and Chromium on one computer.

    python tests/measure_live.py MINUTES

Chromium's camera shows a real face at 640x480 pixels and 30 pictures a second. For each minute it
prints a row: results shown per second; milliseconds from a frame in the browser to its boxes over
the picture (median, 95th percentile); medians of the stages on the way; resident memory in MiB of
the kernel and of the tab (Chromium's renderers), and of the tab's JavaScript after a collection.

Between the minutes' ends nobody looks into the browser: while developer tools do, as Playwright
does in the tests, it keeps what JupyterLab sends.
"""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from playwright.sync_api import sync_playwright
from fer_lib.benchmarks import browser
from fer_lib.benchmarks.notebook_server import PATIENCE, Notebook, jupyterlab

STAGES = ["encode", "decode", "find", "crop", "classify"]
SHOW = """
import json, os, pathlib
from fer_lib.widgets import LiveView
view = LiveView()
view
"""
TELL = """
told = {"process": os.getpid(), "times": list(view.times)}
pathlib.Path("told.json").write_text(json.dumps(told))
view.times.clear()
"""


def told(notebook):
    """What the second cell writes: the kernel's process, and the times since it did so last."""
    notebook.run(1)
    return json.loads((notebook.server.folder / "told.json").read_text())


def tab_memory(page):
    """(resident, JavaScript's) memory of the tab in MiB."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    processes = psutil.Process().children(recursive=True)
    renderers = [each for each in processes if "--type=renderer" in " ".join(each.cmdline())]
    return sum(each.memory_info().rss for each in renderers) / 2**20, heap / 2**20


@contextlib.contextmanager
def chromium(folder):
    """Run Chromium, its profile and camera file in that folder; yields its debugging address."""
    camera = browser.write_astronaut(folder / "camera.mjpeg")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [
        *(browser.CHROMIUM, *browser.FLAGS, "--headless", "--no-sandbox"),
        *(f"--user-data-dir={folder / 'profile'}", f"--remote-debugging-port={port}"),
        *("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"),
        *(f"--use-file-for-fake-video-capture={camera}", "--window-size=1200,1000", "about:blank"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        with socket.socket() as client:
            while client.connect_ex(("127.0.0.1", port)):  # until it listens
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextlib.contextmanager
def attached(address):
    """The page of the browser at that address, to look at and to work with."""
    with sync_playwright() as playwright:
        connect = playwright.chromium.connect_over_cdp
        (context,) = connect(address, timeout=1000 * PATIENCE).contexts
        context.set_default_timeout(1000 * PATIENCE)
        yield context.pages[0]


def start(lab, address):
    """Open the notebook and start its live view."""
    with attached(address) as page:
        notebook = lab.open(page, lab.write("measured.ipynb", SHOW, TELL))
        notebook.run(0)
        page.get_by_role("button", name="Start", exact=True).click()
        page.get_by_text("results a second").wait_for()
        notebook.run(1)  # and forgets the times of the start


def measure(lab, address):
    """The figures (dict) of the coming minute."""
    started = time.perf_counter()
    time.sleep(60)
    with attached(address) as page:
        news = told(Notebook(lab, page, "measured.ipynb"))
        seconds = time.perf_counter() - started
        tab, heap = tab_memory(page)
    times = pd.DataFrame(news["times"])
    return {
        "results / s": len(times) / seconds,
        "delay": times["total"].median(),
        "95 %": np.percentile(times["total"], 95),
        **times[STAGES].median(),
        "kernel": psutil.Process(news["process"]).memory_info().rss / 2**20,
        "tab": tab,
        "JavaScript": heap,
    }


def main(minutes):
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with jupyterlab(folder) as lab, chromium(folder) as address:
            start(lab, address)
            rows = []
            for minute in range(1, minutes + 1):
                rows.append({"minute": minute, **measure(lab, address)})
                print(f"minute {minute} of {minutes} is over", file=sys.stderr)
    print(pd.DataFrame(rows).round(1).to_string(index=False))


if __name__ == "__main__":
    main(int(sys.argv[1]))
