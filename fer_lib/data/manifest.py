"""The manifest: facts of every FER2013 image, without its pixels, in `data/manifest.csv.gz`.

One row per image, ordered as `data.load` orders FER2013 (usage, class, name). Columns:

- name: class and file name, e.g. "angry/Training_3908.jpg" (two file names occur in two classes).
  usage: Training, PublicTest, or PrivateTest. label: the class.
- brightness: mean gray level, 0-255. contrast: standard deviation of the gray levels, 0-127.5.
- sharpness: variance of the Laplacian (Pech-Pacheco et al. 2000), 0 for a blank image.
- pixels: hash of the pixels (`fer2013.pixel_hash`).
- duplicate_group: number shared by exact duplicates (equal pixels); 0 if there is no other.
- near_group: number shared by exact duplicates and near-duplicates (`near_duplicates`), copies of
  one photograph; 0 if there is no other. Every duplicate_group lies within one near_group.
- ferplus_row: row of the image in FER+'s file of votes, 0-based; -1 for 175 images without one.
- votes, crowd, crowd_share, label_share, entropy: what people said of the image, computed from
  FER+'s votes (`ferplus.statistics`). Exact duplicates share their votes.
- ferplus_class: class of the image by FER+'s own protocol (`ferplus.protocol_classes`), only to
  compare with published numbers; missing for an image that the protocol leaves out.
"""

import gzip

import cv2
import numpy as np
import pandas as pd
from scipy.fft import dctn
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fer_lib import paths
from fer_lib.data import fer2013, ferplus
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS

MEAN_FACES = paths.DATA / "mean_faces.npz"

# Thresholds of near-duplicates, see `near_duplicates`.
HASH_DISTANCE = 12
CORRELATION = 0.90
SHIFT = 6
BLANK_CONTRAST = 2  # an image with less contrast is blank


def make(dataset):
    """Compute the manifest of a data set.

    This takes about 10 seconds for FER2013. The result is the same on every machine, because
    numbers are rounded.

    Args:
        dataset: The `Dataset`.

    Returns:
        A DataFrame with the columns described above up to near_group, one row per image.
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


def with_votes(frame, votes):
    """Add to a manifest what people said of the images.

    Args:
        frame: What `make` returns, of Kaggle's FER2013.
        votes: What `ferplus.read` returns.

    Returns:
        The manifest with all columns described above. Each image keeps the ferplus_row of the
        recorded manifest: it was found by comparing FER+'s images, which the votes don't need.
    """
    recorded = load().set_index("name")["ferplus_row"]
    frame = frame.assign(ferplus_row=recorded.reindex(frame["name"]).to_numpy())
    statistics = ferplus.statistics(frame["label"], ferplus.votes_of(frame, votes))
    by_protocol = ferplus.protocol_classes(frame["ferplus_row"], votes)
    return pd.concat([frame, statistics], axis=1).assign(ferplus_class=by_protocol)


def load():
    """Load the recorded manifest of FER2013: 35,887 rows, columns as described above."""
    return pd.read_csv(paths.MANIFEST)


def write(frame):
    """Write the manifest of Kaggle's FER2013 to `data/manifest.csv.gz`, the same bytes every time.

    Args:
        frame: What `make` returns.

    Raises:
        Problem: If the rows are not Kaggle's files (synthetic faces, or the challenge's csv).
    """
    if not frame["name"].str.fullmatch(r"[a-z]+/[A-Za-z]+_\d+\.jpg").all():
        raise Problem(
            "The manifest needs Kaggle's FER2013 files, and these are others. "
            "Set FER2013= to Kaggle's folder or zip (see data/README.md)."
        )
    text = frame.to_csv(index=False, lineterminator="\n")
    with paths.write_atomically(paths.MANIFEST) as temporary:
        temporary.write_bytes(gzip.compress(text.encode(), mtime=0))


def mean_faces(dataset):
    """Compute the mean Training image of each class.

    It is a statistic of hundreds of faces, which shows none of them.

    Args:
        dataset: The `Dataset`.

    Returns:
        Gray levels, `(7, 48, 48)` float32, 0-255, to one decimal.
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
    """Load FER2013's recorded mean faces: `(7, 48, 48)` float32, see `mean_faces`."""
    with np.load(MEAN_FACES) as stored:
        return stored["mean_faces"]


def photographs(manifest):
    """Number the photographs: copies of one share a number, however many images show it.

    Images of one photograph are not independent, so a confidence interval over images must treat
    each photograph as one unit ("cluster").

    Args:
        manifest: What `load` or `make` returns.

    Returns:
        Integer Series, one number from 0 up per image, shared within a near_group.
    """
    alone = manifest["near_group"] == 0
    keys = manifest["near_group"].where(~alone, -1 - np.arange(len(manifest)))
    return pd.Series(pd.factorize(keys)[0], manifest.index, name="photograph")


def has_duplicate_in(manifest, among, groups="duplicate_group"):
    """Find the images outside a subset that have a duplicate inside it.

    Args:
        manifest: What `load` or `make` returns.
        among: Boolean mask of the subset, one value per image, e.g. the images of Training.
        groups: `"duplicate_group"` for exact duplicates, `"near_group"` for near-duplicates too.

    Returns:
        Boolean Series, one value per image; False for all images of the subset.
    """
    inside = manifest.loc[among & (manifest[groups] > 0), groups]
    return ~among & manifest[groups].isin(inside)


