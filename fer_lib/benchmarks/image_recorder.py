"""Measure the plain way to a camera's pictures, ipywebrtc's ImageRecorder, in JupyterLab.

    python tests/measure_recorder.py SECONDS

Chromium's camera shows a real face at 640x480 pixels and 30 pictures a second. Each picture that
arrives in the kernel asks for the next one, and nothing else is done with it. It prints how many
arrived in a second, for both formats, and how many times as long as `live.LiveClassifier` that is.
"""

import json
import sys
import tempfile
from pathlib import Path

from fer_lib.benchmarks import browser
from fer_lib.benchmarks.notebook_server import jupyterlab

from fer_lib import benchmarks, live
from fer_lib.live import sample_video

RECORD = """
import json, pathlib, time
from ipywebrtc import ImageRecorder
from fer_lib.widgets.live_view import camera

recorder = ImageRecorder(stream=camera(), format="{}")
moments = []

def next_picture(change):
    if not change.new:
        moments.append(time.monotonic())
        recorder.recording = True

recorder.observe(next_picture, "recording")
recorder
"""
BEGIN = "recorder.recording = True"
TELL = """
recorder.unobserve(next_picture, "recording")
pathlib.Path("moments.json").write_text(json.dumps(moments))
"""


def rate(lab, context, file_format, seconds):
    """Pictures a second of the recorder."""
    page = context.new_page()
    cells = RECORD.format(file_format), BEGIN, TELL
    notebook = lab.open(page, lab.write(f"{file_format}.ipynb", *cells))
    notebook.run(0)
    page.locator(".jp-OutputArea-output img").first.wait_for(state="attached")
    notebook.run(1)
    page.wait_for_timeout(1000 * seconds)
    notebook.run(2)
    moments = json.loads((lab.folder / "moments.json").read_text())
    page.close()
    return (len(moments) - 1) / (moments[-1] - moments[0])


def main(seconds):
    classifier, frame = live.LiveClassifier(), sample_video.portrait()
    ours = benchmarks.median_milliseconds(lambda: classifier.process(frame))
    print(f"LiveClassifier: {ours:.1f} ms a picture")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = browser.write_astronaut(folder / "camera.mjpeg")
        with jupyterlab(folder) as lab, browser.chromium(film) as context:
            for file_format in ("png", "jpeg"):
                measured = rate(lab, context, file_format, seconds)
                times = 1000 / measured / ours
                print(f"{file_format}: {measured:.2f} pictures a second, {times:.0f} times as long")


if __name__ == "__main__":
    main(float(sys.argv[1]))
