from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from fer_lib import data, evaluation, models, paths, runs
from fer_lib.analysis import test_set
from fer_lib.data import manifest
from fer_lib.evaluation import report
from fer_lib.exceptions import Problem


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "MODELS", tmp_path / "models")
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(test_set, "LOOKS", tmp_path / "looks.csv")
    facts = pd.DataFrame({"name": [""], "duplicate_group": [0], "near_group": [0]})
    monkeypatch.setattr(manifest, "load", lambda: facts)
    return tmp_path


@pytest.fixture(scope="module")
def faces():
    return replace(data.load_drawn_faces(300), source=data.FER2013)


@pytest.fixture
def trained(folders, faces):
    """A recorded run "small-seed0", trained without a look at PrivateTest, and its classifier."""
    keras.utils.set_random_seed(0)
    images = keras.Input((48, 48, 1))
    hidden = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(images))
    classifier = keras.Model(images, keras.layers.Dense(7, activation="softmax")(hidden))
    models.save(classifier, paths.MODELS / "small-seed0.keras")
    public = faces.usage("PublicTest")
    table = runs.predictions_table([("validation", public, classifier.predict(public.images))])
    info = {"results": {"validation": {"accuracy": 0.5}}}
    runs.save(runs.Run("small-seed0", info, pd.DataFrame({"epoch": [1]}), table))
    return classifier


def test_a_run_is_judged_completed_and_put_on_the_list(trained, faces):
    scores = test_set.evaluate("small-seed0", faces)
    private = faces.usage("PrivateTest")
    probabilities = trained.predict(private.images, verbose=0)
    mirrored = trained.predict(private.images[:, :, ::-1], verbose=0)
    table = scores.set_index(["part", "metric"])
    accuracy = evaluation.accuracy(private.labels, probabilities)
    assert table.loc[("PrivateTest", "accuracy"), "value"] == pytest.approx(accuracy)
    averaged = evaluation.accuracy(private.labels, (probabilities + mirrored) / 2)
    flipped = table.loc[("PrivateTest", "accuracy, flips averaged"), "value"]
    assert flipped == pytest.approx(averaged)
    run = runs.load("small-seed0")
    assert run.info["results"]["test"]["accuracy"] == pytest.approx(accuracy, abs=1e-5)
    np.testing.assert_allclose(run.split("test")[1], probabilities, atol=1e-5)
    looks = pd.read_csv(test_set.LOOKS)
    assert looks["model"].tolist() == ["small-seed0.keras"]
    assert looks["accuracy"][0] == pytest.approx(accuracy, abs=1e-4)


def test_looking_again_is_no_new_look(trained, faces):
    for _ in range(2):
        test_set.evaluate("small-seed0", faces)
        test_set.evaluate(paths.MODELS / "small-seed0.keras", faces)
    assert len(pd.read_csv(test_set.LOOKS)) == 1
    assert len(runs.load("small-seed0").predictions) == (faces.usages != "Training").sum()


def test_without_fer2013_the_recorded_predictions_are_judged(trained, faces):
    with pytest.raises(Problem, match="not yet judged"):
        test_set.evaluate("small-seed0", data.load_drawn_faces(70))
    first = test_set.evaluate("small-seed0", faces)
    again = test_set.evaluate("small-seed0", data.load_drawn_faces(70))
    shared = first[~first["metric"].str.contains("flips")].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, shared, atol=1e-4)


def test_a_model_file_needs_fer2013(trained):
    with pytest.raises(Problem, match="needs the file and FER2013"):
        test_set.evaluate(paths.MODELS / "small-seed0.keras", data.load_drawn_faces(70))


def test_what_is_no_classifier_is_explained(folders, faces):
    with pytest.raises(Problem, match="no such run"):
        test_set.evaluate("nothing", faces)
    with pytest.raises(Problem, match="nothing.tflite: no such file"):
        test_set.evaluate(folders / "nothing.tflite", faces)
    (folders / "text.keras").write_text("no model")
    with pytest.raises(Problem, match="text.keras: not a readable Keras model"):
        test_set.evaluate(folders / "text.keras", faces)
    images = keras.Input((48, 48, 3))
    other = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    models.save(other, folders / "other.keras")
    with pytest.raises(Problem, match="not a face classifier"):
        test_set.evaluate(folders / "other.keras", faces)
    assert not test_set.LOOKS.exists()


def test_text_has_a_row_a_metric_and_percent(trained, faces):
    text = report.as_text(test_set.evaluate("small-seed0", faces))
    assert list(text.columns) == ["PublicTest", "PrivateTest", "both"]
    assert text.index[0] == "accuracy" and "recall of disgust" in text.index
    assert text.loc["accuracy", "both"].endswith("]")
    assert "[" not in text.loc["expected calibration error", "both"]
