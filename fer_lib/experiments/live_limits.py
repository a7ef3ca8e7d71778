"""What makes the live demo fail: PublicTest faces in scenes that are made harder, or that move.

Each face is pasted into a frame of 640×480 pixels, and one factor at a time is varied. Detectors
and classifier are asked separately: is the face found, and what is it called, given the true box or
the box that was found?
"""

from functools import partial

import numpy as np
import pandas as pd

from fer_lib import evaluation, live
from fer_lib.labels import LABEL, LABELS, PEOPLE, class_indices
from fer_lib.live import detection, smoothing, stress

PER_CLASS = 50
MOVING_PER_CLASS = 25
CHUNK = 30  # faces per part of the work
NOT_FOUND = 255
# What an answer of the network is judged by: the manifest's columns.
TRUTHS = {LABEL: "label", PEOPLE: "crowd"}

DETECTORS = ("Haar", "YuNet")
TRUE_BOX = "true box"
BOXES = (TRUE_BOX, *DETECTORS)

BASELINE = "baseline"
SMALL_FACES = "side, Haar from 24 px"
# The levels of each field of `stress.Setting` besides the baseline's, each from low to high.
LEVELS = {
    "side": (24, 32, 48, 64, 80, 120, 240),
    "tilt": (5, 10, 15, 20, 30, 45),
    "light": (3, 6, 12, 25, 50, 200, 400),
    "blur": (2, 4, 8, 12, 16),
    "noise": (0, 10, 20, 40, 60),
    "eyes": (5, 10, 20, 30),
    "mouth": (10, 20, 30, 40),
    "background": ("flat", "gradient", "texture", "shapes", "blocks"),
    SMALL_FACES: (24, 32, 48, 64, 80, 120),
}
# How the true box is changed: size, and shift to the right and down, in percent of its side.
FRAMINGS = (
    *((size, 0, 0) for size in (-20, -10, 0, 10, 20)),
    *((0, right, 0) for right in (-20, -10, 10, 20)),
    *((0, 0, down) for down in (-20, -10, 10, 20)),
)
FRAMES, FPS = 30, 15
VIEWS = ("frame", "mirror image")
MOVING_BOXES = BOXES[:2]


def conditions():
    """List what the faces are shown under.

    Returns:
        List of `(factor, level)`: the baseline first, then each level of each factor.
    """
    return [(BASELINE, "")] + [(factor, level) for factor in LEVELS for level in LEVELS[factor]]


def sample(dataset, manifest, answer, per_class=PER_CLASS):
    """Draw PublicTest faces, as many of each class or all that there are, in random order.

    Only one image of a photograph is drawn, and none that has a copy in Training: the network may
    have learned those by heart, and a camera shows it new faces.

    Args:
        dataset: The `data.Dataset` of FER2013.
        manifest: The table of `data.manifest.load`.
        answer: `LABEL` to draw by FER2013's labels, `PEOPLE` to draw by the crowd's classes, from
            the images that have one.
        per_class: How many of each class.

    Returns:
        A `Dataset`, and the classes of its images, as indices.
    """
    from fer_lib import data

    copied = data.manifest.has_duplicate_in(manifest, manifest["usage"] == "Training", "near_group")
    photographs = data.manifest.photographs(manifest)
    chosen = manifest[(manifest["usage"] == "PublicTest") & ~copied]
    chosen = chosen[~photographs[chosen.index].duplicated()].sample(frac=1, random_state=0)
    chosen = chosen.groupby(TRUTHS[answer]).head(per_class)
    places = pd.Series(np.arange(len(dataset)), dataset.names)
    truth = class_indices(chosen[TRUTHS[answer]])
    return dataset.select(places[chosen["name"]].to_numpy()), truth.astype(np.uint8)


