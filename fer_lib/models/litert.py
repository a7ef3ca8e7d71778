"""Classifiers on LiteRT, the runtime that is fast on the processor of a small machine."""

from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from fer_lib import quiet
from fer_lib.exceptions import Problem
from fer_lib.labels import ANSWERS, LABEL, PEOPLE


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
        self._outputs = self._find_outputs()
        self._check_shapes()

    def _find_outputs(self):
        """The output tensors by answer; a model with one answer doesn't name it."""
        signature = self.interpreter.get_signature_runner()
        outputs = signature.get_output_details()
        return outputs if set(outputs) == set(ANSWERS) else {LABEL: [*outputs.values()][0]}

    def _check_shapes(self):
        tensors = [self._input, *self._outputs.values()]
        shapes = [tuple(tensor["shape"].tolist()) for tensor in tensors]
        if shapes[0] != (1, 48, 48, 1) or set(shapes[1:]) != {(1, 7)}:
            raise Problem(
                f"{self.path} takes {shapes[0]} and returns {shapes[1]}, not one gray 48×48 face "
                "and seven probabilities. Choose a model of this course."
            )

    @property
    def answers(self):
        """The names of the answers that the model gives, `LABEL` and perhaps `PEOPLE`."""
        return tuple(self._outputs)

    def __call__(self, images):
        """Classify images: what would people say, or else, what does the label say?

        Args:
            images: Faces `(n, 48, 48, 1)`, 0-255.

        Returns:
            Probabilities, float32 `(n, 7)`: the answer `PEOPLE` of a model that gives it, or else
            `LABEL`.

        Raises:
            ValueError: If the images have another shape.
        """
        outputs = self.outputs(images)
        return outputs.get(PEOPLE, outputs[LABEL])

    def outputs(self, images):
        """Classify images, one after the other, and return all answers.

        Args:
            images: As above.

        Returns:
            A dict from each answer's name to its probabilities, float32 `(n, 7)`.

        Raises:
            ValueError: If the images have another shape.
        """
        images = np.asarray(images, dtype=np.float32)
        if images.ndim != 4 or images.shape[1:] != (48, 48, 1):
            raise ValueError(f"Images of shape {images.shape} are not (n, 48, 48, 1).")
        found = {answer: np.empty((len(images), 7), np.float32) for answer in self._outputs}
        for index in range(len(images)):
            self.interpreter.set_tensor(self._input["index"], images[index : index + 1])
            self.interpreter.invoke()
            for answer, tensor in self._outputs.items():
                found[answer][index] = self.interpreter.get_tensor(tensor["index"])[0]
        return found
