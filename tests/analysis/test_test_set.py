"""Evaluating runs and model files on both test sets, and the log of such evaluations."""

from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from fer_lib import data, evaluation, models, paths, runs
from fer_lib.analysis import test_set
from fer_lib.data import manifest
from fer_lib.exceptions import Problem
from fer_lib.training import recipes


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "MODELS", tmp_path / "models")
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(test_set, "LOG", tmp_path / "looks.csv")
    facts = pd.DataFrame({"name": [""], "duplicate_group": [0], "near_group": [0]})
    monkeypatch.setattr(manifest, "load", lambda: facts)
    return tmp_path


@pytest.fixture(scope="module")
def faces():
    return replace(data.load_synthetic_faces(300), source=data.FER2013)


@pytest.fixture
def trained(folders, faces):
    """The classifier of a recorded run "small-seed0", which has no predictions of PrivateTest."""
    keras.utils.set_random_seed(0)
    images = keras.Input((48, 48, 1))
    hidden = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    classifier = keras.Model(images, keras.layers.Dense(7, activation="softmax")(hidden))
    models.save(classifier, paths.MODELS / "small-seed0.keras")
    public = faces.usage("PublicTest")
    probabilities = classifier.predict(public.images, verbose=0)
    table = runs.predictions_table([("validation", public, probabilities)])
    recipe = recipes.find("finetune").as_dict()
    info = {"recipe": recipe, "results": {"validation": {"accuracy": 0.5}}}
    runs.save(runs.Run("small-seed0", info, pd.DataFrame({"epoch": [1]}), table))
    return classifier


def test_a_run_is_evaluated_completed_and_logged(trained, faces):
    scores = test_set.evaluate("small-seed0", faces)
    private = faces.usage("PrivateTest")
    probabilities = trained.predict(private.images, verbose=0)
    flipped = trained.predict(private.images[:, :, ::-1], verbose=0)
    table = scores.set_index(["part", "metric"])["value"]
    accuracy = evaluation.accuracy(private.labels, probabilities)
    assert table["PrivateTest", "accuracy"] == pytest.approx(accuracy)
    averaged = evaluation.accuracy(private.labels, (probabilities + flipped) / 2)
    assert table["PrivateTest", "accuracy, test-time augmentation"] == pytest.approx(averaged)
    run = runs.load("small-seed0")
    assert run.info["results"]["test"]["accuracy"] == pytest.approx(accuracy, abs=1e-5)
    # Recorded probabilities are rounded to five decimals.
    np.testing.assert_allclose(run.split("test")[1], probabilities, rtol=1e-3, atol=1e-5)
    logged = test_set.evaluations()
    assert logged["model"].tolist() == ["small-seed0.keras"]
    assert logged["accuracy"][0] == pytest.approx(accuracy, abs=1e-4)
    assert logged["macro F1"][0] == round(table["PrivateTest", "macro F1"], 4)


def test_evaluating_the_same_file_again_adds_nothing(trained, faces):
    for _ in range(2):
        test_set.evaluate("small-seed0", faces)
        test_set.evaluate(paths.MODELS / "small-seed0.keras", faces)
    assert len(test_set.evaluations()) == 1
    assert len(runs.load("small-seed0").predictions) == (faces.usages != "Training").sum()


def test_without_fer2013_the_recorded_predictions_are_evaluated(trained, faces):
    with pytest.raises(Problem, match="no predictions of PrivateTest"):
        test_set.evaluate("small-seed0", data.load_synthetic_faces(70))
    first = test_set.evaluate("small-seed0", faces)
    again = test_set.evaluate("small-seed0", data.load_synthetic_faces(70))
    shared = first[~first["metric"].str.contains("test-time augmentation")].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, shared, atol=1e-4)


def test_a_run_with_a_dot_in_its_name_is_no_model_file():
    name = "paper-96px-last-block-momentum-0.9-seed0"
    predictions = test_set.recorded_predictions(name)
    pd.testing.assert_frame_equal(predictions, runs.load(name).predictions)


def test_a_model_file_needs_fer2013(trained):
    with pytest.raises(Problem, match="small-seed0.keras needs FER2013"):
        test_set.evaluate(paths.MODELS / "small-seed0.keras", data.load_synthetic_faces(70))


def test_what_is_no_classifier_is_explained(folders, faces):
    with pytest.raises(Problem, match="no such run"):
        test_set.evaluate("nothing", faces)
    with pytest.raises(Problem, match="nothing.tflite does not exist"):
        test_set.evaluate(folders / "nothing.tflite", faces)
    (folders / "text.keras").write_text("no model")
    with pytest.raises(Problem, match="text.keras is not a readable Keras model"):
        test_set.evaluate(folders / "text.keras", faces)
    images = keras.Input((48, 48, 3))
    other = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    models.save(other, folders / "other.keras")
    with pytest.raises(Problem, match="not a face classifier"):
        test_set.evaluate(folders / "other.keras", faces)
    assert not test_set.LOG.exists()


ENTRY = pd.DataFrame(
    [["2026-01-31", "a.keras", 0.5, 0.4, 0.03, 0.8, "abc"]], columns=test_set.COLUMNS
)


@pytest.mark.parametrize("name", ["macro F", "macro F1"])
def test_the_log_is_read_under_old_and_new_names(folders, name):
    ENTRY.rename(columns={"macro F1": name}).to_csv(test_set.LOG, index=False)
    pd.testing.assert_frame_equal(test_set.evaluations(), ENTRY)


def test_new_evaluations_are_appended_under_the_recorded_header(folders):
    ENTRY.rename(columns={"macro F1": "macro F"}).to_csv(test_set.LOG, index=False)
    before = test_set.LOG.read_text()
    model_file = folders / "b.tflite"
    model_file.write_bytes(b"a model")
    names = ["accuracy", "macro F1", "expected calibration error"]
    scores = pd.DataFrame({"part": "PrivateTest", "metric": names, "value": [0.61, 0.52, 0.034]})
    test_set.record_evaluation(model_file, scores)
    after = test_set.LOG.read_text()
    assert after.startswith(before)
    assert ",b.tflite,0.61,0.52,0.034," in after.removeprefix(before)


def test_the_courses_log_is_read():
    logged = test_set.evaluations()
    assert list(logged.columns) == test_set.COLUMNS
    assert logged["macro F1"].between(0.6, 0.75).all()
    assert logged["sha256"].is_unique
