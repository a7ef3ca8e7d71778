"""Face detectors: the same squares from both, framed like FER2013's images, on any frame."""

import functools
import hashlib
import http.server
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from fer_lib import data, live, models
from fer_lib.data import fer2013
from fer_lib.data.synthetic_faces import draw_face, draw_faces
from fer_lib.exceptions import Problem
from fer_lib.live import detection
from fer_lib.live.detection import Box, HaarDetector, YuNetDetector
from fer_lib.models import shipped

YUNET = os.environ.get("FER_YUNET")
needs_yunet = pytest.mark.skipif(not YUNET, reason="FER_YUNET names no YuNet file")


@pytest.fixture(params=["haar", pytest.param("yunet", marks=needs_yunet)])
def detector(request):
    return HaarDetector() if request.param == "haar" else YuNetDetector(YUNET)


def pasted(face, box, height=480, width=640):
    """An RGB frame with a gray face in a box, whose borders run out into a blur."""
    inside = cv2.resize(face, (box.width, box.height), interpolation=cv2.INTER_CUBIC)
    beyond = (box.y, height - box.y - box.height, box.x, width - box.x - box.width)
    gray = cv2.blur(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE), (31, 31))
    gray[box.y : box.y + box.height, box.x : box.x + box.width] = inside
    return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB)


def offset(box, true_box):
    """(relative size, shift right, shift down) of a box against the true one, in its widths."""
    right = box.x + box.width / 2 - true_box.x - true_box.width / 2
    down = box.y + box.height / 2 - true_box.y - true_box.height / 2
    return np.array([box.width, right, down]) / true_box.width


def framing(detector, images):
    """(offsets of the faces found (m, 3), share found) of gray images pasted into frames."""
    generator = np.random.default_rng(0)
    offsets = []
    for image in images:
        place = Box(*generator.integers(50, (390, 230)).tolist(), 200, 200)
        found = detector.detect(pasted(image, place))
        offsets += [offset(box, place) for box in found[:1]]
    return np.array(offsets), len(offsets) / len(images)


def astronaut():
    return pytest.importorskip("skimage.data", reason="needs scikit-image").astronaut()


def test_drawn_faces_are_found_and_framed(detector):
    offsets, share = framing(detector, draw_faces(12)[0][..., 0])
    assert share >= 0.9
    assert np.abs(np.median(offsets, axis=0) - (1, 0, 0)).max() < 0.15


@pytest.fixture(scope="module")
def public_images():
    """Every 60th PublicTest image of FER2013, (n, 48, 48)."""
    if fer2013.locate() is None:
        pytest.skip("needs FER2013")
    return data.load().usage("PublicTest").images[::60, ..., 0]


def test_boxes_are_framed_as_fer2013_was(detector, public_images):
    offsets, share = framing(detector, public_images)
    assert share > 0.6
    size, right, down = np.median(offsets, axis=0)
    assert 0.93 < size < 1.07
    assert abs(right) < 0.03 and abs(down) < 0.03


def test_found_faces_are_classified_like_the_images_they_came_from(detector, public_images):
    generator, classify = np.random.default_rng(0), models.load(shipped.FLOAT16)
    images, crops = [], []
    for image in public_images:
        place = Box(*generator.integers(50, (390, 230)).tolist(), 200, 200)
        frame = pasted(image, place)
        found = detector.detect(frame)
        if found and np.abs(offset(found[0], place)[1:]).max() < 0.3:
            images.append(image[..., np.newaxis])
            crops.append(live.crop(frame, found[0]))
    alike = classify(np.array(crops)).argmax(axis=1) == classify(np.array(images)).argmax(axis=1)
    assert alike.mean() > 0.75  # of 500: 0.87 (Haar), 0.85 (YuNet), as accurate as before


@needs_yunet
def test_both_detectors_give_the_same_square_on_a_photograph():
    photograph = astronaut()
    (haar,), (yunet,) = (
        found.detect(photograph) for found in (HaarDetector(), YuNetDetector(YUNET))
    )
    size, right, down = offset(yunet, haar)
    assert 0.85 < size < 1.15
    assert abs(right) < 0.05 and abs(down) < 0.05


