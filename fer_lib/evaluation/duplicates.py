"""What duplicates in the training set do to a run's accuracy."""

import numpy as np

from fer_lib import data, runs
from fer_lib.evaluation import intervals, metrics
from fer_lib.labels import LABELS, class_indices

NONE, TRAINED_ON, NOT_TRAINED_ON = "none", "trained on", "not trained on"


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


def describe_test_images(run, manifest):
    """Describe the duplicates of a run's test images.

    Exact and near-duplicates both count: they are copies of one photograph.

    Args:
        run: A `runs.Run`.
        manifest: The table of `data.manifest.load`.

    Returns:
        DataFrame with one row per test image: name; label (the class's name); correct, whether the
        run classifies it correctly; duplicates, "none", "trained on" (at least one), or "not
        trained on" (it has some, but none of these); copies, how many of them are in Training; and
        photograph, a number that all copies of one photograph share.
    """
    test = run.predictions["split"] == "test"
    labels, probabilities = runs.arrays(run.predictions[test])
    images = run.predictions.loc[test, ["name", "label"]].reset_index(drop=True)
    images["correct"] = probabilities.argmax(axis=1) == labels
    groups = manifest.set_index("name")["near_group"]
    group = groups[images["name"]].to_numpy()
    trained_on = has_training_duplicate(run.predictions, manifest)[test]
    seen = np.where(trained_on, TRAINED_ON, NOT_TRAINED_ON)
    images["duplicates"] = np.where(group == 0, NONE, seen)
    training = manifest.loc[manifest["usage"] == "Training", "near_group"]
    copies = training[training > 0].value_counts()
    images["copies"] = copies.reindex(group, fill_value=0).to_numpy()
    photographs = data.manifest.photographs(manifest).set_axis(manifest["name"])
    images["photograph"] = photographs[images["name"]].to_numpy()
    return images


def difference_within_class(images, first, second):
    """Estimate how much more often one group of images is correct than another, class by class.

    The groups are compared within each class, and the differences are averaged over the classes,
    weighted by the first group's class sizes (direct standardization), so the groups' class mixes
    don't matter. The interval is `intervals.clustered` by photograph.

    Args:
        images: DataFrame with the columns label, correct (0-1), and photograph, as from
            `describe_test_images`.
        first: Boolean mask of the first group.
        second: Boolean mask of the second group, which has images of each class of the first.

    Returns:
        The `Estimate`, -1 to 1.
    """
    classes = class_indices(images["label"])
    correct = images["correct"].to_numpy(float)
    masks = np.asarray(first), np.asarray(second)
    weights = np.bincount(classes[masks[0]], minlength=len(LABELS)) / masks[0].sum()

    def gain(drawn):
        rates = [metrics.class_means(classes[m], correct[m], drawn[m]) for m in masks]
        return float(weights @ (rates[0] - rates[1]))

    return intervals.clustered(gain, images["photograph"])
