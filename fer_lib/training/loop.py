"""Training by recipe: frozen on cached features or whole on images; it resumes after any break."""

import hashlib
import json
import time
from datetime import UTC, datetime
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd

from fer_lib import data, models, paths, runs
from fer_lib.exceptions import Problem
from fer_lib.models import batch_norm, keras_file
from fer_lib.runs import RunName
from fer_lib.training import checkpoint, devices, features, recipes
from fer_lib.training.batches import Batches, balanced_class_weights, one_hot, soft_targets

MONITORED = ("accuracy", "loss", "validation_accuracy", "validation_loss", "learning_rate")


class Task(NamedTuple):
    """What is fitted: a Keras model, and for each part of the split its inputs.

    For a frozen backbone the inputs are its cached features and the model is what stands on them.
    Each part is (inputs, labels); targets are what the training images shall be taken for, (n, 7).
    """

    model: keras.Model
    targets: np.ndarray
    training: tuple
    validation: tuple
    test: tuple
    feature_seconds: float


def train(recipe, dataset, seed=0, verbose=1):
    """Train by `recipe` on `dataset` and record the run; returns it.

    The run is named `<recipe>-seed<seed>`. A recipe of the course (`recipes.RECIPES`) on FER2013
    goes to `data/runs/` and its model to `data/models/`; anything else to the user's cache. Runs
    that it builds on are trained first, if their models are missing. Interrupted, the same call
    goes on after the last finished epoch. verbose: as in Keras, 0 silent, 1 bars, 2 a line an
    epoch. Within `devices.all_devices` several devices train together.
    Raises Problem if they can't share a batch equally, or if a run for the repository would not
    start from ImageNet's weights.
    """
    if devices.missing(recipe.batch_size):
        raise Problem(
            f"{devices.count()} devices can't share batches of {recipe.batch_size} equally; "
            "hide some, for example with CUDA_VISIBLE_DEVICES=0,1"
        )
    former = {name: _model_of(name, dataset, verbose) for name in recipe.builds_on(seed)}
    split = data.paper_split(dataset) if recipe.split == "paper" else data.official_split(dataset)
    keras.utils.set_random_seed(seed)
    backbone, origin = models.starting_backbone(recipe.size)
    recorded = _is_recorded(recipe, dataset)
    if recorded and origin != models.IMAGENET:
        raise Problem(f"a recorded run starts from ImageNet: {models.HOW_TO_GET_WEIGHTS}")
    keras.utils.set_random_seed(seed)  # building the backbone drew an unknown number of times
    task = prepare(recipe, split, backbone, [former[name] for name in recipe.teachers], verbose)
    if recipe.starts_from is not None:
        origin = str(RunName(recipe.starts_from, seed))
        task.model.set_weights(former[origin].get_weights())
    compile_model(task.model, recipe, len(task.training[1]))
    name = str(RunName(recipe.name, seed))
    key = _key(recipe, dataset, backbone, task.model)
    start = task.model.get_weights()
    history = fit(task, recipe, seed, paths.cache_folder() / "training" / f"{name}-{key}", verbose)
    if recipe.average_with_start:
        pairs = zip(start, task.model.get_weights(), strict=True)
        task.model.set_weights([(first + last) / 2 for first, last in pairs])
    predicted = [
        (part, getattr(split, part), devices.predict(task.model, getattr(task, part)[0]))
        for part in _judged(recipe)
    ]
    info = _describe(recipe, seed, dataset, origin, task, history)
    run = runs.Run(name, info, history, runs.predictions_table(predicted))
    models.save(task.model, _model_file(name, recipe, dataset))
    runs.save(run, paths.RUNS if recorded else paths.cache_folder() / "runs")
    return run


def _is_recorded(recipe, dataset):
    """Whether a run belongs into the repository: a recipe of the course, on FER2013."""
    return dataset.source == data.FER2013 and recipe == recipes.RECIPES.get(recipe.name)


def _model_file(name, recipe, dataset):
    recorded = _is_recorded(recipe, dataset)
    folder = paths.MODELS if recorded else paths.cache_folder() / "models"
    return folder / f"{name}.keras"


def _model_of(name, dataset, verbose):
    """The model of the run of that name on that data, trained now if it is missing."""
    recipe_name, seed = RunName.parse(name)
    recipe = recipes.find(recipe_name)
    file = _model_file(name, recipe, dataset)
    if not file.exists():
        train(recipe, dataset, seed, verbose)
    return keras_file.read(file)


def _judged(recipe):
    """The parts whose predictions training records.

    Not PrivateTest, the official split's test: choosing must not see it, so `fer evaluate` alone
    looks at it and keeps a list of its looks.
    """
    return ["validation", "test"] if recipe.split == "paper" else ["validation"]


