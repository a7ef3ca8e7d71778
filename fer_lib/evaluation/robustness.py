"""How much accuracy a classifier loses on faces framed, lit or stored otherwise than FER2013's."""

from dataclasses import replace

import cv2
import numpy as np
import pandas as pd

from fer_lib import data, runs
from fer_lib.data.transforms import adjust_gamma, compress_jpeg, move
from fer_lib.evaluation import intervals, metrics
from fer_lib.exceptions import Problem

# What a webcam or a careless crop does to a face; each a function of one image (48, 48) uint8.
CORRUPTIONS = {
    "4 px to the right": lambda image: move(image, right=4),
    "4 px to the left": lambda image: move(image, right=-4),
    "4 px down": lambda image: move(image, down=4),
    "4 px up": lambda image: move(image, down=-4),
    "15 % larger": lambda image: move(image, scale=1.15),
    "15 % smaller": lambda image: move(image, scale=0.85),
    "turned by 15° to the left": lambda image: move(image, angle=15),
    "turned by 15° to the right": lambda image: move(image, angle=-15),
    "lighter (gamma 0.6)": lambda image: adjust_gamma(image, 0.6).astype(np.uint8),
    "darker (gamma 1.6)": lambda image: adjust_gamma(image, 1.6).astype(np.uint8),
    "blurred (0.8 px)": lambda image: cv2.GaussianBlur(image, (0, 0), 0.8),
    "JPEG of quality 40": lambda image: compress_jpeg(image, 40),
}


def corrupt(images, disturbance):
    """Images (n, 48, 48, 1) uint8 after one of `DISTURBANCES`, same shape and type."""
    change = CORRUPTIONS[disturbance]
    return np.stack([change(image[..., 0]) for image in images])[..., np.newaxis]


def measure(classifier, dataset):
    """Accuracy on PublicTest as it is and after each disturbance, and what that loses.

    classifier: images (n, 48, 48, 1), 0-255, to probabilities (n, 7). dataset: FER2013.
    PublicTest, since sturdiness is part of choosing. Returns a DataFrame indexed by disturbance,
    "none" first: accuracy in 0-1; lost, low, high in percentage points with the 95 % interval of
    the paired bootstrap. Raises Problem without FER2013.
    """
    if dataset.source != data.FER2013:
        raise Problem("sturdiness is measured on FER2013; `fer data` tells how to get it")
    faces = dataset.usage("PublicTest")
    plain = classifier(faces.images)
    rows = {"none": (metrics.accuracy(faces.labels, plain), 0.0, 0.0, 0.0)}
    for name in CORRUPTIONS:
        changed = classifier(corrupt(faces.images, name))
        lost = intervals.difference(metrics.accuracy, faces.labels, changed, plain)
        accuracy = metrics.accuracy(faces.labels, changed)
        rows[name] = (accuracy, *(100 * np.array(lost)))
    columns = ["accuracy", "lost", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("disturbance")


def mean_accuracy_drop(table):
    """Mean of the percentage points lost over all disturbances of `measure`."""
    return float(table["lost"].drop("none").mean())


def record(name, table):
    """Put the table into the run's `run.json`, under "robustness"."""
    run = runs.load(name)
    entries = table.round(4).to_dict("index")
    runs.save(replace(run, info={**run.info, "robustness": entries}))
