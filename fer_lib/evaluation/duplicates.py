"""What duplicates in the training set do to a run's accuracy."""

import numpy as np
import pandas as pd

from fer_lib.evaluation import intervals, metrics


def has_training_duplicate(predictions, manifest, groups="near_group"):
    """Which predicted images have a copy among those the run was fitted on: (n,) bool.

    predictions: a run's, which holds all images of FER2013 that it was not fitted on. groups:
    the manifest's column, "duplicate_group" for equal pixels or "near_group" for any copy.
    """
    group = manifest.loc[manifest[groups] > 0].set_index("name")[groups]
    fitted = group[~group.index.isin(predictions["name"])]
    return predictions["name"].map(group).isin(fitted).to_numpy()


def duplicate_table(run, manifest, split="test"):
    """What twins do to a run's accuracy: a row by which images count, with its 95 % interval.

    "twins" have a copy that the run was fitted on. "copies never learnt" are the control: they have
    copies, too, but the run was fitted on none of them.
    """
    part = run.predictions["split"].to_numpy() == split
    equal, near = (
        has_training_duplicate(run.predictions, manifest, groups)[part]
        for groups in ("duplicate_group", "near_group")
    )
    copied = run.predictions["name"][part].isin(manifest.loc[manifest["near_group"] > 0, "name"])
    labels, probabilities = run.split(split)
    chosen = {
        "all": np.ones(len(labels), dtype=bool),
        "all but equal twins": ~equal,
        "all but twins": ~near,
        "twins": near,
        "copies never learnt": copied.to_numpy() & ~near,
    }
    rows = {}
    for name, mask in chosen.items():
        estimate = intervals.interval(metrics.accuracy, labels[mask], probabilities[mask])
        rows[name] = {"images": int(mask.sum()), **estimate._asdict()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename(columns={"value": "accuracy"})
    return table.rename_axis("images that count")
