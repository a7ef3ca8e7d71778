"""A stress test of the live demo: frames made harder step by step, and who fails first.

`portrait_trials` makes the frames, `measure` asks detector and classifier about each, separately,
and `detector_limits` and `classifier_limits` sum up. `from_camera` gives clean frames the noise and
the shake of a camera.
"""

from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from fer_lib.labels import LABELS, describe
from fer_lib.live import detection, sample_video
from fer_lib.live.pipeline import LiveClassifier

# The square that Haar's cascade puts around the face of `sample_video.portrait()`.
FACE = detection.Box(240, 160, 160, 160)
# Places on a face, in sides of its square.
EYES = 0.38  # their height, from the top
EDGE = 15 / 160  # from the square's edges to the bar's ends
OVAL_CENTER, OVAL_RADII = (0.5, 0.53), (0.3875, 0.55)


class Trial(NamedTuple):
    """A frame made harder in one way, and where its face is.

    Attributes:
        change: What was changed, and its unit, e.g. `"blur (px)"`.
        level: How much, in that unit.
        frame: RGB frame, `(h, w, 3)` uint8.
        face: The true `Box` of the face.
    """

    change: str
    level: float
    frame: np.ndarray
    face: detection.Box


def darken(frame, percent, noise=4):
    """Reduce the light of a frame; a sensor's noise stays.

    Args:
        frame: RGB frame, `(h, w, 3)` uint8.
        percent: Remaining light, 0-100.
        noise: Standard deviation of the noise in each pixel, in gray levels.

    Returns:
        The darker frame, of the same shape and type. The noise is the same in every call.
    """
    grain = np.random.default_rng(0).normal(0, noise, frame.shape)
    return np.clip(np.rint(percent / 100 * frame.astype(float) + grain), 0, 255).astype(np.uint8)


def blur(frame, sigma):
    """Blur a frame by a Gaussian whose standard deviation is `sigma` pixels; 0 changes nothing."""
    return cv2.GaussianBlur(frame, (0, 0), sigma) if sigma else frame


def cover_eyes(frame, percent, face=FACE):
    """Put a dark bar over the eyes of a face.

    Args:
        frame: RGB frame, `(h, w, 3)` uint8.
        percent: Height of the bar, in percent of the face's; 0 changes nothing.
        face: `Box` of the face.

    Returns:
        The frame with the bar, of the same shape and type.
    """
    half = round(face.height * percent / 200)
    if not half:
        return frame
    eyes, edge = face.y + round(EYES * face.height), round(EDGE * face.width)
    left, right = face.x + edge, face.x + face.width - edge
    return cv2.rectangle(
        frame.copy(), (left, eyes - half), (right, eyes + half), (20, 20, 20), cv2.FILLED
    )


