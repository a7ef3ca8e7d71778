"""The course's data sets, FER2013 and synthetic faces, and their splits."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fer_lib.data import fer2013, synthetic_faces
from fer_lib.labels import LABELS

FER2013 = "FER2013"
SYNTHETIC_FACES = "synthetic faces"


@dataclass(frozen=True)
class Dataset:
    """Images of faces with one expression label each.

    Attributes:
        images: Gray images, `(n, 48, 48, 1)` uint8, 0-255.
        labels: Indices into `LABELS`, `(n,)` int64.
        names: One file name per image, `(n,)` str.
        usages: Official split of each image, `(n,)` str: `"Training"`, `"PublicTest"`, or
            `"PrivateTest"`.
        source: `"FER2013"` or `"synthetic faces"`.
    """

    images: np.ndarray
    labels: np.ndarray
    names: np.ndarray
    usages: np.ndarray
    source: str

    def __len__(self):
        return len(self.labels)

    def __str__(self):
        return f"{len(self):,} images of {self.source}"

    def select(self, which):
        """Select images.

        Args:
            which: Boolean mask or indices.

        Returns:
            A `Dataset` of these images, in that order.
        """
        chosen = (array[which] for array in (self.images, self.labels, self.names, self.usages))
        return Dataset(*chosen, source=self.source)

    def usage(self, name):
        """Select the images of one official split.

        Args:
            name: `"Training"`, `"PublicTest"`, or `"PrivateTest"`.

        Returns:
            A `Dataset`.

        Raises:
            ValueError: If there is no such split.
        """
        if name not in fer2013.USAGES:
            raise ValueError(f"usage {name!r} is not one of {fer2013.USAGES}")
        return self.select(self.usages == name)

    def class_counts(self):
        """Count the images of each class: `{label: count}`, in `LABELS` order."""
        counts = np.bincount(self.labels, minlength=len(LABELS))
        return dict(zip(LABELS, counts.tolist(), strict=True))

    def digest(self):
        """SHA-256 (hex) of images, labels, names, and usages: equal data, equal digest."""
        digest = hashlib.sha256(np.ascontiguousarray(self.images).tobytes())
        digest.update(np.ascontiguousarray(self.labels).tobytes())
        digest.update("\n".join([*self.names, *self.usages]).encode())
        return digest.hexdigest()


class Split(NamedTuple):
    """Three data sets that share no file; FER2013 still has duplicates across them (`manifest`).

    Attributes:
        training: `Dataset` to fit on.
        validation: `Dataset` to choose and calibrate on.
        test: `Dataset` to measure on.
    """

    training: Dataset
    validation: Dataset
    test: Dataset


def load():
    """Load FER2013 where it is available (`fer2013.locate`), or else 4,000 synthetic faces.

    Returns:
        The `Dataset`.

    Raises:
        Problem: If FER2013 is there but incomplete or damaged.
    """
    path = fer2013.locate()
    if path is None:
        return load_synthetic_faces()
    return from_arrays(fer2013.read_checked(path))


def from_arrays(arrays):
    """Make a `Dataset` of `fer2013.Arrays`."""
    images, labels, names, usages = arrays
    return Dataset(images[..., np.newaxis], labels, names, usages, FER2013)


def report():
    """Describe the available data: where it is, whether it is complete, and its class counts.

    Returns:
        A text of several lines.

    Raises:
        Problem: If FER2013 is there but incomplete or damaged.
    """
    from fer_lib.data import ferplus  # imports pandas, which `load` doesn't need

    path = fer2013.locate()
    dataset = load()
    if path is None:
        where = f"No FER2013 here, so the course uses synthetic faces. {fer2013.HOW_TO_GET_IT}"
    else:
        where = f"FER2013 is at {path}, complete and undamaged."
    lines = [where, ferplus.report(), f"{'':12}" + "".join(f"{label:>10}" for label in LABELS)]
    for usage in fer2013.USAGES:
        counts = dataset.usage(usage).class_counts().values()
        lines.append(f"{usage:12}" + "".join(f"{count:>10,}" for count in counts))
    return "\n".join(lines)


def load_synthetic_faces(count=4000, seed=0):
    """Draw the embedded data set of synthetic faces, eight in ten of them for training.

    Args:
        count: Number of images.
        seed: Seed of labels, persons, and scenes.

    Returns:
        The `Dataset`.

    Raises:
        Problem: If `count` is not a whole number of at least 1.
    """
    images, labels = synthetic_faces.draw_faces(count, seed)
    names = np.array([f"drawn_{index:05d}" for index in range(count)])
    usages = np.resize(["Training"] * 8 + ["PublicTest", "PrivateTest"], count)
    return Dataset(images, labels, names, usages, SYNTHETIC_FACES)


def official_split(dataset):
    """Split as the challenge does: fit on Training, choose on PublicTest, measure on PrivateTest.

    Args:
        dataset: The `Dataset`.

    Returns:
        The `Split`.
    """
    return Split(*(dataset.usage(name) for name in fer2013.USAGES))


def paper_split(dataset):
    """Split as the paper does: 21,535 training, 7,174 validation, and 7,178 test images of FER2013.

    This is what Keras' `ImageDataGenerator(validation_split=0.25)` makes of Kaggle's `train/`
    folder: the first quarter of each class's files, by name, is for validation. The test set is
    Kaggle's `test/` folder, PublicTest and PrivateTest together (the paper's Table 1 counts exactly
    these images).

    Args:
        dataset: The `Dataset`.

    Returns:
        The `Split`.
    """
    training = dataset.usage("Training")
    for_validation = np.zeros(len(training), dtype=bool)
    for label in range(len(LABELS)):
        members = np.flatnonzero(training.labels == label)
        by_name = members[np.argsort(training.names[members])]
        for_validation[by_name[: len(members) // 4]] = True
    return Split(
        training.select(~for_validation),
        training.select(for_validation),
        dataset.select(dataset.usages != "Training"),
    )


def without_copies(split):
    """Leave out the training images of photographs that validation or test images show, too.

    The photographs are those of the manifest (`manifest.photographs`), so only FER2013 has any.

    Args:
        split: The `Split`, e.g. `official_split`.

    Returns:
        The `Split` with fewer training images.
    """
    # What `load` doesn't need. NumPy's isin would take seconds for texts.
    import pandas as pd

    from fer_lib.data import manifest

    facts = manifest.load()
    evaluated = facts["name"].isin([*split.validation.names, *split.test.names])
    copies = facts.loc[manifest.has_duplicate_in(facts, evaluated, "near_group"), "name"]
    copied = pd.Index(split.training.names).isin(copies)
    return split._replace(training=split.training.select(~copied))
