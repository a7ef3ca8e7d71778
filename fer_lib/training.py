"""Training by recipe: frozen on cached features or whole on images; it resumes after any break."""

import hashlib
import json
import random
import time
from datetime import UTC, datetime
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd

from fer_lib import data, features, model, paths, recipes, runs
from fer_lib.problems import Problem

MONITORED = ("accuracy", "loss", "validation_accuracy", "validation_loss", "learning_rate")


class Batches(keras.utils.PyDataset):
    """One epoch's batches: (seed, epoch) alone decide what each holds and how it is changed."""

    def __init__(self, inputs, labels, recipe, seed, epoch):
        super().__init__()
        self.inputs, self.labels, self.recipe = inputs, labels, recipe
        self.seed, self.epoch = seed, epoch
        self.order = np.random.default_rng([seed, epoch]).permutation(len(labels))

    def __len__(self):
        return -(-len(self.order) // self.recipe.batch_size)

    def __getitem__(self, index):
        start = index * self.recipe.batch_size
        chosen = self.order[start : start + self.recipe.batch_size]
        batch = self.inputs[chosen]
        if self.recipe.trainable_from == "all":
            generator = np.random.default_rng([self.seed, self.epoch, index])
            batch = self.recipe.augmentation.apply(batch, generator)
        return batch, self.labels[chosen]


class Task(NamedTuple):
    """What is fitted: a Keras model, and for each part of the split its inputs.

    For a frozen backbone the inputs are its cached features and the model is what stands on them.
    """

    model: keras.Model
    training: tuple
    validation: tuple
    test: tuple
    feature_seconds: float


def train(recipe, dataset, seed=0, verbose=1):
    """Train by `recipe` on `dataset` and record the run; returns it.

    The run is named `<recipe>-seed<seed>`. A recipe of the course (`recipes.RECIPES`) on FER2013
    goes to `data/runs/` and its model to `data/models/`; anything else to the user's cache.
    Interrupted, the same call goes on after the last finished epoch. verbose: as in Keras, 0
    silent, 1 bars, 2 a line an epoch. Raises Problem if a run for the repository would not start
    from ImageNet's weights.
    """
    recorded = dataset.source == data.FER2013 and recipe == recipes.RECIPES.get(recipe.name)
    keras.utils.set_random_seed(seed)
    split = data.paper_split(dataset) if recipe.split == "paper" else data.official_split(dataset)
    backbone, origin = model.starting_backbone(recipe.size)
    if recorded and origin != model.IMAGENET:
        raise Problem(f"a recorded run starts from ImageNet: {model.HOW_TO_GET_WEIGHTS}")
    keras.utils.set_random_seed(seed)  # building the backbone drew an unknown number of times
    task = prepare(recipe, split, backbone, verbose)
    compile_model(task.model, recipe, len(task.training[1]))
    name = f"{recipe.name}-seed{seed}"
    state = paths.cache_folder() / "training" / f"{name}-{_key(recipe, dataset, backbone)}"
    history = fit(task.model, recipe, task.training, task.validation, seed, state, verbose)
    parts = [("validation", split.validation, task.validation), ("test", split.test, task.test)]
    predicted = [
        (part, images, task.model.predict(inputs, batch_size=256, verbose=0))
        for part, images, (inputs, _) in parts
    ]
    info = _describe(recipe, seed, dataset, origin, task, history)
    run = runs.Run(name, info, history, runs.predictions_table(predicted))
    models = paths.MODELS if recorded else paths.cache_folder() / "models"
    model.save(task.model, models / f"{name}.keras")
    runs.save(run, paths.RUNS if recorded else paths.cache_folder() / "runs")
    return run


def prepare(recipe, split, backbone, verbose=0):
    """The Task of a recipe: what to fit and on which inputs."""
    start = time.perf_counter()
    if recipe.trainable_from == "all":
        model.set_batch_normalisation_momentum(backbone, recipe.batch_normalisation_momentum)
        fitted = model.build(
            backbone,
            recipe.size,
            recipe.pooling,
            recipe.hidden_units,
            recipe.dropout,
            recipe.pixel_range,
        )
        inputs = [part.images for part in split]
    else:
        extractor = model.feature_extractor(
            backbone, recipe.size, recipe.pooling, recipe.pixel_range, recipe.trainable_from
        )
        inputs = [features.compute(extractor, part.images, verbose) for part in split]
        fitted = model.top(backbone, recipe, extractor.output_shape[1:])
    labels = [part.labels for part in split]
    if recipe.augmentation.flip and recipe.trainable_from != "all":
        mirrored = features.compute(extractor, split.training.images[:, :, ::-1], verbose)
        inputs[0] = np.concatenate([inputs[0], mirrored])
        labels[0] = np.concatenate([labels[0], labels[0]])
    seconds = time.perf_counter() - start
    return Task(fitted, *zip(inputs, labels, strict=True), feature_seconds=seconds)


def compile_model(fitted, recipe, training_images):
    """Give the model the recipe's optimizer and learning rate, cross-entropy, and accuracy."""
    rate = recipe.learning_rate
    if recipe.schedule == "cosine":
        steps = -(-training_images // recipe.batch_size) * recipe.epochs
        rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
    optimizer = keras.optimizers.get(
        {"class_name": recipe.optimizer, "config": {"learning_rate": rate}}
    )
    fitted.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])