def clutter(frame, contrast, face=FACE):
    """Add a coarse random pattern to the background: to everything but the face's oval.

    Args:
        frame: RGB frame, `(h, w, 3)` uint8.
        contrast: Standard deviation of the pattern, in gray levels; 0 changes nothing.
        face: `Box` of the face.

    Returns:
        The changed frame, of the same shape and type. The pattern is the same in every call, up to
        its contrast.
    """
    height, width = frame.shape[:2]
    center = [
        round(start + face.width * at) for start, at in zip(face[:2], OVAL_CENTER, strict=True)
    ]
    radii = [round(face.width * radius) for radius in OVAL_RADII]
    oval = cv2.ellipse(np.zeros((height, width)), center, radii, 0, 0, 360, 1, cv2.FILLED)
    pattern = np.random.default_rng(0).normal(0, contrast, (height // 10, width // 10))
    pattern = cv2.resize(pattern, (width, height), interpolation=cv2.INTER_NEAREST)
    beside = (1 - cv2.GaussianBlur(oval, (0, 0), 3)) * pattern
    return np.clip(frame + beside[..., np.newaxis], 0, 255).astype(np.uint8)


def portrait_trials():
    """Make the portrait harder in six ways, each in six steps from easy to hard.

    Returns:
        A list of `Trial`, ordered by change and level.
    """
    portrait = sample_video.portrait()
    ways = {
        "light (%)": (partial(darken, portrait), (100, 50, 30, 15, 7, 3)),
        "tilt (degrees)": (_tilted_portrait, (0, 5, 10, 20, 30, 45)),
        "face's side (px)": (sample_video.portrait, (160, 120, 100, 80, 60, 40)),
        "blur (px)": (partial(blur, portrait), (0, 3, 6, 9, 12, 25)),
        "bar over the eyes (%)": (partial(cover_eyes, portrait), (0, 3, 7, 15, 25, 40)),
        "background (levels)": (partial(clutter, portrait), (0, 25, 50, 100, 150, 200)),
    }
    return [
        Trial(change, level, make(level), _face_of_side(level) if "side" in change else FACE)
        for change, (make, levels) in ways.items()
        for level in levels
    ]


def _tilted_portrait(angle):
    return sample_video.portrait(angle=angle)


def _face_of_side(side):
    """The box of the portrait's face, which stays in the middle of the frame."""
    left, top = sample_video.WIDTH // 2 - side // 2, sample_video.HEIGHT // 2 - side // 2
    return detection.Box(left, top, side, side)


def measure(trials, detector, classify):
    """Ask the detector and the classifier about each trial, separately.

    Args:
        trials: List of `Trial`.
        detector: Has `detect(frame)`, which returns boxes.
        classify: Callable from crops `(n, 48, 48, 1)` to probabilities `(n, 7)`.

    Returns:
        DataFrame with one row per trial. Columns: change, level, frame; faces and hits (lists of
        `LiveFace`: all that were found, and those on the face); given_box (probabilities `(7,)`
        when the classifier is given the true box, whether it was found or not).
    """
    stream = LiveClassifier(smoothing=0, detector=detector, classify=classify)
    rows = []
    for trial in trials:
        faces = stream.process(trial.frame)
        hits = [face for face in faces if is_on_face(face.box, trial.face)]
        given_box = classify(detection.crop(trial.frame, trial.face)[np.newaxis])[0]
        rows.append((trial.change, trial.level, trial.frame, faces, hits, given_box))
    return pd.DataFrame(rows, columns=["change", "level", "frame", "faces", "hits", "given_box"])


def is_on_face(box, face):
    """Return whether the center of a box is less than a third of the face's side off the face's."""
    across = box.x + box.width / 2 - (face.x + face.width / 2)
    down = box.y + box.height / 2 - (face.y + face.height / 2)
    return max(abs(across), abs(down)) < face.width / 3


def count_found(trials, detector):
    """Count by change the trials in which a detector puts a box on the face.

    Args:
        trials: List of `Trial`.
        detector: Has `detect(frame)`, which returns boxes.

    Returns:
        Series of counts, indexed by change.
    """
    found = [
        any(is_on_face(box, trial.face) for box in detector.detect(trial.frame)) for trial in trials
    ]
    changes = pd.Index([trial.change for trial in trials], name="change")
    return pd.Series(found, changes).groupby(level=0, sort=False).sum()


def detector_limits(results):
    """Sum up how far the detector holds.

    Args:
        results: Table of `measure`.

    Returns:
        DataFrame indexed by change. Columns: "kept to", the last level before the face is lost for
        the first time ("-" if it is lost at once); "lost at", the level of that loss ("-" for
        none); "other boxes", the number of boxes that are not on the face.
    """
    rows = {}
    for change, group in results.groupby("change", sort=False):
        lost = ~group["hits"].map(bool)
        rows[change] = {
            "kept to": next(iter(group["level"][~lost.cummax()][::-1]), "-"),
            "lost at": next(iter(group["level"][lost]), "-"),
            "other boxes": group["faces"].map(len).sum() - group["hits"].map(len).sum(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("change")


def classifier_limits(results, expected):
    """Sum up how often the label holds if the classifier is given the true box.

    Args:
        results: Table of `measure`.
        expected: The label of the unchanged frame.

    Returns:
        DataFrame indexed by change. Columns: "found", the number of trials in which the detector
        finds the face; "same label, given the true box"; "of", the number of trials;
        "misclassified as", the other labels.
    """
    rows = {}
    for change, group in results.groupby("change", sort=False):
        labels = [LABELS[probabilities.argmax()] for probabilities in group["given_box"]]
        rows[change] = {
            "found": group["hits"].map(bool).sum(),
            "same label, given the true box": labels.count(expected),
            "of": len(group),
            "misclassified as": ", ".join(sorted({*labels} - {expected})) or "-",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("change")


def captioned(results):
    """Prepare results for the figure `plots.live_demo.trials`.

    Args:
        results: Table of `measure`.

    Returns:
        A mapping of each change to a list of `(level, frame, boxes, caption)`, all texts but the
        frame and the boxes.
    """
    return {
        change: [
            (f"{row.level:g}", row.frame, [face.box for face in row.faces], _caption(row))
            for row in group.itertuples()
        ]
        for change, group in results.groupby("change", sort=False)
    }


def _caption(row):
    if not row.faces:
        return f"not found\n(true box: {describe(row.given_box)})"
    return describe(row.faces[0].raw) + ("" if row.hits else "\nbut not the face")


def from_camera(frames, noise=8, shake=2):
    """Give clean frames the noise and the shake of a camera.

    Args:
        frames: Iterable of RGB frames, `(h, w, 3)` uint8.
        noise: Standard deviation of the noise in each pixel, in gray levels.
        shake: Standard deviation of each frame's shift, in pixels, across and down.

    Yields:
        The changed frames, the same in every call.
    """
    generator = np.random.default_rng(0)
    for frame in frames:
        height, width = frame.shape[:2]
        shift = np.float32([[1, 0, 0], [0, 1, 0]])
        shift[:, 2] = generator.normal(0, shake, 2)
        moved = cv2.warpAffine(frame, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
        grain = generator.normal(0, noise, (height, width, 1))
        yield np.clip(moved + grain, 0, 255).astype(np.uint8)
