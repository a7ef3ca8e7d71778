"""The base of both widgets: every message of a view gets one response, even when something fails.

A view (one display of a widget, in one window) sends a custom message with an image as its one
buffer: {"sender": the view, "number": of the message, ...}. The response names both, since it
reaches every view. It holds what was found, or {"error": a message} and, for an exception that is
not a `Problem`, the "traceback": errors in callbacks would otherwise end up in a log.

Nothing here starts a thread. JupyterLab handles widgets' messages in a subshell of the kernel,
which is a thread beside the cells; elsewhere they wait until the running cell ends, and the view,
which has at most two frames in flight, says so. A lock separates the subshells of two windows.
"""

import threading
import traceback
from pathlib import Path

import anywidget
import traitlets

from fer_lib.exceptions import Problem
from fer_lib.live import frontend

FOLDER = Path(__file__).parent


class ImageWidget(anywidget.AnyWidget):
    """A widget that responds to the images its views send; subclasses define `respond`.

    Attributes:
        settings: The constants of `live.frontend.settings`, for the views.
    """

    _css = FOLDER / "style.css"
    settings = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(settings=frontend.settings(), **traits)
        self._lock = threading.Lock()
        self.on_msg(self._reply)

    def respond(self, content, image):
        """Respond to a message; any exception is shown in the view.

        Args:
            content: The message, a dict.
            image: The bytes of its image.

        Returns:
            The response, a dict for JSON.
        """
        raise NotImplementedError

    def _reply(self, widget, content, buffers):
        try:
            with self._lock:
                response = self.respond(content, bytes(buffers[0]))
        except Problem as problem:
            response = {"error": str(problem)}
        except Exception as error:  # whatever a learner's own classifier raises
            reason = "".join(traceback.format_exception_only(error)).strip()
            response = {
                "error": f"Python failed: {reason}. Fix the error in the traceback and try again.",
                "traceback": traceback.format_exc(),
            }
        self.send({"sender": content["sender"], "number": content["number"], **response})


def face_as_json(face):
    """Convert a `LiveFace` to a dict for JSON."""
    return {
        "box": list(face.box),
        "trackId": face.track_id,
        "label": face.label,
        "probabilities": [round(float(each), 4) for each in face.probabilities],
    }
