"""Evaluating a model on the test sets, and the log of all evaluations on PrivateTest."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd

from fer_lib import data, evaluation, models, paths, runs
from fer_lib.evaluation import report
from fer_lib.exceptions import Problem
from fer_lib.models import shipped

LOG = paths.DATA / "looks.csv"
COLUMNS = [
    "date",
    "model",
    "accuracy",
    "macro F1",
    "calibration error",
    "agreement with people",
    "sha256",
]
OLD_NAMES = {"macro F": "macro F1"}  # the log's header and our name


def evaluate(name, dataset):
    """Evaluate a recorded run or a model file on PublicTest and PrivateTest.

    With FER2013 and the model file, the model predicts both test sets; a run that lacks predictions
    of PrivateTest gets them, and the evaluation is logged. Otherwise a run's recorded predictions
    are evaluated.

    Args:
        name: Run name, e.g. `"finetune-seed0"`, or path of a `.keras` or `.tflite` file.
        dataset: A `data.Dataset`.

    Returns:
        The metrics, as from `evaluation.report.table`.

    Raises:
        Problem: If there is no such run or model, or no predictions and no way to make them.
    """
    model_file = models.find_file(name)
    if dataset.source != data.FER2013 or not model_file.exists():
        return report.table(recorded_predictions(name))
    predictions, augmented = predict(models.load(name), dataset)
    scores = report.table(predictions, augmented)
    if model_file.suffix == ".keras" and model_file.stem in runs.names():
        add_private_test(model_file.stem, predictions)
    record_evaluation(model_file, scores)
    return scores


def recorded_predictions(name):
    """Read a run's predictions of both test sets.

    Args:
        name: Run name.

    Returns:
        The run's predictions, see `runs.Run`.

    Raises:
        Problem: If `name` is a model file, or the run has no predictions of PrivateTest.
    """
    if str(name) not in runs.names():
        raise Problem(f"Evaluating {name} needs FER2013. Run `fer data` for help.")
    predictions = runs.load(name).predictions
    if "PrivateTest" not in set(predictions["usage"]):
        raise Problem(
            f"Run {name} has no predictions of PrivateTest. Get its model and FER2013 to make them."
        )
    return predictions


def predict(model, dataset):
    """Predict both test sets, with and without test-time augmentation.

    Args:
        model: A classifier of `models.load`.
        dataset: A `data.Dataset` of FER2013.

    Returns:
        Two tables of predictions, as in `runs.Run`: of the images, and of each averaged with its
        horizontal flip.
    """
    tests = dataset.select(dataset.usages != "Training")
    plain = models.outputs(model, tests.images)
    flipped = models.outputs(model, tests.images[:, :, ::-1])
    averaged = {answer: (plain[answer] + flipped[answer]) / 2 for answer in plain}
    return [_as_table(tests, answers) for answers in (plain, averaged)]


def _as_table(tests, answers):
    parts = []
    for split, usage in (("validation", "PublicTest"), ("test", "PrivateTest")):
        chosen = tests.usages == usage
        part = {answer: values[chosen] for answer, values in answers.items()}
        parts.append((split, tests.select(chosen), part))
    return runs.predictions_table(parts)


def add_private_test(name, predictions):
    """Add PrivateTest to a run that was recorded without it; do nothing if it is there.

    Args:
        name: Run name.
        predictions: Table of predictions that holds PrivateTest.

    Raises:
        Problem: If the run is missing or corrupt.
    """
    run = runs.load(name)
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


def evaluations():
    """Read the log of all evaluations on PrivateTest, the oldest first.

    Returns:
        DataFrame with the columns `COLUMNS`: date, model (file name), accuracy, macro F1, and
        calibration error (0-1), agreement with people (0-1, of models that answer what people
        would say), and the model file's SHA-256 checksum. Empty if there is no log.
    """
    if not LOG.exists():
        return pd.DataFrame(columns=COLUMNS)
    return pd.read_csv(LOG).rename(columns=OLD_NAMES).reindex(columns=COLUMNS)


def record_evaluation(model_file, scores):
    """Log that a model was evaluated on PrivateTest, unless this very file is in the log already.

    Args:
        model_file: Path of the model.
        scores: Its metrics, as from `evaluation.report.table`.
    """
    checksum = shipped.sha256(model_file)
    entries = evaluations().to_dict("records")
    if any(entry["sha256"] == checksum for entry in entries):
        return
    private = scores[scores["part"] == "PrivateTest"].set_index("metric")["value"].round(4)
    metrics = private.reindex(
        ["accuracy", "macro F1", "expected calibration error", "agreement with people"]
    )
    today = datetime.now(UTC).date().isoformat()
    entries.append(dict(zip(COLUMNS, [today, model_file.name, *metrics, checksum], strict=True)))
    recorded_names = {new: old for old, new in OLD_NAMES.items()}
    with paths.write_atomically(LOG) as temporary:
        table = pd.DataFrame(entries, columns=COLUMNS).rename(columns=recorded_names)
        table.to_csv(temporary, index=False, lineterminator="\n")
