"""What a classifier gets wrong: confused pairs, mistakes, doubtful images, and where it looked.

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


def accuracy_with_perfect(labels, probabilities, classes):
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


def confident_mistakes(predictions, top=10):
    """The misread images of which the model was surest, the surest first.

    predictions: rows of a run's predictions. Columns: name, label, predicted, confidence (0-1).
    """
    scores = predictions[list(LABELS)]
    table = predictions[["name", "label"]].assign(
        predicted=scores.idxmax(axis=1), confidence=scores.max(axis=1)
    )
    mistakes = table[table["label"] != table["predicted"]]
    ordered = mistakes.sort_values(["confidence", "name"], ascending=[False, True])
    return ordered.head(top).reset_index(drop=True)


def doubtful_images(predictions, top=10):
    """The images whose label several runs find least probable: the label may be wrong.

    predictions: a list of predictions of the same images in the same order. Columns: name, label,
    probability of label, predicted, confidence, all of the mean over the runs. It is the
    "self-confidence" ranking of Northcutt et al. 2021 (Confident learning, section 4.1): a low
    one marks images to look at, and proves nothing.
    """
    first = predictions[0]
    for other in predictions[1:]:
        if not np.array_equal(first["name"], other["name"]):
            raise ValueError("the predictions are not of the same images in the same order")
    mean = np.mean([table[list(LABELS)].to_numpy() for table in predictions], axis=0)
    own = pd.Categorical(first["label"], categories=LABELS).codes
    table = first[["name", "label"]].assign(
        **{
            "probability of label": mean[np.arange(len(first)), own],
            "predicted": np.array(LABELS)[mean.argmax(axis=1)],
            "confidence": mean.max(axis=1),
        }
    )
    ordered = table.sort_values(["probability of label", "name"])
    return ordered.head(top).reset_index(drop=True)


def mended(labels, first, second, **options):
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


def feature_maps(classifier, images, batch_size=16):
    """What the backbone of a classifier (`model.build`) makes of images (n, 48, 48, 1), 0-255.

    Returns (n, rows, columns, channels) float32. It calls the layers rather than `predict`,
    which would compile each of them anew.
    """
    from keras import ops

    preprocessing, backbone = (classifier.get_layer(name) for name in ("preprocessing", "backbone"))
    batches = [
        backbone(preprocessing(images[start : start + batch_size]), training=False)
        for start in range(0, len(images), batch_size)
    ]
    return np.concatenate([ops.convert_to_numpy(batch) for batch in batches])


def class_activation_map(head, maps, classes):
    """Grad-CAM (Selvaraju et al. 2017): how much each place of an image speaks for a class.

    head: of a classifier with average pooling (`model.head`). maps: (n, rows, columns, channels),
    of `feature_maps`. classes: (n,) class indices. Returns (n, rows, columns), >= 0.

    Grad-CAM weighs each feature map by the mean gradient of the class's logit. With average
    pooling a map acts on the logit through its mean alone, so that this gradient is the head's (but
    for a constant), which `head_gradients` works out by hand, alike on every backend. For a head of
    one layer it is that layer's weights: class activation mapping (Zhou et al. 2016).
    """
    weights = head_gradients(head, maps.mean(axis=(1, 2)), classes)
    return np.maximum(np.einsum("nrck,nk->nrc", maps, weights), 0)


def head_gradients(head, pooled, classes):
    """Gradient of each image's class logit by its pooled features, (n, channels).

    head: from `model.head`. pooled: (n, channels). classes: (n,) class indices. The chain rule
    for one or two dense layers: a ReLU passes the gradient where it was active.
    """
    outward, _ = head.get_layer("probabilities").get_weights()
    gradient = outward.T[classes]
    if any(layer.name == "hidden" for layer in head.layers):
        inward, bias = head.get_layer("hidden").get_weights()
        active = pooled @ inward + bias > 0
        gradient = (gradient * active) @ inward.T
    return gradient
