"""The manifest: facts of every FER2013 image, without its pixels, in `data/manifest.csv.gz`.

One row an image, ordered as `data.load` orders FER2013 (usage, class, name). Columns:

- name: class and file name, e.g. "angry/Training_3908.jpg" (two file names stand in two classes).
  usage: Training, PublicTest or PrivateTest. label: the class.
- brightness: mean grey, 0-255. contrast: standard deviation of the grey values, 0-127.5.
- sharpness: variance of the Laplacian (Pech-Pacheco et al. 2000), 0 for a blank image.
- pixels: hash of the pixels (`fer2013.pixel_hash`).
- duplicate_group: number shared by images with equal pixels; 0 where there is no other.
- near_group: number shared by copies of one photograph, equal or not (`near_pairs`); 0 as above.
  Every duplicate_group lies within one near_group.
"""

import gzip

import cv2
import numpy as np
import pandas as pd
from scipy.fft import dctn
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fer_lib import paths
from fer_lib.data import fer2013
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS

MEAN_FACES = paths.DATA / "mean_faces.npz"

# How near pairs are told, see `near_pairs`.
HASH_DISTANCE = 12
CORRELATION = 0.90
SHIFT = 6
BLANK_CONTRAST = 2


def make(dataset):
    """Facts of every image of `dataset`: a DataFrame with the columns above, one row an image.

    Takes about 10 seconds for FER2013. Equal on every machine: numbers are rounded.
    """
    images = dataset.images[..., 0]
    facts = pd.DataFrame([_facts(image) for image in images])
    identity = pd.DataFrame(
        {
            "name": dataset.names,
            "usage": dataset.usages,
            "label": np.array(LABELS)[dataset.labels],
        }
    )
    frame = pd.concat([identity, facts], axis=1)
    frame["duplicate_group"] = _number_groups(frame["pixels"])
    frame["near_group"] = _near_groups(frame, images)
    return frame


def load():
    """The manifest of FER2013 as a DataFrame of 35,887 rows, columns as described above."""
    return pd.read_csv(paths.MANIFEST)


def write(frame):
    """Write the manifest of Kaggle's FER2013 to `data/manifest.csv.gz`, the same bytes every time.

    Raises Problem if the rows are not Kaggle's files (drawn faces, or the challenge's csv).
    """
    if not frame["name"].str.fullmatch(r"[a-z]+/[A-Za-z]+_\d+\.jpg").all():
        raise Problem(
            "the manifest describes Kaggle's FER2013 files, and these are others; "
            "set FER2013= to Kaggle's folder or zip (see data/README.md)"
        )
    text = frame.to_csv(index=False, lineterminator="\n")
    with paths.write_atomically(paths.MANIFEST) as temporary:
        temporary.write_bytes(gzip.compress(text.encode(), mtime=0))


def mean_faces(dataset):
    """Mean Training image of each class: (7, 48, 48) float32, grey 0-255, to one decimal.

    A statistic of hundreds of faces, which shows none of them.
    """
    training = dataset.usage("Training")
    images = training.images[..., 0]
    means = [images[training.labels == label].mean(axis=0) for label in range(len(LABELS))]
    return np.round(means, 1).astype(np.float32)


def write_mean_faces(faces):
    """Write FER2013's mean faces to `data/mean_faces.npz`, the same bytes every time."""
    with paths.write_atomically(MEAN_FACES) as temporary:
        np.savez_compressed(temporary, mean_faces=faces)


def load_mean_faces():
    """FER2013's mean faces as recorded: (7, 48, 48) float32, see `mean_faces`."""
    with np.load(MEAN_FACES) as stored:
        return stored["mean_faces"]


def has_training_duplicate(manifest, groups="duplicate_group"):
    """Which images of PublicTest and PrivateTest have a twin in Training: a boolean Series.

    groups: "duplicate_group" for twins with equal pixels, "near_group" for any copy.
    """
    grouped = manifest[groups] > 0
    training = manifest["usage"] == "Training"
    seen = manifest.loc[training & grouped, groups]
    return ~training & manifest[groups].isin(seen)