def test_larger_faces_come_first(detector):
    frame = np.full((480, 640, 3), 128, np.uint8)
    for x, side in ((20, 120), (420, 180), (190, 200)):
        frame[100 : 100 + side, x : x + side] = draw_face({}, size=side)[..., np.newaxis]
    found = detector.detect(frame)
    assert [round(box.x + box.width / 2, -2) for box in found] == [300, 500, 100]
    assert all(box.width == box.height for box in found)
    assert all(type(number) is int for box in found for number in box)


def test_forty_faces(detector):
    if isinstance(detector, HaarDetector):
        detector = HaarDetector(min_size=40)
    face = draw_face({}, size=100)
    row = np.hstack([np.pad(face, 14, mode="edge")] * 8)
    found = detector.detect(cv2.cvtColor(np.vstack([row] * 5), cv2.COLOR_GRAY2RGB))
    assert len(found) == 40


@pytest.mark.parametrize(
    "frame",
    [
        np.full((480, 640, 3), 128, np.uint8),
        np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((2, 3000, 3), np.uint8),
        np.zeros((3000, 20, 3), np.uint8),
    ],
    ids=["gray", "noise", "pixel", "wide", "high"],
)
def test_no_face(detector, frame):
    assert [detector.detect(frame) for _ in range(3)] == [[], [], []]


def test_large_and_flipped_frames(detector):
    place = Box(1500, 900, 1400, 1400)
    frame = pasted(draw_face({}), place, height=3648, width=5472)
    (found,) = detector.detect(frame)
    assert np.abs(offset(found, place) - (1, 0, 0)).max() < 0.2
    (flipped,) = detector.detect(frame[:, ::-1])
    assert flipped.x + flipped.width == pytest.approx(5472 - found.x, abs=60)


def test_smaller_faces_on_request():
    frame = pasted(draw_face({}), Box(300, 200, 50, 50))
    assert HaarDetector().detect(frame) == []
    assert len(HaarDetector(min_size=40).detect(frame)) == 1


def test_each_thread_has_a_detector_of_its_own(detector):
    frames = [pasted(draw_face({}), Box(x, 100, 200, 200)) for x in range(50, 400, 100)]

    def search(frames):
        own = HaarDetector() if isinstance(detector, HaarDetector) else YuNetDetector(YUNET)
        return [own.detect(frame) for frame in frames]

    alone = [detector.detect(frame) for frame in frames]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(search, [frames] * 4)) == [alone] * 4


BAD_FRAMES = [
    None,
    np.zeros((0, 640, 3), np.uint8),
    np.zeros((480, 640), np.uint8),
    np.zeros((480, 640, 4), np.uint8),
    np.zeros((480, 640, 3)),
]


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=["none", "empty", "gray", "alpha", "float"])
def test_bad_frames(detector, frame):
    with pytest.raises(ValueError, match="A frame must be a uint8 array"):
        detector.detect(frame)
    with pytest.raises(ValueError, match="A frame must be a uint8 array"):
        live.crop(frame, Box(0, 0, 10, 10))


def test_crop_takes_the_square_in_gray():
    frame = np.zeros((100, 120, 3), np.uint8)
    frame[20:68, 30:78] = np.arange(48, dtype=np.uint8)[:, np.newaxis, np.newaxis]
    face = live.crop(frame, Box(30, 20, 48, 48))
    assert face.shape == (48, 48, 1) and face.dtype == np.uint8
    assert np.array_equal(face[:, 7, 0], np.arange(48))
    frame[:] = (255, 0, 0)
    assert np.all(live.crop(frame, Box(0, 0, 60, 60)) == 76)  # red weighs 0.299 of gray


