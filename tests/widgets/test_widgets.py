"""The widgets' Python side: each message of a view gets a response, whatever it contains."""

import numpy as np
import pytest
import traitlets
from ipywebrtc import CameraStream, ImageStream
from ipywidgets import Image as ImageWidget
from PIL import Image
from support import example_images

from fer_lib import live
from fer_lib.labels import COLORS, LABELS
from fer_lib.live import sample_video
from fer_lib.live.images import FORMATS
from fer_lib.live.pipeline import LiveFace
from fer_lib.widgets import LiveView, UploadPanel


class OneFace:
    """A classifier that finds a happy face in every frame, and keeps the frames."""

    milliseconds = {"find": 1.0, "crop": 2.0, "classify": 3.0}

    def __init__(self):
        self.frames = []

    def process(self, frame):
        self.frames.append(frame)
        happy = np.where(np.array(LABELS) == "happy", 0.94, 0.01)
        box = live.Box(10, 20, 30, 30)
        return [LiveFace(box, 7, happy, happy, self.milliseconds)]


class Broken:
    milliseconds = {}

    def process(self, frame):
        raise ZeroDivisionError("a learner's mistake")


def encoded(frame, *form, **options):
    return example_images.encoded(Image.fromarray(frame), *form, **options)


GRAY = np.full((48, 64, 3), 90, np.uint8)
JPEG = encoded(GRAY)


def responses(widget, monkeypatch):
    """A list to which each response of the widget is added."""
    sent = []
    monkeypatch.setattr(widget, "send", sent.append)
    return sent


def frame_message(number=0, sender="a", first=False, times=()):
    return {"sender": sender, "number": number, "first": first, "times": list(times)}


def post(widget, content, image=JPEG):
    """Let a view send a message, as ipywidgets delivers it."""
    widget._handle_custom_msg(content, [memoryview(image)])


@pytest.fixture
def view(monkeypatch):
    widget = LiveView(classifier=OneFace())
    widget.sent = responses(widget, monkeypatch)
    return widget


def test_the_response_to_an_rgb_frame_has_faces_and_times(view):
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 200
    post(view, frame_message(5, first=True), encoded(red, quality=95))
    (frame,) = view.classifier.frames
    assert frame.shape == (48, 64, 3) and frame.dtype == np.uint8
    assert np.abs(frame.mean(axis=(0, 1)) - (200, 0, 0)).max() < 5
    (response,) = view.sent
    assert (response["sender"], response["number"]) == ("a", 5)
    (face,) = response["faces"]
    assert face["box"] == [10, 20, 30, 30] and face["label"] == "happy" and face["trackId"] == 7
    assert face["probabilities"] == [0.94 if label == "happy" else 0.01 for label in LABELS]
    assert list(response["milliseconds"]) == ["decode", "find", "crop", "classify"]
    assert response["milliseconds"]["decode"] > 0


def test_an_error_in_python_is_sent_with_its_traceback_and_the_next_frame_works(view):
    view.classifier = Broken()
    post(view, frame_message(first=True))
    assert "ZeroDivisionError: a learner's mistake" in view.sent[0]["error"]
    assert "raise ZeroDivisionError" in view.sent[0]["traceback"]
    view.classifier = OneFace()
    post(view, frame_message(1))
    assert "faces" in view.sent[1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not an image", "Not a JPEG image"),
        (b"", "no image"),
        (encoded(GRAY, "PNG"), "Not a JPEG image"),
        (encoded(np.zeros((1500, 1500, 3), np.uint8)), "more than 2 megapixels"),
        (JPEG[:-20], "damaged"),
    ],
)
def test_frames_that_are_not_valid_jpeg_get_an_error(view, content, message):
    post(view, frame_message(first=True), content)
    (response,) = view.sent
    assert message in response["error"] and "traceback" not in response
    assert not view.classifier.frames


def test_the_view_that_was_started_last_has_the_widget(view):
    post(view, frame_message(0, "a", first=True))
    post(view, frame_message(0, "b", first=True))
    post(view, frame_message(1, "a"))
    post(view, frame_message(1, "b"))
    assert ["elsewhere" in response for response in view.sent] == [False, False, True, False]
    assert len(view.classifier.frames) == 3


