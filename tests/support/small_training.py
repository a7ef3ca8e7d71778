"""A small network trained in a process of its own, on the backend and devices that a test needs.

As a program it trains for two epochs of two steps, starting from models/start-seed0.keras of the
cache, and records the run. With the argument `all-devices` it does so on two devices and prints
what `compare` returns.
"""

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from support.small_models import small_backbone

from fer_lib import data, models, runs, training
from fer_lib.training import devices, recipes
from fer_lib.training.augmentation import Augmentation

RECIPE = recipes.Recipe(
    "two-epochs",
    split="official",
    size=48,
    hidden_units=0,
    trainable_from="all",
    batch_norm_momentum=0.9,
    augmentation=Augmentation(flip=True, shift=4),
    optimizer="adamw",
    batch_size=16,
    epochs=2,
    patience=None,
    starts_from="start",
    ema_momentum=0.5,
)
XLA_FLAGS = (
    "--xla_force_host_platform_device_count=2",  # JAX counts the CPU as two
    "--xla_backend_optimization_level=0",  # the tests compile for longer than they train
)
FACES = 37  # 31, 3, and 3 in each split: two devices can share no part equally


def faces():
    return data.official_split(data.load_synthetic_faces(FACES))


def recorded(backend, cache, *arguments):
    """Train on a backend in a process of its own.

    Skips the test where the backend is not installed.

    Args:
        backend: Keras' name of the backend.
        cache: Folder of the process's cache.
        *arguments: `"all-devices"` or none.

    Returns:
        The run; its model, read on the test's own backend; and the printed text.
    """
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"needs {backend}")
    keras.utils.set_random_seed(0)
    start = models.build(small_backbone(), 48, hidden_units=0)
    models.save(start, cache / "models" / "start-seed0.keras")
    environment = {
        **os.environ,
        "FER_CACHE": str(cache),
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "XLA_FLAGS": " ".join(XLA_FLAGS),
    }
    command = [sys.executable, __file__, *arguments]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    trained = keras.saving.load_model(cache / "models" / "two-epochs-seed0.keras")
    return runs.load("two-epochs-seed0", cache / "runs"), trained, finished.stdout


def record():
    recipes.RECIPES["start"] = RECIPE
    models.starting_backbone = lambda size: (small_backbone(), "a small network")
    training.train(RECIPE, data.load_synthetic_faces(FACES), verbose=0)


def compare():
    """Compare the losses of two steps on all devices and on one, and the devices' variables.

    For the losses both halves of the batch are the same, because TensorFlow normalizes each
    device's part by itself. A step with different halves comes before the variables.
    """
    images = faces().training.images[:16].astype(np.float32)
    targets = training.one_hot(faces().training.labels[:16])
    twice = np.tile(images[:8], (2, 1, 1, 1)), np.tile(targets[:8], (2, 1))
    recipe = dataclasses.replace(RECIPE, ema_momentum=None)
    start = models.build(small_backbone(), 48, hidden_units=0).get_weights()

    def fitted():
        task = training.prepare(recipe, faces(), small_backbone())
        task.model.set_weights(start)
        training.compile_model(task.model, recipe, len(images))
        history = task.model.fit(*twice, epochs=2, shuffle=False, verbose=0).history
        return task.model, history["loss"]

    with devices.all_devices():
        trained, losses = fitted()
        trained.fit(images, targets, verbose=0)
        copied = [copies(variable) for variable in trained.variables + trained.optimizer.variables]
    same = all(np.array_equal(first, second) for first, second in copied)
    return {"losses on all": losses, "losses on one": fitted()[1], "in step": same}


def copies(variable):
    """List a variable's values on the devices."""
    if keras.backend.backend() == "tensorflow":
        return [copy.numpy() for copy in variable.value.values]
    return [np.asarray(shard.data) for shard in variable.value.addressable_shards]


def halve_the_cpu():
    """Make TensorFlow count the CPU as two devices."""
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)


if __name__ == "__main__":
    if keras.backend.backend() == "tensorflow":
        halve_the_cpu()
    if sys.argv[1:] == ["all-devices"]:
        with devices.all_devices():
            record()
        print(json.dumps(compare()))
    else:
        record()
