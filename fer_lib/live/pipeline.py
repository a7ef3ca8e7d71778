"""Frame in, faces with expressions out: the heart of the notebook's demo and of the website."""

import itertools
import os
import time
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment

from fer_lib import models
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS
from fer_lib.live import detection
from fer_lib.models import shipped

UNSURE = "unsure"
# Below it the calibrated classifier would be wrong more often than right.
MIN_CONFIDENCE = 0.5
MIN_OVERLAP = 0.2  # of two boxes of one face in successive frames
FORGET_AFTER = 1.0  # seconds without the face

# Environment variables that a kernel has where it runs on another computer than the browser; Binder
# first, for it is a JupyterHub, too.
REMOTE_KERNELS = {
    "BINDER_LAUNCH_HOST": "Binder",
    "JUPYTERHUB_USER": "a JupyterHub",
    "COLAB_RELEASE_TAG": "Google Colab",
    "KAGGLE_KERNEL_RUN_TYPE": "Kaggle",
    "CODESPACES": "GitHub Codespaces",
    "SSH_CONNECTION": "a computer reached by SSH",
}


def where_frames_go():
    """A sentence on where this kernel runs, and so the frames are sent, as far as it can tell."""
    for variable, place in REMOTE_KERNELS.items():
        if variable in os.environ:
            return (
                f"This kernel is remote, on {place}: what a camera sees travels there, is "
                "classified there and is not stored by this course."
            )
    return (
        "This kernel knows of no remote server: if it runs on the computer before you, what a "
        "camera sees stays there. It is not stored."
    )


class LiveFace(NamedTuple):
    """One face of a frame.

    box: in pixels of the frame. identity: the same number as long as the face stays in sight.
    raw: probabilities (7,) of this frame alone. probabilities: (7,), smoothed over time.
    milliseconds: what the frame took, by stage: "find", "crop", "classify".
    """

    box: detection.Box
    identity: int
    raw: np.ndarray
    probabilities: np.ndarray
    milliseconds: dict

    @property
    def label(self):
        """The expression's name, or `UNSURE` where no class has `LEAST_CONFIDENCE`."""
        best = int(self.probabilities.argmax())
        return LABELS[best] if self.probabilities[best] >= MIN_CONFIDENCE else UNSURE


class _Track(NamedTuple):
    """What is remembered of a face between frames."""

    box: detection.Box
    identity: int
    probabilities: np.ndarray
    seen: float


class LiveClassifier:
    """Finds, follows and classifies the faces of one stream of frames; for one thread at a time.

    smoothing: seconds after which a frame's say in the smoothed probabilities has fallen to 37 %
    (1 / e), so that it is the same at any frame rate; 0 for none. detector, classify: by default
    `faces.detector()` and `runtime.Classifier()`. Raises Problem for a negative smoothing, and what
    these raise.
    """

    def __init__(self, smoothing=0.4, detector=None, classify=None):
        if smoothing < 0:
            raise Problem(f"a smoothing of {smoothing} seconds looks ahead; give 0 or more")
        self.smoothing = smoothing
        self.detector = detector or detection.detector()
        self.classify = classify or models.load(shipped.FLOAT16)
        self.milliseconds = {}
        self._tracks = []
        self._identities = itertools.count(1)

    def process(self, frame, moment=None):
        """The faces of an RGB frame (h, w, 3) uint8 as a list of LiveFace, largest first.

        moment: when the frame was taken, in seconds, never falling; by default now. The stages'
        times are kept in `milliseconds`, too, for frames without a face.
        Raises ValueError for anything but such a frame.
        """
        moment = time.monotonic() if moment is None else moment
        started = time.perf_counter()
        boxes = self.detector.detect(frame)
        found = time.perf_counter()
        crops = np.array([detection.crop(frame, box) for box in boxes]).reshape(-1, 48, 48, 1)
        cropped = time.perf_counter()
        raw = self.classify(crops)
        ends = (started, found, cropped, time.perf_counter())
        spent = 1000 * np.diff(ends)
        self.milliseconds = dict(zip(("find", "crop", "classify"), spent.tolist(), strict=True))
        tracks = self._follow(boxes, raw, moment)
        return [
            LiveFace(
                track.box, track.identity, probabilities, track.probabilities, self.milliseconds
            )
            for track, probabilities in zip(tracks, raw, strict=True)
        ]

    def _follow(self, boxes, raw, moment):
        """Tracks of the boxes, in their order; what they continue is matched by overlap."""
        known = [track for track in self._tracks if moment - track.seen <= FORGET_AFTER]
        matches = _matches(boxes, [track.box for track in known])
        tracks = []
        for index, (box, probabilities) in enumerate(zip(boxes, raw, strict=True)):
            if index in matches:
                former = known[matches[index]]
                identity = former.identity
                probabilities = self._smooth(former, probabilities, moment)
            else:
                identity = next(self._identities)
            tracks.append(_Track(box, identity, probabilities, moment))
        lost = [track for place, track in enumerate(known) if place not in matches.values()]
        self._tracks = tracks + lost
        return tracks

    def _smooth(self, former, probabilities, moment):
        if not self.smoothing:
            return probabilities
        kept = np.exp(-(moment - former.seen) / self.smoothing)
        return kept * former.probabilities + (1 - kept) * probabilities


def _matches(boxes, former):
    """{index of a box: index of the former box that it continues}, each used once."""
    if not boxes or not former:
        return {}
    overlaps = np.array([[_overlap(box, other) for other in former] for box in boxes])
    pairs = zip(*linear_sum_assignment(overlaps, maximize=True), strict=True)
    return {int(i): int(k) for i, k in pairs if overlaps[i, k] >= MIN_OVERLAP}


def _overlap(first, second):
    """Intersection over union of two boxes, 0-1."""
    width = min(first.x + first.width, second.x + second.width) - max(first.x, second.x)
    height = min(first.y + first.height, second.y + second.height) - max(first.y, second.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (first.width * first.height + second.width * second.height - shared)
