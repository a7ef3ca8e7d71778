"""Images whose label may be wrong, and errors that the model was confident of."""

import numpy as np
import pandas as pd

from fer_lib.labels import LABELS


def confident_errors(predictions, top=10):
    """List the misclassified images with the highest confidence, the highest first.

    Args:
        predictions: Rows of a run's predictions, see `runs.Run`.
        top: Number of images.

    Returns:
        DataFrame with columns name, label, predicted, and confidence (0-1).
    """
    scores = predictions[list(LABELS)]
    table = predictions[["name", "label"]].assign(
        predicted=scores.idxmax(axis=1), confidence=scores.max(axis=1)
    )
    errors = table[table["label"] != table["predicted"]]
    ordered = errors.sort_values(["confidence", "name"], ascending=[False, True])
    return ordered.head(top).reset_index(drop=True)


def likely_label_errors(predictions, top=10):
    """List the images whose label several runs find least probable: the label may be wrong.

    This is the "self-confidence" ranking of Northcutt et al. 2021 (Confident learning, section
    4.1). A low probability marks images to check; it proves nothing.

    Args:
        predictions: List of runs' predictions of the same images in the same order.
        top: Number of images.

    Returns:
        DataFrame with columns name, label, probability of label, predicted, and confidence (0-1),
        all of the mean over the runs, the least probable label first.

    Raises:
        ValueError: If the predictions are not of the same images in the same order.
    """
    first = predictions[0]
    for other in predictions[1:]:
        if not np.array_equal(first["name"], other["name"]):
            raise ValueError(
                "The predictions are not of the same images in the same order. "
                "Select the same part of every run."
            )
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