def prepare(recipe, split, backbone, teachers=(), verbose=0):
    """The Task of a recipe: what to fit and on which inputs. teachers: models to learn from."""
    start = time.perf_counter()
    if recipe.trainable_from == "all":
        fitted = models.build(
            batch_norm.for_training(backbone, recipe.batch_normalisation_momentum),
            recipe.size,
            recipe.pooling,
            recipe.hidden_units,
            recipe.dropout,
            recipe.pixel_range,
        )
        inputs = [part.images for part in split]
    else:
        extractor = models.feature_extractor(
            backbone, recipe.size, recipe.pooling, recipe.pixel_range, recipe.trainable_from
        )
        inputs = [features.compute(extractor, part.images, verbose) for part in split]
        fitted = models.top(backbone, recipe, extractor.output_shape[1:])
    labels = [part.labels for part in split]
    if recipe.augmentation.flip and recipe.trainable_from != "all":
        mirrored = features.compute(extractor, split.training.images[:, :, ::-1], verbose)
        inputs[0] = np.concatenate([inputs[0], mirrored])
        labels[0] = np.concatenate([labels[0], labels[0]])
    seconds = time.perf_counter() - start
    targets = soft_targets(recipe, split.training.images, labels[0], teachers)
    return Task(fitted, targets, *zip(inputs, labels, strict=True), feature_seconds=seconds)


def compile_model(fitted, recipe, training_images):
    """Give the model the recipe's optimizer and learning rate, cross-entropy, and accuracy."""
    rate = recipe.learning_rate
    if recipe.schedule == "cosine":
        steps = -(-training_images // recipe.batch_size) * recipe.epochs
        rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
    config = {"learning_rate": rate}
    if recipe.weight_average is not None:
        # At the end of each `fit`, so of each epoch, Keras puts the average in the weights' place.
        config |= {"use_ema": True, "ema_momentum": recipe.weight_average}
    optimizer = keras.optimizers.get({"class_name": recipe.optimizer, "config": config})
    fitted.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"])


def fit(task, recipe, seed, state, verbose=1):
    """Fit the task's model epoch by epoch until the recipe ends; returns the history, a row each.

    state: folder of the checkpoint, from which an interrupted fit goes on, and which is removed at
    the end. The model ends with the weights of the epoch that `recipe.keep` names.
    """
    fitted, (inputs, labels) = task.model, task.training
    history = checkpoint.resume(fitted, state)
    weights = balanced_class_weights(labels) if recipe.balanced_classes else None
    while len(history) < recipe.epochs and not has_stalled(history, recipe.patience):
        epoch = len(history)
        batches = Batches(inputs, task.targets, recipe, seed, epoch)
        start = time.perf_counter()
        logs = fitted.fit(
            batches,
            initial_epoch=epoch,
            epochs=epoch + 1,
            shuffle=False,  # the images are; backends would take the batches in orders of their own
            class_weight=weights,
            verbose=verbose,
        ).history
        # Averaged weights are the optimizer's own arrays on JAX, where predicting would free them.
        fitted.set_weights(fitted.get_weights())
        loss, accuracy = _evaluate(fitted, *task.validation)
        rate = float(keras.ops.convert_to_numpy(fitted.optimizer.learning_rate))
        values = (logs["accuracy"][0], logs["loss"][0], accuracy, loss, rate)
        row = {"epoch": epoch + 1, **dict(zip(MONITORED, values, strict=True))}
        row["seconds"] = round(time.perf_counter() - start, 1)
        history = pd.concat([history, pd.DataFrame([row])], ignore_index=True)
        checkpoint.save(fitted, history, state)
        if verbose:
            _report(history, recipe)
    if recipe.keep == "best":
        fitted.load_weights(state / "best.weights.h5")
    checkpoint.remove(state)
    return history.round(6)


def _evaluate(fitted, inputs, labels):
    """Cross-entropy and accuracy on images taken for certain, without dropout or changes."""
    probabilities = devices.predict(fitted, inputs)
    losses = keras.losses.categorical_crossentropy(one_hot(labels), probabilities)
    loss = float(keras.ops.convert_to_numpy(losses).mean())
    return loss, float(np.mean(probabilities.argmax(axis=1) == labels))


def has_stalled(history, patience):
    """Whether validation loss has not fallen below its lowest for `patience` epochs."""
    if patience is None or history.empty:
        return False
    since_lowest = len(history) - 1 - int(history["validation_loss"].to_numpy().argmin())
    return since_lowest >= patience


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


def _key(recipe, dataset, backbone, fitted):
    digest = hashlib.sha256(json.dumps(recipe.as_dict(), sort_keys=True).encode())
    digest.update(dataset.digest().encode())
    for weight in [*backbone.get_weights(), *fitted.get_weights()]:
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


def _describe(recipe, seed, dataset, origin, task, history):
    """What `run.json` holds. Its results are of the finished model, without dropout."""
    result = {}
    for part in ["training", *_judged(recipe)]:
        inputs, labels = getattr(task, part)
        loss, accuracy = _evaluate(task.model, inputs, labels)
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
        "devices": devices.count(),
        "versions": runs.versions(),
        "hardware": runs.hardware(),
        "seconds": {
            "features": round(task.feature_seconds, 1),
            "fitting": round(float(history["seconds"].sum()), 1),
        },
        "results": result,
    }
