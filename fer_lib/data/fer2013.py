"""FER2013 in each of its forms: Kaggle's folder or zip, or the 2013 challenge's `fer2013.csv`.

This module finds it, reads it into plain `Arrays`, and checks it against the manifest.
"""

import csv
import hashlib
import os
import re
import shutil
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fer_lib import paths
from fer_lib.data import user_files
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS

SIDE = 48
USAGES = ("Training", "PublicTest", "PrivateTest")

# Goodfellow et al. 2013: 28,709 training images and two test sets of 3,589.
COUNTS = {
    "Training": (3995, 436, 4097, 7215, 4965, 4830, 3171),
    "PublicTest": (467, 56, 496, 895, 607, 653, 415),
    "PrivateTest": (491, 55, 528, 879, 626, 594, 416),
}

# The challenge's csv numbers its classes in another order than Kaggle's folders.
CSV_LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")

KAGGLE_DATASET = "msambare/fer2013"
HOW_TO_GET_IT = "Get a complete copy of FER2013 with `fer data --download` (see data/README.md)."

_MEMBER = re.compile(
    r"(?:^|/)(?:train|test)/(" + "|".join(LABELS) + r")/((" + "|".join(USAGES) + r")_\d+\.jpg)$"
)


class Arrays(NamedTuple):
    """FER2013 in memory, ordered by usage, class, and file name (csv: by row).

    Attributes:
        images: Gray images, `(n, 48, 48)` uint8, 0-255.
        labels: Indices into `LABELS`, `(n,)` int64.
        names: Class and file name, `(n,)` str, e.g. `"angry/Training_8475486.jpg"`: the number
            alone is not unique.
        usages: Official split, `(n,)` str, one of `USAGES`.
    """

    images: np.ndarray
    labels: np.ndarray
    names: np.ndarray
    usages: np.ndarray


def locate():
    """Find the user's FER2013: where the environment's `FER2013` points, or else in `data/`.

    Returns:
        Path of the folder, zip, or csv; None if there is none.

    Raises:
        Problem: If the environment's `FER2013` points to something that is not there.
    """
    named = user_files.named("FER2013", "file or folder")
    if named:
        return named
    names = ("fer2013.zip", "archive.zip", "fer2013", "fer2013.csv")
    places = [paths.DATA / name for name in names]
    places += [paths.DATA] if (paths.DATA / "train").is_dir() else []
    return next((place for place in places if place.exists()), None)