def compute(dataset, keep):
    """Show the faces to the detectors and the classifier, which gives the answer that users see.

    Takes about 10 minutes on one core.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: As in `records`.

    Returns:
        A dict of arrays. run: the network's name. answer: what the demo tells, `LABEL` or `PEOPLE`.
        Of n faces: names; truth, the classes that count as right; original, those predicted for the
        images themselves. `(boxes, conditions, n)`: predicted, the class (`NOT_FOUND` without a
        box), and confidence. others, `(detectors, conditions, n)`: the number of boxes elsewhere.
        offsets, `(detectors, n, 3)`, of the boxes found in the baseline: size, and shift right and
        down, in sides of the true box. framings, `(framings, n)`: classes predicted in the
        baseline, given the true box as changed by `FRAMINGS`. moving_truth, m; moving, `(boxes, m,
        frames, views, 7)`: classes and probabilities of faces in motion, NaN without a box.

    Raises:
        Problem: If YuNet's file isn't available.
    """
    from fer_lib import data, models

    classify = models.load(models.shipped.FLOAT16, threads=1)
    answer = PEOPLE if PEOPLE in classify.answers else LABEL
    faces, truth = sample(dataset, data.manifest.load(), answer)
    chosen = np.sort(_first_of_classes(truth, MOVING_PER_CLASS))
    run = models.shipped.run().name
    still, motion = (
        _in_parts(keep, f"{run}, {function.__name__}", images, partial(function, classify=classify))
        for function, images in ((observe, faces.images), (observe_motion, faces.images[chosen]))
    )
    facts = {"run": np.array(run), "answer": np.array(answer), "names": faces.names, "truth": truth}
    return {**facts, **still, "moving_truth": truth[chosen], **motion}


def _in_parts(keep, name, images, observe):
    """Observe the faces part by part, and join the arrays along their axis of faces."""
    parts = [
        keep(f"{name} {start}", observe, images[start : start + CHUNK, ..., 0], start)
        for start in range(0, len(images), CHUNK)
    ]
    axes = {key: FACE_AXES.get(key, -1) for key in parts[0]}
    return {key: np.concatenate([part[key] for part in parts], axis) for key, axis in axes.items()}


FACE_AXES = {"offsets": 1, "moving": 1}  # of the other arrays it is the last


def _first_of_classes(truth, count):
    members = [np.flatnonzero(truth == label)[:count] for label in range(len(LABELS))]
    return np.concatenate(members)


def _detectors():
    """The detectors by name, and the cascade that looks for small faces, too."""
    from fer_lib.exceptions import Problem

    yunet = live.detector()
    if not isinstance(yunet, live.YuNetDetector):
        raise Problem(f"This experiment needs YuNet. {live.detection.HOW_TO_GET_YUNET}.")
    haar, patient = live.HaarDetector(), live.HaarDetector(min_size=min(LEVELS["side"]))
    return {"Haar": haar, "YuNet": yunet}, {"Haar": patient, "YuNet": yunet}


def observe(images, first, classify, detectors=None):
    """Show faces under all conditions.

    Args:
        images: Gray faces, `(n, 48, 48)` uint8.
        first: Number of the first face's scene.
        classify: Callable from crops `(n, 48, 48, 1)` to probabilities `(n, 7)`.
        detectors: Two dicts from each of `DETECTORS` to a detector; the second is for small faces.

    Returns:
        The arrays of `compute` for these faces: original, predicted, confidence, others, offsets,
        and framings.
    """
    usual, patient = detectors or _detectors()
    rows = []
    for number, image in enumerate(images, start=first):
        scene, seen = stress.Scene(number), []
        for factor, level in conditions():
            frame, face = scene.render(image, setting(factor, level))
            found = {
                name: stress.find(detector, frame, face)
                for name, detector in (patient if factor == SMALL_FACES else usual).items()
            }
            boxes = [face, *(box for box, _ in found.values())]
            seen.append((*_classes(frame, boxes, classify), [more for _, more in found.values()]))
            if factor == BASELINE:
                offsets = [_offset(box, face) for box in boxes[1:]]
                crops = [detection.crop(frame, _framed(face, *change)) for change in FRAMINGS]
                framings = classify(np.array(crops)).argmax(axis=1)
        predicted, confidence, others = (np.array(part).T for part in zip(*seen, strict=True))
        original = classify(image[np.newaxis, ..., np.newaxis])[0].argmax()
        rows.append((original, predicted, confidence, others, offsets, framings))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    original, predicted, confidence, others, offsets, framings = columns
    return {
        "original": original.astype(np.uint8),
        "predicted": np.moveaxis(predicted, 0, -1).astype(np.uint8),
        "confidence": np.moveaxis(confidence, 0, -1).astype(np.float16),
        "others": np.moveaxis(others, 0, -1).astype(np.uint8),
        "offsets": np.moveaxis(offsets, 0, 1).astype(np.float16),
        "framings": framings.T.astype(np.uint8),
    }


