"""Faces in a picture: two detectors behind one call, and crops framed as FER2013's images are.

`detector()` gives Haar's cascade (Viola and Jones 2001), which OpenCV brings, or YuNet (Wu et al.
2023), a small network, where its file is at hand: `FER_YUNET` names it, or `fetch_yunet()` once.
OpenCV's objects keep state while they search, so each thread makes a detector of its own.

FER2013 was cropped by OpenCV's face detector of 2013, a cascade, and corrected by hand (Goodfellow
et al. 2013, pp. 3-4); a classifier wants what it was trained on. Both detectors therefore return
the square that such a cascade gives. Haar's is one already: around PublicTest images pasted into
larger frames it is 0.98 (median) of their size and 0.01 off their middle. YuNet's box is narrower,
higher and lower; `YUNET_SIDE` and `YUNET_SHIFT` make it that square. Medians of Haar's side over
the root of YuNet's area, and of the shift in Haar's sides: 1.09 and -0.03 over the 2,524 pasted
images that both found, 0.97 and -0.05 over 100 views of one photograph, 1.13 and -0.03 over 98
drawn faces. tests/test_faces.py checks the framing.
"""

import os
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from fer_lib import paths
from fer_lib.data.fer2013 import SIDE
from fer_lib.exceptions import Problem

# Of the wheel's frontal cascades the one with the fewest false faces, and the fastest.
CASCADE = "haarcascade_frontalface_alt2.xml"
HAAR_LONGEST_SIDE = 640

YUNET_FILE = "face_detection_yunet_2026may.onnx"
YUNET_URL = (  # opencv_zoo keeps its models in Git LFS, which this host serves
    "https://media.githubusercontent.com/media/opencv/opencv_zoo/"
    f"47534e27c9851bb1128ccc0102f1145e27f23f98/models/face_detection_yunet/{YUNET_FILE}"
)
YUNET_SHA256 = "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0"
YUNET_LONGEST_SIDE = 320
YUNET_MIN_SIDE = 64  # with a side of 32 px or less OpenCV 4.14 reads memory that nobody wrote
YUNET_MIN_SCORE = 0.6  # of 100 pasted faces 0.5 finds 1 more, 0.8 8 fewer
YUNET_SIDE = 1.1
YUNET_SHIFT = -0.03
HOW_TO_GET_YUNET = (
    "name a good file in FER_YUNET or unset it, and get one with fer_lib.faces.fetch_yunet()"
)


class Box(NamedTuple):
    """A square around a face, in pixels of its frame; it may reach beyond the frame."""

    x: int
    y: int
    width: int
    height: int


def detector(smallest=80):
    """The best detector at hand: YuNet where `FER_YUNET` or `fetch_yunet` gives it, else Haar.

    smallest: see `HaarDetector`; YuNet finds smaller faces anyway.
    Raises Problem if YuNet's file cannot be read.
    """
    named = os.environ.get("FER_YUNET")
    path = Path(named).expanduser() if named else paths.cache_folder() / YUNET_FILE
    return YuNetDetector(path) if named or path.exists() else HaarDetector(smallest)


def fetch_yunet():
    """Download YuNet (230 kB, MIT licence) from OpenCV's model zoo into the cache.

    Downloads nothing where it is there already and whole. Returns its path. Raises Problem if the
    download fails or brings another file.
    """
    import pooch

    try:
        path = pooch.retrieve(YUNET_URL, YUNET_SHA256, YUNET_FILE, paths.cache_folder())
    except (OSError, ValueError) as error:  # no network; another SHA-256 sum
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise Problem(
            f"no YuNet from {YUNET_URL} ({reason}); check the network, or place the file by hand "
            "and name it in FER_YUNET"
        ) from error
    return Path(path)


