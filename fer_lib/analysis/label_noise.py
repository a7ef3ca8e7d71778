"""Whose fault an error is, the network's or the label's, and how likely label errors are found.

Labels are class indices `(n,)`. The crowd's classes (the manifest's `crowd`, FER+) are class
indices, too, with -1 where people are divided.
"""

import numpy as np
import pandas as pd

from fer_lib import data
from fer_lib.labels import LABELS, class_indices

SOURCES = (
    "people agree with the label",
    "people agree with the network",
    "people see a third class",
    "people are divided",
)


def crowd_classes(facts):
    """Get the crowd's classes of images.

    Args:
        facts: Rows of the manifest.

    Returns:
        Class indices, `(n,)`; -1 where people are divided.
    """
    return class_indices(facts["crowd"])


def error_sources(labels, tests, crowd):
    """Divide the errors by what people say of the image.

    Args:
        labels: Class indices, `(n,)`.
        tests: Probabilities of several runs, `(runs, n, 7)`.
        crowd: The crowd's classes, `(n,)`.

    Returns:
        Array `(4, n)`: for each of `SOURCES`, the share of the runs that misclassify the image, in
        the one row that what people say puts the error into; 0 elsewhere.
    """
    predicted = np.argmax(tests, axis=2)
    wrong, divided = predicted != labels, crowd < 0
    label_rejected = wrong & (crowd != labels) & ~divided
    kinds = [
        wrong & (crowd == labels),
        label_rejected & (crowd == predicted),
        label_rejected & (crowd != predicted),
        wrong & divided,
    ]
    return np.array([kind.mean(axis=0) for kind in kinds])


def auc_within_class(labels, scores, events, weights=None):
    """Measure how well scores tell images with an event from others *of the same class*.

    Pooled over the classes, scores that differ between classes find every event that is more
    frequent in one of them. So the area under the ROC curve is computed in each class, and averaged
    with the number of events as weights.

    Args:
        labels: Class indices, `(n,)`.
        scores: Any numbers, higher where the event is expected, `(n,)`.
        events: Booleans, `(n,)`.
        weights: Number of times each image counts, `(n,)`; once by default.

    Returns:
        A float in 0-1; 0.5 is chance. Classes without events, or with nothing else, are left out.
    """
    from sklearn.metrics import auc, roc_curve  # faster than roc_auc_score, for the bootstrap

    weights = np.ones(len(labels)) if weights is None else weights
    areas, counts = [], []
    for label in range(len(LABELS)):
        chosen = (labels == label) & (weights > 0)
        if 0 < events[chosen].sum() < chosen.sum():
            kept = events[chosen], scores[chosen]
            false_alarms, hits, _ = roc_curve(*kept, sample_weight=weights[chosen])
            areas.append(auc(false_alarms, hits))
            counts.append(weights[chosen & events].sum())
    return float(np.average(areas, weights=counts))


def precision_at(order, labels, events, sizes):
    """Measure how many of the first images of a ranking have an event, beside the base rate.

    Args:
        order: Indices of the images, the most suspect first, `(n,)`.
        labels: Class indices, `(n,)`.
        events: Booleans, `(n,)`.
        sizes: How many of the first images to take, a list.

    Returns:
        DataFrame indexed by images: precision, low, and high (0-1, Wilson's 95% confidence
        interval), and expected: the share of events in a random choice with the same class mix.
    """
    from statsmodels.stats.proportion import proportion_confint

    images = np.bincount(labels, minlength=len(LABELS))
    rates = np.bincount(labels, events, len(LABELS)) / np.maximum(images, 1)
    rows = []
    for size in sizes:
        first = order[:size]
        low, high = proportion_confint(events[first].sum(), size, method="wilson")
        rows.append([events[first].mean(), low, high, rates[labels[first]].mean()])
    columns = ["precision", "low", "high", "expected"]
    return pd.DataFrame(rows, pd.Index(sizes, name="images"), columns)


def rejected_suspects(labels, probabilities, crowd, sizes):
    """Rank labels by confident learning, and measure how many of the first ones people reject.

    The score is cleanlab's normalized margin, once adjusted by a threshold per class (Northcutt et
    al. 2021) and once as it is. Images on which people are divided help to set the thresholds, and
    are then left out.

    Args:
        labels: Class indices, `(n,)`.
        probabilities: Probabilities of a model that wasn't trained on the image, `(n, 7)`; they
            needn't add up to exactly 1.
        crowd: The crowd's classes, `(n,)`.
        sizes: How many of the most suspect images to take, a list.

    Returns:
        A dict from the ranking's name to its table of `precision_at`.
    """
    from cleanlab.rank import get_label_quality_scores

    known = crowd >= 0
    rejected = (crowd != labels)[known]
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    tables = {}
    for name, adjusted in {"a threshold per class": True, "no thresholds": False}.items():
        quality = get_label_quality_scores(
            labels, probabilities, method="normalized_margin", adjust_pred_probs=adjusted
        )
        tables[name] = precision_at(np.argsort(quality[known]), labels[known], rejected, sizes)
    return tables


def conflicting_copies(manifest):
    """Find the images of which a copy has another label.

    Args:
        manifest: The table of `data.manifest.load`.

    Returns:
        Boolean Series, one value per image. Copies are exact and near-duplicates.
    """
    photographs = data.manifest.photographs(manifest)
    return manifest["label"].groupby(photographs).transform("nunique") > 1
