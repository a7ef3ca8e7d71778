"""What stands in for a camera where there is none, in the notebook and in the browser tests.

It is a clip without people, a drawn face that passes through the seven expressions, and a
photograph: NASA's portrait of the astronaut Eileen Collins, in the public domain.
"""

import functools

import cv2
import numpy as np
from skimage.data import astronaut

from fer_lib import paths
from fer_lib.data import drawn_faces
from fer_lib.exceptions import Problem
from fer_lib.labels import ACTION_UNITS, LABELS
from fer_lib.quiet import mute_stderr

WIDTH, HEIGHT = 640, 480
FPS = 30  # frames a second: Chromium plays MJPEG at this rate, whatever was meant
HOLD_SECONDS = 1.0  # seconds of each expression
TRANSITION_SECONDS = 0.5  # seconds from one to the next
# The head, of which the detectors frame about 240 pixels, with its neck at the frame's lower edge.
SCENE = drawn_faces.Scene(scale=0.5, shift=(0, 0.2))
# Middle (x, y) and side of the square that Haar's cascade puts around the astronaut's face.
ASTRONAUT_FACE = (222, 115, 101)


def frames():
    """The clip's RGB frames (480, 640, 3) uint8; after the last the first follows smoothly."""
    shown, passing = round(HOLD_SECONDS * FPS), round(TRANSITION_SECONDS * FPS)
    for label, following in zip(LABELS, LABELS[1:] + LABELS[:1], strict=True):
        start, end = _intensities(label), _intensities(following)
        yield from [_draw(start)] * shown
        for step in range(1, passing + 1):
            share = (1 - np.cos(np.pi * step / (passing + 1))) / 2  # slow, fast, slow
            yield _draw((1 - share) * start + share * end)


def portrait(side=160, angle=0):
    """The photograph as a camera sees it, an RGB frame (480, 640, 3) uint8, its face in the middle.

    side: of the face's square, in pixels. angle: by which the head is tilted, in degrees,
    clockwise.
    """
    x, y, face = ASTRONAUT_FACE
    change = cv2.getRotationMatrix2D((x, y), -angle, side / face)
    change[:, 2] += WIDTH / 2 - x, HEIGHT / 2 - y
    return cv2.warpAffine(astronaut(), change, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def write_webm(path):
    """Write the clip as WebM with VP8, which every browser plays. Returns the path.

    Raises Problem if this computer's OpenCV cannot write it.
    """
    with paths.write_atomically(path) as temporary:
        codec = cv2.VideoWriter.fourcc(*"VP80")
        with mute_stderr():  # OpenCV's note on the codec's name, which does no harm
            writer = cv2.VideoWriter(str(temporary), codec, FPS, (WIDTH, HEIGHT))
        if not writer.isOpened():
            raise Problem(
                f"{path}: this OpenCV cannot write it; name it .webm, and use the wheel "
                "opencv-python-headless"
            )
        for frame in frames():
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
        writer.release()
    return path


def write_mjpeg(path, pictures):
    """Write RGB frames as MJPEG (JPEG files in a row), which Chromium takes for a camera's picture.

    Its option is --use-file-for-fake-video-capture. Returns the path.
    """
    with paths.write_atomically(path) as temporary, open(temporary, "wb") as file:
        for frame in pictures:
            file.write(cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1].tobytes())
    return path


def _intensities(label):
    return np.array([float(unit in ACTION_UNITS[label]) for unit in drawn_faces.UNITS])


def _draw(intensities):
    face = _draw_face(tuple(intensities))
    beside = (WIDTH - HEIGHT) // 2
    grey = cv2.copyMakeBorder(face, 0, 0, beside, beside, cv2.BORDER_REPLICATE)
    return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)


@functools.cache  # the clip takes seconds to draw and 26 MB to keep
def _draw_face(intensities):
    action_units = dict(zip(drawn_faces.UNITS, intensities, strict=True))
    return drawn_faces.draw_face(action_units, size=HEIGHT, scene=SCENE)
