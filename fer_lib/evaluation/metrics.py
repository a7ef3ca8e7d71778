"""How good a classifier is: accuracy, the confusion matrix, and scores for each class.

Labels are class indices `(n,)` and probabilities `(n, 7)`, rows that sum to 1, both in `LABELS`
order; every function takes them in this order, as scikit-learn does.

`accuracy`, `recalls`, and `macro_f1` do by hand what scikit-learn offers, because the bootstrap
calls them a thousand times per interval: on 7,178 images `macro_f1` takes 0.4 ms, scikit-learn's
`f1_score` 6 ms.
"""

import numpy as np
import pandas as pd

from fer_lib.labels import LABELS

SCORES = ["precision", "recall", "F1"]
MIN_PROBABILITY = 5e-6  # recorded probabilities are rounded to five decimals, some to zero


def confusion_counts(labels, probabilities):
    """Count the images by true and predicted class.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        Integer array `(7, 7)`, one row per true label, one column per most probable class.

    Raises:
        ValueError: If the shapes are wrong, e.g. with the arguments swapped.
    """
    check_shapes(labels, probabilities)
    cells = labels * len(LABELS) + probabilities.argmax(axis=1)
    counts = np.bincount(cells, minlength=len(LABELS) ** 2)
    return counts.reshape(len(LABELS), len(LABELS))


def check_shapes(labels, probabilities):
    """Check that labels are `(n,)` and probabilities `(n, 7)`.

    Args:
        labels: What should be class indices.
        probabilities: What should be probabilities.

    Raises:
        ValueError: If they have other shapes, e.g. because they are swapped.
    """
    if np.shape(probabilities) != (len(labels), len(LABELS)) or np.ndim(labels) != 1:
        raise ValueError(
            f"Labels {np.shape(labels)} and probabilities {np.shape(probabilities)} "
            f"are not (n,) and (n, {len(LABELS)}). Pass (labels, probabilities), in this order."
        )


def confusion_matrix(labels, probabilities):
    """Count the images by true and predicted class, as a table with the classes' names.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        `confusion_counts` as a DataFrame, indexed by true label.
    """
    counts = confusion_counts(labels, probabilities)
    index, columns = pd.Index(LABELS, name="true label"), pd.Index(LABELS, name="predicted")
    return pd.DataFrame(counts, index, columns)


def accuracy(labels, probabilities):
    """Compute the proportion of images whose most probable class is their label.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        A float in 0-1.
    """
    check_shapes(labels, probabilities)
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def recalls(labels, probabilities):
    """Compute the proportion of each class's images that are correctly classified.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        Array `(7,)` in 0-1, with 0 for a class without images.
    """
    counts = confusion_counts(labels, probabilities)
    return np.diag(counts) / np.maximum(counts.sum(axis=1), 1)


def mean_recall(labels, probabilities):
    """Average the recalls of the classes that occur, also known as balanced accuracy.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        A float in 0-1.
    """
    occurs = np.bincount(labels, minlength=len(LABELS)) > 0
    return float(recalls(labels, probabilities)[occurs].mean())


def class_means(classes, values, weights):
    """Average a number within each class.

    Args:
        classes: Class indices, shape `(n,)`.
        values: What is averaged, e.g. whether a prediction is correct, shape `(n,)`.
        weights: Weight of each image, 0 or more, shape `(n,)`.

    Returns:
        Array `(7,)`, with 0 for a class without weight.
    """
    count = len(LABELS)
    total = np.bincount(classes, weights, minlength=count)
    sums = np.bincount(classes, weights * values, minlength=count)
    return sums / np.where(total > 0, total, 1)


def macro_f1(labels, probabilities):
    """Compute the plain mean of the classes' F1 scores: a rare class counts as much as any.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        A float in 0-1. A class that is neither present nor predicted has F1 score 0.
    """
    counts = confusion_counts(labels, probabilities)
    images, predicted = counts.sum(axis=1), counts.sum(axis=0)
    return float((2 * np.diag(counts) / np.maximum(images + predicted, 1)).mean())


def class_table(labels, probabilities):
    """Compute precision, recall, and F1 score of each class, as in the paper's Table 1.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        DataFrame indexed by class: `SCORES` (0-1) and images. A score that would divide by zero
        is 0, e.g. the precision of a class that is never predicted.
    """
    from sklearn.metrics import precision_recall_fscore_support

    check_shapes(labels, probabilities)
    *scores, images = precision_recall_fscore_support(
        labels, probabilities.argmax(axis=1), labels=range(len(LABELS)), zero_division=0
    )
    table = pd.DataFrame(dict(zip(SCORES, scores, strict=True)), index=LABELS)
    return table.assign(images=images)


def averages(table):
    """Average the scores of a class table over its classes.

    Args:
        table: DataFrame with the columns of `class_table`.

    Returns:
        DataFrame with columns `SCORES`. Its row "macro" weights classes equally, "weighted" by
        their number of images. The weighted recall is the accuracy, because a class's recall
        times its images is the number of its images that are correctly classified.
    """
    scores = table[SCORES]
    weighted = scores.mul(table["images"], axis=0).sum() / table["images"].sum()
    return pd.DataFrame({"macro": scores.mean(), "weighted": weighted}).T


def negative_log_likelihood(labels, probabilities):
    """Compute the mean of -log of the label's probability: the cross-entropy of training.

    Probabilities below `MIN_PROBABILITY` count as that.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        A float, 0 or more.
    """
    check_shapes(labels, probabilities)
    own = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(own, MIN_PROBABILITY)).mean())
