"""The course's data sets (FER2013 where it is at hand, else the drawn faces) and their splits."""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fer_lib.data import drawn_faces, fer2013
from fer_lib.labels import LABELS

FER2013 = "FER2013"
DRAWN_FACES = "drawn faces"


@dataclass(frozen=True)
class Dataset:
    """Images of faces with one expression label each.

    images: (n, 48, 48, 1) uint8, grey, 0-255. labels: (n,) int64, index into `LABELS`.
    names: (n,) str, a file name each. usages: (n,) str, "Training", "PublicTest" or "PrivateTest".
    source: "FER2013" or "drawn faces".
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
        """The images chosen by a boolean mask or by indices, in that order."""
        chosen = (array[which] for array in (self.images, self.labels, self.names, self.usages))
        return Dataset(*chosen, source=self.source)

    def usage(self, name):
        """The images of one official split: "Training", "PublicTest" or "PrivateTest"."""
        if name not in fer2013.USAGES:
            raise ValueError(f"usage {name!r} is not one of {fer2013.USAGES}")
        return self.select(self.usages == name)

    def class_counts(self):
        """Number of images of each class: {label: count} in `LABELS` order."""
        counts = np.bincount(self.labels, minlength=len(LABELS))
        return dict(zip(LABELS, counts.tolist(), strict=True))

    def digest(self):
        """SHA-256 (hex) of images, labels, names and usages: equal data, equal digest."""
        digest = hashlib.sha256(np.ascontiguousarray(self.images).tobytes())
        digest.update(np.ascontiguousarray(self.labels).tobytes())
        digest.update("\n".join([*self.names, *self.usages]).encode())
        return digest.hexdigest()


class Split(NamedTuple):
    """Three data sets that share no file (but see the manifest: FER2013 has twins across them)."""

    training: Dataset
    validation: Dataset
    test: Dataset


def load():
    """FER2013 if it is at hand (`fer2013.locate`), else 4,000 drawn faces.

    Raises Problem if FER2013 is there but incomplete or damaged.
    """
    path = fer2013.locate()
    if path is None:
        return load_drawn_faces()
    return from_arrays(fer2013.read_checked(path))


def from_arrays(arrays):
    """The Dataset of what `fer2013.read` returns."""
    images, labels, names, usages = arrays
    return Dataset(images[..., np.newaxis], labels, names, usages, FER2013)


def report():
    """Text that tells which data is at hand, where, whether it is whole, and its class counts."""
    path = fer2013.locate()
    dataset = load()
    if path is None:
        where = (
            "No FER2013 here, so the course draws its faces. "
            f"To use FER2013, {fer2013.HOW_TO_GET_IT}."
        )
    else:
        where = f"FER2013 is at {path}, whole and undamaged."
    lines = [where, f"{'':12}" + "".join(f"{label:>10}" for label in LABELS)]
    for usage in fer2013.USAGES:
        counts = dataset.usage(usage).class_counts().values()
        lines.append(f"{usage:12}" + "".join(f"{count:>10,}" for count in counts))
    return "\n".join(lines)


def load_drawn_faces(count=4000, seed=0):
    """The embedded data set: `count` drawn faces, eight in ten of them for training."""
    images, labels = drawn_faces.draw_faces(count, seed)
    names = np.array([f"drawn_{index:05d}" for index in range(count)])
    usages = np.resize(["Training"] * 8 + ["PublicTest", "PrivateTest"], count)
    return Dataset(images, labels, names, usages, DRAWN_FACES)


def official_split(dataset):
    """The challenge's split: fit on Training, choose on PublicTest, measure on PrivateTest."""
    return Split(*(dataset.usage(name) for name in fer2013.USAGES))


def paper_split(dataset):
    """The paper's split of FER2013: 21,535 training, 7,174 validation, 7,178 test images.

    What Keras' `ImageDataGenerator(validation_split=0.25)` makes of Kaggle's `train/` folder: of
    each class the first quarter of the files, by name, validates. The test set is Kaggle's `test/`
    folder, PublicTest and PrivateTest together (its Table 1 counts exactly these images).
    """
    training = dataset.usage("Training")
    validates = np.zeros(len(training), dtype=bool)
    for label in range(len(LABELS)):
        members = np.flatnonzero(training.labels == label)
        by_name = members[np.argsort(training.names[members])]
        validates[by_name[: len(members) // 4]] = True
    return Split(
        training.select(~validates),
        training.select(validates),
        dataset.select(dataset.usages != "Training"),
    )