class HaarDetector:
    """OpenCV's Haar cascade: upright faces, seen from the front. For one thread at a time.

    In the photograph tried, a head tilted further than 10 to 15 degrees is lost.

    smallest: the side of the smallest face sought, in pixels of a frame that is 640 px long (a
    larger frame is reduced to that). 80 suits a camera; half of it takes four times as long.
    """

    def __init__(self, smallest=80):
        self.smallest = smallest
        # Read from memory: on Windows OpenCV opens no path with letters beyond ASCII.
        content = Path(cv2.data.haarcascades, CASCADE).read_text(encoding="utf-8")
        storage = cv2.FileStorage(content, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        self.cascade = cv2.CascadeClassifier()
        self.cascade.read(storage.getFirstTopLevelNode())

    def detect(self, frame):
        """Boxes of the faces in an RGB frame (h, w, 3) uint8, largest first.

        Raises ValueError for anything but such a frame.
        """
        reduced, scale = _reduce(frame, HAAR_LONGEST_SIDE)
        found = self.cascade.detectMultiScale(
            cv2.cvtColor(reduced, cv2.COLOR_RGB2GRAY),
            scaleFactor=1.2,
            minNeighbors=3,
            minSize=(self.smallest, self.smallest),
        )
        return _largest_first(
            _square((x + width / 2) * scale, (y + height / 2) * scale, width * scale)
            for x, y, width, height in found
        )


class YuNetDetector:
    """YuNet on OpenCV's dnn: also turned, tilted and small faces. For one thread at a time.

    In the photograph tried, it found the face tilted by nearly any angle, upside down too, and from
    a side of 24 px on in 640x480 (of a frame's longer side, one part in 27).

    path: `face_detection_yunet_2026may.onnx` or another release of it. Raises Problem if the file
    is missing or is none.
    """

    def __init__(self, path):
        try:
            content = np.frombuffer(Path(path).read_bytes(), np.uint8)
            self.network = cv2.FaceDetectorYN.create(
                "onnx", content, np.empty(0, np.uint8), (SIDE, SIDE), YUNET_MIN_SCORE
            )
            self.detect(np.zeros((SIDE, SIDE, 3), np.uint8))  # another network fails only here
        except OSError as error:
            raise Problem(f"{path}: {error.strerror}; {HOW_TO_GET_YUNET}") from error
        except cv2.error as error:
            raise Problem(f"{path}: not a YuNet face detector; {HOW_TO_GET_YUNET}") from error

    def detect(self, frame):
        """Boxes of the faces in an RGB frame (h, w, 3) uint8, largest first.

        The frame is reduced to a longer side of 320 px. Raises ValueError for anything but such a
        frame.
        """
        reduced, scale = _reduce(frame, YUNET_LONGEST_SIDE)
        below, beside = (max(YUNET_MIN_SIDE - side, 0) for side in reduced.shape[:2])
        padded = cv2.copyMakeBorder(reduced, 0, below, 0, beside, cv2.BORDER_CONSTANT)
        self.network.setInputSize(padded.shape[1::-1])
        _, found = self.network.detect(cv2.cvtColor(padded, cv2.COLOR_RGB2BGR))
        return _largest_first(
            _haar_square(*face[:4] * scale) for face in ([] if found is None else found)
        )


def crop(frame, box):
    """The face in a box of an RGB frame (h, w, 3) uint8, as the classifier wants it.

    Returns (48, 48, 1) uint8, grey. Beyond the frame its border is repeated. Raises ValueError for
    anything but such a frame, and for a box with no pixel of it.
    """
    _require_frame(frame)
    height, width = frame.shape[:2]
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    part = frame[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if not part.size:
        raise ValueError(f"{box} has no pixel of a frame {width} wide and {height} high")
    beyond = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    square = cv2.copyMakeBorder(grey, *beyond, cv2.BORDER_REPLICATE)
    interpolation = cv2.INTER_AREA if box.width > SIDE else cv2.INTER_LINEAR
    return cv2.resize(square, (SIDE, SIDE), interpolation=interpolation)[..., np.newaxis]


def _require_frame(frame):
    if not (
        isinstance(frame, np.ndarray)
        and frame.dtype == np.uint8
        and frame.ndim == 3
        and frame.shape[2] == 3
        and frame.size
    ):
        given = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame)
        raise ValueError(f"a frame is a uint8 array (height, width, 3), not {given}")


def _reduce(frame, longest_side):
    """(frame reduced to at most `longest_side` pixels, the factor back to the frame's pixels)."""
    _require_frame(frame)
    height, width = frame.shape[:2]
    scale = max(height, width) / longest_side
    if scale <= 1:
        return frame, 1
    size = max(1, round(width / scale)), max(1, round(height / scale))
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA), scale


def _haar_square(x, y, width, height):
    """The square that Haar would give for YuNet's box."""
    side = YUNET_SIDE * np.sqrt(width * height)
    return _square(x + width / 2, y + height / 2 + YUNET_SHIFT * side, side)


def _square(centre_x, centre_y, side):
    return Box(round(centre_x - side / 2), round(centre_y - side / 2), round(side), round(side))


def _largest_first(boxes):
    return sorted(boxes, key=lambda box: box.width, reverse=True)
