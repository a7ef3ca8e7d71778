"""FER+: what about ten people per image said of FER2013's images (Barsoum et al. 2016).

Each person chose one of ten options: FER2013's seven classes, contempt, unknown, or no face. The
votes (MIT License, Copyright (c) Microsoft Corporation) are not part of this repository; what this
module computes from them is: the manifest's columns of `COLUMNS`, and `load_vote_shares`.

An image's votes are found by the manifest's column `ferplus_row`. It was determined by comparing
FER+'s images with FER2013's pixel by pixel; the number in FER+'s image names is not the row,
because the numbering skips dropped images.

Source: E. Barsoum, C. Zhang, C. Canton Ferrer, Z. Zhang: Training Deep Networks for Facial
Expression Recognition with Crowd-Sourced Label Distribution. ICMI 2016, doi 10.1145/2993148.2993165
"""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import paths
from fer_lib.data import user_files
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS

FILE = "fer2013new.csv"
COMMIT = "ae2128abf776409c93e50cf7c9d87180673314e6"
URL = f"https://raw.githubusercontent.com/microsoft/FERPlus/{COMMIT}/{FILE}"
SHA256 = "9206e20d62f56475939f516847d61753e4860caeac9718b560129541b776fc2c"
HOW_TO_GET_IT = "Get the file with `fer data --download` (see data/README.md)."

SHARES = paths.DATA / "vote_shares.csv"

# The options in the order of the file's columns, under this course's names.
OPTIONS = (
    "neutral",
    "happy",
    "surprise",
    "sad",
    "angry",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "no face",
)
COLUMNS = ["votes", "crowd", "crowd_share", "label_share", "entropy"]
MIN_VOTES = 5  # with fewer votes for the seven classes, an image has no class of the crowd


def locate():
    """Find the user's FER+ votes: where the environment's `FERPLUS` points, or else in `data/`.

    Returns:
        Path of `fer2013new.csv`; None if there is none.

    Raises:
        Problem: If the environment's `FERPLUS` points to something that is not there.
    """
    named = user_files.named("FERPLUS")
    path = named or paths.DATA / FILE
    return path if named or path.exists() else None


def download():
    """Download the FER+ votes of the pinned commit into `data/`.

    Returns:
        Path of the file.

    Raises:
        Problem: If the download fails, or brings another file.
    """
    return user_files.download("the FER+ votes", URL, SHA256, paths.DATA / FILE, "FERPLUS")


