"""How fast the naive way to a camera's frames is: ipywebrtc's ImageRecorder, in JupyterLab.

Chromium's camera shows a real face at 640×480 pixels and 30 FPS. Each image that arrives in the
kernel requests the next one, and nothing else is done with it.
"""

import json
import tempfile
from pathlib import Path

import pandas as pd

from fer_lib import live
from fer_lib.benchmarks import browser, timing
from fer_lib.benchmarks.notebook_server import jupyterlab
from fer_lib.live import sample_video

FORMATS = ("png", "jpeg")
RECORD = """
import json, pathlib, time
from ipywebrtc import ImageRecorder
from fer_lib.widgets.live_view import camera

recorder = ImageRecorder(stream=camera(), format="{}")
moments = []

def next_image(change):
    if not change.new:
        moments.append(time.monotonic())
        recorder.recording = True

recorder.observe(next_image, "recording")
recorder
"""
BEGIN = "recorder.recording = True"
REPORT = """
recorder.unobserve(next_image, "recording")
pathlib.Path("moments.json").write_text(json.dumps(moments))
"""


def measure(seconds):
    """Measure how many images per second the recorder delivers.

    Args:
        seconds: How long to record in each format.

    Returns:
        DataFrame with one row per image format. Columns: images per second, and how many times as
        long an image takes as `live.LiveClassifier` takes for one.

    Raises:
        Problem: If Chromium or one of the test extras is missing.
    """
    classifier, frame = live.LiveClassifier(), sample_video.portrait()
    ours = timing.median_milliseconds(lambda: classifier.process(frame))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        camera = browser.write_astronaut(folder / "camera.mjpeg")
        with jupyterlab(folder) as lab, browser.chromium(camera) as context:
            rates = [_rate(lab, context, each, seconds) for each in FORMATS]
    table = pd.DataFrame({"images per second": rates}, index=pd.Index(FORMATS, name="format"))
    table["times as long as LiveClassifier"] = 1000 / table["images per second"] / ours
    return table


def _rate(lab, context, image_format, seconds):
    page = context.new_page()
    cells = RECORD.format(image_format), BEGIN, REPORT
    notebook = lab.open(page, lab.write(f"{image_format}.ipynb", *cells))
    notebook.run(0)
    page.locator(".jp-OutputArea-output img").first.wait_for(state="attached")
    notebook.run(1)
    page.wait_for_timeout(1000 * seconds)
    notebook.run(2)
    moments = json.loads((lab.folder / "moments.json").read_text())
    page.close()
    return (len(moments) - 1) / (moments[-1] - moments[0])
