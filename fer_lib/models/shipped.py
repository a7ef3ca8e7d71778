"""The trained models that the course ships, and the checksums that reveal a damaged one."""

import hashlib
import json

from fer_lib import evaluation, paths, runs
from fer_lib.exceptions import Problem

KERAS = "expression-classifier.keras"
FLOAT16 = "expression-classifier-float16.tflite"
INT8 = "expression-classifier-int8.tflite"
FILES = (KERAS, FLOAT16, INT8)
RECORD = paths.MODELS / "expression-classifier.json"


def path(name):
    """Get the path of a shipped model and verify its checksum (SHA-256).

    Args:
        name: One of `FILES`.

    Returns:
        Its `Path`.

    Raises:
        Problem: If the file is missing or has changed.
    """
    file = paths.MODELS / name
    if not file.exists():
        raise Problem(f"{file} is missing. Restore it with git.")
    if sha256(file) != record()["files"][name]["sha256"]:
        raise Problem(f"{file} is not the file that was shipped. Restore it with git.")
    return file


def record():
    """Read what is known about the shipped models.

    Returns:
        A dict: `"run"`, the run they come from; `"calibration"`, the `"temperature"` and the
        `"biases"` of each answer; `"versions"` of the packages that made them; and `"files"`, each
        one's `"sha256"` and size in `"bytes"`.

    Raises:
        Problem: If the record is missing or damaged.
    """
    try:
        return json.loads(RECORD.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{RECORD} cannot be read ({error}). Restore it with git.") from error


def run():
    """Load the run that the shipped models come from, its predictions calibrated like theirs.

    Returns:
        The `runs.Run`.

    Raises:
        Problem: If the record or the run is missing or damaged.
    """
    known = record()
    recorded = runs.load(known["run"])
    return evaluation.calibrated(recorded, known["calibration"])


def sha256(file):
    """Compute a file's SHA-256 checksum, as 64 hexadecimal digits."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
