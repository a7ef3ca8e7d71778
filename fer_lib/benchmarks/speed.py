"""How fast the course's models run and train on this computer: times, and their ratios."""

import importlib
import importlib.util
import tempfile
import warnings
from functools import partial
from pathlib import Path

import cv2
import keras
import numpy as np
import pandas as pd

from fer_lib import data, live, models, quiet, training
from fer_lib.benchmarks import timing
from fer_lib.labels import LABEL, PEOPLE
from fer_lib.live import sample_video
from fer_lib.live.pipeline import LiveClassifier
from fer_lib.models import batch_norm, shipped

BATCHES = (1, 8, 64)
STEPS = 8


def runtimes(repeats=timing.REPEATS):
    """Time every way to run the shipped classifier, on synthetic faces.

    Args:
        repeats: Number of timed calls per row.

    Returns:
        DataFrame with one row per batch size and runtime. Columns: milliseconds (median, for the
        batch), images per second, and how many times as fast as `Keras, predict` at the same batch
        size. Without the packages of the extra `onnx` there are no rows for OpenCV.
    """
    faces = data.load_synthetic_faces(max(BATCHES)).images
    rows = []
    for name, prepare in RUNTIMES.items():
        for batch in BATCHES:
            images = faces[:batch]
            classify = prepare(batch)
            if classify is not None:
                spent = timing.median_milliseconds(partial(classify, images), repeats)
                rows.append({"runtime": name, "batch": batch, "milliseconds": spent})
    table = pd.DataFrame(rows)
    table["images per second"] = 1000 * table["batch"] / table["milliseconds"]
    slow = table[table["runtime"] == "Keras, predict"].set_index("batch")["milliseconds"]
    table["times as fast"] = table["batch"].map(slow) / table["milliseconds"]
    return table.set_index(["batch", "runtime"]).sort_index(level="batch", sort_remaining=False)


def _keras_predict(batch):
    classifier = models.load()
    return lambda images: classifier.predict(images, verbose=0)[PEOPLE]


def _keras_function(batch):
    """The model compiled by `tf.function`, without the work of `predict` around it."""
    import tensorflow as tf

    compiled = tf.function(models.load(), jit_compile=False)
    return lambda images: compiled(images.astype(np.float32), training=False)[PEOPLE].numpy()


def _litert(file):
    return lambda batch: models.load(file)


def _opencv(batch):
    """OpenCV's own network runtime on an ONNX export; None if that can't be exported.

    The export starts after the preprocessing: OpenCV 4.14 computes the model's resizing layer
    differently from Keras, so OpenCV's `resize` takes its place here.
    """
    if importlib.util.find_spec("tf2onnx") is None:
        return None
    classifier = models.load()
    backbone = classifier.get_layer("backbone")
    shape = (batch, *backbone.input_shape[1:])
    images = keras.Input(batch_shape=shape)
    pooled = classifier.get_layer("pooling")(backbone(images))
    rest = keras.Model(images, classifier.get_layer("head")(pooled)[PEOPLE])
    with tempfile.TemporaryDirectory() as folder, quiet.mute_stderr():
        file = Path(folder) / "classifier.onnx"
        signature = [keras.InputSpec(shape=shape, dtype="float32")]
        rest.export(file, format="onnx", input_signature=signature, verbose=False)
        network = cv2.dnn.readNetFromONNX(str(file))

    def classify(images):
        resized = [cv2.resize(image.astype(np.float32), shape[1:3]) for image in images]
        network.setInput(np.repeat(np.stack(resized)[..., np.newaxis], 3, axis=3) / 127.5 - 1)
        return network.forward()

    return classify


RUNTIMES = {
    "Keras, predict": _keras_predict,
    "Keras, tf.function": _keras_function,
    "LiteRT, float16": _litert(shipped.FLOAT16),
    "LiteRT, int8": _litert(shipped.INT8),
    "OpenCV, ONNX": _opencv,
}


