"""Classifiers on LiteRT, the runtime that is fast on the processor of a small machine."""

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from fer_lib import quiet
from fer_lib.exceptions import Problem


class LiteRTClassifier:
    """A callable from faces to probabilities, for one thread at a time.

    `models.load` opens one, and checks the shipped files.

    Attributes:
        path: Path of the model.
        interpreter: LiteRT's interpreter, its tensors allocated.
    """

    def __init__(self, path, threads=2):
        """Open a LiteRT model.

        Args:
            path: A `.tflite` file of the course.
            threads: Number of CPU cores to use for an image.

        Raises:
            Problem: If the file is missing, is not a LiteRT model, or does not classify faces.
        """
        self.path = Path(path)
        if not self.path.exists():
            raise Problem(f"{self.path} does not exist. Make LiteRT models with `fer export`.")
        try:
            self.interpreter = Interpreter(str(self.path), num_threads=threads)
        except ValueError as error:
            raise Problem(f"{self.path} is not a LiteRT model. Restore it with git.") from error
        with quiet.mute_stderr():  # LiteRT notes which processor it found
            self.interpreter.allocate_tensors()
        self._input = self.interpreter.get_input_details()[0]
        self._output = self.interpreter.get_output_details()[0]
        self._check_shapes()

    def _check_shapes(self):
        shapes = [tuple(tensor["shape"].tolist()) for tensor in (self._input, self._output)]
        if shapes != [(1, 48, 48, 1), (1, 7)]:
            raise Problem(
                f"{self.path} takes {shapes[0]} and returns {shapes[1]}, not one gray 48×48 face "
                "and seven probabilities. Choose a model of this course."
            )

    def __call__(self, images):
        """Classify images, one after the other.

        Args:
            images: Faces `(n, 48, 48, 1)`, 0-255.

        Returns:
            Probabilities, float32 `(n, 7)`.

        Raises:
            ValueError: If the images have another shape.
        """
        images = np.asarray(images, dtype=np.float32)
        if images.ndim != 4 or images.shape[1:] != (48, 48, 1):
            raise ValueError(f"Images of shape {images.shape} are not (n, 48, 48, 1).")
        probabilities = np.empty((len(images), 7), dtype=np.float32)
        for index in range(len(images)):
            self.interpreter.set_tensor(self._input["index"], images[index : index + 1])
            self.interpreter.invoke()
            probabilities[index] = self.interpreter.get_tensor(self._output["index"])[0]
        return probabilities
