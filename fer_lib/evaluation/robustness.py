"""How much accuracy a classifier loses on faces cropped, lit, or stored unlike FER2013's."""

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
    "shifted 4 px right": lambda image: move(image, right=4),
    "shifted 4 px left": lambda image: move(image, right=-4),
    "shifted 4 px down": lambda image: move(image, down=4),
    "shifted 4 px up": lambda image: move(image, down=-4),
    "15% larger": lambda image: move(image, scale=1.15),
    "15% smaller": lambda image: move(image, scale=0.85),
    "rotated 15° counterclockwise": lambda image: move(image, angle=15),
    "rotated 15° clockwise": lambda image: move(image, angle=-15),
    "brighter (gamma 0.6)": lambda image: adjust_gamma(image, 0.6).astype(np.uint8),
    "darker (gamma 1.6)": lambda image: adjust_gamma(image, 1.6).astype(np.uint8),
    "blurred (0.8 px)": lambda image: cv2.GaussianBlur(image, (0, 0), 0.8),
    "JPEG quality 40": lambda image: compress_jpeg(image, 40),
}
COLUMNS = ["accuracy", "accuracy drop", "low", "high"]

# The course's own runs were recorded under these names.
OLD_NAMES = {
    "4 px to the right": "shifted 4 px right",
    "4 px to the left": "shifted 4 px left",
    "4 px down": "shifted 4 px down",
    "4 px up": "shifted 4 px up",
    "15 % larger": "15% larger",
    "15 % smaller": "15% smaller",
    "turned by 15° to the left": "rotated 15° counterclockwise",
    "turned by 15° to the right": "rotated 15° clockwise",
    "lighter (gamma 0.6)": "brighter (gamma 0.6)",
    "JPEG of quality 40": "JPEG quality 40",
    "lost": "accuracy drop",
}


def corrupt(images, corruption):
    """Apply a corruption to images.

    Args:
        images: Grayscale faces, `(n, 48, 48, 1)` uint8.
        corruption: A key of `CORRUPTIONS`.

    Returns:
        The corrupted images, of the same shape and type.
    """
    change = CORRUPTIONS[corruption]
    return np.stack([change(image[..., 0]) for image in images])[..., np.newaxis]


def measure(classifier, dataset):
    """Measure the accuracy on PublicTest as it is and after each corruption.

    On PublicTest, not PrivateTest, because models are selected by robustness, too.

    Args:
        classifier: Callable from images `(n, 48, 48, 1)`, 0-255, to probabilities `(n, 7)`.
        dataset: A `data.Dataset` of FER2013.

    Returns:
        DataFrame indexed by corruption, "none" first: accuracy (0-1); accuracy drop, low, and high
        in percentage points (95% interval of the paired bootstrap).

    Raises:
        Problem: If the dataset is not FER2013.
    """
    if dataset.source != data.FER2013:
        raise Problem("Robustness needs FER2013. Run `fer data` for help.")
    faces = dataset.usage("PublicTest")
    clean = classifier(faces.images)
    rows = {"none": (metrics.accuracy(faces.labels, clean), 0.0, 0.0, 0.0)}
    for name in CORRUPTIONS:
        corrupted = classifier(corrupt(faces.images, name))
        drop = intervals.difference(metrics.accuracy, faces.labels, corrupted, clean)
        rows[name] = (metrics.accuracy(faces.labels, corrupted), *(100 * np.array(drop)))
    return pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS).rename_axis("corruption")


def mean_accuracy_drop(table):
    """Average the accuracy drop over all corruptions.

    Args:
        table: Result of `measure` or `recorded`.

    Returns:
        A float, in percentage points.
    """
    return float(table["accuracy drop"].drop("none").mean())


def record(name, table):
    """Store the table in the run's `run.json`, under "robustness".

    Args:
        name: Run name, e.g. `"finetune-seed0"`.
        table: Result of `measure`.

    Raises:
        Problem: If the run is missing or corrupt.
    """
    run = runs.load(name)
    entries = table.round(4).to_dict("index")
    runs.save(replace(run, info={**run.info, "robustness": entries}))


def recorded(run):
    """Read the table that `record` stored, under the current names.

    Args:
        run: A `runs.Run`.

    Returns:
        DataFrame as from `measure`, rounded to four decimals.

    Raises:
        Problem: If the run's robustness was not recorded.
    """
    if "robustness" not in run.info:
        raise Problem(
            f"Run {run.name} has no robustness table. Measure it with `fer robustness {run.name}`."
        )
    table = pd.DataFrame.from_dict(run.info["robustness"], orient="index")
    return table.rename(index=OLD_NAMES, columns=OLD_NAMES).rename_axis("corruption")