def setting(factor, level):
    """Get the `stress.Setting` of a condition."""
    if factor == BASELINE:
        return stress.Setting()
    return stress.Setting(**{factor.partition(",")[0]: level})


def _classes(frame, boxes, classify):
    """The class predicted in each box, and the confidence; `NOT_FOUND` and 0 without a box."""
    predicted, confidence = np.full(len(boxes), NOT_FOUND), np.zeros(len(boxes))
    there = [index for index, box in enumerate(boxes) if box is not None]
    probabilities = classify(np.array([detection.crop(frame, boxes[index]) for index in there]))
    predicted[there], confidence[there] = probabilities.argmax(axis=1), probabilities.max(axis=1)
    return predicted, confidence


def _offset(box, face):
    """Size of a box, and its shift right and down, in sides of the true one."""
    if box is None:
        return (np.nan,) * 3
    right = box.x + box.width / 2 - face.x - face.width / 2
    down = box.y + box.height / 2 - face.y - face.height / 2
    return box.width / face.width, right / face.width, down / face.width


def _framed(face, size, right, down):
    """The true box with its size and place changed, in percent of its side."""
    side = round(face.width * (1 + size / 100))
    x = face.x + round(face.width * right / 100 + (face.width - side) / 2)
    y = face.y + round(face.width * down / 100 + (face.width - side) / 2)
    return detection.Box(x, y, side, side)


def observe_motion(images, first, classify, detectors=None):
    """Show faces in motion, to Haar and to the classifier, which sees each mirror image, too.

    Args:
        images: Gray faces, `(n, 48, 48)` uint8.
        first: Number of the first face's scene.
        classify: Callable from crops `(n, 48, 48, 1)` to probabilities `(n, 7)`.
        detectors: As in `observe`.

    Returns:
        `{"moving": ...}`, the array of `compute` for these faces.
    """
    haar = (detectors or _detectors())[0]["Haar"]
    moving = np.full((len(MOVING_BOXES), len(images), FRAMES, len(VIEWS), len(LABELS)), np.nan)
    for index, image in enumerate(images):
        scene = stress.Scene(first + index)
        for moment, shown in enumerate(stress.path(first + index, FRAMES, FPS)):
            frame, face = scene.render(image, shown, moment)
            for place, box in enumerate((face, stress.find(haar, frame, face)[0])):
                if box is not None:
                    crop = detection.crop(frame, box)
                    moving[place, index, moment] = classify(np.stack([crop, crop[:, ::-1]]))
    return {"moving": moving.round(3).astype(np.float16)}


def measures(record):
    """Tell for each face and condition whether it was found, and whether its label was right.

    Args:
        record: The loaded record.

    Returns:
        A dict from "found by Haar", "found by YuNet", and "label right, given the true box" to a
        boolean array `(conditions, n)`.
    """
    found = record["predicted"] != NOT_FOUND
    results = {f"found by {name}": found[BOXES.index(name)] for name in DETECTORS}
    return results | {LABEL_RIGHT: record["predicted"][0] == record["truth"]}


LABEL_RIGHT = "label right, given the true box"


def curves(record):
    """Compute each measure at each level of each factor, the baseline's level included.

    Args:
        record: The loaded record.

    Returns:
        DataFrame with one row per factor, level, and measure: percentage, low, and high (Wilson's
        95% interval).
    """
    from statsmodels.stats.proportion import proportion_confint

    rows = []
    for measure, values in measures(record).items():
        for (factor, level), hits in zip(conditions(), values, strict=True):
            low, high = proportion_confint(hits.sum(), len(hits), method="wilson")
            row = {"measure": measure, "percentage": hits.mean(), "low": low, "high": high}
            factors = _with_baseline() if factor == BASELINE else {factor: level}
            rows += [{"factor": name, "level": at, **row} for name, at in factors.items()]
    table = pd.DataFrame(rows)
    table[["percentage", "low", "high"]] *= 100
    return table


def _with_baseline():
    """The baseline's level of each factor that has one. A background it has none of its own."""
    usual = setting(BASELINE, "")._asdict()
    levels = {factor: usual[factor.partition(",")[0]] for factor in LEVELS}
    return {factor: level for factor, level in levels.items() if level is not None}


