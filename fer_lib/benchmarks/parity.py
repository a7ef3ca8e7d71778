"""Does the demo in the browser say what Python says? Crops and a moving face, given to both."""

import base64
import json

import cv2
import numpy as np
import pandas as pd

from fer_lib import live
from fer_lib.benchmarks import browser, static_server
from fer_lib.live import blazeface, frontend, sample_video, smoothing, stress

CROPS = 200
FRAMES = 100
FPS = 10  # at which the frames of the sample video are given, so that they show all expressions
AT_ONCE = 25  # images per message to the page
WORKER = """async ([settings, folder]) => {
  const worker = new Worker(`${folder}worker.js`);
  window.ask = (message) => new Promise((resolve, reject) => {
    worker.onerror = reject;
    worker.onmessage = ({ data }) => data.error ? reject(new Error(data.error)) : resolve(data);
    worker.postMessage(message);
  });
  await ask({ settings, folder });
}"""
ASK = """async ([images, whole]) => {
  const found = [];
  for (const text of images) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes]));
    found.push((await ask({ image, whole })).faces);
  }
  return found;
}"""


def measure(folder):
    """Compare a built demo in Chromium with Python.

    Args:
        folder: The demo's folder.

    Returns:
        DataFrame with one row per kind of image, `"crops"` (of FER2013's PublicTest, or drawn ones)
        and `"frames"` (a drawn face that moves). Columns: number of images; faces that only one of
        the two finds; the largest difference of a probability, and of a box's place or size in
        percent of its side (NaN for crops); the percentage of equal labels, smoothed over time in
        the frames.

    Raises:
        Problem: If Chromium, one of the test extras, or BlazeFace is missing.
    """
    images, frames = _crops(), list(_frames())
    with (
        static_server.serve(folder) as address,
        browser.chromium() as context,
        context.new_page() as page,
    ):
        page.goto(address)
        page.evaluate(WORKER, [frontend.settings(), address])
        crops = _compare(_ask(page, images, whole=True), _expected_crops(images))
        faces = _track(page, _ask(page, frames, whole=False))
        rows = {"crops": crops, "frames": _compare(faces, _expected_frames(frames))}
    return pd.DataFrame.from_dict(rows, orient="index")


def report():
    """Describe in text what `measure` finds in a demo built anew."""
    from fer_lib.web.browser import build

    return measure(build.build()).round(7).to_string()


def _crops():
    """Gray faces as RGB frames of 48×48 pixels, in which each is the whole image."""
    from fer_lib import data

    dataset = data.load()
    places = np.flatnonzero(dataset.usages == "PublicTest")
    chosen = places[np.linspace(0, len(places) - 1, CROPS).astype(int)]
    return [np.repeat(image, 3, axis=2) for image in dataset.images[chosen]]


def _frames():
    """A drawn face that passes through all expressions, before a camera that shakes."""
    frames = list(sample_video.frames())
    every = len(frames) // FRAMES
    return stress.from_camera(frames[: FRAMES * every : every])


def _ask(page, frames, whole):
    """What the demo's worker finds in frames: a list of {box, probabilities} for each."""
    found = []
    for start in range(0, len(frames), AT_ONCE):
        some = [_png(frame) for frame in frames[start : start + AT_ONCE]]
        found += page.evaluate(ASK, [some, whole])
    return found


def _png(frame):
    encoded = cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1]
    return base64.b64encode(encoded.tobytes()).decode()


def _track(page, found):
    """The same faces, with the probabilities that the page's Tracker shows."""
    script = f"""(found) => {{
      {frontend.bundle(frontend.JAVASCRIPT / "tracks.js")}
      const tracker = new Tracker({json.dumps(frontend.settings())});
      return found.map((faces, frame) => tracker.follow(faces, frame / {FPS}).map(
        ({{ box, probabilities }}) => ({{ box, probabilities }})));
    }}"""
    return page.evaluate(script, found)


def _expected_crops(images):
    from fer_lib import models

    gray = np.array([image[..., :1] for image in images])
    probabilities = models.load(models.shipped.FLOAT16)(gray)
    return [[live.LiveFace(None, 0, each, each, {})] for each in probabilities]


def _expected_frames(frames):
    classifier = live.LiveClassifier(detector=blazeface.BlazeFaceDetector())
    return [classifier.process(frame, number / FPS) for number, frame in enumerate(frames)]


def _compare(found, expected):
    """The row of `measure`; faces are compared where both find as many."""
    pairs, unequal = [], 0
    for faces, others in zip(found, expected, strict=True):
        unequal += abs(len(faces) - len(others))
        if len(faces) == len(others):
            pairs += zip(faces, others, strict=True)
    ours = np.array([face["probabilities"] for face, _ in pairs])
    label = smoothing.predicted_labels
    theirs = np.array([other.probabilities for _, other in pairs])
    return {
        "images": len(found),
        "faces": len(pairs),
        "found by one only": unequal,
        "probability difference": np.abs(ours - theirs).max(),
        "box difference (%)": max(_box_difference(*pair) for pair in pairs),
        "equal labels (%)": 100 * np.mean(label(ours) == label(theirs)),
    }


def _box_difference(face, other):
    if other.box is None:
        return np.nan
    return 100 * max(np.abs(np.subtract(face["box"], other.box))) / other.box.width
