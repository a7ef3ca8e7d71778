"""BlazeFace, the face detector of the demo that runs in a browser, here for comparison.

BlazeFace (Bazarevsky et al. 2019) looks at 896 places of a 128×128 image. Its short-range network
is a file of MediaPipe's npm package (Apache License 2.0), which `npm ci` puts in `node_modules/`.
`javascript/blazeface.js` is the same in JavaScript; the tests hold both against each other.

As in `detection`, its box becomes a square like those that FER2013's images were cropped to. `SIDE`
and `SHIFT` were selected on PublicTest faces pasted into scenes (`fer experiment browser_framing`).
"""

import numpy as np

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.live import detection

FILE = paths.REPOSITORY.joinpath(
    "node_modules", "@mediapipe", "face_detection", "face_detection_short_range.tflite"
)
INPUT_SIDE = 128
GRIDS = ((16, 2), (8, 6))  # places per side, and anchors in each place
MIN_SCORE = 0.5
SAME_FACE = 0.3  # intersection over union of two boxes of one face
SIDE = 1.15  # of the square, over the square root of the box's area
SHIFT = -0.07  # down, in sides of the square


class BlazeFaceDetector:
    """BlazeFace on LiteRT. Not thread-safe.

    Args:
        path: `face_detection_short_range.tflite`.

    Raises:
        Problem: If the file is missing.
    """

    def __init__(self, path=FILE):
        from ai_edge_litert.interpreter import Interpreter

        from fer_lib import quiet

        if not path.exists():
            raise Problem(f"{path} is missing. Run `npm ci` in the repository.")
        self._anchors = anchors()
        with quiet.mute_stderr():  # LiteRT notes which processor it found
            self._interpreter = Interpreter(str(path), num_threads=1)
            self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        # By number of values per place: 16 of the box and its landmarks, and 1 of the score.
        outputs = {
            each["shape"][-1]: each["index"] for each in self._interpreter.get_output_details()
        }
        self._boxes, self._scores = outputs[16], outputs[1]

    def detect(self, frame):
        """Find the faces in a frame, which is reduced to a longer side of 128 px.

        Args:
            frame: RGB frame, `(h, w, 3)` uint8.

        Returns:
            A list of `Box`, largest first.

        Raises:
            ValueError: If the frame has another shape or type.
        """
        return detection.largest_first(to_square(*box) for box in self.find(frame))

    def find(self, frame):
        """Find the faces in a frame, and leave their boxes as BlazeFace draws them.

        Args:
            frame: As above.

        Returns:
            Boxes in pixels of the frame: x, y, width, height, float `(n, 4)`.

        Raises:
            ValueError: As above.
        """
        reduced, scale = detection.reduce(frame, INPUT_SIDE)
        height, width = reduced.shape[:2]
        padded = np.zeros((1, INPUT_SIDE, INPUT_SIDE, 3), np.float32)
        padded[0, :height, :width] = reduced
        self._interpreter.set_tensor(self._input, padded / 127.5 - 1)
        self._interpreter.invoke()
        boxes = self._interpreter.get_tensor(self._boxes)[0, :, :4] / INPUT_SIDE
        logits = self._interpreter.get_tensor(self._scores)[0, :, 0]
        scores = 1 / (1 + np.exp(-np.clip(logits, -80, 80)))
        sure = scores >= MIN_SCORE
        boxes[:, :2] += self._anchors - boxes[:, 2:] / 2
        return merge(boxes[sure], scores[sure]) * INPUT_SIDE * scale


def anchors():
    """List the places that BlazeFace looks at.

    Returns:
        Centers `(x, y)` in sides of the image, `(896, 2)`.
    """
    grids = []
    for places, repeats in GRIDS:
        x, y = np.meshgrid(*2 * [(np.arange(places) + 0.5) / places])
        grids.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2), repeats, axis=0))
    return np.concatenate(grids).astype(np.float32)


def merge(boxes, scores):
    """Average the boxes of each face, weighted by their scores.

    Args:
        boxes: x, y, width, height, `(n, 4)`.
        scores: Scores, `(n,)`.

    Returns:
        Boxes `(faces, 4)`, the one with the best score first.
    """
    left, merged = np.argsort(-scores, kind="stable"), []
    while len(left):
        best = detection.Box(*boxes[left[0]])
        overlaps = [detection.iou(best, detection.Box(*boxes[each])) for each in left]
        same = np.array(overlaps) >= SAME_FACE
        merged.append(np.average(boxes[left[same]], axis=0, weights=scores[left[same]]))
        left = left[~same]
    return np.array(merged).reshape(-1, 4)


def to_square(x, y, width, height):
    """Convert BlazeFace's box to the square that Haar would give.

    Args:
        x: Left edge, in pixels of the frame.
        y: Top edge.
        width: Width.
        height: Height.

    Returns:
        A `Box`.
    """
    side = SIDE * np.sqrt(width * height)
    return detection.square(x + width / 2, y + height / 2 + SHIFT * side, side)
