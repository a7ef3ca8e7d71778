"""Baselines: one ignores the image, the other is linear in its pixels."""

import numpy as np
import pytest

from fer_lib import data, evaluation, paths, runs
from fer_lib.data import fer2013
from fer_lib.training import baselines


@pytest.fixture(scope="module")
def faces():
    return data.load_synthetic_faces(1200)


def test_class_frequencies_always_predict_the_most_frequent_class():
    probabilities = baselines.class_frequencies(np.array([3, 3, 3, 5]), count=2)
    assert probabilities.tolist() == [[0, 0, 0, 0.75, 0, 0.25, 0]] * 2


@pytest.mark.slow
def test_logistic_regression_beats_the_most_frequent_class(faces):
    split = data.official_split(faces)
    classifier = baselines.logistic_regression_on_pixels(split.training)
    probabilities = classifier.predict_proba(baselines.pixels(split.test))
    majority = baselines.class_frequencies(split.training.labels, len(split.test))
    assert evaluation.accuracy(split.test.labels, probabilities) > evaluation.accuracy(
        split.test.labels, majority
    )


def test_a_baseline_on_synthetic_faces_is_recorded_in_the_cache(faces, monkeypatch, tmp_path):
    monkeypatch.setenv("FER_CACHE", str(tmp_path))
    run = baselines.record(faces)
    read = runs.load(baselines.LOGISTIC_REGRESSION, tmp_path / "runs")
    assert read.predictions.equals(run.predictions)
    assert read.history.empty
    labels, probabilities = read.split("test")
    accuracy = evaluation.accuracy(labels, probabilities)
    assert read.info["results"]["test"]["accuracy"] == pytest.approx(accuracy, abs=1e-3)


@pytest.mark.skipif(fer2013.locate() is None, reason="needs FER2013")
@pytest.mark.slow
def test_the_recorded_baseline_can_be_reproduced(monkeypatch, tmp_path):
    recorded = runs.load(baselines.LOGISTIC_REGRESSION)
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    run = baselines.record(data.load())
    assert run.info["data"] == recorded.info["data"]
    for result, again in zip(
        recorded.info["results"].values(), run.info["results"].values(), strict=True
    ):
        assert again["accuracy"] == pytest.approx(result["accuracy"], abs=0.005)
