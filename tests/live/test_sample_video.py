"""The sample video: smooth, with a face that the detectors find, in files that can be read back."""

import itertools

import cv2
import numpy as np
import pytest

from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS
from fer_lib.live import sample_video
from fer_lib.live.detection import HaarDetector


@pytest.fixture(scope="module")
def frames():
    return list(sample_video.frames())


@pytest.mark.parametrize("side", [90, 160, 240])
def test_the_photograph_shows_its_face_in_the_middle_at_the_size_asked_for(side):
    (box,) = HaarDetector().detect(sample_video.portrait(side))
    assert box.width == pytest.approx(side, rel=0.1)
    assert box.x + box.width / 2 == pytest.approx(sample_video.WIDTH / 2, abs=0.1 * side)
    assert box.y + box.height / 2 == pytest.approx(sample_video.HEIGHT / 2, abs=0.1 * side)


def test_the_photograph_is_tilted_clockwise():
    upright, tilted = (sample_video.portrait(angle=angle) for angle in (0, 90))
    above, right = (
        frame[y, x].astype(int) for frame, x, y in ((upright, 320, 140), (tilted, 420, 240))
    )
    assert np.abs(above - right).max() < 10


def read(path):
    capture = cv2.VideoCapture(str(path))
    rate, found = capture.get(cv2.CAP_PROP_FPS), []
    while (result := capture.read())[0]:
        found.append(cv2.cvtColor(result[1], cv2.COLOR_BGR2RGB))
    return np.array(found), rate


def test_every_expression_is_shown_and_its_face_is_found(frames):
    shown = frames[
        :: round((sample_video.HOLD_SECONDS + sample_video.TRANSITION_SECONDS) * sample_video.FPS)
    ]
    assert len(shown) == len(LABELS) == len({frame.tobytes() for frame in shown})
    for frame in shown:
        (box,) = HaarDetector().detect(frame)
        assert 190 < box.width < 290
        assert abs(box.x + box.width / 2 - sample_video.WIDTH / 2) < 15


def test_it_passes_smoothly_from_one_to_the_next_and_from_the_last_to_the_first(frames):
    shown, whole = (
        round(sample_video.HOLD_SECONDS * sample_video.FPS),
        round((sample_video.HOLD_SECONDS + sample_video.TRANSITION_SECONDS) * sample_video.FPS),
    )
    for start in range(0, len(frames), whole):
        passage = [*frames, frames[0]][start + shown - 1 : start + whole + 1]
        steps = [change(*pair) for pair in itertools.pairwise(passage)]
        assert max(steps) < change(passage[0], passage[-1]) / 3
        assert min(steps) > 0


def change(frame, following):
    """Mean difference in gray levels."""
    return cv2.absdiff(frame, following).mean()


@pytest.fixture
def short(frames, monkeypatch):
    few = frames[25:50]
    monkeypatch.setattr(sample_video, "frames", lambda: iter(few))
    return np.array(few)


def test_the_webm_file_is_vp8_and_shows_the_frames(short, tmp_path):
    path = sample_video.write_webm(tmp_path / "video.webm")
    assert b"V_VP8" in path.read_bytes()[:1000]
    found, rate = read(path)
    assert rate == sample_video.FPS and found.shape == short.shape
    assert np.abs(found.astype(float) - short).mean() < 4


def test_the_mjpeg_file_is_jpeg_files_in_a_row(short, tmp_path):
    content = sample_video.write_mjpeg(tmp_path / "video.mjpeg", sample_video.frames()).read_bytes()
    assert content.startswith(b"\xff\xd8\xff") and content.count(b"\xff\xd8\xff") == len(short)
    found, _ = read(tmp_path / "video.mjpeg")
    assert found.shape == short.shape
    assert np.abs(found.astype(float) - short).mean() < 4


def test_a_file_that_opencv_cannot_write_is_explained_and_not_left_behind(short, tmp_path):
    with pytest.raises(Problem, match="a name that ends in .webm"):
        sample_video.write_webm(tmp_path / "video.nonsense")
    assert not list(tmp_path.iterdir())
