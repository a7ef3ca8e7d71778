"""Face detectors with one interface, and crops framed like FER2013's images.

`detector()` gives OpenCV's Haar cascade (Viola and Jones 2001), or YuNet (Wu et al. 2023), a small
network, where its file is available: named by `FER_YUNET`, or downloaded once by `fetch_yunet()`.
OpenCV's objects keep state during detection, so make one detector per thread.

FER2013 was cropped with OpenCV's face detector of 2013, a cascade, and corrected by hand
(Goodfellow et al. 2013, pp. 3-4), and a classifier needs crops like those it was trained on. So
both detectors return the square that such a cascade gives. Haar's boxes are such squares: around
PublicTest images pasted into larger frames, they are 0.98 (median) of the images' size and 0.01 off
their center. YuNet's box is narrower, taller, and lower; `YUNET_SIDE` and `YUNET_SHIFT` convert it
to that square. Medians of Haar's side over the square root of YuNet's area, and of the shift in
Haar's sides: 1.09 and -0.03 over the 2,524 pasted images that both found, 0.97 and -0.05 over 100
views of one photograph, 1.13 and -0.03 over 98 synthetic faces. tests/live/test_detection.py checks
the framing.
"""

import os
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from fer_lib import paths
from fer_lib.data import user_files
from fer_lib.data.fer2013 import SIDE
from fer_lib.exceptions import Problem

# Of the frontal cascades in OpenCV's wheel, the one with the fewest false faces, and the fastest.
CASCADE = "haarcascade_frontalface_alt2.xml"
HAAR_LONGEST_SIDE = 640

YUNET_FILE = "face_detection_yunet_2026may.onnx"
YUNET_URL = (  # opencv_zoo keeps its models in Git LFS, which this host serves
    "https://media.githubusercontent.com/media/opencv/opencv_zoo/"
    f"47534e27c9851bb1128ccc0102f1145e27f23f98/models/face_detection_yunet/{YUNET_FILE}"
)
YUNET_SHA256 = "ebafce4e3c118d6554634be5c27ab333b4c047a9a8c3faf1d7cf93101c22f0f0"
YUNET_LONGEST_SIDE = 320
YUNET_MIN_SIDE = 64  # with a side of 32 px or less, OpenCV 4.14 reads uninitialized memory
YUNET_MIN_SCORE = 0.6  # of 100 pasted faces, 0.5 finds 1 more, 0.8 finds 8 fewer
YUNET_SIDE = 1.1
YUNET_SHIFT = -0.03
HOW_TO_GET_YUNET = (
    "Get one with fer_lib.live.fetch_yunet(), name a valid file in FER_YUNET, or unset it"
)


class Box(NamedTuple):
    """A square around a face, in pixels of its frame; it may extend beyond the frame.

    Attributes:
        x: Left edge.
        y: Top edge.
        width: Width; equal to `height`.
        height: Height.
    """

    x: int
    y: int
    width: int
    height: int


def iou(box, other):
    """Return the intersection over union of two boxes, 0-1."""
    width = min(box.x + box.width, other.x + other.width) - max(box.x, other.x)
    height = min(box.y + box.height, other.y + other.height) - max(box.y, other.y)
    shared = max(width, 0) * max(height, 0)
    return shared / (box.width * box.height + other.width * other.height - shared)


def detector(min_size=80):
    """Make the best available detector: YuNet if `FER_YUNET` or `fetch_yunet` gave it, else Haar.

    Args:
        min_size: Passed to `HaarDetector`; YuNet has no such limit (notebook 06 measures both).

    Returns:
        A `YuNetDetector` or a `HaarDetector`.

    Raises:
        Problem: If YuNet's file can't be read.
    """
    named = os.environ.get("FER_YUNET")
    path = Path(named).expanduser() if named else paths.cache_folder() / YUNET_FILE
    return YuNetDetector(path) if named or path.exists() else HaarDetector(min_size)


def fetch_yunet():
    """Download YuNet (230 kB, MIT license) from OpenCV's model zoo into the cache.

    Downloads nothing if the cache holds an intact copy.

    Returns:
        The file's path.

    Raises:
        Problem: If the download fails or gives another file.
    """
    path = paths.cache_folder() / YUNET_FILE
    return user_files.download("YuNet", YUNET_URL, YUNET_SHA256, path, "FER_YUNET")


