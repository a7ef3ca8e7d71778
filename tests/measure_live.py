"""Measure the live view as its user has it: JupyterLab, kernel and Chromium on one computer.

    python tests/measure_live.py MINUTES

Chromium's camera shows a real face at 640x480 pixels and 30 pictures a second. For each minute it
prints a row: results shown per second; milliseconds from a frame in the browser to its boxes over
the picture (median, 95th percentile); medians of the stages on the way; resident memory in MiB of
the kernel and of the tab (Chromium's renderers), and of the tab's JavaScript after a collection.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import browser
import numpy as np
import pandas as pd
import psutil
from jupyterlab import jupyterlab

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
    session.detach()
    processes = psutil.Process().children(recursive=True)
    renderers = [each for each in processes if "--type=renderer" in each.cmdline()]
    return sum(each.memory_info().rss for each in renderers) / 2**20, heap / 2**20


def measure(notebook, minutes):
    """Yield a row (dict) for each minute."""
    for minute in range(1, minutes + 1):
        told(notebook)  # and forgets
        started = time.perf_counter()
        notebook.page.wait_for_timeout(60_000)
        news = told(notebook)
        seconds = time.perf_counter() - started
        times = pd.DataFrame(news["times"])
        tab, heap = tab_memory(notebook.page)
        yield {
            "minute": minute,
            "results / s": len(times) / seconds,
            "delay": times["total"].median(),
            "95 %": np.percentile(times["total"], 95),
            **times[STAGES].median(),
            "kernel": psutil.Process(news["process"]).memory_info().rss / 2**20,
            "tab": tab,
            "JavaScript": heap,
        }


def main(minutes):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        camera = browser.write_astronaut(folder / "camera.mjpeg")
        with jupyterlab(folder) as lab, browser.chromium(camera) as context:
            page = context.new_page()
            notebook = lab.open(page, lab.write("measured.ipynb", SHOW, TELL))
            notebook.run(0)
            page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
            page.get_by_text("results a second").wait_for(timeout=60_000)
            rows = []
            for row in measure(notebook, minutes):
                rows.append(row)
                print(f"minute {row['minute']} of {minutes} is over", file=sys.stderr)
    print(pd.DataFrame(rows).round(1).to_string(index=False))


if __name__ == "__main__":
    main(int(sys.argv[1]))