def duplicate_summary(manifest):
    """What duplicates there are: a DataFrame, one row for equal pixels and one for near ones.

    redundant: images left over if one of each group stays. conflicting labels, across splits:
    groups whose members differ in class, in usage. The last two columns: images with a twin in
    Training.
    """
    rows = {}
    for row, column in (("equal pixels", "duplicate_group"), ("near", "near_group")):
        groups = manifest[manifest[column] > 0].groupby(column)
        images = int(groups.size().sum())
        twins = manifest.loc[has_training_duplicate(manifest, column), "usage"].value_counts()
        rows[row] = {
            "groups": groups.ngroups,
            "images": images,
            "redundant": images - groups.ngroups,
            "conflicting labels": int((groups["label"].nunique() > 1).sum()),
            "across splits": int((groups["usage"].nunique() > 1).sum()),
            "PublicTest twins": int(twins.get("PublicTest", 0)),
            "PrivateTest twins": int(twins.get("PrivateTest", 0)),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def label_pairs(manifest, groups="duplicate_group"):
    """Labels of every two images of a group, blank ones left out: what twins are called.

    groups: "duplicate_group" or "near_group". Returns a DataFrame with the columns group, label,
    other_label and weight; each pair stands in it twice, once in either order. The weights of an
    image's pairs sum to 1, so that each image counts once, however many copies it has.
    """
    seen = manifest[(manifest[groups] > 0) & (manifest["contrast"] >= BLANK_CONTRAST)]
    seen = pd.DataFrame({"group": seen[groups], "label": seen["label"], "row": seen.index})
    seen["weight"] = 1 / (seen.groupby("group")["row"].transform("size") - 1)
    others = seen[["group", "label", "row"]].set_axis(["group", "other_label", "other"], axis=1)
    pairs = seen.merge(others, on="group")
    pairs = pairs[pairs["row"] != pairs["other"]]
    return pairs[["group", "label", "other_label", "weight"]].reset_index(drop=True)


def _facts(image):
    brightness, variance = _moments(image)
    _, sharpness = _moments(cv2.Laplacian(image, cv2.CV_16S))
    return {
        "brightness": round(brightness, 1),
        "contrast": round(variance**0.5, 1),
        "sharpness": round(sharpness),
        "pixels": fer2013.pixel_hash(image),
    }


def _moments(values):
    """Mean and variance of whole numbers, summed as such: alike on every machine."""
    values = values.astype(np.int64)
    total, squares = int(values.sum()), int((values * values).sum())
    return total / values.size, (values.size * squares - total**2) / values.size**2


def _number_groups(keys):
    """Number the groups of equal keys 1, 2, ... by their first member; 0 for a key on its own."""
    keys = pd.Series(keys)
    return pd.factorize(keys.where(keys.duplicated(keep=False)))[0] + 1


def _near_groups(frame, images):
    """Number the groups that equal pixels and near pairs link, directly or through others."""
    everyone = np.arange(len(frame))
    first_equal = pd.Series(everyone).groupby(frame["pixels"]).transform("first").to_numpy()
    # One image for each set of equal ones suffices, and to blank ones everything is alike.
    distinct = np.unique(first_equal[frame["contrast"] >= BLANK_CONTRAST])
    near = distinct[near_pairs(images[distinct])]
    rows, columns = np.concatenate([near, np.column_stack([first_equal, everyone])]).T
    links = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(frame), len(frame)))
    return _number_groups(connected_components(links, directed=False)[1])


def near_pairs(images):
    """Pairs of images that show one photograph: (pairs, 2) indices, the smaller first.

    images: (n, 48, 48) uint8, none of them blank.

    A pair is a candidate if its perceptual hashes differ in at most 12 of 64 bits. It is near if
    the middle of one image (36x36 pixels), laid over the other at the best of all shifts up to 6
    pixels, correlates with it by 0.90 or more: so the photograph passes in another crop, size or
    contrast or with a watermark, and another photograph of the person rarely does.

    The limits were chosen by looking at pairs of FER2013 on both sides of them. Of its 3,630 near
    pairs, 1 in a random sample of 100 was false, and 5 of 80 with a correlation below 0.915
    (faces lit from one side, all dark on the other, are alike without being the same). Of its 31
    largest groups one is such a chain of look-alikes; the others are one photograph each. Missed
    are crops further off (14 bits would find some 300 pairs more, in three times the time) and
    photographs that stand in FER2013 mirrored, too (about 60 pairs).
    """
    pairs = [
        (first, second)
        for first, second in _candidates(perceptual_hashes(images))
        if best_correlation(images[first], images[second]) >= CORRELATION
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def perceptual_hashes(images):
    """pHash (Zauner 2010): 64 bits an image, which of its 8x8 lowest frequencies pass their median.

    images: (n, 48, 48). Returns (n,) uint64.
    """
    lowest = np.stack([dctn(image.astype(float))[:8, :8].ravel() for image in images])
    bits = lowest > np.median(lowest, axis=1, keepdims=True)
    return np.packbits(bits, axis=1).view(np.uint64)[:, 0]


def _candidates(hashes):
    """Yield (first, second) of every two hashes that differ in at most HASH_DISTANCE bits."""
    for first in range(len(hashes) - 1):
        distances = np.bitwise_count(hashes[first] ^ hashes[first + 1 :])
        for offset in np.flatnonzero(distances <= HASH_DISTANCE):
            yield first, first + 1 + offset


def best_correlation(image, other):
    """Highest Pearson correlation of one image's middle with the other at shifts up to 6 pixels.

    image, other: (48, 48) uint8. Returns a float in [-1, 1]; the same in either order.
    """

    def slide(part, whole):
        middle = np.ascontiguousarray(part[SHIFT:-SHIFT, SHIFT:-SHIFT])
        return float(cv2.matchTemplate(whole, middle, cv2.TM_CCOEFF_NORMED).max())

    return max(slide(image, other), slide(other, image))
