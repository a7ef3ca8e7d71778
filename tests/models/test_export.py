import json

import numpy as np
import pandas as pd
import pytest
from support.small_models import small_classifier
from support.tolerances import PROBABILITIES

from fer_lib import data, evaluation, models, paths, runs
from fer_lib.data import fer2013, ferplus, manifest
from fer_lib.exceptions import Problem
from fer_lib.labels import ANSWERS, LABEL, LABELS, PEOPLE
from fer_lib.models import export, shipped


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A recorded run of the small classifier in folders of its own, and its faces."""
    monkeypatch.setattr(paths, "MODELS", tmp_path / "models")
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    monkeypatch.setattr(shipped, "RECORD", tmp_path / "models" / "expression-classifier.json")
    drawn = data.load_synthetic_faces(700)
    faces = data.Dataset(drawn.images, drawn.labels, drawn.names, drawn.usages, data.FER2013)
    classifier = small_classifier()
    models.save(classifier, paths.MODELS / "small-seed0.keras")
    public = faces.usage("PublicTest")
    probabilities = classifier.predict(public.images, verbose=0)
    table = runs.predictions_table([("validation", public, probabilities)])
    runs.save(runs.Run("small-seed0", {}, pd.DataFrame({"epoch": [1]}), table))
    return faces


def test_exported_models_are_the_calibrated_run(run):
    record = export.export("small-seed0", run)
    recorded = runs.load("small-seed0")
    labels, probabilities = recorded.usage("PublicTest")
    temperature, biases = evaluation.fit_temperature_and_biases(labels, probabilities)
    fitted = record["calibration"]["label"]
    assert fitted["temperature"] == pytest.approx(temperature, abs=1e-3)
    assert fitted["biases"] == pytest.approx(biases.tolist(), abs=1e-3)
    assert abs(temperature - 1) > 0.05, "a temperature of one would show nothing"
    assert np.abs(biases).max() > 0.05, "biases of zero would show nothing"
    expected = evaluation.with_temperature(probabilities, temperature, biases)
    images = run.usage("PublicTest").images
    np.testing.assert_allclose(models.load().predict(images, verbose=0), expected, **PROBABILITIES)
    np.testing.assert_allclose(models.load(shipped.FLOAT16)(images), expected, atol=2e-3)
    np.testing.assert_allclose(models.load(shipped.INT8)(images), expected, atol=0.1)
    assert json.loads(shipped.RECORD.read_text()) == record


def test_each_answer_is_calibrated_by_its_own_judge(run, monkeypatch):
    """The label's by labels, the people's by the crowd's classes and the class prior."""
    classifier = small_classifier(ANSWERS)
    models.save(classifier, paths.MODELS / "small-seed0.keras")
    public = run.usage("PublicTest")
    exact = classifier.predict(public.images, verbose=0)
    table = runs.predictions_table([("validation", public, exact)])
    recorded = runs.Run("small-seed0", {}, pd.DataFrame({"epoch": [1]}), table)
    runs.save(recorded)
    crowd = np.roll(LABELS, 1)[public.labels]
    facts = pd.DataFrame({"name": public.names, "usage": "PublicTest", "crowd": crowd})
    monkeypatch.setattr(manifest, "load", lambda: facts.assign(near_group=0))
    calibration = export.export("small-seed0", run)["calibration"]
    label, probabilities = recorded.usage("PublicTest")
    temperature, biases = evaluation.fit_temperature_and_biases(label, probabilities)
    assert calibration[LABEL]["temperature"] == pytest.approx(temperature, abs=1e-3)
    prior = ferplus.class_prior(ferplus.load_vote_shares())
    biases = evaluation.prior_biases(prior, evaluation.PRIOR_EXPONENT)
    assert np.ptp(biases) > 0.5, "the same biases for all classes would show nothing"
    scaled = np.array(calibration[PEOPLE]["biases"]) * calibration[PEOPLE]["temperature"]
    assert scaled == pytest.approx(biases, abs=1e-3)
    expected = evaluation.with_temperature(exact[PEOPLE], **calibration[PEOPLE])
    for name in (shipped.KERAS, shipped.FLOAT16):
        found = models.outputs(models.load(name), public.images)
        # Before the temperature, the smallest probabilities are raised to MIN_PROBABILITY.
        np.testing.assert_allclose(found[PEOPLE], expected, atol=0.02)
        assert np.abs(found[PEOPLE] - found[LABEL]).max() > 0.01
    lite = models.load(shipped.FLOAT16)
    assert set(lite.answers) == set(ANSWERS)
    np.testing.assert_array_equal(lite(public.images), found[PEOPLE])
    assert shipped.run().answers == ANSWERS


@pytest.mark.slow
def test_the_shipped_run_predicts_what_the_shipped_model_does(run):
    export.export("small-seed0", run)
    labels, expected = shipped.run().usage("PublicTest")
    public = run.usage("PublicTest")
    assert labels.tolist() == public.labels.tolist()
    predicted = models.load().predict(public.images, verbose=0)
    np.testing.assert_allclose(predicted, expected, **PROBABILITIES)


def test_export_needs_fer2013(run):
    with pytest.raises(Problem, match="need FER2013"):
        export.export("small-seed0", data.load_synthetic_faces(70))


def test_a_changed_or_missing_model_is_noticed(run):
    export.export("small-seed0", run)
    file = paths.MODELS / shipped.FLOAT16
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(Problem, match="not the file that was shipped. Restore it with git."):
        models.load(shipped.FLOAT16)
    file.unlink()
    with pytest.raises(Problem, match="float16.tflite is missing. Restore it with git."):
        models.load(shipped.FLOAT16)
    shipped.RECORD.write_text("{")
    with pytest.raises(Problem, match="classifier.json cannot be read"):
        models.load()


def test_the_shipped_models_are_small_and_intact():
    """Limits of the course: 10, 5, and 3 MB."""
    for name, megabytes in zip(shipped.FILES, (10, 5, 3), strict=True):
        assert shipped.path(name).stat().st_size <= megabytes * 1e6
    assert shipped.record()["run"] in runs.names()


@pytest.mark.skipif(fer2013.locate() is None, reason="needs FER2013")
@pytest.mark.parametrize(
    "name", [pytest.param(shipped.KERAS, marks=pytest.mark.slow), shipped.FLOAT16]
)
def test_the_shipped_models_reproduce_the_recorded_predictions(name):
    """LiteRT's weights are rounded to 16 bits, hence its tolerance."""
    test = data.load().usage("PrivateTest").select(slice(0, 700))
    recorded = shipped.run()
    table = recorded.predictions.set_index("name").loc[test.names]
    again = models.outputs(models.load(name), test.images)
    assert set(again) == set(recorded.answers)
    for answer, found in again.items():
        expected = table[runs.columns(answer)].to_numpy()
        if name == shipped.KERAS:
            np.testing.assert_allclose(found, expected, **PROBABILITIES)
            np.testing.assert_array_equal(found.argmax(axis=1), expected.argmax(axis=1))
        else:
            np.testing.assert_allclose(found, expected, atol=0.05)
            assert np.mean(found.argmax(axis=1) == expected.argmax(axis=1)) >= 0.99