def read(path):
    """Read FER2013.

    Args:
        path: Kaggle's folder, a zip of it, or `fer2013.csv`.

    Returns:
        The `Arrays`.

    Raises:
        Problem: If anything in it cannot be read; the message names the file.
    """
    path = Path(path)
    try:
        if path.is_dir():
            members = _folder_members(path)
            return _decode(path, ((member, file.read_bytes()) for member, file in members))
        if path.suffix.lower() == ".csv":
            return _read_csv(path)
        with zipfile.ZipFile(path) as archive:
            return _decode(path, _zip_files(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Problem(f"{path}: not a complete zip file ({error}). {HOW_TO_GET_IT}") from error
    except csv.Error as error:
        raise Problem(f"{path}: not a csv file ({error}). {HOW_TO_GET_IT}") from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path, error):
    reason = "no permission to read it" if isinstance(error, PermissionError) else error.strerror
    return Problem(f"{error.filename or path}: {reason}. Correct the path or its permissions.")


def _folder_members(folder):
    """Yield (path inside the folder, path) of every file that belongs to Kaggle's layout."""

    def refuse(error):
        raise error

    for parent, _, files in os.walk(folder, onerror=refuse):
        for file in files:
            path = Path(parent, file)
            member = path.relative_to(folder).as_posix()
            if _MEMBER.search(member):
                yield member, path


def _zip_files(archive):
    """Yield (path inside the archive, bytes) of every file that belongs to Kaggle's layout."""
    for member in archive.namelist():
        if _MEMBER.search(member):
            yield member, archive.read(member)


def _decode(path, files):
    """Decode JPEG files into `Arrays`, sorted by usage, class, and name."""
    rows = []
    for member, content in files:
        label, name, usage = _MEMBER.search(member).groups()
        image = _decode_image(content, f"{path}: {member}")
        rows.append((USAGES.index(usage), LABELS.index(label), f"{label}/{name}", image))
    _require_all_classes(path, {(USAGES[usage], LABELS[label]) for usage, label, _, _ in rows})
    rows.sort(key=lambda row: row[:3])
    return Arrays(
        images=np.stack([image for *_, image in rows]),
        labels=np.array([label for _, label, _, _ in rows], dtype=np.int64),
        names=np.array([name for _, _, name, _ in rows]),
        usages=np.array([USAGES[usage] for usage, *_ in rows]),
    )


def _decode_image(content, where):
    import cv2

    image = None
    if content:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise Problem(f"{where} is not a readable JPEG. {HOW_TO_GET_IT}")
    if image.shape != (SIDE, SIDE):
        raise Problem(
            f"{where} has shape {image.shape}, not {SIDE}x{SIDE} gray pixels. {HOW_TO_GET_IT}"
        )
    return image


def _require_all_classes(path, found):
    """Raise Problem unless each usage has each class: `found` is a set of (usage, class)."""
    if not found:
        raise Problem(
            f"{path}: contains no FER2013 image (train/<class>/Training_*.jpg and so on). "
            f"{HOW_TO_GET_IT}"
        )
    for usage in USAGES:
        missing = [label for label in LABELS if (usage, label) not in found]
        if missing:
            raise Problem(f"{path}: no {usage} image of {', '.join(missing)}. {HOW_TO_GET_IT}")


def _read_csv(path):
    """Read the challenge's csv: columns emotion (0-6), pixels (2304 numbers), Usage."""
    images, labels, usages = [], [], []
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        reader = csv.DictReader(file)
        if not {"emotion", "pixels", "Usage"} <= set(reader.fieldnames or ()):
            raise Problem(f"{path}: no columns emotion, pixels, Usage. {HOW_TO_GET_IT}")
        for row in reader:
            where = f"{path}, line {reader.line_num}"
            images.append(_csv_image(row["pixels"], where))
            labels.append(_csv_label(row["emotion"], where))
            if row["Usage"] not in USAGES:
                raise Problem(f"{where}: unknown usage {row['Usage']!r}. {HOW_TO_GET_IT}")
            usages.append(row["Usage"])
    pairs = zip(usages, (LABELS[label] for label in labels), strict=True)
    _require_all_classes(path, set(pairs))
    names = [f"{usage}_row{row:05d}" for row, usage in enumerate(usages)]
    return Arrays(np.stack(images), np.array(labels, np.int64), np.array(names), np.array(usages))


def _csv_image(text, where):
    try:
        pixels = np.array((text or "").split(), dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise Problem(f"{where}: a pixel is not an integer. {HOW_TO_GET_IT}") from error
    if pixels.size != SIDE * SIDE:
        raise Problem(f"{where}: {pixels.size} pixels instead of {SIDE * SIDE}. {HOW_TO_GET_IT}")
    if pixels.min() < 0 or pixels.max() > 255:
        raise Problem(f"{where}: a pixel is outside 0-255. {HOW_TO_GET_IT}")
    return pixels.astype(np.uint8).reshape(SIDE, SIDE)


def _csv_label(text, where):
    if text not in tuple("0123456"):
        raise Problem(f"{where}: label {text!r} is not one of 0-6. {HOW_TO_GET_IT}")
    return LABELS.index(CSV_LABELS[int(text)])


def pixel_hash(image):
    """Hash an image's pixels: equal for equal pixels, and in practice different for others.

    Args:
        image: `(48, 48)` uint8.

    Returns:
        The first 16 hex digits of the SHA-256 of its 2304 bytes.
    """
    return hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest()[:16]


def check(path, arrays):
    """Check that arrays are FER2013, complete and undamaged.

    Kaggle's images are compared with the manifest, pixel for pixel (by hash). The csv, whose rows
    have no file names and were not compressed, is checked by its number of images of each class.

    Args:
        path: Where the arrays were read from.
        arrays: The `Arrays`.

    Raises:
        Problem: If an image is missing, damaged, or not of FER2013.
    """
    _check_counts(path, arrays)
    if Path(path).suffix.lower() != ".csv":
        _check_pixels(path, arrays)


def _check_counts(path, arrays):
    for usage, expected in COUNTS.items():
        counts = np.bincount(arrays.labels[arrays.usages == usage], minlength=len(LABELS))
        wrong = ", ".join(
            f"{found} not {wanted} {label}"
            for label, found, wanted in zip(LABELS, counts, expected, strict=True)
            if found != wanted
        )
        if wrong:
            raise Problem(f"{path}: {usage} has {wrong} images. {HOW_TO_GET_IT}")


def _check_pixels(path, arrays):
    import pandas

    recorded = pandas.read_csv(paths.MANIFEST, usecols=["name", "pixels"], dtype=str)
    recorded = dict(zip(recorded["name"], recorded["pixels"], strict=True))
    for name, image in zip(arrays.names, arrays.images, strict=True):
        if recorded.get(name) != pixel_hash(image):
            state = "is damaged" if name in recorded else "is not an image of FER2013"
            raise Problem(f"{path}: {name} {state}. {HOW_TO_GET_IT}")


def read_checked(path):
    """Read and check FER2013, through a cache of the decoded images in the user's cache folder.

    The cache is keyed by the source's size and time of change; a damaged one is regenerated.

    Args:
        path: Kaggle's folder, a zip of it, or `fer2013.csv`.

    Returns:
        The `Arrays`.

    Raises:
        Problem: If FER2013 is incomplete or damaged, or the cache cannot be written.
    """
    path = Path(path)
    cache = paths.cache_folder() / f"fer2013-{_fingerprint(path)}.npz"
    arrays = _read_cache(cache)
    if arrays is None:
        arrays = read(path)
        check(path, arrays)
        _write_cache(cache, arrays)
    return arrays


def _read_cache(cache):
    """The cached `Arrays`; None if there is no cache, or a damaged one."""
    if not cache.exists():
        return None
    try:
        # A zip file verifies its own checksums. Of a damaged one np.load would not close the file.
        with open(cache, "rb") as file, np.load(file) as stored:
            return Arrays(*(stored[field] for field in Arrays._fields))
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, EOFError) as error:
        print(f"{cache}: damaged ({error}), regenerated", file=sys.stderr)
        return None


def _write_cache(cache, arrays):
    try:
        with paths.write_atomically(cache) as temporary:
            np.savez(temporary, **arrays._asdict())
    except OSError as error:
        raise Problem(
            f"{cache}: cannot be written ({error.strerror}). Set FER_CACHE= to a folder of yours."
        ) from error


def _fingerprint(path):
    """Short hash of the path, size and time of change of the source, or of its every file."""
    try:
        files = _folder_members(path) if path.is_dir() else [(path.name, path)]
        facts = [(member, file.stat()) for member, file in files]
    except OSError as error:
        raise _unreadable(path, error) from error
    lines = sorted(f"{member} {status.st_size} {status.st_mtime_ns}" for member, status in facts)
    return hashlib.sha256("\n".join([str(path.resolve()), *lines]).encode()).hexdigest()[:16]


def download():
    """Download FER2013 from Kaggle into `data/fer2013/` with kagglehub.

    Returns:
        Path of the folder.

    Raises:
        Problem: If the folder exists, the download fails (no network, no access), or what it
            brings is not FER2013.
    """
    folder = paths.DATA / "fer2013"
    if folder.exists():
        raise Problem(f"{folder} exists already. Remove it to download FER2013 again.")
    import kagglehub

    try:
        fetched = kagglehub.dataset_download(KAGGLE_DATASET)
    except Exception as error:  # kagglehub passes on what its many layers raise
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Problem(
            f"The download of {KAGGLE_DATASET} failed ({reason[:200]}). Check the network, or "
            "download the zip from Kaggle by hand and save it as data/fer2013.zip."
        ) from error
    check(fetched, read(fetched))
    with tempfile.TemporaryDirectory(dir=paths.DATA) as temporary:
        complete = Path(shutil.copytree(fetched, Path(temporary) / "fer2013"))
        complete.rename(folder)
    return folder
