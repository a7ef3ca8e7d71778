"""The one door to trained models: recorded runs, the shipped ones, and files."""

from pathlib import Path

import keras

from fer_lib import paths, runs
from fer_lib.exceptions import Problem
from fer_lib.models import backbone, classifier, keras_file, litert, shipped

FACES, PROBABILITIES = (None, 48, 48, 1), (None, 7)


def load(name=shipped.KERAS, threads=2):
    """Open a trained classifier; by default the shipped one, the course's best.

    Args:
        name: A recorded run (`"paper-seed0"`), a shipped file (one of `shipped.FILES`), or the
            path of a `.keras` or `.tflite` file.
        threads: How many cores a LiteRT model may use for one image; Keras takes them all.

    Returns:
        A Keras model, or a `LiteRTClassifier` for a `.tflite` file. Both take faces
        `(n, 48, 48, 1)`, 0-255, and return probabilities `(n, 7)`; see `predict`.

    Raises:
        Problem: If the model is missing or damaged, a shipped file is not the one that was
            shipped, or the model does not classify faces.
    """
    path = shipped.path(name) if name in shipped.FILES else find(name)
    if path.suffix == ".tflite":
        return litert.LiteRTClassifier(path, threads)
    if not path.exists():
        raise Problem(f"{path}: no such model; `fer train` makes it")
    trained = keras_file.read(path)
    if path.parent == paths.MODELS and path.stem in runs.names():
        trained = _complete(trained, runs.load(path.stem).info["recipe"])
    if (trained.input_shape, trained.output_shape) != (FACES, PROBABILITIES):
        raise Problem(
            f"{path}: takes {trained.input_shape} and returns {trained.output_shape}; "
            "not a face classifier"
        )
    return trained


def find(name):
    """Find the file of a recorded run's model, or of a model named by its path.

    Args:
        name: A recorded run's name, or the path of a `.keras` or `.tflite` file.

    Returns:
        A `Path`. A run's model may be missing: most are not in the repository.

    Raises:
        Problem: If there is no such run or file.
    """
    if Path(name).suffix in (".keras", ".tflite"):
        if not Path(name).exists():
            raise Problem(f"{name}: no such file")
        return Path(name)
    runs.load(name)
    return paths.MODELS / f"{name}.keras"


def predict(model, images):
    """Classify images with what `load` returned.

    Args:
        model: A Keras model or a `LiteRTClassifier`.
        images: Faces `(n, 48, 48, 1)`, 0-255.

    Returns:
        Probabilities, float32 `(n, 7)`.
    """
    if isinstance(model, keras.Model):
        return model.predict(images, batch_size=256, verbose=0)
    return model(images)


def _complete(trained, recipe):
    """Put the frozen backbone before what a run trained; a run with frozen layers stores no more.

    recipe: as `run.json` holds it.
    """
    if recipe["trainable_from"] == "all":
        return trained
    extractor = classifier.feature_extractor(
        backbone.imagenet_backbone(recipe["size"]),
        recipe["size"],
        recipe["pooling"],
        recipe["pixel_range"],
        recipe["trainable_from"],
    )
    return keras.Sequential([extractor, trained], name="classifier")
