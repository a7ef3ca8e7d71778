import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from fer_lib import data, models, paths, runs, training
from fer_lib.exceptions import Problem
from fer_lib.models import classifier, keras_file
from fer_lib.training import checkpoint, loop, recipes

FROZEN = replace(recipes.PAPER, name="small", size=48, epochs=6, patience=None, batch_size=16)
WHOLE = replace(
    recipes.FINETUNE_BRIEFLY,
    name="small-whole",
    size=48,
    epochs=2,
    batch_size=16,
    mixup=0.2,
    label_smoothing=0.1,
)

TRAIN_FROZEN = """
from dataclasses import replace
from fer_lib import data, recipes, training
recipe = replace(recipes.PAPER, name="small", size=48, epochs=6, patience=None, batch_size=16)
training.train(recipe, data.drawn_faces(160), verbose=0)
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def without_seconds(history):
    return history.drop(columns="seconds")


def test_a_run_on_drawn_faces_stays_out_of_the_repository(own_cache):
    faces = data.load_drawn_faces(160)
    run = training.train(FROZEN, faces, verbose=0)
    assert len(run.history) == 6
    assert run.history["loss"].iloc[-1] < run.history["loss"].iloc[0]
    assert set(run.predictions["split"]) == {"validation", "test"}
    split = data.paper_split(faces)
    assert len(run.predictions) == len(split.validation) + len(split.test)
    assert (own_cache / "runs" / "small-seed0" / "run.json").exists()
    assert (own_cache / "models" / "small-seed0.keras").exists()
    assert "small-seed0" not in runs.names()
    assert not list((own_cache / "training").iterdir())


def test_killed_training_goes_on_to_the_same_end(own_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "other"))
    whole = training.train(FROZEN, data.load_drawn_faces(160), verbose=0)
    environment = {**os.environ, "FER_CACHE": str(own_cache)}
    process = subprocess.Popen([sys.executable, "-c", TRAIN_FROZEN], env=environment)
    deadline = time.monotonic() + 120
    while not (written := list(own_cache.glob("training/*/history.csv"))):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    assert 1 <= len(pd.read_csv(written[0])) < 6, "killed too late to show anything"
    monkeypatch.setenv("FER_CACHE", str(own_cache))
    resumed = training.train(FROZEN, data.load_drawn_faces(160), verbose=0)
    pd.testing.assert_frame_equal(
        without_seconds(resumed.history), without_seconds(whole.history), atol=1e-4
    )
    pd.testing.assert_frame_equal(resumed.predictions, whole.predictions, atol=1e-3)


def test_a_checkpoint_brings_back_weights_and_optimizer(own_cache, monkeypatch):
    """Fine-tuning is not repeatable to the last bit, so its state is compared, not its end."""
    faces = data.load_drawn_faces(80)
    save, saved = checkpoint.save, []

    def interrupted(fitted, history, state):
        save(fitted, history, state)
        variables = [*fitted.variables, *fitted.optimizer.variables]
        saved.extend(keras.ops.convert_to_numpy(variable) for variable in variables)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        training.train(WHOLE, faces, verbose=0)
    task = training.prepare(WHOLE, data.official_split(faces), models.starting_backbone(48)[0])
    training.compile_model(task.model, WHOLE, len(task.training[1]))
    history = checkpoint.resume(task.model, next((own_cache / "training").iterdir()))
    assert len(history) == 1
    restored = [*task.model.variables, *task.model.optimizer.variables]
    for ours, theirs in zip(restored, saved, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(ours), theirs)


def test_interrupted_fine_tuning_goes_on_with_the_next_epoch(monkeypatch):
    faces = data.load_drawn_faces(80)
    save = checkpoint.save

    def interrupted(fitted, history, state):
        save(fitted, history, state)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        training.train(WHOLE, faces, verbose=0)
    monkeypatch.setattr(checkpoint, "save", save)
    run = training.train(WHOLE, faces, verbose=0)
    assert run.history["epoch"].tolist() == [1, 2]
    assert run.history["learning_rate"].is_monotonic_decreasing


def test_epochs_differ_and_repeat():
    inputs, labels = np.arange(100)[:, np.newaxis], np.arange(100)
    first, again = (training.Batches(inputs, labels, FROZEN, 0, 1) for _ in range(2))
    other = training.Batches(inputs, labels, FROZEN, 0, 2)
    np.testing.assert_array_equal(first.order, again.order)
    assert (first.order != other.order).any()
    seen = np.concatenate([first[index][1] for index in range(len(first))])
    np.testing.assert_array_equal(np.sort(seen), labels)


@pytest.mark.parametrize(
    "losses, stalled",
    [
        ([], False),
        ([3, 2, 1], False),
        ([1, 2, 2], False),
        ([1, 2, 2, 2], True),
        ([3, 1, 2, 1.5, 1.2], True),
    ],
)
def test_early_stopping_waits_three_epochs_for_a_lower_loss(losses, stalled):
    history = pd.DataFrame({"validation_loss": losses})
    assert training.has_stalled(history, 3) is stalled
    assert training.has_stalled(history, None) is False


def test_balanced_weights_make_every_class_weigh_the_same():
    labels = np.array([0] * 6 + [1] * 3 + [2])
    weights = training.balanced_class_weights(labels)
    totals = [weights[label] * (labels == label).sum() for label in range(3)]
    np.testing.assert_allclose(totals, len(labels) / 3)


def test_mirrored_features_double_the_training_set():
    from fer_lib.training.augmentation import Augmentation

    recipe = replace(FROZEN, augmentation=Augmentation(flip=True))
    split = data.paper_split(data.load_drawn_faces(80))
    task = training.prepare(recipe, split, models.starting_backbone(48)[0])
    assert len(task.training[0]) == len(task.training[1]) == 2 * len(split.training)
    assert len(task.validation[0]) == len(split.validation)


def test_targets_are_blended_and_smoothed():
    labels = np.array([0, 3])
    images = np.zeros((2, 48, 48, 1), np.uint8)
    plain = training.soft_targets(WHOLE, images, labels)
    assert plain[0, 0] == pytest.approx(0.9 + 0.1 / 7) and plain[0, 1] == pytest.approx(0.1 / 7)
    recipe = replace(WHOLE, label_smoothing=0.0, teacher_share=0.25)
    teacher = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten()])
    teacher.add(keras.layers.Dense(7, kernel_initializer="zeros", activation="softmax"))
    taught = training.soft_targets(recipe, images, labels, [teacher])
    np.testing.assert_allclose(taught, 0.75 * np.eye(7)[labels] + 0.25 / 7, atol=1e-6)


def test_mixup_blends_images_as_it_blends_their_targets():
    inputs = np.zeros((64, 48, 48, 1), np.uint8)
    inputs[32:] = 200
    targets = training.one_hot(np.repeat([0, 1], 32))
    recipe = replace(WHOLE, mixup=1.0, batch_size=64, augmentation=recipes.Augmentation())
    images, blended = training.Batches(inputs, targets, recipe, 0, 0)[0]
    np.testing.assert_allclose(images[:, 0, 0, 0] / 200, blended[:, 1], atol=1e-6)
    assert ((blended[:, 1] > 0.01) & (blended[:, 1] < 0.99)).any()


def test_the_average_takes_the_weights_place_after_an_epoch():
    inputs = keras.Input((2,))
    fitted = keras.Model(inputs, keras.layers.Dense(7, activation="softmax")(inputs))
    recipe = replace(WHOLE, weight_average=0.9, learning_rate=0.1)
    training.compile_model(fitted, recipe, 160)
    generator = np.random.default_rng(0)
    features, targets = generator.normal(size=(160, 2)), np.eye(7)[generator.integers(0, 7, 160)]
    seen = []
    keep = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(fitted.get_weights()[0].copy())
    )
    fitted.fit(features, targets, batch_size=16, verbose=0, callbacks=[keep])
    average = seen[0]
    for weights in seen[1:]:
        average = 0.9 * average + 0.1 * weights
    np.testing.assert_allclose(fitted.get_weights()[0], average, atol=1e-5)


def test_a_recipe_trains_first_what_it_builds_on(own_cache, monkeypatch):
    quick = replace(WHOLE, epochs=1, batch_size=40)
    first = replace(quick, name="first")
    second = replace(quick, name="second", starts_from="first", teachers=("first-seed0",))
    monkeypatch.setattr(recipes, "RECIPES", {"first": first})
    run = training.train(second, data.load_drawn_faces(80), verbose=0)
    assert run.info["starts from"] == "first-seed0"
    file = own_cache / "models" / "first-seed0.keras"
    written = file.stat().st_mtime_ns
    training.train(second, data.load_drawn_faces(80), verbose=0)
    assert file.stat().st_mtime_ns == written, "what is there is not trained again"


def test_a_result_can_be_averaged_with_its_start(own_cache, monkeypatch):
    def add_one(task, *_):
        task.model.set_weights([weight + 1 for weight in task.model.get_weights()])
        return pd.DataFrame({"epoch": [1], "seconds": [0.0]})

    monkeypatch.setattr(loop, "fit", add_one)
    first = replace(WHOLE, name="first")
    second = replace(first, name="second", starts_from="first", average_with_start=True)
    monkeypatch.setattr(recipes, "RECIPES", {"first": first})
    training.train(second, data.load_drawn_faces(80), verbose=0)
    start, result = (
        keras_file.read(own_cache / "models" / f"{name}-seed0.keras").get_weights()
        for name in ("first", "second")
    )
    for before, after in zip(start, result, strict=True):
        np.testing.assert_allclose(after, before + 0.5, atol=1e-5)


def test_a_recipe_comes_back_from_its_record():
    for recipe in recipes.RECIPES.values():
        assert recipes.Recipe.from_dict(json.loads(json.dumps(recipe.as_dict()))) == recipe


def test_what_older_records_lack_was_not_done():
    info = runs.load("finetune-8-epochs-seed0").info
    assert "mixup" not in info["recipe"]
    assert recipes.Recipe.from_dict(info["recipe"]) == recipes.FINETUNE_BRIEFLY


def test_features_are_computed_once_and_go_on_after_a_break(own_cache, monkeypatch):
    from fer_lib.training import features

    extractor = models.feature_extractor(models.starting_backbone(48)[0], 48)
    images = data.load_drawn_faces(50).images
    expected = extractor.predict(images, batch_size=16, verbose=0)
    monkeypatch.setattr(features, "CHUNK", 20)
    predicted = []
    predict = extractor.predict

    def breaking(inputs, **options):
        if len(predicted) == 2:
            predicted.append("broken")
            raise KeyboardInterrupt
        predicted.append(len(inputs))
        return predict(inputs, **options)

    monkeypatch.setattr(extractor, "predict", breaking)
    with pytest.raises(KeyboardInterrupt):
        features.compute(extractor, images)
    for _ in range(2):
        np.testing.assert_allclose(features.compute(extractor, images), expected, atol=1e-5)
    assert predicted == [20, 20, "broken", 10]


def test_features_of_other_images_or_weights_are_others(own_cache):
    from fer_lib.training import features

    backbone = models.starting_backbone(48)[0]
    images = data.load_drawn_faces(30).images
    extractor = models.feature_extractor(backbone, 48)
    keys = {features._key(extractor, images), features._key(extractor, images[::-1])}
    keys.add(features._key(models.feature_extractor(backbone, 48, "max"), images))
    keys.add(features._key(models.feature_extractor(backbone, 48, pixel_range=(0, 1)), images))
    again = models.feature_extractor(backbone, 48)
    assert features._key(again, images) in keys and len(keys) == 4
    backbone.set_weights([weight + 1e-3 for weight in backbone.get_weights()])
    assert features._key(extractor, images) not in keys


def test_a_recorded_run_must_start_from_imagenet(monkeypatch):
    backbone = models.starting_backbone(48)[0]
    monkeypatch.setattr(classifier, "starting_backbone", lambda size: (backbone, models.FINETUNED))
    faces = replace(data.load_drawn_faces(40), source=data.FER2013)
    with pytest.raises(Problem, match="starts from ImageNet.*fer data --weights"):
        training.train(recipes.find("paper-48px"), faces, verbose=0)


def test_unknown_recipes_are_explained():
    with pytest.raises(Problem, match="no recipe 'papr'; there are paper, "):
        recipes.find("papr")


def test_paths_are_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "new" / "file.txt"
    with paths.write_atomically(file) as temporary:
        temporary.write_text("first")
    with pytest.raises(ZeroDivisionError), paths.write_atomically(file) as temporary:
        temporary.write_text("second")
        raise ZeroDivisionError
    assert file.read_text() == "first"
    assert [path.name for path in file.parent.iterdir()] == ["file.txt"]
