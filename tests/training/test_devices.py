"""Training on several devices: the tests' processes have two, because they count the CPU twice."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from support import small_training
from support.tolerances import LOSSES, PROBABILITIES

from fer_lib import cli, data, training
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS
from fer_lib.training import devices, recipes


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_two_devices_learn_in_step_what_one_learns(backend, tmp_path):
    run, trained, printed = small_training.recorded(backend, tmp_path, "all-devices")
    compared = json.loads(printed)
    assert compared["in step"]
    np.testing.assert_allclose(compared["losses on all"], compared["losses on one"], **LOSSES)
    assert compared["losses on one"][1] < compared["losses on one"][0]
    assert run.info["devices"] == 2 and len(run.history) == small_training.RECIPE.epochs
    images = small_training.faces().validation.images
    assert run.info["results"]["validation"]["images"] == len(images)
    read_back = trained.predict(images, verbose=0)
    np.testing.assert_allclose(read_back, run.predictions[list(LABELS)], **PROBABILITIES)


def test_one_device_is_used_as_without_the_flag(monkeypatch):
    used = []

    def train(recipe, dataset, seed):
        used.append(devices.count())
        raise Problem("Far enough.")

    drawn = data.load_synthetic_faces(7)
    monkeypatch.setattr(data, "load", lambda: drawn)
    monkeypatch.setattr(training, "train", train)
    for arguments in (["train", "paper"], ["train", "paper", "--all-devices"]):
        assert cli.main(arguments) == 1
    assert used == [1, 1]


def test_pytorch_has_no_such_flag(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "torch")
    with pytest.raises(Problem, match="one device only. Set KERAS_BACKEND=tensorflow or jax"):
        devices.all_devices()


def test_batches_that_cannot_be_shared_are_explained(monkeypatch):
    monkeypatch.setattr(devices, "count", lambda: 3)
    recipe = replace(recipes.PAPER, batch_size=128)
    with pytest.raises(Problem, match="3 devices can't share batches of 128 equally. Hide some"):
        training.train(recipe, data.load_synthetic_faces(7))


@pytest.mark.parametrize("images", [1, 3, 4])
def test_the_last_batch_is_padded_for_equal_parts(images, monkeypatch):
    monkeypatch.setattr(devices, "count", lambda: 3)
    model, seen = keras.Sequential([keras.Input((2,)), keras.layers.Rescaling(2.0)]), []
    predict = model.predict
    monkeypatch.setattr(
        model, "predict", lambda inputs, **options: seen.append(inputs) or predict(inputs)
    )
    inputs = np.arange(2.0 * images).reshape(images, 2)
    np.testing.assert_array_equal(devices.predict(model, inputs), 2 * inputs)
    assert len(seen[0]) % 3 == 0
