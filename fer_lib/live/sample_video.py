"""Stand-ins for a camera, in the notebook and in the browser tests.

A sample video without people, in which a synthetic face passes through the seven expressions, and a
photograph: NASA's portrait of the astronaut Eileen Collins, in the public domain.
"""

import functools

import cv2
import numpy as np
from skimage.data import astronaut

from fer_lib import paths
from fer_lib.data import synthetic_faces
from fer_lib.exceptions import Problem
from fer_lib.labels import ACTION_UNITS, LABELS
from fer_lib.quiet import mute_stderr

WIDTH, HEIGHT = 640, 480
FPS = 30  # Chromium plays MJPEG at this rate, whatever was intended
HOLD_SECONDS = 1.0  # per expression
TRANSITION_SECONDS = 0.5  # from one expression to the next
# The head, around which the detectors draw a box of about 240 pixels, with its neck at the frame's
# lower edge.
SCENE = synthetic_faces.Scene(scale=0.5, shift=(0, 0.2))
# Center (x, y) and side of the square that Haar's cascade puts around the astronaut's face.
ASTRONAUT_FACE = (222, 115, 101)


def frames():
    """Draw the sample video, which loops smoothly from the last frame to the first.

    Yields:
        RGB frames, `(480, 640, 3)` uint8.
    """
    held, passing = round(HOLD_SECONDS * FPS), round(TRANSITION_SECONDS * FPS)
    for label, following in zip(LABELS, LABELS[1:] + LABELS[:1], strict=True):
        start, end = _intensities(label), _intensities(following)
        yield from [_draw(start)] * held
        for step in range(1, passing + 1):
            share = (1 - np.cos(np.pi * step / (passing + 1))) / 2  # slow, fast, slow
            yield _draw((1 - share) * start + share * end)


def portrait(side=160, angle=0):
    """Show the photograph as a camera would, with its face in the center.

    Args:
        side: Side of the face's square, in pixels.
        angle: Clockwise tilt of the head, in degrees.

    Returns:
        An RGB frame, `(480, 640, 3)` uint8.
    """
    x, y, face = ASTRONAUT_FACE
    change = cv2.getRotationMatrix2D((x, y), -angle, side / face)
    change[:, 2] += WIDTH / 2 - x, HEIGHT / 2 - y
    return cv2.warpAffine(astronaut(), change, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def write_webm(path):
    """Write the sample video as WebM with VP8, which every browser plays.

    Args:
        path: File to write; its name must end in `.webm`.

    Returns:
        The path.

    Raises:
        Problem: If this computer's OpenCV can't write it.
    """
    with paths.write_atomically(path) as temporary:
        codec = cv2.VideoWriter.fourcc(*"VP80")
        with mute_stderr():  # OpenCV's harmless note on the codec's name
            writer = cv2.VideoWriter(str(temporary), codec, FPS, (WIDTH, HEIGHT))
        if not writer.isOpened():
            raise Problem(
                f"{path}: this OpenCV can't write it. Use a name that ends in .webm, and install "
                "the wheel opencv-python-headless."
            )
        for frame in frames():
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        writer.release()
    return path


def write_mjpeg(path, frames):
    """Write frames as MJPEG (concatenated JPEG files), which Chromium can use as a camera.

    Chromium's option is --use-file-for-fake-video-capture.

    Args:
        path: File to write.
        frames: Iterable of RGB frames, `(h, w, 3)` uint8.

    Returns:
        The path.
    """
    with paths.write_atomically(path) as temporary, open(temporary, "wb") as file:
        for frame in frames:
            file.write(cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1].tobytes())
    return path


def _intensities(label):
    return np.array([float(unit in ACTION_UNITS[label]) for unit in synthetic_faces.UNITS])


def _draw(intensities):
    face = _draw_face(tuple(intensities))
    beside = (WIDTH - HEIGHT) // 2
    gray = cv2.copyMakeBorder(face, 0, 0, beside, beside, cv2.BORDER_REPLICATE)
    return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)


@functools.cache  # the video takes seconds to draw and 26 MB to keep
def _draw_face(intensities):
    action_units = dict(zip(synthetic_faces.UNITS, intensities, strict=True))
    return synthetic_faces.draw_face(action_units, size=HEIGHT, scene=SCENE)
