"""The one door to trained models: runs, shipped files, and paths."""

import json
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from support.small_models import small_classifier, write_pooling_of_colors
from support.tolerances import PROBABILITIES

from fer_lib import data, models, paths, runs
from fer_lib.data import fer2013
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS
from fer_lib.models import litert, shipped
from fer_lib.training import recipes

FROZEN = replace(recipes.PAPER, name="small", size=48)
LAST_BLOCK = replace(FROZEN, trainable_from="block_15_add")
FINETUNED = replace(FROZEN, trainable_from="all")


@pytest.fixture(scope="module")
def faces():
    return data.load_synthetic_faces(12).images


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Folders of their own for runs and models."""
    monkeypatch.setattr(paths, "MODELS", tmp_path / "models")
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")
    paths.MODELS.mkdir()
    return tmp_path


@pytest.fixture
def backbone(monkeypatch):
    """A backbone at random in place of ImageNet's, whose weights a machine may lack."""
    keras.utils.set_random_seed(0)
    network = keras.applications.MobileNetV2(
        input_shape=(48, 48, 3), include_top=False, weights=None, name="backbone"
    )
    monkeypatch.setattr(models.backbone, "imagenet_backbone", lambda size: network)
    return network


def record(recipe, name="small-seed0"):
    info = {"recipe": json.loads(json.dumps(recipe.as_dict()))}
    table = pd.DataFrame(columns=["name", "split", "usage", "label", *LABELS])
    runs.save(runs.Run(name, info, pd.DataFrame({"epoch": [1]}), table))


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [FROZEN, LAST_BLOCK], ids=["frozen", "last block"])
def test_a_run_with_frozen_layers_gets_its_backbone_back(recipe, folders, backbone, faces):
    extractor = models.feature_extractor(backbone, 48, until=recipe.trainable_from)
    part = models.trainable_part(backbone, recipe, extractor.output_shape[1:])
    models.save(part, paths.MODELS / "small-seed0.keras")
    record(recipe)
    expected = part.predict(extractor.predict(faces, verbose=0), verbose=0)
    for name in ("small-seed0", paths.MODELS / "small-seed0.keras"):
        predicted = models.predict(models.load(name), faces)
        np.testing.assert_allclose(predicted, expected, **PROBABILITIES)


def test_a_frozen_run_is_completed_by_a_relative_path_too(folders, backbone, monkeypatch):
    models.save(models.head((1280,)), paths.MODELS / "small-seed0.keras")
    record(FROZEN)
    monkeypatch.chdir(folders)
    assert models.load("models/small-seed0.keras").input_shape == (None, 48, 48, 1)


def test_a_fine_tuned_run_is_complete_by_itself(folders, faces):
    trained = small_classifier()
    models.save(trained, paths.MODELS / "small-seed0.keras")
    record(FINETUNED)
    loaded = models.load("small-seed0")
    assert loaded.name == "classifier"
    np.testing.assert_allclose(
        models.predict(loaded, faces), trained.predict(faces, verbose=0), **PROBABILITIES
    )


def test_by_default_it_is_the_shipped_model():
    np.testing.assert_array_equal(
        models.load().get_weights()[0], models.load(shipped.KERAS).get_weights()[0]
    )


@pytest.mark.parametrize("name", shipped.FILES)
def test_shipped_files_are_found_from_anywhere(name, faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert models.find_file(name) == paths.MODELS / name
    probabilities = models.predict(models.load(name), faces)
    assert probabilities.shape == (12, 7) and probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=0.02)  # int8 rounds to 1/256


@pytest.mark.parametrize("name", [shipped.KERAS, shipped.FLOAT16])
def test_a_shipped_file_that_has_changed_is_refused(name, folders):
    (paths.MODELS / name).write_bytes((shipped.RECORD.parent / name).read_bytes()[:-1])
    with pytest.raises(Problem, match=f"{name} is not the file that was shipped. Restore it"):
        models.load(name)


def test_a_missing_shipped_file_is_explained(folders):
    with pytest.raises(Problem, match="float16.tflite is missing. Restore it with git."):
        models.load(shipped.FLOAT16)


@pytest.mark.parametrize("as_type", [str, lambda path: path], ids=["str", "Path"])
def test_files_are_loaded_by_path(as_type, tmp_path, faces):
    trained = small_classifier()
    models.save(trained, tmp_path / "mine.keras")
    loaded = models.load(as_type(tmp_path / "mine.keras"))
    np.testing.assert_allclose(
        models.predict(loaded, faces), trained.predict(faces, verbose=0), **PROBABILITIES
    )
    (tmp_path / "mine.tflite").write_bytes(shipped.path(shipped.INT8).read_bytes())
    loaded = models.load(as_type(tmp_path / "mine.tflite"), threads=1)
    assert isinstance(loaded, litert.LiteRTClassifier)
    np.testing.assert_allclose(
        models.predict(loaded, faces),
        models.predict(models.load(shipped.INT8), faces),
        **PROBABILITIES,
    )


def test_unknown_runs_and_missing_files_are_explained(folders):
    with pytest.raises(Problem, match="nothing"):
        models.load("nothing")
    record(FINETUNED)
    with pytest.raises(Problem, match="small-seed0.keras is missing.*fer train"):
        models.load("small-seed0")
    for name in ("nothing.keras", "nothing.tflite"):
        with pytest.raises(Problem, match=f"{name} does not exist. Check the path."):
            models.load(folders / name)


def test_damaged_models_are_explained(folders):
    record(FINETUNED)
    (paths.MODELS / "small-seed0.keras").write_bytes(b"not a model")
    with pytest.raises(Problem, match="small-seed0.keras is not a readable Keras model"):
        models.load("small-seed0")
    (folders / "text.tflite").write_text("not a model at all")
    with pytest.raises(Problem, match="text.tflite is not a LiteRT model"):
        models.load(folders / "text.tflite")


def test_models_of_something_else_are_explained(tmp_path):
    colors, colors_litert = write_pooling_of_colors(tmp_path)
    with pytest.raises(Problem, match=r"takes \(1, 8, 8, 3\) .*not a face classifier"):
        models.load(colors)
    with pytest.raises(Problem, match=r"takes \(1, 8, 8, 3\) .*not one gray 48×48 face"):
        models.load(colors_litert)


def test_a_head_of_no_recorded_run_is_no_face_classifier(folders):
    models.save(models.head((1280,)), folders / "head.keras")
    with pytest.raises(Problem, match=r"takes \(None, 1280\) .*not a face classifier"):
        models.load(folders / "head.keras")


@pytest.mark.slow
@pytest.mark.skipif(fer2013.locate() is None, reason="needs FER2013")
def test_the_papers_model_reproduces_its_recorded_predictions():
    recorded = runs.load("paper-seed0").predictions
    recorded = recorded[recorded["split"] == "test"].set_index("name")[list(LABELS)]
    test = data.load()
    test = test.select(pd.Index(test.names).isin(recorded.index)).select(slice(None, None, 3))
    test = test.select(np.linspace(0, len(test) - 1, 150).astype(int))
    try:
        classifier = models.load("paper-seed0")
    except Problem as problem:
        pytest.skip(str(problem))
    again = classifier.predict(test.images, batch_size=16, verbose=0)
    expected = recorded.loc[test.names].to_numpy()
    np.testing.assert_allclose(again, expected, **PROBABILITIES)
    np.testing.assert_array_equal(again.argmax(axis=1), expected.argmax(axis=1))
