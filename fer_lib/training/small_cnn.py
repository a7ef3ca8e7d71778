"""A small convolutional network trained from scratch: what the pretrained one has to beat."""

import time
from datetime import UTC, datetime

import keras
import pandas as pd
from keras import layers

from fer_lib import data, paths, runs
from fer_lib.labels import LABELS
from fer_lib.runs import RunName
from fer_lib.training import loop, recipes

# The same as for the paper's head.
BATCH_SIZE, EPOCHS, PATIENCE = 128, 30, 3


def build():
    """Build the network of notebook 02, with random weights.

    Returns:
        A Keras model that takes images `(n, 48, 48, 1)`, 0-255, and returns probabilities `(n, 7)`.
    """
    model = keras.Sequential([keras.Input((48, 48, 1)), layers.Rescaling(1 / 255)])
    for kernels in (16, 32, 64):
        model.add(layers.Conv2D(kernels, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(len(LABELS), activation="softmax"))
    return model


def record(dataset, seed=0, verbose=1):
    """Train the network on the paper's split and record it as a run, `small-cnn-seed<seed>`.

    Adam trains it until three epochs bring no new lowest validation loss; the last epoch is kept.
    The run of FER2013 goes to `data/runs/`, one of synthetic faces to the user's cache. Takes one
    to three minutes on FER2013.

    Args:
        dataset: A `data.Dataset`.
        seed: Seed of weights and order.
        verbose: As in Keras: 0 for silence, 1 for progress bars, 2 for one line per epoch.

    Returns:
        The `runs.Run`.
    """
    start = time.perf_counter()
    keras.utils.set_random_seed(seed)
    split, model = data.paper_split(dataset), build()
    history = _fit(model, split, verbose)
    seconds = round(time.perf_counter() - start, 1)
    parts = [
        (name, getattr(split, name), model.predict(getattr(split, name).images, verbose=0))
        for name in ("validation", "test")
    ]
    info = _describe(dataset, seed, seconds, _results(model, split))
    name = str(RunName(recipes.SMALL_CNN, seed))
    run = runs.Run(name, info, history, runs.predictions_table(parts))
    recorded = dataset.source == data.FER2013
    runs.save(run, paths.RUNS if recorded else paths.cache_folder() / "runs")
    return run


def _fit(model, split, verbose):
    """Train until early stopping; returns the history, one row per epoch."""
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(
        split.training.images,
        split.training.labels,
        validation_data=(split.validation.images, split.validation.labels),
        batch_size=BATCH_SIZE,
        epochs=EPOCHS,
        callbacks=[keras.callbacks.EarlyStopping(monitor="val_loss", patience=PATIENCE)],
        verbose=verbose,
    )
    history = pd.DataFrame(fitted.history)
    history.columns = [name.replace("val_", "validation_") for name in history]
    history.insert(0, "epoch", history.index + 1)
    return history.round(6)


def _results(model, split):
    """Accuracy and loss of the trained network on each part."""
    results = {}
    for name, part in split._asdict().items():
        loss, accuracy = loop.evaluate(model, part.images, part.labels)
        results[name] = {
            "accuracy": round(accuracy, 5),
            "loss": round(loss, 5),
            "images": len(part),
        }
    return results


def _describe(dataset, seed, seconds, results):
    """The content of `run.json`, as for other runs."""
    recipe = {"name": recipes.SMALL_CNN, "split": "paper", "size": 48, "batch_size": BATCH_SIZE}
    return {
        "recipe": recipe,
        "seed": seed,
        "data": {"source": dataset.source, "images": len(dataset), "digest": dataset.digest()},
        "starts from": "random weights",
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "backend": keras.backend.backend(),
        "versions": runs.versions(),
        "hardware": runs.hardware(),
        "seconds": {"fitting": seconds},
        "results": results,
    }