def test_crop_averages_what_it_shrinks():
    stripes = np.tile(np.repeat(np.array([0, 200], np.uint8), 3), 32)  # three dark, three bright
    frame = np.broadcast_to(stripes[:, np.newaxis], (192, 192, 3))
    face = live.crop(frame, Box(0, 0, 192, 192))
    assert np.array_equal(np.unique(face), [50, 100, 150])


def test_crop_repeats_the_border_beyond_the_frame():
    frame = np.full((60, 60, 3), 10, np.uint8)
    frame[:, 0] = 90
    face = live.crop(frame, Box(-18, -7, 48, 48))[..., 0]
    assert np.all(face[:, :19] == 90) and np.all(face[:, 19:] == 10)
    face = live.crop(frame[::-1, ::-1], Box(30, 40, 48, 48))[..., 0]
    assert np.all(face[:, :29] == 10) and np.all(face[:, 29:] == 90)


@pytest.mark.parametrize("box", [Box(200, 10, 50, 50), Box(-50, 0, 50, 50), Box(5, 5, 0, 0)])
def test_crop_rejects_a_box_without_pixels(box):
    with pytest.raises(ValueError, match="contains no pixel of the frame, which is 100×80"):
        live.crop(np.zeros((80, 100, 3), np.uint8), box)


def test_haar_without_yunet(monkeypatch, tmp_path):
    monkeypatch.delenv("FER_YUNET", raising=False)
    monkeypatch.setenv("FER_CACHE", str(tmp_path))
    assert isinstance(live.detector(), HaarDetector)


@needs_yunet
def test_yunet_if_it_is_named(monkeypatch):
    monkeypatch.setenv("FER_YUNET", YUNET)
    assert isinstance(live.detector(), YuNetDetector)


@pytest.mark.parametrize("content", [None, b"", b"no network"], ids=["missing", "empty", "text"])
def test_bad_yunet_file(monkeypatch, tmp_path, content):
    path = tmp_path / "yunet.onnx"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("FER_YUNET", str(path))
    with pytest.raises(Problem, match="yunet.onnx: .*FER_YUNET") as problem:
        live.detector()
    assert "\n" not in str(problem.value)


@needs_yunet
def test_cut_yunet_file(tmp_path):
    path = tmp_path / "yunet.onnx"
    with open(YUNET, "rb") as file:
        path.write_bytes(file.read(100_000))
    with pytest.raises(Problem, match="not a YuNet face detector"):
        YuNetDetector(path)


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A host of files in `tmp_path / "served"`, at which `fetch_yunet` looks; an empty cache."""
    (tmp_path / "served").mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path / "served")
    monkeypatch.setattr(handler.func, "log_message", lambda *_: None)
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        address = f"http://127.0.0.1:{served.server_port}/{live.YUNET_FILE}"
        monkeypatch.setattr(detection, "YUNET_URL", address)
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield tmp_path / "served" / live.YUNET_FILE
        served.shutdown()


def test_fetch(server, monkeypatch, tmp_path):
    server.write_bytes(b"a detector")
    monkeypatch.setattr(detection, "YUNET_SHA256", hashlib.sha256(b"a detector").hexdigest())
    path = live.fetch_yunet()
    assert path == tmp_path / "cache" / live.YUNET_FILE and path.read_bytes() == b"a detector"
    server.unlink()
    assert live.fetch_yunet() == path  # no second download


@pytest.mark.parametrize("content", [None, b"something else"], ids=["missing", "wrong"])
def test_failed_fetch(server, tmp_path, content):
    if content is not None:
        server.write_bytes(content)
    with pytest.raises(Problem, match="FER_YUNET") as problem:
        live.fetch_yunet()
    assert "\n" not in str(problem.value)
    assert list((tmp_path / "cache").glob("*")) == []


@needs_yunet
def test_the_checksum_is_that_of_the_available_file():
    if os.path.basename(YUNET) != live.YUNET_FILE:
        pytest.skip(f"FER_YUNET is not {live.YUNET_FILE}")
    with open(YUNET, "rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == live.YUNET_SHA256