def drops(record):
    """Estimate how much less often faces are found, and labels right, than in the baseline.

    Args:
        record: The loaded record.

    Returns:
        DataFrame indexed by factor and level. One column per measure, and one each for how much
        more Haar's finding drops than the label, and YuNet's than Haar's: `Estimate` values in
        percentage points, paired.
    """
    found = {name: values.T.astype(float) for name, values in measures(record).items()}
    haar = found["found by Haar"]
    found["Haar's drop minus the label's"] = haar - found[LABEL_RIGHT]
    found["YuNet's drop minus Haar's"] = found["found by YuNet"] - haar
    columns = {name: _estimates(values[:, :1] - values) for name, values in found.items()}
    return pd.DataFrame(columns, _index()).iloc[1:]


def overconfidence(record):
    """Estimate how far the classifier's confidence exceeds its accuracy, given the true box.

    Args:
        record: The loaded record.

    Returns:
        DataFrame indexed by factor and level, the baseline first: accuracy, confidence (the mean),
        and their difference, as `Estimate` values in percent or percentage points.
    """
    accuracy = measures(record)[LABEL_RIGHT].T.astype(float)
    confidence = record["confidence"][0].T.astype(float)
    columns = {"accuracy": accuracy, "confidence": confidence, "difference": confidence - accuracy}
    return pd.DataFrame({name: _estimates(values) for name, values in columns.items()}, _index())


def _index():
    return pd.MultiIndex.from_tuples(conditions(), names=["factor", "level"])


def _estimates(values):
    """An `Estimate` per column of values, `(n, columns)`, in percent; intervals are over faces."""
    parts = zip(*evaluation.interval(_mean, values), strict=True)
    return [evaluation.Estimate(*(100 * np.array(part))) for part in parts]


def text(estimate, decimals=0):
    """Write an `Estimate` as in `12 [8, 15]`; no zero is negative."""
    value, low, high = (f"{round(part, decimals) + 0.0:.{decimals}f}" for part in estimate)
    return f"{value} [{low}, {high}]"


def _mean(values):
    return values.mean(axis=0)


OUTCOMES = ("right", "wrong", "unsure", "no box")


def end_to_end(record, detector):
    """Count what the demo shows: the right label, a wrong one, *unsure*, or no box at all.

    Args:
        record: The loaded record.
        detector: One of `BOXES`.

    Returns:
        DataFrame indexed by factor and level, in percent: one column for each of `OUTCOMES`.
    """
    shown = _shown(record, detector)
    shares = {name: 100 * (shown == name).mean(axis=1) for name in OUTCOMES}
    return pd.DataFrame(shares, _index())


def _shown(record, box):
    """The outcome of each face in each condition, strings `(conditions, n)`."""
    place = BOXES.index(box)
    predicted, confidence = record["predicted"][place], record["confidence"][place]
    right = predicted == record["truth"]
    checks = [predicted == NOT_FOUND, confidence < live.MIN_CONFIDENCE, right]
    return np.select(checks, ["no box", "unsure", "right"], "wrong")


def other_boxes(record):
    """Count the boxes that are not on the face.

    Args:
        record: The loaded record.

    Returns:
        DataFrame indexed by factor and level, one column per detector: boxes per 100 frames.
    """
    counts = 100 * record["others"].mean(axis=2)
    return pd.DataFrame(counts.T, _index(), DETECTORS)


def baseline(record):
    """Sum up the baseline, where nothing makes it hard.

    Args:
        record: The loaded record.

    Returns:
        DataFrame with one column per detector, `Estimate` values in percent. Rows: "found"; of the
        faces found, "label right, given the true box" and "given the detector's box", and the
        paired "difference"; of all faces, "right label shown" and "wrong label shown".
    """
    correct = record["predicted"][:, 0] == record["truth"]
    columns = {}
    for place, detector in enumerate(DETECTORS, start=1):
        found, shown = record["predicted"][place, 0] != NOT_FOUND, _shown(record, detector)[0]
        given = correct[0, found].astype(float), correct[place, found].astype(float)
        values = {
            "found": found,
            LABEL_RIGHT: given[0],
            "given the detector's box": given[1],
            "difference": given[1] - given[0],
            "right label shown": shown == "right",
            "wrong label shown": shown == "wrong",
        }
        columns[detector] = {
            row: _estimates(array[:, np.newaxis].astype(float))[0] for row, array in values.items()
        }
    return pd.DataFrame(columns)


