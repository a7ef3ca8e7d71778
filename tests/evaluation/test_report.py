"""The table and text that `fer evaluate` prints, from predictions of both test sets."""

import numpy as np
import pandas as pd
import pytest
from support.predictions import certain, random_predictions
from support.recorded_runs import run_of

from fer_lib import evaluation
from fer_lib.data import manifest
from fer_lib.evaluation import report
from fer_lib.labels import LABELS


@pytest.fixture
def predictions(monkeypatch):
    """Predictions of 300 PublicTest and 200 PrivateTest images; the last 100 have duplicates."""
    table = run_of(*random_predictions(500)).predictions
    table["usage"] = ["PublicTest"] * 300 + ["PrivateTest"] * 200
    names = [f"image {index}" for index in range(400, 500)]
    copies = [f"training {name}" for name in names]
    facts = pd.DataFrame({"name": names + copies, "near_group": 2 * list(range(1, 101))})
    monkeypatch.setattr(manifest, "load", lambda: facts)
    return table


def test_table_has_every_metric_on_every_part(predictions):
    table = report.table(predictions).set_index(["part", "metric"])
    labels, probabilities = random_predictions(500)
    metrics = ["accuracy", "macro F1", *(f"recall of {label}" for label in LABELS)]
    metrics += ["expected calibration error", "accuracy without duplicates"]
    assert list(table.index) == [(part, metric) for part in report.PARTS for metric in metrics]
    for part, chosen in zip(report.PARTS, (slice(300), slice(300, 500), slice(500)), strict=True):
        accuracy = evaluation.interval(evaluation.accuracy, labels[chosen], probabilities[chosen])
        assert tuple(table.loc[(part, "accuracy")]) == pytest.approx(tuple(accuracy))
    fresh = evaluation.accuracy(labels[300:400], probabilities[300:400])
    assert table.loc[("PrivateTest", "accuracy without duplicates"), "value"] == fresh


def test_augmented_predictions_add_rows(predictions):
    truth = pd.Categorical(predictions["label"], categories=LABELS).codes
    augmented = predictions.assign(**dict(zip(LABELS, certain(truth).T, strict=True)))
    table = report.table(predictions, augmented).set_index(["part", "metric"])
    for metric in ("accuracy", "macro F1"):
        assert table.loc[("PrivateTest", f"{metric}, test-time augmentation"), "value"] == 1
    assert table.loc[("PrivateTest", "accuracy"), "value"] < 1


def test_text_has_one_row_per_metric_and_percent(predictions):
    text = report.as_text(report.table(predictions))
    assert list(text.columns) == ["PublicTest", "PrivateTest", "PublicTest + PrivateTest"]
    assert text.index[0] == "accuracy" and "recall of disgust" in text.index
    assert text.loc["accuracy", report.BOTH].endswith("]")
    assert "[" not in text.loc["expected calibration error", report.BOTH]
    labels, probabilities = random_predictions(500)
    accuracy = 100 * np.mean(probabilities.argmax(axis=1) == labels)
    assert text.loc["accuracy", report.BOTH].startswith(f"{accuracy:.1f} [")