class HaarDetector:
    """OpenCV's Haar cascade, which finds upright frontal faces. Not thread-safe.

    On the photograph tried, it misses a head tilted by more than 10 to 15 degrees.

    Args:
        min_size: Side of the smallest face to find, in pixels of a frame 640 px long (larger frames
            are reduced to that). 80 suits a camera; half of it takes four times as long.
    """

    def __init__(self, min_size=80):
        self.min_size = min_size
        # Read from memory: on Windows, OpenCV opens no path with non-ASCII letters.
        content = Path(cv2.data.haarcascades, CASCADE).read_text(encoding="utf-8")
        storage = cv2.FileStorage(content, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        self.cascade = cv2.CascadeClassifier()
        self.cascade.read(storage.getFirstTopLevelNode())

    def detect(self, frame):
        """Find the faces in a frame.

        Args:
            frame: RGB frame, `(h, w, 3)` uint8.

        Returns:
            A list of `Box`, largest first.

        Raises:
            ValueError: If the frame has another shape or type.
        """
        reduced, scale = reduce(frame, HAAR_LONGEST_SIDE)
        found = self.cascade.detectMultiScale(
            cv2.cvtColor(reduced, cv2.COLOR_RGB2GRAY),
            scaleFactor=1.2,
            minNeighbors=3,
            minSize=(self.min_size, self.min_size),
        )
        return largest_first(
            square((x + width / 2) * scale, (y + height / 2) * scale, width * scale)
            for x, y, width, height in found
        )


class YuNetDetector:
    """YuNet on OpenCV's dnn, which also finds turned, tilted, and small faces. Not thread-safe.

    On the photograph tried, it finds the face tilted by nearly any angle, even upside down, and
    from a side of 24 px in 640×480 (1/27 of the frame's longer side).

    Args:
        path: `face_detection_yunet_2026may.onnx`, or another release of it.

    Raises:
        Problem: If the file is missing or isn't YuNet.
    """

    def __init__(self, path):
        try:
            content = np.frombuffer(Path(path).read_bytes(), np.uint8)
            self.network = cv2.FaceDetectorYN.create(
                "onnx", content, np.empty(0, np.uint8), (SIDE, SIDE), YUNET_MIN_SCORE
            )
            self.detect(np.zeros((SIDE, SIDE, 3), np.uint8))  # another network fails only here
        except OSError as error:
            raise Problem(f"{path}: {error.strerror}. {HOW_TO_GET_YUNET}.") from error
        except cv2.error as error:
            raise Problem(f"{path}: not a YuNet face detector. {HOW_TO_GET_YUNET}.") from error

    def detect(self, frame):
        """Find the faces in a frame, which is reduced to a longer side of 320 px.

        Args:
            frame: RGB frame, `(h, w, 3)` uint8.

        Returns:
            A list of `Box`, largest first.

        Raises:
            ValueError: If the frame has another shape or type.
        """
        reduced, scale = reduce(frame, YUNET_LONGEST_SIDE)
        below, beside = (max(YUNET_MIN_SIDE - side, 0) for side in reduced.shape[:2])
        padded = cv2.copyMakeBorder(reduced, 0, below, 0, beside, cv2.BORDER_CONSTANT)
        self.network.setInputSize(padded.shape[1::-1])
        _, found = self.network.detect(cv2.cvtColor(padded, cv2.COLOR_RGB2BGR))
        return largest_first(
            _haar_square(*face[:4] * scale) for face in ([] if found is None else found)
        )


def crop(frame, box):
    """Cut out a face as the classifier needs it; beyond the frame, its border is repeated.

    Args:
        frame: RGB frame, `(h, w, 3)` uint8.
        box: The face's `Box`.

    Returns:
        The face in grayscale, `(48, 48, 1)` uint8.

    Raises:
        ValueError: If the frame has another shape or type, or the box contains none of its pixels.
    """
    _require_frame(frame)
    height, width = frame.shape[:2]
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    part = frame[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if not part.size:
        raise ValueError(f"{box} contains no pixel of the frame, which is {width}×{height}.")
    beyond = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    gray = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    square = cv2.copyMakeBorder(gray, *beyond, cv2.BORDER_REPLICATE)
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
        raise ValueError(f"A frame must be a uint8 array (height, width, 3), not {given}.")


def reduce(frame, longest_side):
    """Reduce a frame for a detector.

    Args:
        frame: RGB frame, `(h, w, 3)` uint8.
        longest_side: Pixels that its longer side may have.

    Returns:
        The frame, unchanged if it is no longer, and the factor back to its own pixels.

    Raises:
        ValueError: If the frame has another shape or type.
    """
    _require_frame(frame)
    height, width = frame.shape[:2]
    scale = max(height, width) / longest_side
    if scale <= 1:
        return frame, 1
    size = max(1, round(width / scale)), max(1, round(height / scale))
    return cv2.resize(frame, size, interpolation=cv2.INTER_AREA), scale


def _haar_square(x, y, width, height):
    """Convert YuNet's box to the square that Haar would give."""
    side = YUNET_SIDE * np.sqrt(width * height)
    return square(x + width / 2, y + height / 2 + YUNET_SHIFT * side, side)


def square(center_x, center_y, side):
    """Make a square `Box` from its center and side, in pixels."""
    return Box(round(center_x - side / 2), round(center_y - side / 2), round(side), round(side))


def largest_first(boxes):
    """Sort boxes by size, the largest first."""
    return sorted(boxes, key=lambda box: box.width, reverse=True)