def test_two_widgets_do_not_share_anything(monkeypatch):
    first, second = LiveView(classifier=OneFace()), LiveView(classifier=OneFace())
    sent = responses(first, monkeypatch), responses(second, monkeypatch)
    post(first, frame_message(0, "a", first=True))
    post(second, frame_message(0, "b", first=True))
    post(first, frame_message(1, "a"))
    assert [len(each) for each in sent] == [2, 1]
    assert "elsewhere" not in sent[0][1]


def test_the_times_of_shown_frames_are_remembered_up_to_a_limit(view):
    post(view, frame_message(first=True, times=[{"encode": 4.0, "total": 50.0}]))
    assert list(view.times) == [{"encode": 4.0, "total": 50.0}]
    for number in range(40):
        post(view, frame_message(number, times=[{"total": float(number)}] * 100))
    assert len(view.times) == 3000 and view.times[-1] == {"total": 39.0}


def test_it_takes_any_stream_and_by_default_the_camera_without_a_microphone():
    stream = ImageStream(image=ImageWidget(value=JPEG, format="jpeg"))
    assert LiveView(stream, OneFace()).get_state("stream")["stream"].endswith(stream.model_id)
    default = LiveView(classifier=OneFace()).stream
    assert isinstance(default, CameraStream)
    assert default.constraints["audio"] is False and default.constraints["video"]
    with pytest.raises(traitlets.TraitError):
        LiveView("camera", OneFace())


def test_the_browser_gets_settings_script_and_style(view):
    state = view.get_state()
    assert state["settings"] == live.frontend.settings()
    assert state["settings"]["colors"] == COLORS
    assert "requestVideoFrameCallback" in state["_esm"] and "class Alert" in state["_esm"]
    assert ".fer-widget" in state["_css"]


def test_the_real_classifier_finds_the_face_of_the_sample_video(monkeypatch):
    widget = LiveView()
    sent = responses(widget, monkeypatch)
    post(widget, frame_message(first=True), encoded(next(sample_video.frames())))
    (face,) = sent[0]["faces"]
    x, y, width, height = face["box"]
    assert 190 < width == height < 290 and x < sample_video.WIDTH / 2 < x + width
    assert abs(sum(face["probabilities"]) - 1) < 0.01


@pytest.fixture
def panel(monkeypatch):
    widget = UploadPanel()
    widget.classifier = OneFace()
    widget.sent = responses(widget, monkeypatch)
    return widget


def upload(panel, content):
    post(panel, {"sender": "a", "number": len(panel.sent)}, content)
    return panel.sent[-1]


@pytest.mark.parametrize("file_format", FORMATS)
def test_uploads_in_the_common_formats_are_classified(panel, file_format):
    response = upload(panel, encoded(GRAY, file_format))
    assert (response["width"], response["height"], response["original"]) == (64, 48, (64, 48))
    assert response["faces"][0]["label"] == "happy"
    assert np.abs(panel.classifier.frames[0].astype(int) - GRAY).max() <= 3


def test_an_image_of_20_megapixels_is_reduced(panel):
    large = np.broadcast_to(np.uint8(90), (3648, 5472, 3))
    response = upload(panel, encoded(large))
    assert (response["width"], response["height"]) == (1600, 1067)
    assert response["original"] == (5472, 3648)
    assert panel.classifier.frames[0].shape == (1067, 1600, 3)


def test_an_image_taken_sideways_is_rotated_upright(panel):
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: rotate by 90 degrees
    response = upload(panel, encoded(GRAY, exif=exif))
    assert (response["width"], response["height"]) == (48, 64)


@pytest.mark.parametrize(
    ("name", "message"),
    [("a PNG bomb", "more than 25 mega"), ("text", "Not a JPEG"), ("PNG cut off", "damaged")],
)
def test_bombs_and_files_that_are_not_images_get_an_error(panel, name, message):
    content, _ = example_images.BAD[name]
    response = upload(panel, content)
    assert message in response["error"] and "traceback" not in response
    assert not panel.classifier.frames
