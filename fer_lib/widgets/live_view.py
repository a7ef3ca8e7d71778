"""The live video with a box around each face: the camera of the notebook on the live demo."""

import collections
import time

import traitlets
from ipywebrtc import CameraStream, MediaStream
from ipywidgets import widget_serialization

from fer_lib import live
from fer_lib.live import frontend
from fer_lib.widgets.base import FOLDER, ImageWidget, face_as_json

MAX_TIMES = 3000  # frames whose times are kept


class LiveView(ImageWidget):
    """Shows a video stream with a box, a label, and the probabilities of its faces.

    The browser sends reduced JPEG frames as fast as they are processed, at most two in flight.

    Args:
        stream: Any of ipywebrtc's video streams; defaults to the camera without microphone.
        classifier: Has `process(frame)`, which returns a list of `LiveFace`, and `milliseconds`;
            defaults to a `LiveClassifier`, which predicts what people would say. What it raises is
            shown in the widget.

    Attributes:
        stream: As given.
        classifier: As given.
        times: Milliseconds of the last frames by stage, one dict per frame: `"encode"`, `"decode"`,
            `"find"`, `"crop"`, `"classify"`, and `"total"`, from the frame in the browser to its
            boxes there.
    """

    _esm = frontend.bundle(FOLDER / "live_view.js")
    stream = traitlets.Instance(MediaStream).tag(sync=True, **widget_serialization)

    def __init__(self, stream=None, classifier=None):
        super().__init__(stream=stream or camera())
        self.classifier = classifier or live.LiveClassifier()
        self.times = collections.deque(maxlen=MAX_TIMES)
        self._sender = None

    def respond(self, content, image):
        """Find and classify the faces of a frame.

        Args:
            content: `"first"` says whether the view was just started; `"times"` are those of the
                frames that it has shown since its last message.
            image: The frame's bytes, JPEG.

        Returns:
            Dict with `"faces"` and `"milliseconds"`, or `{"elsewhere": True}` if another view was
            started later.
        """
        if content["first"]:
            self._sender = content["sender"]
        if content["sender"] != self._sender:
            return {"elsewhere": True}
        self.times.extend(content["times"])
        started = time.perf_counter()
        frame = live.decode_frame(image)
        decoded = 1000 * (time.perf_counter() - started)
        faces = [face_as_json(face) for face in self.classifier.process(frame)]
        return {"faces": faces, "milliseconds": {"decode": decoded, **self.classifier.milliseconds}}


def camera():
    """Make an ipywebrtc stream of the camera that faces the user, of about 640×480 pixels."""
    return CameraStream(constraints=frontend.CAMERA)
