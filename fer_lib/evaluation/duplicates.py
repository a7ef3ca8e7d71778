"""What duplicates in the training set do to a run's accuracy."""

import numpy as np
import pandas as pd

from fer_lib import data
from fer_lib.evaluation import intervals, metrics


def has_training_duplicate(predictions, manifest, groups="near_group"):
    """Find the predicted images that have a duplicate among those the run was trained on.

    Args:
        predictions: A run's predictions, which hold all images of FER2013 that it was not trained
            on.
        manifest: The table of `data.manifest.load`.
        groups: The manifest's column: "duplicate_group" for exact duplicates, "near_group" for
            near-duplicates, too.

    Returns:
        Boolean array `(n,)`, one value per row of `predictions`.
    """
    trained_on = ~manifest["name"].isin(predictions["name"])
    found = data.manifest.has_duplicate_in(manifest, trained_on, groups)
    return predictions["name"].isin(manifest.loc[found, "name"]).to_numpy()


def duplicate_table(run, manifest):
    """Compute a run's test accuracy with and without duplicates of its training images.

    Args:
        run: A `runs.Run`.
        manifest: The table of `data.manifest.load`.

    Returns:
        DataFrame with one row per subset of the test images: images, accuracy (0-1), low, and high
        (95% confidence interval). "duplicates" have an exact or near-duplicate that the run was
        trained on. "duplicates not trained on" are the control: they have duplicates, too, but
        the run was trained on none of these.
    """
    test = (run.predictions["split"] == "test").to_numpy()
    exact, near = (
        has_training_duplicate(run.predictions, manifest, groups)[test]
        for groups in ("duplicate_group", "near_group")
    )
    names = manifest.loc[manifest["near_group"] > 0, "name"]
    any_duplicate = run.predictions["name"][test].isin(names).to_numpy()
    subsets = {
        "all": np.ones(len(near), dtype=bool),
        "without exact duplicates": ~exact,
        "without duplicates": ~near,
        "duplicates": near,
        "duplicates not trained on": any_duplicate & ~near,
    }
    return _accuracies(*run.split("test"), subsets)


def _accuracies(labels, probabilities, subsets):
    """Images and accuracy of each subset, {name: boolean mask}, as a DataFrame."""
    rows = {}
    for name, mask in subsets.items():
        estimate = intervals.interval(metrics.accuracy, labels[mask], probabilities[mask])
        rows[name] = {"images": int(mask.sum()), **estimate._asdict()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename(columns={"value": "accuracy"})
    return table.rename_axis("subset")
