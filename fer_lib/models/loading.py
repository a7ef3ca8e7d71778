"""The one door to trained models: recorded runs, the shipped ones, and files."""

from pathlib import Path

from fer_lib import paths, runs
from fer_lib.exceptions import Problem
from fer_lib.labels import ANSWERS, LABEL
from fer_lib.models import litert, shipped  # without Keras, which the live demo doesn't need

INPUT_SHAPE, OUTPUT_SHAPE = (None, 48, 48, 1), (None, 7)


def load(name=shipped.KERAS, threads=2):
    """Load a trained classifier; by default the shipped one, the course's best.

    Args:
        name: A recorded run, e.g. `"paper-seed0"`, a shipped file, i.e. one of `shipped.FILES`, or
            the path of a `.keras` or `.tflite` file.
        threads: Number of CPU cores that a LiteRT model uses for an image; Keras uses all.

    Returns:
        A Keras model, or a `LiteRTClassifier` for a `.tflite` file. Both take faces
        `(n, 48, 48, 1)`, 0-255; see `predict`.

    Raises:
        Problem: If the model is missing or damaged, a shipped file has changed, or the model does
            not classify faces.
    """
    path = find_file(name)
    if path.suffix == ".tflite":
        return litert.LiteRTClassifier(path, threads)
    from fer_lib.models import keras_file

    if not path.exists():
        raise Problem(f"{path} is missing. Make the model of this run with `fer train`.")
    trained = keras_file.read(path)
    if trained.input_shape != INPUT_SHAPE and _is_of_a_run(path):
        trained = _with_backbone(trained, runs.load(path.stem).info["recipe"])
    if trained.input_shape != INPUT_SHAPE or not _gives_answers(trained):
        raise Problem(
            f"{path} takes {trained.input_shape} and returns {trained.output_shape}, so it is not "
            "a face classifier. Choose another model."
        )
    return trained


def find_file(name):
    """Find the file of a trained model.

    Args:
        name: As in `load`.

    Returns:
        Its `Path`. A run's model may be missing: most are not in the repository.

    Raises:
        Problem: If there is no such run or file, or a shipped file is missing or has changed.
    """
    if name in shipped.FILES:
        return shipped.path(name)
    if Path(name).suffix not in (".keras", ".tflite"):
        return paths.MODELS / f"{runs.load(name).name}.keras"
    if not Path(name).exists():
        raise Problem(f"{name} does not exist. Check the path.")
    return Path(name)


def predict(model, images, answer=LABEL):
    """Classify images with a model of either kind.

    Args:
        model: A model that `load` returned.
        images: Faces `(n, 48, 48, 1)`, 0-255.
        answer: `LABEL` for what FER2013's label says, or `PEOPLE` for what people would say.

    Returns:
        Probabilities, float32 `(n, 7)`.

    Raises:
        Problem: If the model doesn't give this answer.
    """
    return answer_of(outputs(model, images), answer)


def outputs(model, images):
    """Classify images with a model of either kind, and return all its answers.

    Args:
        model: A model that `load` returned.
        images: Faces `(n, 48, 48, 1)`, 0-255.

    Returns:
        A dict from each answer's name to its probabilities, float32 `(n, 7)`.
    """
    if isinstance(model, litert.LiteRTClassifier):
        return model.outputs(images)
    found = model.predict(images, batch_size=256, verbose=0)
    return found if isinstance(found, dict) else {LABEL: found}


def answer_of(outputs, answer=LABEL):
    """Select one answer from the outputs of a classifier.

    Args:
        outputs: Probabilities `(n, 7)`, or a dict of them.
        answer: `LABEL`, or `PEOPLE`, which classifiers with one answer don't give.

    Returns:
        Probabilities, `(n, 7)`.

    Raises:
        Problem: If the classifier doesn't give this answer.
    """
    answers = outputs if isinstance(outputs, dict) else {LABEL: outputs}
    if answer not in answers:
        raise Problem(f"This model doesn't tell {answer!r}. Choose one of {', '.join(answers)}.")
    return answers[answer]


def _gives_answers(trained):
    """Whether a Keras model returns the probabilities of one answer, or of two."""
    shapes = trained.compute_output_shape(INPUT_SHAPE)
    return shapes in (OUTPUT_SHAPE, dict.fromkeys(ANSWERS, OUTPUT_SHAPE))


def _is_of_a_run(path):
    return path.resolve().parent == paths.MODELS.resolve() and path.stem in runs.names()


def _with_backbone(trained, recipe):
    """Put the frozen layers before the trained ones; a run's file holds only the latter.

    The recipe is a run's record, possibly of an older version, so only fields that never changed
    their name are read.
    """
    import keras

    from fer_lib.models import backbone, classifier

    extractor = classifier.feature_extractor(
        backbone.imagenet_backbone(recipe["size"]),
        recipe["size"],
        recipe["pooling"],
        recipe["pixel_range"],
        recipe["trainable_from"],
    )
    return keras.Sequential([extractor, trained], name="classifier")