def duplicate_summary(manifest):
    """Count the duplicates.

    Args:
        manifest: What `load` or `make` returns.

    Returns:
        A DataFrame with the rows "exact" (equal pixels) and "near" (exact or near-duplicates).
        Columns: number of groups and of images in them; images that are redundant if one of each
        group stays; groups with conflicting labels; groups with leakage between splits, whose
        images differ in usage; test images with a duplicate in Training.
    """
    training = manifest["usage"] == "Training"
    rows = {}
    for row, column in (("exact", "duplicate_group"), ("near", "near_group")):
        groups = manifest[manifest[column] > 0].groupby(column)
        images = int(groups.size().sum())
        leaked = manifest.loc[has_duplicate_in(manifest, training, column), "usage"].value_counts()
        rows[row] = {
            "groups": groups.ngroups,
            "images": images,
            "redundant": images - groups.ngroups,
            "conflicting labels": int((groups["label"].nunique() > 1).sum()),
            "leakage between splits": int((groups["usage"].nunique() > 1).sum()),
            "PublicTest, duplicate in Training": int(leaked.get("PublicTest", 0)),
            "PrivateTest, duplicate in Training": int(leaked.get("PrivateTest", 0)),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def label_pairs(manifest, groups="duplicate_group"):
    """Pair the labels of every two images of a group; blank images are left out.

    Args:
        manifest: What `load` or `make` returns.
        groups: `"duplicate_group"` for exact duplicates, `"near_group"` for near-duplicates too.

    Returns:
        A DataFrame with the columns group, label, other_label, and weight. It lists each pair
        twice, once in either order. The weights of an image's pairs sum to 1, so that each image
        counts once, however many duplicates it has.
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
    """Mean and variance of integers, summed as such: the same on every machine."""
    values = values.astype(np.int64)
    total, squares = int(values.sum()), int((values * values).sum())
    return total / values.size, (values.size * squares - total**2) / values.size**2


def _number_groups(keys):
    """Number the groups of equal keys 1, 2, ... by their first member; 0 for a key on its own."""
    keys = pd.Series(keys)
    return pd.factorize(keys.where(keys.duplicated(keep=False)))[0] + 1


def _near_groups(frame, images):
    """Number the groups that duplicates and near-duplicates link, directly or through others."""
    every_row = np.arange(len(frame))
    first_equal = pd.Series(every_row).groupby(frame["pixels"]).transform("first").to_numpy()
    # One image of each set of duplicates suffices, and anything correlates with a blank one.
    distinct = np.unique(first_equal[frame["contrast"] >= BLANK_CONTRAST])
    near = distinct[near_duplicates(images[distinct])]
    rows, columns = np.concatenate([near, np.column_stack([first_equal, every_row])]).T
    links = coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(frame), len(frame)))
    return _number_groups(connected_components(links, directed=False)[1])


def near_duplicates(images):
    """Find the pairs of images that show the same photograph.

    A pair is a candidate if its perceptual hashes differ in at most 12 of 64 bits. It is a
    near-duplicate if the middle of one image (36×36 pixels), laid over the other at the best of all
    shifts up to 6 pixels, correlates with it by 0.90 or more. So the photograph is found in another
    crop, size, or contrast, or with a watermark; another photograph of the person rarely is.

    The thresholds were set by inspecting pairs of FER2013 on both sides of them. Of its 3,630
    pairs, 1 in a random sample of 100 was false, and 5 of 80 with a correlation below 0.915 (faces
    lit from one side, all dark on the other, are alike without being the same). Of its 31 largest
    groups, one is such a chain of similar faces; the others are one photograph each. The search
    misses crops that are further off (14 bits would find some 300 more pairs, in three times the
    time) and photographs that FER2013 also contains flipped horizontally (about 60 pairs).

    Args:
        images: Gray images, `(n, 48, 48)` uint8, none of them blank.

    Returns:
        Indices, `(pairs, 2)` int64, the smaller one first.
    """
    pairs = [
        (first, second)
        for first, second in _candidates(perceptual_hashes(images))
        if best_correlation(images[first], images[second]) >= CORRELATION
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def perceptual_hashes(images):
    """Compute pHash (Zauner 2010): which of the 8×8 lowest frequencies exceed their median.

    Args:
        images: `(n, 48, 48)`, gray.

    Returns:
        Hashes of 64 bits, `(n,)` uint64.
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
    """Correlate one image's middle with the other image at shifts up to 6 pixels.

    Args:
        image: `(48, 48)` uint8.
        other: `(48, 48)` uint8.

    Returns:
        The highest Pearson correlation, -1 to 1; the same in either order.
    """

    def slide(part, full):
        middle = np.ascontiguousarray(part[SHIFT:-SHIFT, SHIFT:-SHIFT])
        return float(cv2.matchTemplate(full, middle, cv2.TM_CCOEFF_NORMED).max())

    return max(slide(image, other), slide(other, image))