def read(path):
    """Read the votes.

    Args:
        path: `fer2013new.csv`.

    Returns:
        Numbers of votes, int `(35887, 10)`, columns in the order of `OPTIONS`. The rows of images
        that FER+ dropped have no votes.

    Raises:
        Problem: If the file can't be read, or is not that of the pinned commit.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}. Correct the path or its permissions.") from error
    content = content.replace(b"\r\n", b"\n")  # git may have changed the line ends
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise Problem(
            f"{path}: not the complete FER+ votes of commit {COMMIT[:7]}. {HOW_TO_GET_IT}"
        )
    rows = [line.split(",")[2:] for line in content.decode().splitlines()[1:]]
    return np.array(rows, dtype=int)


def report():
    """Describe in a line where the votes are.

    Raises:
        Problem: If they are there but incomplete or damaged.
    """
    path = locate()
    if path is None:
        return f"No FER+ votes here; only training on votes needs them. {HOW_TO_GET_IT}"
    read(path)
    return f"The FER+ votes are at {path}, complete and undamaged."


def votes_of(manifest, votes):
    """Find the votes for each image; exact duplicates share their votes.

    FER+ asked about each copy of an image separately. Copies have the same pixels, so all their
    votes are about the same image. A copy that FER+ dropped gets the votes of the others.

    Args:
        manifest: The table of `manifest.load`.
        votes: What `read` returns.

    Returns:
        Numbers of votes, int `(n, 10)`, zeros where there are none.
    """
    rows, groups = manifest["ferplus_row"], manifest["duplicate_group"]
    image = groups.where(groups > 0, -1 - np.arange(len(groups)))  # the same for exact duplicates
    # Which of several copies has which row is arbitrary, and two copies may have the same one.
    distinct = pd.DataFrame({"image": image, "row": rows})[rows >= 0].drop_duplicates()
    pooled = pd.DataFrame(votes[distinct["row"]]).groupby(distinct["image"].to_numpy()).sum()
    return pooled.reindex(image, fill_value=0).to_numpy()


def statistics(labels, votes):
    """Summarize the votes for each image; the manifest records these columns.

    Only votes for FER2013's seven classes count. As in FER+, the crowd's class needs more than
    half of them; here, it also needs five.

    Args:
        labels: FER2013's labels, `(n,)` str.
        votes: What `votes_of` returns.

    Returns:
        DataFrame with the columns `COLUMNS`: votes for the seven classes; crowd (the class of the
        majority, missing if there is none); crowd_share (share of the class with most votes, 0-1);
        label_share (share of FER2013's label, 0-1); entropy (of the votes, in bits). The last
        three are missing for images without votes.
    """
    from scipy.stats import entropy

    seven = votes[:, [OPTIONS.index(label) for label in LABELS]]
    count = seven.sum(axis=1)
    with np.errstate(invalid="ignore"):
        shares = seven / count[:, np.newaxis]
        bits = entropy(shares, axis=1, base=2)
    own = shares[np.arange(len(shares)), [LABELS.index(label) for label in labels]]
    most = shares.max(axis=1)
    decided = (count >= MIN_VOTES) & (most > 0.5)
    crowd = np.where(decided, np.array(LABELS)[seven.argmax(axis=1)], None)
    table = pd.DataFrame(dict(zip(COLUMNS, [count, crowd, most, own, bits], strict=True)))
    return table.round(4)


def protocol_classes(rows, votes):
    """Find each image's class by FER+'s own protocol, with which published numbers are measured.

    It counts eight classes, FER2013's seven and contempt. A single vote for an option counts as
    none. An image without a majority, or whose majority is "unknown" or "no face", has no class.
    Each row stands for itself: exact duplicates don't share their votes.

    Args:
        rows: The manifest's column ferplus_row, `(n,)`.
        votes: What `read` returns.

    Returns:
        Classes `(n,)`, str or None.
    """
    counted = np.where(votes > 1, votes, 0)
    most = counted.argmax(axis=1)
    classes = np.array(OPTIONS, dtype=object)[most]
    decided = counted.max(axis=1) > counted.sum(axis=1) / 2
    classes[~decided | (most >= OPTIONS.index("unknown"))] = None
    return np.where(rows >= 0, classes[rows], None)


def vote_shares(manifest, votes):
    """Average the votes over the images of a label, and over the images of another vote.

    Args:
        manifest: The table of `manifest.load`.
        votes: What `votes_of` returns.

    Returns:
        DataFrame as `load_vote_shares` describes.
    """
    parts = {}
    for usage in manifest["usage"].unique():
        here = (manifest["usage"] == usage).to_numpy() & (votes.sum(axis=1) > 1)
        of_label = manifest["label"].to_numpy()[here, np.newaxis] == np.array(LABELS)
        shares = votes[here] / votes[here].sum(axis=1, keepdims=True)
        parts[usage, "label"] = pd.DataFrame(of_label.T.astype(float) @ shares, LABELS, OPTIONS)
        parts[usage, "voter"] = pd.DataFrame(_pairs(votes[here]), OPTIONS, OPTIONS)
    sums = pd.concat(parts, names=["usage", "given", "class"])
    images = sums.sum(axis=1)
    return sums.div(images, axis=0).round(5).assign(images=images.round(2))


def _pairs(votes):
    """How often one voter chooses row and another chooses column; each image sums to 1, `(10, 10)`.

    An image's pairs are all ordered pairs of two of its voters.
    """
    count = votes.sum(axis=1).astype(float)
    weight = 1 / (count * (count - 1))
    return (votes * weight[:, np.newaxis]).T @ votes - np.diag(weight @ votes)


def class_prior(shares):
    """Compute the class shares of the votes for Training images.

    Args:
        shares: What `load_vote_shares` returns.

    Returns:
        Array `(7,)`, in `LABELS` order; sums to 1.
    """
    of_labels = shares.xs(("Training", "label"), level=("usage", "given"))
    votes = of_labels[list(LABELS)].mul(of_labels["images"], axis=0).sum().to_numpy()
    return votes / votes.sum()


def write_vote_shares(table):
    """Write what `vote_shares` returns to `data/vote_shares.csv`."""
    with paths.write_atomically(SHARES) as temporary:
        table.to_csv(temporary, lineterminator="\n")


def load_vote_shares():
    """Load the recorded averages of the votes.

    Returns:
        DataFrame indexed by usage, given, and class. Columns: the mean share of votes (0-1) for
        each of `OPTIONS`, and images. Where given is "label", a row averages over the images of
        that FER2013 label. Where it is "voter", it says what the *other* voters of an image chose
        when one voter chose that class: people's own confusion matrix. Each image weighs 1, so
        there `images` is the sum of that option's shares.
    """
    return pd.read_csv(SHARES, index_col=["usage", "given", "class"])
