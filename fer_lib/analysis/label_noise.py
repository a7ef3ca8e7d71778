"""Images whose label may be wrong, and mistakes that the model was sure of."""

import numpy as np
import pandas as pd

from fer_lib.labels import LABELS


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


def likely_label_errors(predictions, top=10):
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
