"""Our classifier compared with the package `fer`'s, on the same PrivateTest images of FER2013.

A classifier here is any callable from images `(n, 48, 48, 1)` uint8, gray, 0-255, to probabilities
`(n, 7)` in `LABELS` order, or to a dict of two: what the label says, and what people would say. It
is timed as it comes: with its own preprocessing and as many threads as it uses.
"""

import importlib
import warnings

import numpy as np
import pandas as pd

from fer_lib import data, evaluation, models, runs
from fer_lib.benchmarks import timing
from fer_lib.data import fer2013, manifest
from fer_lib.exceptions import Problem
from fer_lib.labels import LABEL, LABELS, PEOPLE, class_indices
from fer_lib.models import shipped

OURS = "ours, LiteRT float16"
BATCH = 64
SINGLE_IMAGES = 200
HOW_TO_GET_FER = (
    "In an environment of its own, run `pip install -c constraints.txt -e '.[peers]'`, then "
    "`fer peers` again."
)
# By which truth, with which answer, what is measured.
MEASURES = {
    LABEL: {"accuracy": evaluation.accuracy, "macro F1": evaluation.macro_f1},
    PEOPLE: {
        "agreement with people": evaluation.accuracy,
        "mean recall by people": evaluation.mean_recall,
    },
}


def report():
    """Compare our classifier with the package `fer`'s. This takes a minute.

    Returns:
        Text with the metrics of `MEASURES` and the times of both.

    Raises:
        Problem: If FER2013, the package `fer`, or our model is missing.
    """
    images = private_test()
    peer, peer_name = package_fer()
    table = compare({OURS: models.load(shipped.FLOAT16).outputs, peer_name: peer}, images)
    hardware = runs.hardware()
    return (
        f"PrivateTest of FER2013, {len(images):,} images. In brackets: 95% bootstrap CIs.\n"
        f"Median times on {hardware['processor']}, {hardware['cores']} cores.\n\n"
        f"{table.to_string()}"
    )


def private_test():
    """Load FER2013's PrivateTest images, as a `Dataset`.

    Raises:
        Problem: If FER2013 is missing.
    """
    if fer2013.locate() is None:
        raise Problem(f"No FER2013 to compare on. {fer2013.HOW_TO_GET_IT}")
    return data.load().usage("PrivateTest")


def package_fer():
    """Load the classifier that the package `fer` uses by default.

    It is mini-Xception (Arriaga et al. 2017, arXiv 1710.07557) with 58,423 parameters, quantized.
    Its authors' training script validates on both test sets of FER2013, so the epoch of a network
    trained by it was selected with PrivateTest's help.

    Returns:
        The classifier, and its name with the version.

    Raises:
        Problem: If the package can't be imported.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # its own: pkg_resources, tf.lite
            package, module = (importlib.import_module(name) for name in ("fer", "fer.fer"))
            recognizer = _keeping_scores(module.FER)(offsets=(0, 0))
    except ImportError as error:
        raise Problem(f"The package fer can't be imported: {error}. {HOW_TO_GET_FER}") from error
    return _whole_crops(recognizer), f"fer {package.__version__}"


def _keeping_scores(recognizer):
    """The class `fer.fer.FER`, but keeping the scores that it returns rounded to two decimals."""

    class KeepingScores(recognizer):
        def _classify_emotions(self, grey_faces):
            self.scores = super()._classify_emotions(grey_faces)
            return self.scores

    return KeepingScores


def _whole_crops(recognizer):
    """A classifier of crops: the recognizer is given boxes that fill them, and so detects nothing.

    The crops of a batch are stacked into one tall image, because it takes many faces of one image.
    """
    import cv2

    names = {label: index for index, label in recognizer._get_labels().items()}
    order = [names[label] for label in LABELS]

    def classify(images):
        side = fer2013.SIDE
        stacked = cv2.cvtColor(images.reshape(-1, side), cv2.COLOR_GRAY2BGR)
        boxes = [(0, side * index, side, side) for index in range(len(images))]
        recognizer.detect_emotions(stacked, boxes)
        return recognizer.scores[:, order]

    return classify


def compare(classifiers, dataset):
    """Compare classifiers on the same images.

    Args:
        classifiers: `{name: classifier}`, ours first.
        dataset: The `Dataset` to classify.

    Returns:
        DataFrame of text with one row per metric or time and one column per classifier. By how much
        ours is ahead of another is a paired bootstrap estimate (`evaluation.difference`).
    """
    columns, first, truths = {}, None, _truths(dataset)
    for name, classify in classifiers.items():
        single = timed(classify, dataset.images[:SINGLE_IMAGES], 1)[1]
        answers, batched = timed(classify, dataset.images, BATCH)
        first = first or answers
        rows = {}
        for answer, (truth, judged) in truths.items():
            pair = [each[answer][judged] for each in (answers, first)]
            rows |= _scores(MEASURES[answer], truth, *pair, ahead=answers is not first)
        rows["milliseconds, one image"] = f"{single:.2f}"
        rows[f"milliseconds per image, {BATCH} at once"] = f"{batched:.2f}"
        columns[name] = rows
    return pd.DataFrame(columns)


def _truths(dataset):
    """By answer: the true class indices, and which images have one (the crowd's are fewer)."""
    crowd = manifest.load().set_index("name")["crowd"].reindex(dataset.names)
    voted = crowd.notna().to_numpy()
    return {LABEL: (dataset.labels, slice(None)), PEOPLE: (class_indices(crowd[voted]), voted)}


def _scores(metrics, truth, probabilities, first, ahead):
    """A classifier's metrics and, unless it is the first, by how much the first is ahead."""
    rows = {}
    for name, metric in metrics.items():
        rows[name] = str(evaluation.interval(metric, truth, probabilities))
        difference = evaluation.difference(metric, truth, probabilities, first) if ahead else ""
        rows[f"{name}, ours ahead by"] = str(difference)
    return rows


def timed(classify, images, batch):
    """Classify images and time it.

    Args:
        classify: The classifier.
        images: `(n, 48, 48, 1)`, 0-255.
        batch: Number of images per call.

    Returns:
        A dict from each answer to its probabilities `(n, 7)`, the same for both if the classifier
        gives one; and milliseconds per image: the median over the batches, so that a
        slow first call and brief interruptions don't count.
    """
    from tqdm.auto import tqdm

    starts = range(0, len(images), batch)
    parts = []
    with tqdm(total=len(starts), desc=f"{batch} at once", leave=False, disable=None) as bar:

        def classify_next():
            first = batch * len(parts)
            parts.append(classify(images[first : first + batch]))
            bar.update()

        milliseconds = timing.median_milliseconds(classify_next, len(starts), warm_up=0)
    if not isinstance(parts[0], dict):
        parts = [dict.fromkeys(MEASURES, part) for part in parts]
    answers = {answer: np.concatenate([part[answer] for part in parts]) for answer in parts[0]}
    return answers, milliseconds / min(batch, len(images))
