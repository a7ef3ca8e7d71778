"""The metrics that `fer evaluate` prints, each with its interval."""

import numpy as np
import pandas as pd

from fer_lib import runs
from fer_lib.data import manifest
from fer_lib.evaluation import calibration, duplicates, intervals, metrics
from fer_lib.labels import LABELS

PARTS = {
    "PublicTest": ("PublicTest",),
    "PrivateTest": ("PrivateTest",),
    "both": ("PublicTest", "PrivateTest"),
}


def table(predictions, mirrored=None):
    """The figures, a row each: part, metric, value, low, high (95 % bootstrap; NaN without).

    predictions: a run's, of PublicTest and PrivateTest. mirrored: those averaged over each image
    and its mirror image. Everything in 0-1.
    """
    twins = duplicates.has_training_duplicate(predictions, manifest.load())
    rows = []
    for part, usages in PARTS.items():
        mask = predictions["usage"].isin(usages).to_numpy()
        twin = twins[mask]
        labels, probabilities = runs.arrays(predictions[mask])
        scores = _scores(labels, probabilities)
        scores["accuracy without twins"] = intervals.interval(
            metrics.accuracy, labels[~twin], probabilities[~twin]
        )
        if mirrored is not None:
            flipped = _overall(*runs.arrays(mirrored[mask]))
            scores |= {f"{metric}, flips averaged": score for metric, score in flipped.items()}
        rows += [(part, metric, *estimate) for metric, estimate in scores.items()]
    return pd.DataFrame(rows, columns=["part", "metric", "value", "low", "high"])


def _scores(labels, probabilities):
    """Accuracy, macro F, recalls and calibration error: {metric: Estimate}."""
    scores = _overall(labels, probabilities)
    recalls = intervals.interval(metrics.recalls, labels, probabilities)
    for index, label in enumerate(LABELS):
        scores[f"recall of {label}"] = intervals.Estimate(*(end[index] for end in recalls))
    error = calibration.expected_calibration_error(labels, probabilities)
    scores["expected calibration error"] = intervals.Estimate(error, np.nan, np.nan)
    return scores


def _overall(labels, probabilities):
    return {
        name: intervals.interval(metric, labels, probabilities)
        for name, metric in [("accuracy", metrics.accuracy), ("macro F", metrics.macro_f1)]
    }


def as_text(scores):
    """`table` in percent with a column for each part, for reading."""

    def cell(row):
        text = f"{100 * row['value']:.1f}"
        return (
            text
            if np.isnan(row["low"])
            else f"{text} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
        )

    cells = scores.assign(cell=scores.apply(cell, axis=1))
    wide = cells.pivot(index="metric", columns="part", values="cell")
    return wide.loc[scores["metric"].unique(), list(PARTS)]
