"""From a recipe to a recorded run, also after an interruption."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import small_recipes
from support.small_models import small_backbone
from support.small_recipes import FINETUNED, FROZEN
from support.tolerances import PROBABILITIES

from fer_lib import data, models, paths, runs, training
from fer_lib.exceptions import Problem
from fer_lib.labels import ANSWERS, LABEL, LABELS, PEOPLE
from fer_lib.models import keras_file
from fer_lib.training import checkpoint, loop, recipes, task, trainer

TRAIN_FROZEN = """
from support.small_recipes import FROZEN
from fer_lib import data, training
training.train(FROZEN, data.load_synthetic_faces(160), verbose=0)
"""


def without_seconds(history):
    return history.drop(columns="seconds")


def test_a_run_on_synthetic_faces_stays_out_of_the_repository(own_cache, small_backbone):
    faces = data.load_synthetic_faces(160)
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


def test_the_record_says_how_the_run_was_made(own_cache, small_backbone):
    quick = replace(FROZEN, epochs=1)
    run = training.train(quick, data.load_synthetic_faces(160), seed=3, verbose=0)
    info = json.loads((own_cache / "runs" / "small-seed3" / "run.json").read_text())
    assert info == json.loads(json.dumps(run.info))
    assert list(info) == [
        *("recipe", "seed", "data", "starts from", "finished", "backend", "devices"),
        *("precision", "versions", "hardware", "seconds", "results"),
    ]
    assert recipes.Recipe.from_dict(info["recipe"]) == quick
    assert "batch_norm_momentum" in info["recipe"], "written under the new names"
    assert info["seed"] == 3 and info["devices"] == 1
    assert list(info["results"]) == ["training", "validation", "test"]
    labels, probabilities = run.split("test")
    accuracy = np.mean(probabilities.argmax(axis=1) == labels)
    assert info["results"]["test"]["accuracy"] == pytest.approx(accuracy, abs=1e-4)
    assert list(run.history) == [
        *("epoch", "accuracy", "loss", "validation_accuracy", "validation_loss"),
        *("learning_rate", "seconds"),
    ]


@pytest.mark.slow
def test_killed_training_resumes_to_the_same_end(own_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "other"))
    expected = training.train(FROZEN, data.load_synthetic_faces(160), verbose=0)
    tests = str(Path(small_recipes.__file__).parents[1])
    environment = {**os.environ, "FER_CACHE": str(own_cache), "PYTHONPATH": tests}
    process = subprocess.Popen([sys.executable, "-c", TRAIN_FROZEN], env=environment)
    deadline = time.monotonic() + 120
    while not (written := list(own_cache.glob("training/*/history.csv"))):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()
    assert 1 <= len(pd.read_csv(written[0])) < 6, "killed too late to show anything"
    monkeypatch.setenv("FER_CACHE", str(own_cache))
    resumed = training.train(FROZEN, data.load_synthetic_faces(160), verbose=0)
    pd.testing.assert_frame_equal(
        without_seconds(resumed.history), without_seconds(expected.history), rtol=1e-4, atol=1e-4
    )
    pd.testing.assert_frame_equal(resumed.predictions, expected.predictions, **PROBABILITIES)


@pytest.fixture
def interrupted(monkeypatch):
    """Interrupts training after its first checkpoint; returns what saves checkpoints otherwise."""
    save = checkpoint.save

    def save_and_interrupt(model, history, folder):
        save(model, history, folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", save_and_interrupt)
    return save


@pytest.mark.slow
def test_interrupted_fine_tuning_resumes_with_the_next_epoch(
    interrupted, small_backbone, monkeypatch
):
    faces = data.load_synthetic_faces(80)
    with pytest.raises(KeyboardInterrupt):
        training.train(FINETUNED, faces, verbose=0)
    monkeypatch.setattr(checkpoint, "save", interrupted)
    run = training.train(FINETUNED, faces, verbose=0)
    assert run.history["epoch"].tolist() == [1, 2]
    assert run.history["learning_rate"].is_monotonic_decreasing


@pytest.mark.slow
def test_a_recipe_trains_first_what_it_requires(own_cache, small_backbone, monkeypatch):
    quick = replace(FINETUNED, epochs=1, batch_size=40)
    first = replace(quick, name="first")
    second = replace(quick, name="second", starts_from="first", teachers=("first-seed0",))
    monkeypatch.setattr(recipes, "RECIPES", {"first": first})
    run = training.train(second, data.load_synthetic_faces(80), verbose=0)
    assert run.info["starts from"] == "first-seed0"
    file = own_cache / "models" / "first-seed0.keras"
    written = file.stat().st_mtime_ns
    training.train(second, data.load_synthetic_faces(80), verbose=0)
    assert file.stat().st_mtime_ns == written, "what is there is not trained again"


def test_missing_runs_are_listed_in_the_order_in_which_they_are_trained(own_cache, monkeypatch):
    first = replace(FINETUNED, name="first")
    second = replace(FINETUNED, name="second", starts_from="first", teachers=("first-seed0",))
    third = replace(FINETUNED, name="third", starts_from="second", teachers=("first-seed0",))
    monkeypatch.setattr(recipes, "RECIPES", {each.name: each for each in (first, second, third)})
    faces = data.load_synthetic_faces(10)
    listed = ["first-seed0", "second-seed0", "third-seed0"]
    assert training.runs_to_train(third, faces) == listed
    (own_cache / "models").mkdir(parents=True)
    (own_cache / "models" / "second-seed0.keras").write_bytes(b"a model")
    assert training.runs_to_train(third, faces) == ["first-seed0", "third-seed0"]


def test_an_answer_that_the_start_does_not_give_starts_from_the_labels():
    images = data.load_synthetic_faces(3).images
    start = models.build(small_backbone(), 48, hidden_units=0)
    both = models.build(small_backbone(), 48, hidden_units=0, answers=ANSWERS)
    before = models.outputs(both, images)
    assert np.abs(before[LABEL] - before[PEOPLE]).max() > 1e-3, "equal from the beginning"
    trainer._start_from(both, start)
    for found in models.outputs(both, images).values():
        np.testing.assert_allclose(found, models.predict(start, images), **PROBABILITIES)
    both.get_layer("head").get_layer("people").set_weights([np.zeros((8, 7)), np.zeros(7)])
    copy = models.build(small_backbone(), 48, hidden_units=0, answers=ANSWERS)
    trainer._start_from(copy, both)
    assert models.predict(copy, images, PEOPLE) == pytest.approx(1 / 7)


@pytest.mark.slow
def test_a_network_with_two_answers_learns_both(own_cache, small_backbone, monkeypatch):
    """People see happy faces only, whatever the label."""
    faces, happy = data.load_synthetic_faces(160), LABELS.index("happy")
    monkeypatch.setattr(task, "vote_targets", lambda names: np.eye(7)[np.full(len(names), happy)])
    recipe = replace(FINETUNED, epochs=4, learning_rate=0.01, people_weight=0.5, mixup=0.0)
    run = training.train(recipe, faces, verbose=0)
    assert run.answers == ANSWERS and recipes.Recipe.from_dict(run.info["recipe"]) == recipe
    model = models.load(own_cache / "models" / "small-finetuned-seed0.keras")
    public = faces.usage("PublicTest").images
    for answer in ANSWERS:
        _, recorded = run.usage("PublicTest", answer=answer)
        np.testing.assert_allclose(recorded, models.predict(model, public, answer), **PROBABILITIES)
    gap = recorded[:, happy] - run.usage("PublicTest")[1][:, happy]
    assert gap.min() > 0.03


def test_a_result_can_be_averaged_with_its_start(own_cache, small_backbone, monkeypatch):
    def add_one(task, *_):
        task.model.set_weights([weight + 1 for weight in task.model.get_weights()])
        return pd.DataFrame({"epoch": [1], "seconds": [0.0]})

    monkeypatch.setattr(loop, "fit", add_one)
    first = replace(FINETUNED, name="first")
    second = replace(first, name="second", starts_from="first", average_with_start=True)
    monkeypatch.setattr(recipes, "RECIPES", {"first": first})
    training.train(second, data.load_synthetic_faces(80), verbose=0)
    start, result = (
        keras_file.read(own_cache / "models" / f"{name}-seed0.keras").get_weights()
        for name in ("first", "second")
    )
    for before, after in zip(start, result, strict=True):
        np.testing.assert_allclose(after, before + 0.5, rtol=1e-4, atol=1e-4)


def test_a_recorded_run_must_start_from_imagenet(small_backbone, monkeypatch, tmp_path):
    backbone = small_backbone()
    monkeypatch.setattr(models, "starting_backbone", lambda size: (backbone, models.FINETUNED))
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")  # so that a failure records nothing here
    monkeypatch.setattr(paths, "MODELS", tmp_path / "models")
    faces = replace(data.load_synthetic_faces(40), source=data.FER2013)
    with pytest.raises(Problem, match="must start from ImageNet.*fer data --weights"):
        training.train(recipes.find("paper-48px"), faces, verbose=0)
