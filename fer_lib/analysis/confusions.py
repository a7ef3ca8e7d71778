"""Which expressions a classifier confuses, and which of these errors a better one corrects.

Labels are class indices `(n,)` and probabilities `(n, 7)`, both in `LABELS` order.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation, paper
from fer_lib.labels import LABELS

PAIRS = len(LABELS) * (len(LABELS) - 1)  # confusions have a direction
RUNNERS_UP = 2


def confused_pairs(labels, probabilities, top=5):
    """Rank the confusions, each direction on its own, by the proportion of the class affected.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.
        top: Number of directions, at most the 42 that there are.

    Returns:
        DataFrame with one row per direction: label, predicted, images, proportion of class (of
        the label's images), and proportion of errors (of all misclassified images), both 0-1.
    """
    counts = evaluation.confusion_counts(labels, probabilities)
    errors = counts.sum() - np.trace(counts)
    rows = [
        {
            "label": LABELS[label],
            "predicted": LABELS[predicted],
            "images": counts[label, predicted],
            "proportion of class": counts[label, predicted] / max(counts[label].sum(), 1),
            "proportion of errors": counts[label, predicted] / max(errors, 1),
        }
        for label, predicted in np.argwhere(~np.eye(len(LABELS), dtype=bool))
    ]
    pairs = pd.DataFrame(rows).sort_values("proportion of class", ascending=False, kind="stable")
    return pairs.head(top).reset_index(drop=True)


def claimed_pairs(labels, probabilities):
    """Rank the pairs that the paper calls confused, in both directions, among all 42 directions.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        DataFrame with the columns of `confused_pairs` and rank (1 is the most frequent), sorted
        by rank.
    """
    pairs = confused_pairs(labels, probabilities, top=PAIRS)
    pairs.insert(0, "rank", pairs.index + 1)
    claimed = [*paper.CONFUSED_PAIRS, *(pair[::-1] for pair in paper.CONFUSED_PAIRS)]
    directions = pairs.set_index(["label", "predicted"])
    return directions.loc[claimed].reset_index().sort_values("rank", ignore_index=True)


def accuracy_with_perfect_recall(labels, probabilities, classes):
    """Compute the accuracy if every image of some classes were correctly classified.

    Nothing else changes: other classes' images that are misclassified as these stay errors.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.
        classes: Names of classes.

    Returns:
        A float in 0-1.
    """
    correct = probabilities.argmax(axis=1) == labels
    perfect = np.isin(labels, [LABELS.index(name) for name in classes])
    return float(np.mean(correct | perfect))


def mean_probabilities(labels, probabilities):
    """Average the probabilities over the images of each class.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        DataFrame `(7, 7)` in 0-1, one row per true label, one column per class.
    """
    means = [probabilities[labels == label].mean(axis=0) for label in range(len(LABELS))]
    index, columns = pd.Index(LABELS, name="true label"), pd.Index(LABELS, name="predicted")
    return pd.DataFrame(means, index, columns)


def table_2(labels, probabilities):
    """Set our means over each class's images beside the single images of the paper's Table 2.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        DataFrame of texts in percent, indexed by label: the label's probability and the two
        next highest ones, ours and the paper's.
    """
    means = mean_probabilities(labels, probabilities) * 100
    ours = {label: _highest(means.loc[label], label) for label in LABELS}
    theirs = {label: _highest(pd.Series(paper.TABLE_2[label]), label) for label in LABELS}
    table = pd.DataFrame({"mean of the class, ours (%)": ours, "one image, paper (%)": theirs})
    return table.rename_axis("label")


def _highest(scores, label):
    """The label's score and the next highest ones as text: "happy 66 (sad 11, disgust 11)"."""
    others = scores.drop(label).sort_values(ascending=False, kind="stable").head(RUNNERS_UP)
    rest = ", ".join(f"{name} {score:.0f}" for name, score in others.items())
    return f"{label} {scores[label]:.0f} ({rest})"


def recall_gains(labels, first, second, **options):
    """Estimate how much a second model improves the recall of each class, on the same images.

    Args:
        labels: Class indices, shape `(n,)`.
        first: Baseline probabilities, `(n, 7)`.
        second: New model's, for the same images.
        **options: Passed to `evaluation.difference`.

    Returns:
        DataFrame indexed by label, all 0-1: first and second (recalls), difference, low, and high
        (95% interval of the difference, paired bootstrap).
    """
    gain = evaluation.difference(evaluation.recalls, labels, first, second, **options)
    columns = {
        "first": evaluation.recalls(labels, first),
        "second": evaluation.recalls(labels, second),
        "difference": gain.value,
        "low": gain.low,
        "high": gain.high,
    }
    return pd.DataFrame(columns, index=pd.Index(LABELS, name="label"))
