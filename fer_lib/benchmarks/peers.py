"""Our classifier beside that of the package `fer`, on the same PrivateTest images of FER2013.

A classifier here is any callable from images (n, 48, 48, 1) uint8, grey, 0-255, to probabilities
(n, 7) in `LABELS` order. It is timed as it comes: with its own preprocessing, with as many threads
as it takes.
"""

import importlib
import time
import warnings

import numpy as np
import pandas as pd

from fer_lib import data, evaluation, models, runs
from fer_lib.data import fer2013
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS
from fer_lib.models import shipped

OURS = "ours, LiteRT float16"
BATCH = 64
SINGLE_IMAGES = 200
HOW_TO_GET_FER = (
    "in an environment of its own run `pip install -c constraints.txt -e '.[peers]'`, "
    "then `fer peers` again"
)
METRICS = {"accuracy": evaluation.accuracy, "macro F1": evaluation.macro_f1}


def report():
    """Text with accuracy, macro F1 and time of our classifier and `fer`'s; takes a minute.

    Raises Problem if FER2013, the package `fer` or our model is missing.
    """
    images = private_test()
    peer, peer_name = package_fer()
    table = compare({OURS: models.load(shipped.FLOAT16), peer_name: peer}, images)
    hardware = runs.hardware()
    return (
        f"PrivateTest of FER2013, {len(images):,} images; in brackets 95 % bootstrap intervals.\n"
        f"Times (median) on {hardware['processor']}, {hardware['cores']} cores.\n\n"
        f"{table.to_string()}"
    )


def private_test():
    """The Dataset of FER2013's PrivateTest images; raises Problem if FER2013 is missing."""
    if fer2013.locate() is None:
        raise Problem(f"no FER2013 to compare on; {fer2013.HOW_TO_GET_IT}")
    return data.load().usage("PrivateTest")


def package_fer():
    """The classifier that the package `fer` uses by default, and its name with the version.

    It is mini-Xception (Arriaga et al. 2017, arXiv 1710.07557) with 58,423 parameters, quantised.
    Its authors' training script validates on both test sets of FER2013; a network made by it had
    its epoch chosen with PrivateTest's help. Raises Problem if the package cannot be imported.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # of pkg_resources and tf.lite, its affair
            package, module = (importlib.import_module(name) for name in ("fer", "fer.fer"))
            recogniser = _keeping_scores(module.FER)(offsets=(0, 0))
    except ImportError as error:
        raise Problem(f"the package fer cannot be imported ({error}); {HOW_TO_GET_FER}") from error
    return _whole_crops(recogniser), f"fer {package.__version__}"


def _keeping_scores(recogniser):
    """The class `fer.fer.FER`, but it keeps the scores that it returns rounded to two decimals."""

    class KeepingScores(recogniser):
        def _classify_emotions(self, grey_faces):
            self.scores = super()._classify_emotions(grey_faces)
            return self.scores

    return KeepingScores


def _whole_crops(recogniser):
    """A classifier of crops: the recogniser is told that faces fill them and so detects none.

    The crops of a batch are stacked into one tall image, for it takes many faces of one image.
    """
    import cv2

    names = {label: index for index, label in recogniser._get_labels().items()}
    order = [names[label] for label in LABELS]

    def classify(images):
        side = fer2013.SIDE
        stacked = cv2.cvtColor(images.reshape(-1, side), cv2.COLOR_GRAY2BGR)
        boxes = [(0, side * index, side, side) for index in range(len(images))]
        recogniser.detect_emotions(stacked, boxes)
        return recogniser.scores[:, order]

    return classify


def compare(classifiers, dataset):
    """Table of what each classifier reaches on a Dataset: a row a measure, a column a classifier.

    classifiers: {name: callable}, ours first; by how much ours is ahead of another is estimated
    on the same images, pair by pair.
    """
    columns, first = {}, None
    for name, classify in classifiers.items():
        single = timed(classify, dataset.images[:SINGLE_IMAGES], 1)[1]
        probabilities, batched = timed(classify, dataset.images, BATCH)
        columns[name] = _scores(dataset.labels, probabilities, first)
        columns[name]["milliseconds, one image"] = f"{single:.2f}"
        columns[name][f"milliseconds an image, {BATCH} at once"] = f"{batched:.2f}"
        first = probabilities if first is None else first
    return pd.DataFrame(columns)


def _scores(labels, probabilities, first):
    """The rows of a classifier's metrics and, unless it is the first, how far that is ahead."""
    rows = {}
    for name, metric in METRICS.items():
        rows[name] = str(evaluation.interval(metric, labels, probabilities))
        rows[f"{name}, ours ahead by"] = ""
        if first is not None:
            ahead = evaluation.difference(metric, labels, probabilities, first)
            rows[f"{name}, ours ahead by"] = str(ahead)
    return rows


def timed(classify, images, batch):
    """Probabilities (n, 7) of images classified `batch` at once, and milliseconds an image.

    The time is the median over the batches, which neither the first, slow call nor what else the
    machine does now and then can move.
    """
    from tqdm.auto import tqdm

    parts, times = [], []
    starts = range(0, len(images), batch)
    for first in tqdm(starts, f"{batch} at once", leave=False, disable=None):
        part = images[first : first + batch]
        start = time.perf_counter()
        parts.append(classify(part))
        times.append((time.perf_counter() - start) / len(part))
    return np.concatenate(parts), 1000 * float(np.median(times))
