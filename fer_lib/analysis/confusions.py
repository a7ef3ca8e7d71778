"""Which expressions a classifier takes for which, and what a better one corrects.

Labels are (n,) class indices and probabilities (n, 7), both in `LABELS` order.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation, paper
from fer_lib.labels import LABELS


def confused_pairs(labels, probabilities, top=5):
    """The most frequent confusions: a row a direction, the largest share of its class first.

    Columns: label, predicted, images, share of class (of the label's images, 0-1), share of
    mistakes (of all images misread, 0-1). top: how many, at most the 42 that there are.
    """
    counts = evaluation.confusion_counts(labels, probabilities)
    mistakes = counts.sum() - np.trace(counts)
    rows = [
        {
            "label": LABELS[label],
            "predicted": LABELS[predicted],
            "images": counts[label, predicted],
            "share of class": counts[label, predicted] / max(counts[label].sum(), 1),
            "share of mistakes": counts[label, predicted] / max(mistakes, 1),
        }
        for label, predicted in np.argwhere(~np.eye(len(LABELS), dtype=bool))
    ]
    pairs = pd.DataFrame(rows).sort_values("share of class", ascending=False, kind="stable")
    return pairs.head(top).reset_index(drop=True)


def claimed_pairs(labels, probabilities):
    """The pairs that the paper calls confused, both ways, each with its rank among all 42."""
    pairs = confused_pairs(labels, probabilities, top=42)
    pairs.insert(0, "rank", pairs.index + 1)
    claimed = [*paper.CONFUSED_PAIRS, *(pair[::-1] for pair in paper.CONFUSED_PAIRS)]
    directions = pairs.set_index(["label", "predicted"])
    return directions.loc[claimed].reset_index().sort_values("rank", ignore_index=True)


def accuracy_with_perfect_recall(labels, probabilities, classes):
    """Accuracy, 0-1, if each image of the named classes were recognised and nothing else changed.

    Mistakes of other classes' images for these stay mistakes.
    """
    right = probabilities.argmax(axis=1) == labels
    perfect = np.isin(labels, [LABELS.index(name) for name in classes])
    return float(np.mean(right | perfect))


def mean_probabilities(labels, probabilities):
    """Mean probability of each class (columns) over the images of each class (rows): (7, 7)."""
    means = [probabilities[labels == label].mean(axis=0) for label in range(len(LABELS))]
    index, columns = pd.Index(LABELS, name="label"), pd.Index(LABELS, name="predicted")
    return pd.DataFrame(means, index, columns)


def table_2(labels, probabilities, runners_up=2):
    """The paper's Table 2 as means over each class's images: percent, beside its single images."""
    means = mean_probabilities(labels, probabilities) * 100
    ours = {label: _named(means.loc[label], label, runners_up) for label in LABELS}
    theirs = {label: _named(pd.Series(paper.TABLE_2[label]), label, runners_up) for label in LABELS}
    table = pd.DataFrame({"mean of the class, ours (%)": ours, "one image, paper (%)": theirs})
    return table.rename_axis("label")


def _named(scores, label, runners_up):
    """The label's score and the next highest ones as text: "happy 66 (sad 11, disgust 11)"."""
    others = scores.drop(label).sort_values(ascending=False, kind="stable").head(runners_up)
    rest = ", ".join(f"{name} {score:.0f}" for name, score in others.items())
    return f"{label} {scores[label]:.0f} ({rest})"


def recall_gains(labels, first, second, **options):
    """By how much the second model recognises more of each class, on the same images.

    first, second: probabilities of the two models. Columns: first and second (recalls, 0-1),
    difference, low and high (its paired bootstrap interval, `evaluation.difference`).
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
