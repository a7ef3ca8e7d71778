"""The metrics that `fer evaluate` prints, each with its confidence interval."""

import numpy as np
import pandas as pd

from fer_lib import runs
from fer_lib.data import manifest
from fer_lib.evaluation import calibration, duplicates, intervals, metrics, people
from fer_lib.labels import LABELS, PEOPLE

BOTH = "PublicTest + PrivateTest"
# The parts of the test set that are reported, and the usages that each consists of.
PARTS = {
    "PublicTest": ("PublicTest",),
    "PrivateTest": ("PrivateTest",),
    BOTH: ("PublicTest", "PrivateTest"),
}


def table(predictions, augmented=None):
    """Compute all metrics on each part of the test set.

    Args:
        predictions: A run's predictions of PublicTest and PrivateTest, as `runs.Run` holds them.
        augmented: The same with test-time augmentation: averaged over each image and its
            horizontal flip. Adds rows for these.

    Returns:
        DataFrame with one row per part and metric: part (of `PARTS`), metric, value, low, and high
        (0-1; 95% bootstrap interval, NaN for a metric without one). The last metrics are those of
        what people would say, if the predictions hold that answer.
    """
    facts = manifest.load()
    duplicated = duplicates.has_training_duplicate(predictions, facts)
    rows = []
    for part, usages in PARTS.items():
        mask = predictions["usage"].isin(usages).to_numpy()
        scores = _scores(*runs.arrays(predictions[mask]), duplicated[mask])
        if augmented is not None:
            averaged = _overall(*runs.arrays(augmented[mask]))
            scores |= {f"{name}, test-time augmentation": value for name, value in averaged.items()}
        if PEOPLE in runs.answers_in(predictions):
            judged = people.judge_predictions(predictions, facts, usages, PEOPLE)
            scores |= _scores_by_people(judged.crowd, judged.probabilities)
        rows += [(part, metric, *estimate) for metric, estimate in scores.items()]
    return pd.DataFrame(rows, columns=["part", "metric", "value", "low", "high"])


def _scores(labels, probabilities, duplicated):
    """Metrics of one part, {name: Estimate}."""
    scores = _overall(labels, probabilities)
    recalls = intervals.interval(metrics.recalls, labels, probabilities)
    for index, label in enumerate(LABELS):
        scores[f"recall of {label}"] = intervals.Estimate(*(end[index] for end in recalls))
    error = calibration.expected_calibration_error(labels, probabilities)
    scores["expected calibration error"] = intervals.Estimate(error, np.nan, np.nan)
    scores["accuracy without duplicates"] = intervals.interval(
        metrics.accuracy, labels[~duplicated], probabilities[~duplicated]
    )
    return scores


def _scores_by_people(crowd, probabilities):
    """Metrics of one part, judged by the crowd's classes, {name: Estimate}."""
    error = calibration.expected_calibration_error(crowd, probabilities)
    return {
        "agreement with people": intervals.interval(metrics.accuracy, crowd, probabilities),
        "mean recall by people": intervals.interval(metrics.mean_recall, crowd, probabilities),
        "calibration error by people": intervals.Estimate(error, np.nan, np.nan),
    }


def _overall(labels, probabilities):
    return {
        name: intervals.interval(metric, labels, probabilities)
        for name, metric in [("accuracy", metrics.accuracy), ("macro F1", metrics.macro_f1)]
    }


def as_text(scores):
    """Format the metrics for reading.

    Args:
        scores: Result of `table`.

    Returns:
        DataFrame of texts in percent, one row per metric, one column per part.
    """
    cells = scores.assign(cell=scores.apply(_percent, axis=1))
    wide = cells.pivot(index="metric", columns="part", values="cell")
    return wide.loc[scores["metric"].unique(), list(PARTS)]


def _percent(row):
    value, low, high = (100 * row[column] for column in ("value", "low", "high"))
    return f"{value:.1f}" if np.isnan(low) else f"{value:.1f} [{low:.1f}, {high:.1f}]"
