"""How BlazeFace's box becomes a crop like FER2013's, for the demo that runs in a browser.

PublicTest faces are pasted into frames of 640×480 pixels, in three sizes. One half of the faces
selects the crop's size and height, so that it is the true box in the median; the other half tells
what that costs against the true box and against Haar's.
"""

import itertools

import numpy as np
import pandas as pd

from fer_lib import evaluation, live
from fer_lib.labels import LABELS, PEOPLE
from fer_lib.live import blazeface, detection, stress

PER_CLASS = 150
SIDES = (120, 160, 240)  # pixels of the face's square; a face before a camera is as large
CHOOSE, CHECK = "choose", "check"
MIN_IOU = 0.3  # of BlazeFace's own box, which is smaller than the square, and the square
# Sides of the crop over the square root of BlazeFace's area, and shifts down in sides of the crop.
RULES = tuple(itertools.product((1.0, 1.05, 1.1, 1.15, 1.2, 1.25), (-0.1, -0.07, -0.04)))
TRUE_BOX, HAAR = "true box", "Haar"


def compute(dataset, keep):
    """Show the faces to both detectors, and classify their crops.

    Takes about ten minutes on one core.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: As in `records`.

    Returns:
        DataFrame with one row per face and size. name; truth, the class that most voters see;
        half, `CHOOSE` or `CHECK`; side of the true box; of BlazeFace's box: size (square root of
        its area), right and down (of its center), all in sides of the true box, NaN if it was not
        found; and the classes predicted in `TRUE_BOX`, in `HAAR`'s box, and by each of `RULES`
        (see `column`), missing without a box.
    """
    from fer_lib import data, models
    from fer_lib.experiments import live_limits

    faces, truth = live_limits.sample(dataset, data.manifest.load(), PEOPLE, PER_CLASS)
    classify = models.load(models.shipped.FLOAT16, threads=1)
    detectors = blazeface.BlazeFaceDetector(), live.HaarDetector()
    known = zip(faces.images[..., 0], faces.names, np.array(LABELS)[truth], strict=True)
    parts = [
        keep(f"face {number}", observe, number, *face, classify, detectors)
        for number, face in enumerate(known)
    ]
    return pd.concat(parts, ignore_index=True)


def observe(number, image, name, truth, classify, detectors):
    """Show a face in each of `SIDES`.

    Args:
        number: Number of the face and of its scene.
        image: Gray face, `(48, 48)` uint8.
        name: Its name.
        truth: Its class, a string.
        classify: Callable from crops `(n, 48, 48, 1)` to probabilities `(n, 7)`.
        detectors: A `BlazeFaceDetector` and a `HaarDetector`.

    Returns:
        The rows of `compute`.
    """
    scene, rows = stress.Scene(number), []
    for side in SIDES:
        frame, face = scene.render(image, stress.Setting(side=side))
        box = _find(detectors[0], frame, face)
        boxes = {TRUE_BOX: face, HAAR: stress.find(detectors[1], frame, face)[0]}
        boxes |= {column(rule): box and _by_rule(box, *rule) for rule in RULES}
        half = CHECK if number % 2 else CHOOSE
        known = {"name": name, "truth": truth, "half": half, "side": side, **_offsets(box, face)}
        rows.append(known | _predicted(frame, boxes, classify))
    return pd.DataFrame(rows)


def column(rule):
    """Name the column of one of `RULES`."""
    return "BlazeFace {:.2f} {:.2f}".format(*rule)


def _find(detector, frame, face):
    """BlazeFace's own box of the face, or None."""
    boxes = [detection.Box(*box) for box in detector.find(frame)]
    best = max(boxes, key=lambda box: detection.iou(box, face), default=None)
    return best if best and detection.iou(best, face) >= MIN_IOU else None


def _offsets(box, face):
    if box is None:
        return dict.fromkeys(("size", "right", "down"), np.nan)
    right = box.x + box.width / 2 - face.x - face.width / 2
    down = box.y + box.height / 2 - face.y - face.height / 2
    pixels = {"size": np.sqrt(box.width * box.height), "right": right, "down": down}
    return {name: round(float(value) / face.width, 4) for name, value in pixels.items()}


def _by_rule(box, factor, shift):
    side = factor * np.sqrt(box.width * box.height)
    return detection.square(box.x + box.width / 2, box.y + box.height / 2 + shift * side, side)


def _predicted(frame, boxes, classify):
    """The class predicted in each box that there is."""
    there = {name: detection.crop(frame, box) for name, box in boxes.items() if box}
    classes = classify(np.array([*there.values()])).argmax(axis=1)
    predicted = {name: LABELS[index] for name, index in zip(there, classes, strict=True)}
    return {name: predicted.get(name) for name in boxes}


def selected(record):
    """Select the rule that gives the true box, by medians over the half that selects.

    Args:
        record: The loaded record.

    Returns:
        The one of `RULES` nearest to the medians.
    """
    half = record[record["half"] == CHOOSE]
    factor = (1 / half["size"]).median()
    shift = (-half["down"] / factor / half["size"]).median()
    return min(RULES, key=lambda rule: np.hypot(rule[0] - factor, rule[1] - shift))


def accuracies(record):
    """Compute the accuracy by each rule, where BlazeFace finds the face.

    Args:
        record: The loaded record.

    Returns:
        A dict from each of `RULES` to an accuracy, 0-1.
    """
    found = record[record["size"].notna()]
    return {rule: float(found[column(rule)].eq(found["truth"]).mean()) for rule in RULES}


def found_shares(record):
    """Compute how many faces each detector finds.

    Args:
        record: The loaded record.

    Returns:
        The proportions found by BlazeFace and by Haar, 0-1.
    """
    return float(record["size"].notna().mean()), float(record[HAAR].notna().mean())


def difference(record, box):
    """Compare BlazeFace's crops with those of another box, on the half not used for selection.

    Args:
        record: The loaded record.
        box: `TRUE_BOX` or `HAAR`.

    Returns:
        `Estimate` of the accuracy by BlazeFace minus by the other box, in percentage points, where
        both boxes are there; the CI is over faces, whose sizes belong together.
    """
    ours = column(selected(record))
    both = record[(record["half"] == CHECK) & record[ours].notna() & record[box].notna()]
    right = both[[ours, box]].eq(both["truth"], axis=0).to_numpy(float)
    gains = 100 * (right[:, 0] - right[:, 1])
    return evaluation.clustered_mean(gains, both["name"].to_numpy())


def describe(record):
    """Tell in two sentences what the experiment found.

    Args:
        record: The loaded record.

    Returns:
        A string.
    """
    found, haar = found_shares(record)
    gains = (difference(record, box) for box in (TRUE_BOX, HAAR))
    true, other = (f"{gain.value:+.1f} [{gain.low:.1f}, {gain.high:.1f}]" for gain in gains)
    text = (
        f"In {len(record):,} scenes with {record['name'].nunique()} PublicTest faces, BlazeFace "
        f"found {found:.0%} (Haar {haar:.0%}). On the half of them that wasn't used for the "
        f"selection, the accuracy in its crops differs by {true} percentage points from that in "
        f"the true box and by {other} from that in Haar's."
    )
    return text.replace("-", "−")
