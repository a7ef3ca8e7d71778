"""The trained models that the course ships, and the sums by which a damaged one is noticed."""

import hashlib
import json
from dataclasses import replace

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS

KERAS = "expression-classifier.keras"
FLOAT16 = "expression-classifier-float16.tflite"
INT8 = "expression-classifier-int8.tflite"
FILES = (KERAS, FLOAT16, INT8)
RECORD = paths.MODELS / "expression-classifier.json"


def path(name):
    """Path of a shipped model, one of `FILES`, after its SHA-256 sum was checked.

    Raises Problem if the file is missing or not the one that was shipped.
    """
    place = paths.MODELS / name
    if not place.exists():
        raise Problem(f"{place}: missing; restore it with git")
    if sha256(place) != record()["files"][name]["sha256"]:
        raise Problem(f"{place}: not the file that was shipped; restore it with git")
    return place


def record():
    """What is known of the shipped models: run, calibration, versions, each file's sum and size."""
    try:
        return json.loads(RECORD.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(f"{RECORD}: cannot be read ({error}); restore it with git") from error


def run():
    """The run that the shipped models come from, its predictions calibrated as theirs are."""
    from fer_lib import evaluation, runs

    known = record()
    trained = runs.load(known["run"])
    _, probabilities = runs.arrays(trained.predictions)
    calibrated = evaluation.with_temperature(probabilities, known["temperature"], known["biases"])
    return replace(
        trained,
        predictions=trained.predictions.assign(**dict(zip(LABELS, calibrated.T, strict=True))),
    )


def sha256(place):
    """The file's SHA-256 sum, 64 hexadecimal digits."""
    with open(place, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