def fit(fitted, recipe, training, validation, seed, state, verbose=1):
    """Fit epoch by epoch until the recipe ends; returns the history, a row an epoch.

    training, validation: (inputs, labels). state: folder of the checkpoint, from which an
    interrupted fit goes on, and which is removed at the end. The model ends with the weights of
    the epoch that `recipe.keep` names.
    """
    history = _resume(fitted, state)
    weights = balanced_class_weights(training[1]) if recipe.balanced_classes else None
    while len(history) < recipe.epochs and not has_stalled(history, recipe.patience):
        epoch = len(history)
        batches = Batches(*training, recipe, seed, epoch)
        start = time.perf_counter()
        logs = fitted.fit(
            batches, initial_epoch=epoch, epochs=epoch + 1, class_weight=weights, verbose=verbose
        ).history
        loss, accuracy = fitted.evaluate(*validation, batch_size=256, verbose=0)
        rate = float(keras.ops.convert_to_numpy(fitted.optimizer.learning_rate))
        values = (logs["accuracy"][0], logs["loss"][0], accuracy, loss, rate)
        row = {"epoch": epoch + 1, **dict(zip(MONITORED, values, strict=True))}
        row["seconds"] = round(time.perf_counter() - start, 1)
        history = pd.concat([history, pd.DataFrame([row])], ignore_index=True)
        _checkpoint(fitted, history, state)
        if verbose:
            _report(history, recipe)
    if recipe.keep == "best":
        fitted.load_weights(state / "best.weights.h5")
    _remove_checkpoint(state)
    return history.round(6)


def has_stalled(history, patience):
    """Whether validation loss has not fallen below its lowest for `patience` epochs."""
    if patience is None or history.empty:
        return False
    since_lowest = len(history) - 1 - int(history["validation_loss"].to_numpy().argmin())
    return since_lowest >= patience


def balanced_class_weights(labels):
    """{class index: weight}, inverse to the class's share, so that each class weighs the same."""
    classes, counts = np.unique(labels, return_counts=True)
    weights = len(labels) / (len(classes) * counts)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))


def _resume(fitted, state):
    """Load the checkpoint's weights, if there is one; returns its history, else an empty one."""
    path = state / "history.csv"
    if not path.exists():
        return pd.DataFrame()
    history = pd.read_csv(path)
    fitted.optimizer.build(fitted.trainable_variables)
    fitted.load_weights(state / f"epoch-{len(history)}.weights.h5")
    with np.load(state / f"epoch-{len(history)}.random.npz") as stored:
        random.setstate((3, tuple(stored["batch_order"].tolist()), None))
        for index, variable in enumerate(_dropout_states(fitted)):
            variable.assign(stored[f"dropout_{index}"])
    return history


def _dropout_states(fitted):
    """The variables from which dropout draws, which Keras does not save with the weights."""
    return [variable for variable in fitted.variables if "seed_generator" in variable.path]


def _checkpoint(fitted, history, state):
    """Save weights, optimizer and random states; the history last, as it tells what is there."""
    epoch = len(history)
    best = int(history["validation_accuracy"].to_numpy().argmax()) == epoch - 1
    for name in [f"epoch-{epoch}", *(["best"] if best else [])]:
        with paths.write_atomically(state / f"{name}.weights.h5") as temporary:
            renamed = temporary.with_suffix(".weights.h5")  # the ending that Keras asks for
            fitted.save_weights(renamed)
            renamed.replace(temporary)
    # Keras draws the order of an epoch's batches from Python's own generator.
    states = {"batch_order": np.array(random.getstate()[1], dtype=np.uint32)}
    for index, variable in enumerate(_dropout_states(fitted)):
        states[f"dropout_{index}"] = keras.ops.convert_to_numpy(variable)
    with paths.write_atomically(state / f"epoch-{epoch}.random.npz") as temporary:
        np.savez(temporary, **states)
    with paths.write_atomically(state / "history.csv") as temporary:
        history.to_csv(temporary, index=False)
    for former in state.glob(f"epoch-{epoch - 1}.*"):
        former.unlink()


def _remove_checkpoint(state):
    for file in state.glob("*"):
        file.unlink()
    state.rmdir()


def _report(history, recipe):
    last = history.iloc[-1]
    left = (recipe.epochs - len(history)) * history["seconds"].mean() / 60
    at_most = "" if recipe.patience is None else "at most "
    print(
        f"epoch {len(history)}/{recipe.epochs}: accuracy {last['accuracy']:.1%}, "
        f"validation {last['validation_accuracy']:.1%} (loss {last['validation_loss']:.3f}), "
        f"{last['seconds']:.0f} s; {at_most}{left:.0f} min left",
        flush=True,
    )


def _key(recipe, dataset, backbone):
    digest = hashlib.sha256(json.dumps(recipe.as_dict(), sort_keys=True).encode())
    digest.update(dataset.digest().encode())
    for weight in backbone.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


def _describe(recipe, seed, dataset, origin, task, history):
    """What `run.json` holds. Its results are of the finished model, without dropout."""
    result = {}
    for part in ("training", "validation", "test"):
        inputs, labels = getattr(task, part)
        loss, accuracy = task.model.evaluate(inputs, labels, batch_size=256, verbose=0)
        result[part] = {
            "accuracy": round(accuracy, 5),
            "loss": round(loss, 5),
            "images": len(labels),
        }
    return {
        "recipe": recipe.as_dict(),
        "seed": seed,
        "data": {"source": dataset.source, "images": len(dataset), "digest": dataset.digest()},
        "starts from": origin,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "backend": keras.backend.backend(),
        "versions": runs.versions(),
        "hardware": runs.hardware(),
        "seconds": {
            "features": round(task.feature_seconds, 1),
            "fitting": round(float(history["seconds"].sum()), 1),
        },
        "results": result,
    }
