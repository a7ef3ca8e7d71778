"""The shipped classifier on LiteRT, which runs it on a small machine's processor fast."""

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from fer_lib import quiet
from fer_lib.exceptions import Problem


class LiteRTClassifier:
    """Grey faces in, calibrated probabilities out; an interpreter serves one thread at a time.

    path: a `.tflite` file of the course; `models.load` finds and checks the shipped ones.
    threads: how many cores one image may use. Raises Problem if the file is missing, not the one
    shipped, or no such model.
    """

    def __init__(self, path, threads=2):
        self.path = Path(path)
        if not self.path.exists():
            raise Problem(f"{self.path}: no such file; `fer export` makes LiteRT models")
        try:
            self.interpreter = Interpreter(str(self.path), num_threads=threads)
        except ValueError as error:
            raise Problem(f"{self.path}: not a LiteRT model; restore it with git") from error
        with quiet.mute_stderr():  # LiteRT's note that it found the processor
            self.interpreter.allocate_tensors()
        self.input = self.interpreter.get_input_details()[0]
        self.output = self.interpreter.get_output_details()[0]
        shapes = tuple(self.input["shape"]), tuple(self.output["shape"])
        if shapes != ((1, 48, 48, 1), (1, 7)):
            raise Problem(
                f"{self.path}: takes {shapes[0]} and returns {shapes[1]}, "
                "not one grey 48x48 face and seven probabilities; give a model of this course"
            )

    def __call__(self, images):
        """Probabilities (n, 7) float32 of images (n, 48, 48, 1), 0-255, one after the other.

        Raises ValueError for images of another shape.
        """
        images = np.asarray(images, dtype=np.float32)
        if images.ndim != 4 or images.shape[1:] != (48, 48, 1):
            raise ValueError(f"images of shape {images.shape} are not (n, 48, 48, 1)")
        probabilities = np.empty((len(images), 7), dtype=np.float32)
        for index in range(len(images)):
            self.interpreter.set_tensor(self.input["index"], images[index : index + 1])
            self.interpreter.invoke()
            probabilities[index] = self.interpreter.get_tensor(self.output["index"])[0]
        return probabilities
