"""The small network from scratch: built, trained, and recorded."""

import numpy as np
import pytest

from fer_lib import data, evaluation, paths, runs
from fer_lib.models import summary
from fer_lib.training import recipes, small_cnn


def test_it_takes_images_and_returns_probabilities():
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype(np.float32)
    probabilities = small_cnn.build().predict(images, verbose=0)
    assert probabilities.shape == (3, 7)
    assert np.allclose(probabilities.sum(axis=1), 1, rtol=1e-3)


def test_its_layers_get_smaller_and_more_numerous():
    table = summary.table(small_cnn.build())
    assert table["output"].to_list()[-4:] == [(6, 6, 64), (2304,), (128,), (7,)]


def test_a_run_on_synthetic_faces_is_recorded_in_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_CACHE", str(tmp_path))
    monkeypatch.setattr(small_cnn, "EPOCHS", 2)
    run = small_cnn.record(data.load_synthetic_faces(300), seed=3, verbose=0)
    read = runs.load("small-cnn-seed3", tmp_path / "runs")
    assert read.predictions.equals(run.predictions)
    assert read.history["epoch"].to_list() == [1, 2]
    labels, probabilities = read.split("test")
    result = read.info["results"]["test"]
    assert result["accuracy"] == pytest.approx(evaluation.accuracy(labels, probabilities), abs=1e-3)
    assert result["loss"] == pytest.approx(
        evaluation.negative_log_likelihood(labels, probabilities), rel=1e-3
    )


def test_the_recorded_runs_are_of_fer2013_and_differ_only_in_their_seed():
    recorded = runs.of_recipe(recipes.SMALL_CNN)
    assert [run.info["seed"] for run in recorded] == list(range(len(recorded)))
    assert len(recorded) >= 3
    assert {run.info["data"]["source"] for run in recorded} == {data.FER2013}
    assert len({str(run.info["recipe"]) for run in recorded}) == 1
    sizes = {(len(run.split("validation")[0]), len(run.split("test")[0])) for run in recorded}
    assert sizes == {(7174, 7178)}
    assert all((paths.RUNS / run.name / "history.csv").exists() for run in recorded)
