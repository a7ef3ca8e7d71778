"""Frame in, faces with expressions out: the core of the notebook's demo and of the website."""

import itertools
import os
import time
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from fer_lib import models
from fer_lib.data.fer2013 import SIDE
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS
from fer_lib.live import detection
from fer_lib.models import shipped

UNSURE = "unsure"
# Below it, the calibrated classifier would be wrong more often than right.
MIN_CONFIDENCE = 0.5
SMOOTHING = 0.4  # seconds after which a frame's weight has fallen to 37% (1 / e)
MIN_OVERLAP = 0.2  # of two boxes of one face in successive frames
FORGET_AFTER = 1.0  # seconds without the face

# Environment variables that show that a kernel runs on another computer than the browser. Binder
# comes first because it is a JupyterHub, too.
REMOTE_KERNELS = {
    "BINDER_LAUNCH_HOST": "Binder",
    "JUPYTERHUB_USER": "a JupyterHub",
    "COLAB_RELEASE_TAG": "Google Colab",
    "KAGGLE_KERNEL_RUN_TYPE": "Kaggle",
    "CODESPACES": "GitHub Codespaces",
    "SSH_CONNECTION": "a computer reached by SSH",
}


def where_frames_go():
    """Describe where this kernel runs, which is where camera frames go, as far as it can know."""
    for variable, place in REMOTE_KERNELS.items():
        if variable in os.environ:
            return (
                f"This kernel is remote, on {place}: camera frames are sent there and classified "
                "there. This course doesn't store them."
            )
    return (
        "This kernel shows no sign of a remote server. If it runs on your own computer, camera "
        "frames stay there. They aren't stored."
    )


class LiveFace(NamedTuple):
    """One face of a frame.

    Attributes:
        box: `Box` in pixels of the frame.
        track_id: Number that stays the same while the face stays in sight.
        raw: Probabilities from this frame alone, `(7,)`.
        probabilities: Probabilities smoothed over time, `(7,)`.
        milliseconds: What the frame took, by stage: `"find"`, `"crop"`, `"classify"`.
    """

    box: detection.Box
    track_id: int
    raw: np.ndarray
    probabilities: np.ndarray
    milliseconds: dict

    @property
    def label(self):
        """The expression's name, or `UNSURE` if no class reaches `MIN_CONFIDENCE`."""
        best = int(self.probabilities.argmax())
        return LABELS[best] if self.probabilities[best] >= MIN_CONFIDENCE else UNSURE


class _Track(NamedTuple):
    """A face remembered between frames."""

    box: detection.Box
    track_id: int
    probabilities: np.ndarray
    last_seen: float


class LiveClassifier:
    """Finds, tracks, and classifies the faces in one stream of frames. Not thread-safe.

    Args:
        smoothing: Time constant of the exponential smoothing, in seconds: a frame's weight in the
            smoothed probabilities falls to 37% (1 / e) in that time, at any frame rate. 0 turns
            smoothing off.
        detector: Has `detect(frame)`, which returns boxes; defaults to `detector()`.
        classify: Callable from crops `(n, 48, 48, 1)` to probabilities `(n, 7)`; defaults to the
            shipped float16 model.

    Attributes:
        milliseconds: What the last frame took, by stage, even if it showed no face: `"find"`,
            `"crop"`, `"classify"`.

    Raises:
        Problem: If smoothing is negative, or from loading the detector or the model.
    """

    def __init__(self, smoothing=SMOOTHING, detector=None, classify=None):
        if smoothing < 0:
            raise Problem(f"Can't smooth over {smoothing} seconds. Give 0 or more.")
        self.smoothing = smoothing
        self.detector = detector or detection.detector()
        self.classify = classify or models.load(shipped.FLOAT16)
        self.milliseconds = {}
        self._tracks = []
        self._track_ids = itertools.count(1)

    def process(self, frame, timestamp=None):
        """Find, track, and classify the faces of the next frame.

        Args:
            frame: RGB frame, `(h, w, 3)` uint8.
            timestamp: When the frame was taken, in seconds, never decreasing; defaults to now.

        Returns:
            A list of `LiveFace`, largest first.

        Raises:
            ValueError: If the frame has another shape or type.
        """
        timestamp = time.monotonic() if timestamp is None else timestamp
        boxes, raw = self._classify_faces(frame)
        tracks = self._update_tracks(boxes, raw, timestamp)
        return [
            LiveFace(
                track.box, track.track_id, probabilities, track.probabilities, self.milliseconds
            )
            for track, probabilities in zip(tracks, raw, strict=True)
        ]

    def _classify_faces(self, frame):
        """Return boxes and raw probabilities, and note the time of each stage."""
        started = time.perf_counter()
        boxes = self.detector.detect(frame)
        found = time.perf_counter()
        crops = [detection.crop(frame, box) for box in boxes]
        crops = np.array(crops).reshape(-1, SIDE, SIDE, 1)
        cropped = time.perf_counter()
        raw = self.classify(crops)
        spent = 1000 * np.diff((started, found, cropped, time.perf_counter()))
        self.milliseconds = dict(zip(("find", "crop", "classify"), spent.tolist(), strict=True))
        return boxes, raw

    def _update_tracks(self, boxes, raw, timestamp):
        """Return the boxes' tracks, in the order of the boxes; overlap decides which continue."""
        known = [track for track in self._tracks if timestamp - track.last_seen <= FORGET_AFTER]
        matches = _match(boxes, [track.box for track in known])
        tracks = []
        for index, (box, probabilities) in enumerate(zip(boxes, raw, strict=True)):
            if index in matches:
                former = known[matches[index]]
                track_id = former.track_id
                probabilities = self._smooth(former, probabilities, timestamp)
            else:
                track_id = next(self._track_ids)
            tracks.append(_Track(box, track_id, probabilities, timestamp))
        lost = [track for place, track in enumerate(known) if place not in matches.values()]
        self._tracks = tracks + lost
        return tracks

    def _smooth(self, former, probabilities, timestamp):
        if not self.smoothing:
            return probabilities
        kept = np.exp(-(timestamp - former.last_seen) / self.smoothing)
        return kept * former.probabilities + (1 - kept) * probabilities


def _match(boxes, former):
    """Return {index of a box: index of the former box that it continues}, each used once."""
    if not boxes or not former:
        return {}
    overlaps = np.array([[detection.iou(box, other) for other in former] for box in boxes])
    pairs = zip(*linear_sum_assignment(overlaps, maximize=True), strict=True)
    return {int(i): int(k) for i, k in pairs if overlaps[i, k] >= MIN_OVERLAP}
