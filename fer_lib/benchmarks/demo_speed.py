"""How fast the demo in the browser is, beside face-api, another one, on the same clip.

Chromium's camera shows a real face at 640×480 pixels and 30 FPS. face-api (`@vladmandic/face-api`)
comes from npm into the cache, with its models. Its smallest detector finds the face, and it runs on
TensorFlow.js's WebAssembly, since this Chromium has no GPU.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from fer_lib import paths
from fer_lib.benchmarks import browser, static_server

SECONDS = 20  # of each demo
WARM_UP = 3  # seconds
MINUTES = 5  # over which the memory is measured
FACE_API = ("@vladmandic/face-api@1.7.15", "@tensorflow/tfjs-backend-wasm@4.22.0")
# Of each result: when its frame was taken and when it was drawn. And when the page drew itself.
SPY = """
window.results = [];
window.drawn = [];
document.addEventListener("result", ({ detail }) => window.results.push(detail));
const tick = (now) => { window.drawn.push(now); requestAnimationFrame(tick); };
requestAnimationFrame(tick);
"""
PEER = """<!doctype html><meta charset="utf-8"><title>face-api</title>
<button id="start">Start camera</button>
<div style="position: relative"><video id="video" playsinline muted></video>
<canvas id="overlay" style="position: absolute; left: 0"></canvas></div>
<script src="face-api.js"></script><script src="peer.js"></script>"""
PEER_SCRIPT = """
document.getElementById("start").onclick = async () => {
  faceapi.tf.setWasmPaths("wasm/");
  await faceapi.tf.setBackend("wasm");
  await faceapi.tf.ready();
  await faceapi.nets.tinyFaceDetector.load("model/");
  await faceapi.nets.faceExpressionNet.load("model/");
  const camera = { width: { ideal: 640 }, height: { ideal: 480 } };
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: camera });
  await video.play();
  const options = new faceapi.TinyFaceDetectorOptions();
  const next = async (takenAt) => {
    const faces = await faceapi.detectAllFaces(video, options).withFaceExpressions();
    faceapi.matchDimensions(overlay, video, true);
    faceapi.draw.drawDetections(overlay, faces);
    faceapi.draw.drawFaceExpressions(overlay, faces);
    const detail = { takenAt, shownAt: performance.now(), faces: faces.length };
    document.dispatchEvent(new CustomEvent("result", { detail }));
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
};
"""


def measure(folder, seconds=SECONDS):
    """Measure the demo, and face-api after it.

    Args:
        folder: The built demo's folder.
        seconds: For how long each is measured.

    Returns:
        DataFrame with one row per demo. Columns: results per second; the percentage that shows the
        face; milliseconds from a frame to its drawn boxes (median and 95th percentile); the
        page's own frames per second; seconds from the visit, with an empty cache, to the first
        result; the milliseconds of a frame to find and to classify (medians, ours only); and the
        computer's load.

    Raises:
        Problem: If npm, Chromium, or one of the test extras is missing.
    """
    rows = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        camera = browser.write_astronaut(Path(name) / "camera.mjpeg")
        rows["ours"] = _measure(folder, camera, seconds)
        rows["face-api"] = _measure(_write_peer(Path(name) / "peer"), camera, seconds)
    return pd.DataFrame.from_dict(rows, orient="index")


def memory(folder, minutes=MINUTES, seconds=60):
    """Measure how the memory of the demo's tab changes.

    Between the minutes' ends nothing watches the browser (see `browser.unattended`).

    Args:
        folder: The built demo's folder.
        minutes: How many to measure.
        seconds: Length of such a minute.

    Returns:
        DataFrame with one row per minute: resident memory of the tab in MiB, and what JavaScript
        uses of it on the page itself.

    Raises:
        Problem: If Chromium or one of the test extras is missing.
    """
    rows = []
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        static_server.serve(folder) as url,
    ):
        camera = browser.write_astronaut(Path(name) / "camera.mjpeg")
        with browser.unattended(Path(name) / "profile", camera) as address:
            with browser.attached(address) as page:
                page.goto(url)
                _start(page)
            for minute in range(1, minutes + 1):
                time.sleep(seconds)
                with browser.attached(address) as page:
                    tab, heap = browser.memory(page)
                rows.append({"minute": minute, "tab": tab, "JavaScript": heap})
                print(f"Minute {minute} of {minutes} is over.", file=sys.stderr)
    return pd.DataFrame(rows).set_index("minute")


def report(minutes):
    """Describe in text what `measure` and `memory` find in a demo built anew."""
    from fer_lib.web.browser import build

    folder = build.build()
    table = measure(folder)
    ours, theirs = table["results per second"]
    sizes = memory(folder, minutes)
    return (
        f"{table.round(2).T.to_string()}\n\n"
        f"Ours gives {ours / theirs:.1f} times as many results as face-api.\n\n"
        f"Memory in MiB:\n{sizes.round(1).to_string()}"
    )


def _measure(folder, camera, seconds):
    """The row of a demo."""
    with static_server.serve(folder) as url, browser.chromium(camera) as context:
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.add_init_script(SPY)
        page.goto(url)
        _start(page)
        while not page.evaluate("results.length"):  # the page's policy forbids wait_for_function
            page.wait_for_timeout(200)
        first = page.evaluate("results[0].shownAt") / 1000
        page.wait_for_timeout(1000 * WARM_UP)
        page.evaluate("results.length = drawn.length = 0")
        page.wait_for_timeout(1000 * seconds)
        results, drawn = pd.DataFrame(page.evaluate("results")), page.evaluate("drawn")
    spent = (results["shownAt"] - results["takenAt"]).quantile([0.5, 0.95])
    row = {
        "results per second": len(results) / seconds,
        "with the face (%)": 100 * (results["faces"] > 0).mean(),
        "latency (ms)": spent[0.5],
        "95%": spent[0.95],
        "page's frames per second": len(drawn) / seconds,
        "first result (s)": first,
        "load": os.getloadavg()[0],
    }
    stages = pd.DataFrame(results.get("milliseconds", pd.Series(dtype=object)).tolist())
    return row | stages.median().add_suffix(" (ms)").to_dict()


def _start(page):
    page.get_by_role("button", name="Start camera").click()


def _write_peer(folder):
    """Write a page that shows what face-api finds, and return its folder."""
    packages = _install_face_api()
    package = packages / "@vladmandic" / "face-api"
    shutil.copytree(package / "model", folder / "model")
    shutil.copyfile(package / "dist" / "face-api.js", folder / "face-api.js")
    shutil.copytree(packages / "@tensorflow" / "tfjs-backend-wasm" / "dist", folder / "wasm")
    (folder / "index.html").write_text(PEER)
    (folder / "peer.js").write_text(PEER_SCRIPT)
    return folder


def _install_face_api():
    """Install face-api in the cache, and return the folder of its packages."""
    from fer_lib.web.browser import npm

    cache = paths.cache_folder() / "face-api"
    if not (cache / "node_modules" / ".package-lock.json").exists():
        cache.mkdir(parents=True, exist_ok=True)
        npm.run("npm", "install", "--prefix", cache, "--ignore-scripts", *FACE_API)
    return cache / "node_modules"
