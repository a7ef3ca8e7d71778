"""What both widgets share: every message of a view gets one answer, whatever goes wrong.

A view (one display of a widget, in one window) sends a custom message with a picture as its one
buffer: {"sender": the view, "number": of the message, ...}. The answer names both, since it reaches
every view. It holds what was found, or {"problem": a sentence} and, for an error that is not a
`Problem`, the "traceback": a callback's errors would otherwise end in a log.

Nothing here starts a thread. JupyterLab hands widgets' messages to a subshell of the kernel, which
is a thread beside the cells; elsewhere they wait until the running cell ends, and the view, which
has at most two frames unanswered, says so. A lock keeps two windows' subshells apart.
"""

import threading
import traceback
from pathlib import Path

import anywidget
import traitlets

from fer_lib.exceptions import Problem
from fer_lib.labels import COLORS, LABELS

FOLDER = Path(__file__).parent


def script(name):
    """The JavaScript of a widget, after what both share: a widget is one module, so one text."""
    return "\n".join((FOLDER / each).read_text(encoding="utf-8") for each in ("shared.js", name))


class AnsweringWidget(anywidget.AnyWidget):
    """A widget that answers each message of its views; subclasses define `answer`."""

    _css = FOLDER / "style.css"
    classes = traitlets.List([[label, COLORS[label]] for label in LABELS]).tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self._lock = threading.Lock()
        self.on_msg(self._reply)

    def answer(self, content, picture):
        """The answer (dict) to a message with the bytes of a picture. Any exception is shown."""
        raise NotImplementedError

    def _reply(self, widget, content, buffers):
        try:
            with self._lock:
                answer = self.answer(content, bytes(buffers[0]))
        except Problem as problem:
            answer = {"problem": str(problem)}
        except Exception as error:  # anything that a learner's own classifier may raise
            text = "".join(traceback.format_exception_only(error)).strip()
            answer = {
                "problem": f"Python failed: {text}. The traceback says where; mend it and go on.",
                "traceback": traceback.format_exc(),
            }
        self.send({"sender": content["sender"], "number": content["number"], **answer})


def describe(face):
    """A LiveFace as JSON can hold it."""
    return {
        "box": list(face.box),
        "identity": face.identity,
        "label": face.label,
        "probabilities": [round(float(each), 4) for each in face.probabilities],
    }
