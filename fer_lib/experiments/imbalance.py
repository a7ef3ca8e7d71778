"""Are disgust and fear to blame? What helps rare classes, all on the same frozen features.

The features and the head are the paper's. Class weights and oversampling change what the head is
trained on; logit adjustment (Menon et al. 2021) changes its predictions afterwards; equal classes
take as many training images of every class as disgust has.
"""

import itertools

import numpy as np
import pandas as pd

from fer_lib.data import manifest
from fer_lib.experiments import frozen_features, heads
from fer_lib.labels import LABELS

PLAIN = "unchanged"
WEIGHTS, OVERSAMPLING = "class weights", "oversampling"
ADJUSTMENT, EQUAL = "logit adjustment", "equal classes"
UNCOPIED = "test, no copy in training"
STRENGTHS = (0.25, 0.5, 0.75, 1.0)
TAUS = np.arange(0.25, 2.01, 0.25)
SEEDS = range(5)


def compute(dataset, keep):
    """Train and evaluate every method. Takes ten minutes on two cores.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: See `records`.

    Returns:
        DataFrame with one row per method, strength (tau for logit adjustment), seed, and part:
        `"validation"`, `"test"`, or `UNCOPIED`. The other columns are those of `heads.metrics`.
    """
    pooled = frozen_features.of(dataset.images, heads.RECIPE.size).after()
    split = heads.split(dataset, pooled)
    uncopied = _without_copies(dataset)
    works = [(PLAIN, 0.0), (EQUAL, 1.0)]
    works += [(method, strength) for method in (WEIGHTS, OVERSAMPLING) for strength in STRENGTHS]
    tables = []
    for seed, (method, strength) in itertools.product(SEEDS, works):
        part = f"{method} {strength}, seed {seed}"
        predicted = keep(part, train, split, method, strength, seed)
        table = _evaluate(split, predicted, method, strength, uncopied)
        tables.append(table.assign(seed=seed))
    return pd.concat(tables, ignore_index=True)


def _without_copies(dataset):
    """Mask of the test images without a near-duplicate in the training part."""
    rows = heads.split(dataset, np.arange(len(dataset)))
    facts = manifest.load()
    trained_on = facts.index.isin(facts.index[rows.training.images])
    copied = manifest.has_duplicate_in(facts, trained_on, "near_group").to_numpy()
    return ~copied[rows.test.images]


def train(split, method, strength, seed):
    """Train the paper's head by one method.

    Args:
        split: Of `heads.split`.
        method: `PLAIN`, `WEIGHTS`, `OVERSAMPLING`, or `EQUAL`.
        strength: Strength of class weights or oversampling, 0-1.
        seed: Seed of the head, and of the images that are repeated or left out.

    Returns:
        Dict from `"validation"` and `"test"` to their probabilities, `(n, 7)`.
    """
    chosen = _chosen(split.training.labels, method, strength, seed)
    weights = class_weights(split.training.labels, strength) if method == WEIGHTS else None
    head = heads.paper_head(split.training.select(chosen), split.validation, seed, weights)
    classify = heads.classify_with(head)
    return {part: classify(getattr(split, part).images) for part in ("validation", "test")}


def _evaluate(split, predicted, method, strength, uncopied):
    """The rows of what `train` returned; for `PLAIN` also those of logit adjustment."""
    settings = [(method, strength, 0.0)]
    if method == PLAIN:
        settings += [(ADJUSTMENT, tau, tau) for tau in TAUS]
    prior = frequencies(split.training.labels)
    rows = []
    for name, number, tau in settings:
        found = {
            part: adjust(probabilities, prior, tau) for part, probabilities in predicted.items()
        }
        parts = {
            "validation": (split.validation.labels, found["validation"]),
            "test": (split.test.labels, found["test"]),
            UNCOPIED: (split.test.labels[uncopied], found["test"][uncopied]),
        }
        for part, pair in parts.items():
            about = {"method": name, "strength": number, "part": part}
            rows.append(about | heads.metrics(*pair))
    return heads.rounded(rows)


def _chosen(labels, method, strength, seed):
    """Indices of the training images, some of them repeated or left out."""
    generator = np.random.default_rng(seed)
    if method == OVERSAMPLING:
        return oversampled(labels, strength, generator)
    if method == EQUAL:
        return equal_classes(labels, generator)
    return np.arange(len(labels))


def frequencies(labels):
    """Compute the proportion of each class: class indices `(n,)` to an array `(7,)`."""
    return np.bincount(labels, minlength=len(LABELS)) / len(labels)


def class_weights(labels, strength):
    """Compute class weights: the inverse frequency to the power of a strength, mean 1 per image.

    Args:
        labels: Class indices of the training images, `(n,)`.
        strength: 0 for equal weights of all images, 1 for equal weights of all classes.

    Returns:
        Dict from each class index to its weight.
    """
    weights = frequencies(labels) ** -strength
    return dict(enumerate(weights / (weights * frequencies(labels)).sum()))


def oversampled(labels, strength, generator):
    """Repeat images of the rare classes.

    Args:
        labels: Class indices of the training images, `(n,)`.
        strength: 0 for no repetition; 1 until every class has as many as the largest.
        generator: NumPy's random generator; it draws the images repeated once more than others.

    Returns:
        Indices into the images, in no particular order.
    """
    counts = np.bincount(labels, minlength=len(LABELS))
    wanted = np.rint(counts.max() ** strength * counts ** (1 - strength)).astype(int)
    return _of_each_class(labels, wanted, generator)


def equal_classes(labels, generator):
    """Draw as many images of every class as the rarest has.

    Args:
        labels: Class indices of the training images, `(n,)`.
        generator: NumPy's random generator.

    Returns:
        Indices into the images, in no particular order.
    """
    rarest = np.bincount(labels, minlength=len(LABELS)).min()
    return _of_each_class(labels, [rarest] * len(LABELS), generator)


def _of_each_class(labels, wanted, generator):
    """Indices of so many images of each class; if it has fewer, they repeat equally often."""
    members = heads.members_of_classes(labels, generator)
    return np.concatenate([np.resize(*pair) for pair in zip(members, wanted, strict=True)])


def adjust(probabilities, frequencies, tau):
    """Divide probabilities by the classes' training frequencies (Menon et al. 2021, equation 9).

    Args:
        probabilities: Probabilities, `(n, 7)`.
        frequencies: Proportion of each class in the training set, `(7,)`.
        tau: Exponent of the frequencies: 0 changes nothing, and at 1 all classes count as equally
            frequent.

    Returns:
        Probabilities, `(n, 7)`.
    """
    scores = probabilities / frequencies**tau
    return scores / scores.sum(axis=1, keepdims=True)
