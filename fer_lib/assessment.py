"""What `fer evaluate` does: a model's honest figures, and a list of all looks at PrivateTest."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from fer_lib import data, evaluation, manifest, model, paths, pretrained, recipes, runs
from fer_lib.labels import LABELS
from fer_lib.problems import Problem

LOOKS = paths.DATA / "looks.csv"
PARTS = {
    "PublicTest": ("PublicTest",),
    "PrivateTest": ("PrivateTest",),
    "both": ("PublicTest", "PrivateTest"),
}


def assess(name, dataset):
    """Judge a recorded run or a model file (`.keras`, `.tflite`) on both tests; returns `table`.

    With FER2013 and the model at hand its predictions are made anew, of each image and its mirror
    image; a run gets those of PrivateTest added if it lacks them, and the look is put on the list
    (`data/looks.csv`). Otherwise a run's recorded predictions are judged.
    Raises Problem if there is no such run or model, or nothing to judge it by.
    """
    place = model_file(name)
    if dataset.source == data.FER2013 and place.exists():
        tests = dataset.select(dataset.usages != "Training")
        plain, mirrored = _predictions(classifier(place), tests)
        scores = table(plain, mirrored)
        if place.suffix == ".keras" and place.stem in runs.names():
            _complete(runs.load(place.stem), plain)
        record_look(place, scores)
        return scores
    if Path(name).suffix:
        raise Problem(f"to judge {name} needs the file and FER2013; `fer data` tells what is there")
    predictions = runs.load(name).predictions
    if "PrivateTest" not in set(predictions["usage"]):
        raise Problem(f"run {name} was not yet judged, which needs its model and FER2013")
    return table(predictions)


def model_file(name):
    """Path of a recorded run's model, which may be missing, or of the model file named.

    Raises Problem if there is no such run or file.
    """
    if Path(name).suffix in (".keras", ".tflite"):
        if not Path(name).exists():
            raise Problem(f"{name}: no such file")
        return Path(name)
    runs.load(name)
    return paths.MODELS / f"{name}.keras"


def classifier(place):
    """The model of a `.keras` or `.tflite` file, as a function from images to probabilities.

    Raises Problem if the file is no classifier of faces (n, 48, 48, 1).
    """
    if place.suffix == ".tflite":
        from fer_lib import runtime

        return runtime.Classifier(place)
    recipe, _, seed = place.stem.rpartition("-seed")
    if place.parent == paths.MODELS and recipe in recipes.RECIPES:
        trained = model.load_classifier(recipes.find(recipe), int(seed))
    else:
        trained = model.read(place)
    shapes = trained.input_shape, trained.output_shape
    if shapes != ((None, 48, 48, 1), (None, 7)):
        raise Problem(f"{place}: takes {shapes[0]} and returns {shapes[1]}; not a face classifier")
    return lambda images: trained.predict(images, batch_size=256, verbose=0)


def _predictions(classify, tests):
    """Tables of predictions, as a run's: of the images, and averaged with their mirror images."""
    plain = classify(tests.images)
    averaged = (plain + classify(tests.images[:, :, ::-1])) / 2
    parts = [("validation", "PublicTest"), ("test", "PrivateTest")]
    masks = [(split, tests.usages == usage) for split, usage in parts]
    return [
        runs.predictions_table([(split, tests.select(mask), p[mask]) for split, mask in masks])
        for p in (plain, averaged)
    ]


def table(predictions, mirrored=None):
    """The figures, a row each: part, metric, value, low, high (95 % bootstrap; NaN without).

    predictions: a run's, of PublicTest and PrivateTest. mirrored: those averaged over each image
    and its mirror image. Everything in 0-1.
    """
    twins = evaluation.has_twin_in_training(predictions, manifest.load())
    rows = []
    for part, usages in PARTS.items():
        mask = predictions["usage"].isin(usages).to_numpy()
        twin = twins[mask]
        labels, probabilities = runs.arrays(predictions[mask])
        scores = _scores(labels, probabilities)
        scores["accuracy without twins"] = evaluation.interval(
            evaluation.accuracy, labels[~twin], probabilities[~twin]
        )
        if mirrored is not None:
            flipped = _overall(*runs.arrays(mirrored[mask]))
            scores |= {f"{metric}, flips averaged": score for metric, score in flipped.items()}
        rows += [(part, metric, *estimate) for metric, estimate in scores.items()]
    return pd.DataFrame(rows, columns=["part", "metric", "value", "low", "high"])


def _scores(labels, probabilities):
    """Accuracy, macro F, recalls and calibration error: {metric: Estimate}."""
    scores = _overall(labels, probabilities)
    recalls = evaluation.interval(evaluation.recalls, labels, probabilities)
    for index, label in enumerate(LABELS):
        scores[f"recall of {label}"] = evaluation.Estimate(*(end[index] for end in recalls))
    error = evaluation.expected_calibration_error(probabilities, labels)
    scores["expected calibration error"] = evaluation.Estimate(error, np.nan, np.nan)
    return scores


def _overall(labels, probabilities):
    return {
        name: evaluation.interval(metric, labels, probabilities)
        for name, metric in [("accuracy", evaluation.accuracy), ("macro F", evaluation.macro_f)]
    }


def as_text(scores):
    """`table` in percent with a column for each part, for reading."""

    def cell(row):
        text = f"{100 * row['value']:.1f}"
        return (
            text
            if np.isnan(row["low"])
            else f"{text} [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
        )

    cells = scores.assign(cell=scores.apply(cell, axis=1))
    wide = cells.pivot(index="metric", columns="part", values="cell")
    return wide.loc[scores["metric"].unique(), list(PARTS)]


def _complete(run, predictions):
    """Add the predictions and the result of PrivateTest to a run that was trained without them."""
    if "PrivateTest" in set(run.predictions["usage"]):
        return
    test = predictions[predictions["usage"] == "PrivateTest"]
    labels, probabilities = runs.arrays(test)
    result = {
        "accuracy": round(evaluation.accuracy(labels, probabilities), 5),
        "loss": round(evaluation.negative_log_likelihood(probabilities, labels), 5),
        "images": len(labels),
    }
    info = {**run.info, "results": {**run.info["results"], "test": result}}
    table = pd.concat([run.predictions, test], ignore_index=True)
    runs.save(replace(run, info=info, predictions=table))


def record_look(place, scores):
    """Note in `LOOKS` that this model met PrivateTest, unless the list has it already."""
    sums = pretrained.sha256(place)
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
