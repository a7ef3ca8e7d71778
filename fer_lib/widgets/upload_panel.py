"""Images from files, for people with no camera."""

from fer_lib import live
from fer_lib.live import frontend
from fer_lib.widgets.base import FOLDER, ImageWidget, face_as_json

MIN_FACE = 40  # pixels of 640: faces in photographs are often smaller than before a camera


class UploadPanel(ImageWidget):
    """Takes images, dropped or chosen, and shows a table of what people would say of each face.

    Attributes:
        classifier: A `LiveClassifier` without smoothing, which also finds small faces.
    """

    _esm = frontend.bundle(FOLDER / "upload_panel.js")

    def __init__(self):
        super().__init__()
        self.classifier = live.LiveClassifier(smoothing=0, detector=live.detector(MIN_FACE))

    def respond(self, content, image):
        """Find and classify the faces of an image.

        Args:
            content: Not used.
            image: The file's bytes.

        Returns:
            Dict with `"faces"` in pixels of the reduced image, its `"width"` and `"height"`, and
            the file's own `"original"` (width, height).
        """
        frame, original = live.decode_image(image)
        faces = [face_as_json(face) for face in self.classifier.process(frame)]
        height, width = frame.shape[:2]
        return {"faces": faces, "width": width, "height": height, "original": original}