def framing(record):
    """Estimate what a box of another size or place than the true one costs the label.

    Args:
        record: The loaded record.

    Returns:
        DataFrame with one row per framing: size, right, and down (percent of the true box's side);
        accuracy (percent); change, low, and high (percentage points against the true box, 95%
        interval over faces, paired).
    """
    correct = (record["framings"] == record["truth"]).T.astype(float)
    unchanged = correct[:, [FRAMINGS.index((0, 0, 0))]]
    table = pd.DataFrame(FRAMINGS, columns=["size", "right", "down"])
    table["accuracy"] = 100 * correct.mean(axis=0)
    changes = pd.DataFrame(_estimates(correct - unchanged))
    return table.join(changes.rename(columns={"value": "change"}))


def box_offsets(record):
    """Describe where the detectors' boxes lie in the baseline, against the true box.

    Args:
        record: The loaded record.

    Returns:
        DataFrame indexed by detector and by size, right, and down, in percent of the true box's
        side (a size of 0 is the true one): the quartiles, as columns low, median, and high.
    """
    offsets = 100 * (record["offsets"].astype(float) - (1, 0, 0))
    index = pd.MultiIndex.from_product([DETECTORS, ["size", "right", "down"]])
    quartiles = np.nanquantile(offsets, (0.25, 0.5, 0.75), axis=1).reshape(3, -1)
    return pd.DataFrame(quartiles.T, index, ["low", "median", "high"])


# How a face's probabilities over time are made of those of its frames and of their mirror images.
METHODS = {
    "each frame alone": (lambda frame, mirror: frame, False),
    "smoothed": (lambda frame, mirror: frame, True),
    "smoothed, every second frame mirrored": (smoothing.alternate, True),
    "smoothed, both views of each frame": (lambda frame, mirror: (frame + mirror) / 2, True),
}
STREAM_MEASURES = ("label changes per second", "right (%)", "wrong (%)", "unsure (%)")


def streams(record, box, seconds, every=1):
    """Measure how steady and how right the labels of faces in motion are.

    Args:
        record: The loaded record.
        box: One of `MOVING_BOXES`. Frames without a box are skipped.
        seconds: Time constant of the smoothing.
        every: Use every frame, or every second one, and so on, as on a slower computer.

    Returns:
        A dict from each key of `METHODS` to an array `(faces, 4)` of `STREAM_MEASURES`. Faces with
        less than two boxes are left out.
    """
    moving = record["moving"][MOVING_BOXES.index(box), :, ::every].astype(float)
    moments = np.arange(moving.shape[1]) * every / FPS
    seen = ~np.isnan(moving[:, :, 0, 0])
    faces = np.flatnonzero(seen.sum(axis=1) > 1)
    expected = np.array(LABELS)[record["moving_truth"]]
    results = {}
    for name, (combine, smooths) in METHODS.items():
        raw = [combine(*moving[face].swapaxes(0, 1))[seen[face]] for face in faces]
        times = [moments[seen[face]] for face in faces]
        constant = seconds if smooths else 0
        shown = [
            smoothing.predicted_labels(smoothing.smooth(each, constant, at))
            for each, at in zip(raw, times, strict=True)
        ]
        rows = [
            _stream(each, expected[face], every) for each, face in zip(shown, faces, strict=True)
        ]
        results[name] = np.array(rows)
    return results


def _stream(shown, label, every):
    """The `STREAM_MEASURES` of one face."""
    unsure, right = shown == live.UNSURE, shown == label
    shares = 100 * np.array([right.mean(), (~right & ~unsure).mean(), unsure.mean()])
    return smoothing.flicker(shown, FPS / every), *shares


def stream_means(results):
    """Average over faces in motion.

    Args:
        results: From `streams`.

    Returns:
        DataFrame with one row per method and one column per measure.
    """
    means = {name: values.mean(axis=0) for name, values in results.items()}
    return pd.DataFrame.from_dict(means, orient="index", columns=STREAM_MEASURES)


def stream_differences(results, reference):
    """Compare methods for faces in motion.

    Args:
        results: From `streams`.
        reference: The method to which the others are compared.

    Returns:
        DataFrame with one row per other method and one column per measure: its difference from the
        reference, an `Estimate` (95% interval over faces, paired).
    """
    rows = {}
    for name in [name for name in results if name != reference]:
        estimate = evaluation.interval(_mean, results[name] - results[reference])
        rows[name] = [evaluation.Estimate(*parts) for parts in zip(*estimate, strict=True)]
    return pd.DataFrame.from_dict(rows, orient="index", columns=STREAM_MEASURES)
