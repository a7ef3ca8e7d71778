"""How well the answers hold if faces are framed otherwise: mirrored, moved, larger, or smaller.

FER2013's faces were all cropped by one program. A detector frames them otherwise. So networks, and
the exponents of their class prior, are compared on eight views of all 3,589 PublicTest images.
"""

import functools

import numpy as np
import pandas as pd

from fer_lib import evaluation
from fer_lib.data import ferplus, manifest
from fer_lib.data.transforms import move
from fer_lib.labels import LABEL, LABELS, PEOPLE, class_indices

RUNS = ("two-answers-seed0", *(f"two-stages-seed{seed}" for seed in range(3)))
EXPONENTS = (0, 0.25, 0.5, 0.75, 1)
PIXELS = 4.8  # 10% of the side
AS_IT_IS = "as it is"
VIEWS = {
    AS_IT_IS: lambda image: image,
    "mirrored": lambda image: image[:, ::-1],
    "10% larger": functools.partial(move, scale=1.1),
    "10% smaller": functools.partial(move, scale=1 / 1.1),
    "10% to the left": functools.partial(move, right=-PIXELS),
    "10% to the right": functools.partial(move, right=PIXELS),
    "10% up": functools.partial(move, down=-PIXELS),
    "10% down": functools.partial(move, down=PIXELS),
}


def compute(dataset, keep):
    """Classify each view of PublicTest by each of `RUNS`.

    Takes about ten minutes on two cores. The models aren't in the repository: `fer train` makes
    them.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: As in `records`.

    Returns:
        A dict of arrays: label, uint8 `(runs, views, images)`, the classes of the first answer;
        people, uint8 `(runs, views, exponents, images)`, those of the second, by `EXPONENTS`.

    Raises:
        Problem: If a model is missing.
    """
    images = dataset.usage("PublicTest").images
    parts = [keep(run, _classify, run, images) for run in RUNS]
    return {answer: np.stack([part[answer] for part in parts]) for answer in parts[0]}


def _classify(name, images):
    """Classes by one run, as in `compute`."""
    from fer_lib import models

    model = models.load(name)
    prior = ferplus.class_prior(ferplus.load_vote_shares())
    biases = [evaluation.prior_biases(prior, exponent) for exponent in EXPONENTS]
    rows = {LABEL: [], PEOPLE: []}
    for view in VIEWS:
        outputs = models.outputs(model, show(images, view))
        rows[LABEL].append(outputs[LABEL].argmax(axis=1))
        adjusted = [evaluation.with_temperature(outputs[PEOPLE], 1, each) for each in biases]
        rows[PEOPLE].append(np.argmax(adjusted, axis=2))
    return {answer: np.array(classes, np.uint8) for answer, classes in rows.items()}


def show(images, view):
    """Change images to one of `VIEWS`.

    Args:
        images: Faces, `(n, 48, 48, 1)` uint8.
        view: A key of `VIEWS`.

    Returns:
        The changed images, of the same shape and type.
    """
    changed = [VIEWS[view](np.ascontiguousarray(image[..., 0])) for image in images]
    return np.stack(changed)[..., np.newaxis]


def accuracies(record, faces):
    """Compute the accuracy of each run on each view.

    Args:
        record: The loaded record.
        faces: Rows of the manifest, those of PublicTest.

    Returns:
        DataFrame in percent, indexed by run. Columns: the answer (`LABEL` by labels, `PEOPLE` by
        people with an exponent of 0), and the view.
    """
    values = {
        (answer, view): 100 * correct.mean(axis=-1)[:, number]
        for answer, correct in _correct(record, faces).items()
        for number, view in enumerate(VIEWS)
    }
    return pd.DataFrame(values, index=pd.Index(RUNS, name="run"))


def gain(record, faces, answer, first, second):
    """Estimate how much more accurate one run is than another on the mean view.

    Args:
        record: The loaded record.
        faces: Rows of the manifest, those of PublicTest.
        answer: `LABEL` or `PEOPLE`, each by its own judge.
        first: One of `RUNS`.
        second: Another.

    Returns:
        The `Estimate` of the difference (0-1), with its 95% interval over photographs, paired.
    """
    correct = _correct(record, faces)[answer].mean(axis=1)
    values = correct[RUNS.index(second)] - correct[RUNS.index(first)]
    photographs = manifest.photographs(faces)[_judged(faces, answer)]
    return evaluation.clustered_mean(values, photographs)


def by_exponent(record, faces, run):
    """Compute what the exponent of the class prior does on the mean view.

    Args:
        record: The loaded record.
        faces: Rows of the manifest, those of PublicTest.
        run: One of `RUNS`.

    Returns:
        DataFrame indexed by exponent: agreement with people, and mean recall by people, 0-1.
    """
    seen = _judged(faces, PEOPLE)
    crowd = class_indices(faces["crowd"][seen])
    correct = record[PEOPLE][RUNS.index(run)][..., seen] == crowd
    recalls = [correct[..., crowd == label].mean(axis=-1) for label in range(len(LABELS))]
    columns = {"agreement": correct.mean(axis=-1), "mean recall": np.mean(recalls, axis=0)}
    index = pd.Index(EXPONENTS, name="exponent")
    return pd.DataFrame({name: values.mean(axis=0) for name, values in columns.items()}, index)


def _judged(faces, answer):
    """Which images have a class by the answer's judge, bool `(n,)`."""
    return (faces["label"] if answer == LABEL else faces["crowd"]).notna().to_numpy()


def _correct(record, faces):
    """Which answers are correct, by answer: bool `(runs, views, images that have a class)`."""
    seen = _judged(faces, PEOPLE)
    return {
        LABEL: record[LABEL] == class_indices(faces["label"]),
        PEOPLE: record[PEOPLE][:, :, 0, seen] == class_indices(faces["crowd"][seen]),
    }