def live_demo(repeats=timing.REPEATS):
    """Time a camera frame (640×480, one face) in the live demo and in naive approaches.

    Args:
        repeats: Number of timed calls per row.

    Returns:
        DataFrame with one row per image and way. Columns: milliseconds (median of the total);
        "find", "crop", and "classify" (medians of the stages over the same calls; NaN for the
        package `fer`, which doesn't report any); and how many times as long as Haar with LiteRT.
        YuNet is left out without its file, the package `fer` if it isn't installed.
    """
    images = {"synthetic face": next(sample_video.frames()), "photograph": sample_video.portrait()}
    rows = []
    for way, prepare in LIVE_WAYS.items():
        classifier = prepare()
        if classifier is not None:
            rows += [
                {"image": image, "way": way, **_frame_times(classifier, frame, repeats)}
                for image, frame in images.items()
            ]
    table = pd.DataFrame(rows)
    ours = table[table["way"] == "Haar, LiteRT"].set_index("image")["milliseconds"]
    table["times as long"] = table["milliseconds"] / table["image"].map(ours)
    return table.set_index(["image", "way"]).sort_index(level="image", sort_remaining=False)


def _frame_times(classifier, frame, repeats):
    """Median milliseconds of a frame, in total and by stage."""
    medians = timing.median_milliseconds(
        lambda: classifier.process(frame), repeats, stages=lambda: classifier.milliseconds
    )
    return {"milliseconds": medians.pop("total"), **medians}


def _yunet():
    """The live demo with YuNet; None if its file isn't available."""
    detector = live.detector()
    return LiveClassifier(detector=detector) if isinstance(detector, live.YuNetDetector) else None


class _PackageFer:
    """The package `fer` as it is called on a frame. It detects faces with Haar, too."""

    milliseconds = {}  # no stages

    def __init__(self):
        with warnings.catch_warnings(action="ignore"):  # its own: pkg_resources, tf.lite
            self.recognizer = importlib.import_module("fer.fer").FER()

    def process(self, frame):
        return self.recognizer.detect_emotions(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))


LIVE_WAYS = {
    "Haar, LiteRT": lambda: LiveClassifier(detector=live.HaarDetector()),
    "YuNet, LiteRT": _yunet,
    "Haar, model.predict": lambda: LiveClassifier(
        detector=live.HaarDetector(), classify=_keras_predict(1)
    ),
    "package fer": lambda: _PackageFer() if importlib.util.find_spec("fer") else None,
}


def training_step(recipe, steps=STEPS):
    """Time the parts of a training step of a recipe, on synthetic faces.

    Args:
        recipe: The `Recipe`.
        steps: Number of timed steps per row.

    Returns:
        DataFrame with one row per part. Columns: milliseconds per step (median), and the proportion
        of a full step, which is the first two rows together. The third row is fitting with Keras'
        own batch normalization instead of the fused one.
    """
    faces = data.load_synthetic_faces(recipe.batch_size)
    targets = {LABEL: training.one_hot(faces.labels)}
    batches = training.Batches(faces.images, targets, recipe, 0, 0)
    images, targets = batches[0]
    plain = keras.applications.MobileNetV2(
        input_shape=(recipe.size, recipe.size, 3), include_top=False, weights=None, name="backbone"
    )
    fused = batch_norm.for_training(plain, recipe.batch_norm_momentum)
    spent = [
        timing.median_milliseconds(lambda: batches[0], steps),
        timing.median_milliseconds(_step(fused, recipe, images, targets), steps),
        timing.median_milliseconds(_step(plain, recipe, images, targets), steps),
    ]
    index = ["data augmentation", "fitting", "fitting, Keras' batch normalization"]
    table = pd.DataFrame({"milliseconds per step": spent}, index=index)
    return table.assign(proportion=table["milliseconds per step"] / sum(spent[:2]))


def _step(backbone, recipe, images, targets):
    """A function that does one training step of a classifier on the given backbone."""
    classifier = models.build(backbone, recipe.size, recipe.pooling, recipe.hidden_units)
    training.compile_model(classifier, recipe, len(images))
    return lambda: classifier.train_on_batch(images, targets)
