"""How good a classifier is: accuracy, the confusion matrix, and scores for each class.

Labels are (n,) class indices and probabilities (n, 7), rows that sum to 1, both in `LABELS` order;
every function takes them in this order, as scikit-learn does.
"""

import numpy as np
import pandas as pd

from fer_lib.labels import LABELS

SCORES = ["precision", "recall", "F1"]
MIN_PROBABILITY = 5e-6  # recorded probabilities are rounded to five decimals, some to zero


def confusion_counts(labels, probabilities):
    """Number of images by class (rows) and most probable class (columns): (7, 7) int."""
    check_shapes(labels, probabilities)
    cells = labels * len(LABELS) + probabilities.argmax(axis=1)
    counts = np.bincount(cells, minlength=len(LABELS) ** 2)
    return counts.reshape(len(LABELS), len(LABELS))


def check_shapes(labels, probabilities):
    if np.shape(probabilities) != (len(labels), len(LABELS)) or np.ndim(labels) != 1:
        raise ValueError(
            f"labels {np.shape(labels)} and probabilities {np.shape(probabilities)} "
            f"are not (n,) and (n, {len(LABELS)})"
        )


def confusion_matrix(labels, probabilities):
    """`confusion_counts` as a DataFrame with the classes' names."""
    counts = confusion_counts(labels, probabilities)
    index, columns = pd.Index(LABELS, name="label"), pd.Index(LABELS, name="predicted")
    return pd.DataFrame(counts, index, columns)


def accuracy(labels, probabilities):
    """Share of images whose most probable class is their label, 0-1."""
    check_shapes(labels, probabilities)
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def recalls(labels, probabilities):
    """Share of each class's images that are recognised, (7,) in 0-1; 0 for a class without any."""
    return _scores(confusion_counts(labels, probabilities))[1]


def macro_f1(labels, probabilities):
    """F-measure, the plain mean over the classes, 0-1: a rare class counts as much as any."""
    return float(_scores(confusion_counts(labels, probabilities))[2].mean())


def class_table(labels, probabilities):
    """Precision, recall, F-measure (all 0-1) and images of each class, as the paper's Table 1.

    A class that is never predicted has precision 0, as in scikit-learn.
    """
    counts = confusion_counts(labels, probabilities)
    table = pd.DataFrame(dict(zip(SCORES, _scores(counts), strict=True)), index=LABELS)
    table["images"] = counts.sum(axis=1)
    return table


def _scores(counts):
    """Precision, recall and F of each class, (7,) each; 0 where there is nothing to divide by."""
    right, images, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(images, 1)
    return precision, recall, 2 * right / np.maximum(images + predicted, 1)


def averages(table):
    """Averages of a class table's scores: "macro" counts classes alike, "weighted" images alike.

    The weighted recall is the accuracy: each class's recall times its images is its images
    recognised.
    """
    scores = table[SCORES]
    weighted = scores.mul(table["images"], axis=0).sum() / table["images"].sum()
    return pd.DataFrame({"macro": scores.mean(), "weighted": weighted}).T


def negative_log_likelihood(labels, probabilities):
    """Mean of -log of the label's probability: the cross-entropy that training lowers, >= 0."""
    check_shapes(labels, probabilities)
    own = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(own, MIN_PROBABILITY)).mean())
