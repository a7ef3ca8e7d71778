"""How fast the course's models run and train on the machine at hand: times, and their ratios."""

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
from fer_lib.live import sample_video
from fer_lib.live.pipeline import LiveClassifier
from fer_lib.models import batch_norm, shipped

BATCHES = (1, 8, 64)
STEPS = 8


def runtimes(repeats=timing.REPEATS):
    """Every way to run the shipped classifier on drawn faces: a row a runtime and batch size.

    Columns: milliseconds for the batch, images a second, and how many times as fast as the row
    "Keras, predict" of the same batch size. OpenCV is left out where the packages of the extra
    `onnx` are missing.
    """
    faces = data.load_drawn_faces(max(BATCHES)).images
    rows = []
    for name, prepare in RUNTIMES.items():
        for batch in BATCHES:
            images = faces[:batch]
            classify = prepare(batch)
            if classify is not None:
                spent = timing.median_milliseconds(partial(classify, images), repeats)
                rows.append({"runtime": name, "batch": batch, "milliseconds": spent})
    table = pd.DataFrame(rows)
    table["images a second"] = 1000 * table["batch"] / table["milliseconds"]
    slow = table[table["runtime"] == "Keras, predict"].set_index("batch")["milliseconds"]
    table["times as fast"] = table["batch"].map(slow) / table["milliseconds"]
    return table.set_index(["batch", "runtime"]).sort_index(level="batch", sort_remaining=False)


def _keras_predict(batch):
    classifier = models.load()
    return partial(classifier.predict, verbose=0)


def _keras_function(batch):
    """The model compiled by `tf.function`, without what `predict` does around it."""
    import tensorflow as tf

    compiled = tf.function(models.load(), jit_compile=False)
    return lambda images: compiled(images.astype(np.float32), training=False).numpy()


def _litert(file):
    return lambda batch: models.load(file)


def _opencv(batch):
    """OpenCV's own network runtime on an ONNX export; None where that cannot be exported.

    The export holds what follows the preprocessing: OpenCV 4.14 computes the model's resizing layer
    otherwise than Keras does, so it is done by its `resize` here.
    """
    if importlib.util.find_spec("tf2onnx") is None:
        return None
    classifier = models.load()
    backbone = classifier.get_layer("backbone")
    shape = (batch, *backbone.input_shape[1:])
    images = keras.Input(batch_shape=shape)
    pooled = classifier.get_layer("pooling")(backbone(images))
    rest = keras.Model(images, classifier.get_layer("head")(pooled))
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
    """What a frame (640x480, one face) costs the live demo, and the plainer ways: a row a way.

    Columns: milliseconds in all and, where the way is ours, to find, crop and classify; how many
    times as long as Haar with LiteRT takes. YuNet without its file, and the package
    `fer` where it is not installed, are left out.
    """
    pictures = {"drawn face": next(sample_video.frames()), "photograph": sample_video.portrait()}
    rows = []
    for way, prepare in LIVE_WAYS.items():
        classifier = prepare()
        if classifier is not None:
            rows += [
                {"picture": picture, "way": way, **_frame_times(classifier, frame, repeats)}
                for picture, frame in pictures.items()
            ]
    table = pd.DataFrame(rows)
    ours = table[table["way"] == "Haar, LiteRT"].set_index("picture")["milliseconds"]
    table["times as long"] = table["milliseconds"] / table["picture"].map(ours)
    return table.set_index(["picture", "way"]).sort_index(level="picture", sort_remaining=False)


def _frame_times(classifier, frame, repeats):
    """Median milliseconds of a frame, in all and by stage."""
    stages = []

    def process():
        classifier.process(frame)
        stages.append(classifier.milliseconds)

    return {
        "milliseconds": timing.median_milliseconds(process, repeats),
        **pd.DataFrame(stages).median(),
    }


def _yunet():
    """The live demo with YuNet; None where its file is not at hand."""
    detector = live.detector()
    return LiveClassifier(detector=detector) if isinstance(detector, live.YuNetDetector) else None


class _PackageFer:
    """The package `fer` as it is called on a frame: it finds faces by Haar, too."""

    median_milliseconds = {}  # it tells no stages

    def __init__(self):
        with warnings.catch_warnings(action="ignore"):  # of pkg_resources and tf.lite, its affair
            self.recogniser = importlib.import_module("fer.fer").FER()

    def process(self, frame):
        return self.recogniser.detect_emotions(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))


LIVE_WAYS = {
    "Haar, LiteRT": lambda: LiveClassifier(detector=live.HaarDetector()),
    "YuNet, LiteRT": _yunet,
    "Haar, model.predict": lambda: LiveClassifier(
        detector=live.HaarDetector(), classify=_keras_predict(1)
    ),
    "package fer": lambda: _PackageFer() if importlib.util.find_spec("fer") else None,
}


def training_step(recipe, steps=STEPS):
    """What a training step of a recipe spends its time on: a row a part, drawn faces as data.

    Columns: milliseconds a step, and how many times as long as a whole step, which is the first two
    rows together. The third is fitting with Keras' own batch normalisation, not the fused one.
    """
    faces = data.load_drawn_faces(recipe.batch_size)
    batches = training.Batches(faces.images, training.one_hot(faces.labels), recipe, 0, 0)
    images, targets = batches[0]
    plain = keras.applications.MobileNetV2(
        input_shape=(recipe.size, recipe.size, 3), include_top=False, weights=None, name="backbone"
    )
    fused = batch_norm.for_training(plain, recipe.batch_normalisation_momentum)
    spent = [
        timing.median_milliseconds(lambda: batches[0], steps),
        timing.median_milliseconds(_step(fused, recipe, images, targets), steps),
        timing.median_milliseconds(_step(plain, recipe, images, targets), steps),
    ]
    index = ["changing the images", "fitting", "fitting, Keras' batch normalisation"]
    table = pd.DataFrame({"milliseconds a step": spent}, index=index)
    return table.assign(share=table["milliseconds a step"] / sum(spent[:2]))


def _step(backbone, recipe, images, targets):
    """A function that does one training step of a classifier on that backbone."""
    classifier = models.build(backbone, recipe.size, recipe.pooling, recipe.hidden_units)
    training.compile_model(classifier, recipe, len(images))
    return lambda: classifier.train_on_batch(images, targets)
