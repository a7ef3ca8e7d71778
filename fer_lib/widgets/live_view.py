"""The live picture with faces framed: the camera of the notebook's last lesson."""

import collections
import time

import traitlets
from ipywebrtc import CameraStream, MediaStream
from ipywidgets import widget_serialization

from fer_lib.live.images import decode_frame
from fer_lib.live.pipeline import LiveClassifier
from fer_lib.widgets.answers import AnsweringWidget, describe, script

REMEMBERED = 3000  # frames whose times are kept


class LiveView(AnsweringWidget):
    """Shows a stream of pictures with its faces framed and named, and their seven probabilities.

    The browser sends reduced JPEG frames as fast as they are answered, at most two ahead.

    stream: any of ipywebrtc's streams with pictures; by default the camera, without microphone.
    classifier: anything with `process(frame) -> list[LiveFace]` and `milliseconds`, as (and by
    default) `live.LiveClassifier`; what it raises is shown in the widget.

    times: of the last frames, a dict each with the milliseconds of every stage ("encode", "decode",
    "find", "crop", "classify") and "total", from the frame in the browser to its boxes there.
    """

    _esm = script("live_view.js")
    stream = traitlets.Instance(MediaStream).tag(sync=True, **widget_serialization)

    def __init__(self, stream=None, classifier=None):
        super().__init__(stream=stream or camera())
        self.classifier = classifier or LiveClassifier()
        self.times = collections.deque(maxlen=REMEMBERED)
        self._sender = None

    def answer(self, content, picture):
        """Faces and milliseconds of a frame; {"elsewhere": True} if another view started later.

        content: "first" says whether the view was just started, "times" are those of the frames
        that it has shown since its last message.
        """
        if content["first"]:
            self._sender = content["sender"]
        if content["sender"] != self._sender:
            return {"elsewhere": True}
        self.times.extend(content["times"])
        started = time.perf_counter()
        frame = decode_frame(picture)
        decoded = 1000 * (time.perf_counter() - started)
        found = [describe(face) for face in self.classifier.process(frame)]
        return {"faces": found, "milliseconds": {"decode": decoded, **self.classifier.milliseconds}}


def camera():
    """The computer's camera, facing the user, as an ipywebrtc stream of about 640x480 pixels."""
    size = {"width": {"ideal": 640}, "height": {"ideal": 480}}
    return CameraStream(constraints={"audio": False, "video": {"facingMode": "user", **size}})
