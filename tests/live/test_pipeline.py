"""The live classifier: tracks, smoothing, and the times of its stages."""

import numpy as np
import pytest

from fer_lib import live
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS
from fer_lib.live import sample_video
from fer_lib.live.detection import Box, HaarDetector

FRAME = np.full((480, 640, 3), 90, np.uint8)


class Scripted:
    """A detector and a classifier with scripted results for each frame."""

    def __init__(self, *frames):
        self.frames = iter(frames)

    def detect(self, frame):
        self.current = next(self.frames)
        return [box for box, _ in self.current]

    def __call__(self, crops):
        assert crops.shape == (len(self.current), 48, 48, 1) and crops.dtype.kind in "fu"
        return np.array([expression(name) for _, name in self.current]).reshape(-1, 7)


def expression(name):
    """Probabilities with high confidence in that expression."""
    return np.where(np.array(LABELS) == name, 0.94, 0.01)


def classifier(*frames, smoothing=0.4):
    scripted = Scripted(*frames)
    return live.LiveClassifier(smoothing, scripted, scripted)


LEFT, RIGHT = Box(50, 100, 100, 100), Box(400, 100, 100, 100)


def moved(box, by):
    return box._replace(x=box.x + by)


def test_faces_keep_their_track_while_they_move_and_change_places_in_the_list():
    stream = classifier(
        [(LEFT, "happy"), (RIGHT, "sad")],
        [(moved(RIGHT, -20), "sad"), (moved(LEFT, 20), "happy")],
        [(moved(LEFT, 40), "happy")],
    )
    first, second, third = (stream.process(FRAME, each) for each in (0, 0.1, 0.2))
    assert [face.track_id for face in first] == [1, 2]
    assert [face.track_id for face in second] == [2, 1]
    assert [face.track_id for face in third] == [1]
    assert [face.label for face in second] == ["sad", "happy"]


def test_a_face_that_comes_back_soon_is_the_same_and_later_is_a_new_one():
    stream = classifier([(LEFT, "happy")], [], [(LEFT, "happy")], [], [(LEFT, "happy")])
    timestamps = (0, 0.4, 0.8, 1.5, 2.5)
    track_ids = [[face.track_id for face in stream.process(FRAME, each)] for each in timestamps]
    assert track_ids == [[1], [], [1], [], [2]]


def test_another_face_elsewhere_is_a_new_one():
    stream = classifier([(LEFT, "happy")], [(RIGHT, "happy")])
    assert stream.process(FRAME, 0)[0].track_id != stream.process(FRAME, 0.1)[0].track_id


@pytest.mark.parametrize("rate", [5, 30])
def test_smoothing_takes_the_same_time_at_any_frame_rate(rate):
    frames = [[(LEFT, "happy")], *[[(LEFT, "sad")]] * rate]
    stream = classifier(*frames)
    happy, sad = LABELS.index("happy"), LABELS.index("sad")
    seen = [stream.process(FRAME, index / rate)[0] for index in range(rate + 1)]
    after = 0.94 * np.exp(-1 / 0.4) + 0.01 * (1 - np.exp(-1 / 0.4))
    assert seen[-1].probabilities[happy] == pytest.approx(after)
    assert seen[-1].probabilities.sum() == pytest.approx(1)
    assert seen[1].probabilities[sad] < seen[1].raw[sad] == 0.94


def test_between_two_expressions_it_is_unsure():
    stream = classifier([(LEFT, "happy")], [(LEFT, "sad")])
    stream.process(FRAME, 0)
    half = stream.process(FRAME, 0.4 * np.log(2))[0]
    assert half.probabilities.max() < 0.5 and half.label == live.UNSURE


def test_without_smoothing_each_frame_stands_alone():
    stream = classifier([(LEFT, "happy")], [(LEFT, "sad")], smoothing=0)
    stream.process(FRAME, 0)
    face = stream.process(FRAME, 0.01)[0]
    np.testing.assert_array_equal(face.probabilities, face.raw)


def test_no_face_gives_an_empty_list_and_the_stages_times():
    stream = classifier([])
    assert stream.process(FRAME, 0) == []
    assert set(stream.milliseconds) == {"find", "crop", "classify"}
    assert all(spent >= 0 for spent in stream.milliseconds.values())


def test_forty_faces_are_each_tracked():
    boxes = [Box(60 * (n % 8), 60 * (n // 8), 50, 50) for n in range(40)]
    frame = [(box, "happy") for box in boxes]
    stream = classifier(frame, frame)
    first, second = stream.process(FRAME, 0), stream.process(FRAME, 0.1)
    assert [face.track_id for face in first] == [face.track_id for face in second]
    assert len({face.track_id for face in first}) == 40


def test_anything_but_a_frame_is_rejected():
    with pytest.raises(ValueError, match="A frame must be a uint8 array"):
        live.LiveClassifier(classify=len).process(np.zeros((48, 48)))


def test_a_negative_smoothing_is_rejected():
    with pytest.raises(Problem, match="smooth over -1 seconds"):
        live.LiveClassifier(smoothing=-1)


def test_with_the_default_classifier_the_photograph_gets_one_calibrated_face_and_its_times():
    stream = live.LiveClassifier(detector=HaarDetector())
    (face,) = stream.process(sample_video.portrait())
    assert face.raw.shape == (7,) and face.raw.sum() == pytest.approx(1, abs=0.01)
    assert face.label in (*LABELS, live.UNSURE)
    assert face.milliseconds == stream.milliseconds
    assert min(stream.milliseconds["find"], stream.milliseconds["classify"]) > 0


@pytest.mark.parametrize(
    "variables, words",
    [
        ({}, "no sign of a remote server"),
        ({"JUPYTERHUB_USER": "ann"}, "remote, on a JupyterHub"),
        ({"JUPYTERHUB_USER": "ann", "BINDER_LAUNCH_HOST": "https://mybinder.org/"}, "on Binder"),
        ({"SSH_CONNECTION": "10.0.0.1"}, "reached by SSH"),
    ],
)
def test_a_kernel_on_a_server_says_so(variables, words, monkeypatch):
    for name in live.REMOTE_KERNELS:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert words in live.where_frames_go()
