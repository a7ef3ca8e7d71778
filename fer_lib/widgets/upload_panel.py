"""Pictures from files, for people with no camera."""

from fer_lib import live
from fer_lib.live.pipeline import LiveClassifier
from fer_lib.widgets.answers import AnsweringWidget, describe, script

SMALLEST_FACE = 40  # pixels of 640: in a photograph a face is seldom as large as before a camera


class UploadPanel(AnsweringWidget):
    """Takes pictures, dropped or chosen, and shows a table of the faces and expressions in them."""

    _esm = script("upload_panel.js")

    def __init__(self):
        super().__init__()
        self.classifier = LiveClassifier(smoothing=0, detector=live.detector(SMALLEST_FACE))

    def answer(self, content, picture):
        """Faces of one picture, in pixels of "width" and "height"; "original" is the file's."""
        frame, original = live.decode_image(picture)
        found = [describe(face) for face in self.classifier.process(frame)]
        height, width = frame.shape[:2]
        return {"faces": found, "width": width, "height": height, "original": original}
