"""BlazeFace in Python, and the JavaScript that does the same: resizing, crops, and boxes."""

import json
import shutil
import subprocess

import cv2
import numpy as np
import pytest

from fer_lib.exceptions import Problem
from fer_lib.live import blazeface, detection, frontend, sample_video

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
needs_file = pytest.mark.skipif(not blazeface.FILE.exists(), reason="needs `npm ci`")
GENERATOR = np.random.default_rng(0)
FRAME = cv2.resize(GENERATOR.integers(0, 256, (24, 32, 3), np.uint8), (640, 480), None, 0, 0, 2)


def run(module, script):
    """What a script returns, to which a module's exports are given as `module`."""
    address = (frontend.JAVASCRIPT / module).as_uri()
    text = f'import * as module from "{address}"; console.log(JSON.stringify({script}));'
    command = ["node", "--input-type=module", "-"]
    ran = subprocess.run(command, input=text, capture_output=True, text=True, encoding="utf-8")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def image(frame):
    """JavaScript's ImageData of an RGB frame."""
    pixels = np.dstack([frame, np.full(frame.shape[:2], 255, np.uint8)])
    height, width = frame.shape[:2]
    data = f"Uint8ClampedArray.from({pixels.ravel().tolist()})"
    return f"{{ data: {data}, width: {width}, height: {height} }}"


@needs_file
@pytest.mark.parametrize("side", [120, 180, 240])
def test_the_square_is_that_of_haar_on_a_photograph(side):
    frame = sample_video.portrait(side)
    (box,), (other,) = (
        detector.detect(frame)
        for detector in (blazeface.BlazeFaceDetector(), detection.HaarDetector())
    )
    assert detection.iou(box, other) > 0.6  # on this photograph, the square is larger


@needs_file
def test_faces_are_found_largest_first_and_nothing_without_one():
    detector = blazeface.BlazeFaceDetector()
    frame = np.full((480, 640, 3), 128, np.uint8)
    assert detector.detect(frame) == []
    frame[:, :320] = sample_video.portrait(150)[:, 160:480]
    frame[:, 320:] = sample_video.portrait(210)[:, 160:480]
    left, right = (box.x + box.width / 2 for box in detector.detect(frame)[::-1])
    assert abs(left - 160) < 20 and abs(right - 480) < 20


def test_a_missing_file_is_explained(tmp_path):
    with pytest.raises(Problem, match="missing. Run `npm ci`"):
        blazeface.BlazeFaceDetector(tmp_path / "none.tflite")


def test_boxes_of_one_face_are_averaged_by_their_scores():
    boxes = np.array([[0, 0, 10, 10], [2, 0, 10, 10], [50, 50, 10, 10]], float)
    merged = blazeface.merge(boxes, np.array([0.9, 0.6, 0.7]))
    np.testing.assert_allclose(merged, [[0.8, 0, 10, 10], [50, 50, 10, 10]])
    assert blazeface.merge(boxes[:0], np.array([])).shape == (0, 4)


@needs_node
@pytest.mark.parametrize("size", [(128, 96), (320, 240), (100, 75), (127, 95)])
def test_javascript_reduces_as_opencv_does(size):
    width, height = size
    reduced = run(
        "resize.js", f"[...module.resizeArea({image(FRAME)}, 4, 3, {width}, {height}).data]"
    )
    expected = cv2.resize(FRAME, size, interpolation=cv2.INTER_AREA)
    difference = np.abs(np.array(reduced).reshape(expected.shape) - expected.astype(int))
    assert difference.max() <= 1 and (difference > 0).mean() < 1e-3


@needs_node
@pytest.mark.parametrize(
    "box",
    [(200, 100, 181, 181), (200, 100, 96, 96), (-40, -30, 200, 200), (560, 400, 150, 150)]
    + [(10, 10, 48, 48), (300, 200, 30, 30), (630, 470, 20, 20)],
)
def test_javascript_crops_as_python_does(box):
    crop = run("crops.js", f"[...module.crop({image(FRAME)}, {list(box)})]")
    expected = detection.crop(FRAME, detection.Box(*box)).ravel()
    difference = np.abs(np.array(crop) - expected)
    assert difference.max() <= 1 and (difference > 0).mean() < 0.02


@needs_node
def test_javascript_looks_at_the_same_places():
    settings = json.dumps(frontend.settings()["blazeface"])
    anchors = run("blazeface.js", f"module.blazefaceAnchors({settings})")
    np.testing.assert_allclose(anchors, blazeface.anchors(), atol=1e-6)


@needs_node
def test_javascript_makes_the_same_squares():
    """Of boxes around three places, of which two show one face."""
    values, logits = np.zeros((896, 16)), np.full(896, -9.0)
    for place, logit, box in (
        (300, 3.0, (2, -3, 40, 44)),
        (302, 1.0, (-4, -3, 42, 40)),
        (700, 2.0, (0, 1, 60, 50)),
    ):
        values[place, :4], logits[place] = box, logit
    settings = json.dumps(frontend.settings()["blazeface"])
    script = f"""(() => {{
      const values = Float32Array.from({values.ravel().tolist()});
      const anchors = module.blazefaceAnchors({settings});
      return module.blazefaceSquares(values, {logits.tolist()}, 5, anchors, {settings});
    }})()"""
    boxes = values[:, :4].copy()
    boxes[:, :2] += 128 * blazeface.anchors() - boxes[:, 2:] / 2
    sure = logits > 0
    merged = blazeface.merge(boxes[sure], 1 / (1 + np.exp(-logits[sure]))) * 5
    expected = detection.largest_first(blazeface.to_square(*box) for box in merged)
    assert len(expected) == 2
    assert [tuple(box) for box in run("blazeface.js", script)] == expected
