"""Evaluating a model on the test sets, and the list of all evaluations on PrivateTest."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from fer_lib import data, evaluation, models, paths, runs
from fer_lib.evaluation import report
from fer_lib.exceptions import Problem
from fer_lib.models import shipped

LOOKS = paths.DATA / "looks.csv"


def evaluate(name, dataset):
    """Judge a recorded run or a model file (`.keras`, `.tflite`) on both tests; returns `table`.

    With FER2013 and the model at hand its predictions are made anew, of each image and its mirror
    image; a run gets those of PrivateTest added if it lacks them, and the look is put on the list
    (`data/looks.csv`). Otherwise a run's recorded predictions are judged.
    Raises Problem if there is no such run or model, or nothing to judge it by.
    """
    place = models.find(name)
    if dataset.source == data.FER2013 and place.exists():
        tests = dataset.select(dataset.usages != "Training")
        plain, mirrored = _predictions(models.load(name), tests)
        scores = report.table(plain, mirrored)
        if place.suffix == ".keras" and place.stem in runs.names():
            _complete(runs.load(place.stem), plain)
        record_evaluation(place, scores)
        return scores
    if Path(name).suffix:
        raise Problem(f"to judge {name} needs the file and FER2013; `fer data` tells what is there")
    predictions = runs.load(name).predictions
    if "PrivateTest" not in set(predictions["usage"]):
        raise Problem(f"run {name} was not yet judged, which needs its model and FER2013")
    return report.table(predictions)


def _predictions(model, tests):
    """Tables of predictions, as a run's: of the images, and averaged with their mirror images."""
    plain = models.predict(model, tests.images)
    averaged = (plain + models.predict(model, tests.images[:, :, ::-1])) / 2
    parts = [("validation", "PublicTest"), ("test", "PrivateTest")]
    masks = [(split, tests.usages == usage) for split, usage in parts]
    return [
        runs.predictions_table([(split, tests.select(mask), p[mask]) for split, mask in masks])
        for p in (plain, averaged)
    ]


def _complete(run, predictions):
    """Add the predictions and the result of PrivateTest to a run that was trained without them."""
    if "PrivateTest" in set(run.predictions["usage"]):
        return
    test = predictions[predictions["usage"] == "PrivateTest"]
    labels, probabilities = runs.arrays(test)
    result = {
        "accuracy": round(evaluation.accuracy(labels, probabilities), 5),
        "loss": round(evaluation.negative_log_likelihood(labels, probabilities), 5),
        "images": len(labels),
    }
    info = {**run.info, "results": {**run.info["results"], "test": result}}
    table = pd.concat([run.predictions, test], ignore_index=True)
    runs.save(replace(run, info=info, predictions=table))


def record_evaluation(place, scores):
    """Note in `LOOKS` that this model met PrivateTest, unless the list has it already."""
    sums = shipped.sha256(place)
    looks = pd.read_csv(LOOKS) if LOOKS.exists() else pd.DataFrame(columns=["sha256"])
    if sums in set(looks["sha256"]):
        return
    private = scores[scores["part"] == "PrivateTest"].set_index("metric")["value"].round(4)
    look = {
        "date": datetime.now(UTC).date().isoformat(),
        "model": place.name,
        "accuracy": private["accuracy"],
        "macro F": private["macro F"],
        "calibration error": private["expected calibration error"],
        "sha256": sums,
    }
    looks = pd.concat([looks, pd.DataFrame([look])], ignore_index=True)
    with paths.write_atomically(LOOKS) as temporary:
        looks[list(look)].to_csv(temporary, index=False, lineterminator="\n")
