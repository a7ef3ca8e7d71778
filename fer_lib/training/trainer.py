"""From a recipe to a recorded run."""

import hashlib
import json
from datetime import UTC, datetime

import keras
import numpy as np

from fer_lib import data, models, paths, runs
from fer_lib.exceptions import Problem
from fer_lib.labels import LABEL
from fer_lib.models import keras_file
from fer_lib.runs import RunName
from fer_lib.training import devices, loop, recipes
from fer_lib.training.task import compile_model, prepare


def train(recipe, dataset, seed=0, verbose=1):
    """Train by a recipe and record the run.

    The run is named `<recipe>-seed<seed>`. A recipe of the course (`recipes.RECIPES`) on FER2013 is
    recorded in `data/runs/` and its model in `data/models/`; anything else in the user's cache.
    Runs that the recipe requires are trained first if their models are missing. After an
    interruption the same call resumes at the last complete epoch. Within `devices.all_devices`
    several devices train together.

    Args:
        recipe: The `Recipe`.
        dataset: The `data.Dataset` to split and train on.
        seed: Seed of weights, order, and augmentation.
        verbose: As in Keras: 0 for silence, 1 for progress bars, 2 for one line per epoch.

    Returns:
        The `runs.Run`.

    Raises:
        Problem: If the devices can't share a batch equally, or a run for the repository would not
            start from ImageNet's weights.
    """
    _check_batch_size(recipe)
    *missing, name = runs_to_train(recipe, dataset, seed)
    for each in missing:
        required, its_seed = RunName.parse(each)
        train(recipes.find(required), dataset, its_seed, verbose)
    required = {each: _trained_model(each, dataset) for each in recipe.required_runs(seed)}
    split = _split(recipe, dataset)
    backbone, origin = _seeded_backbone(recipe, dataset, seed)
    teachers = [required[name] for name in recipe.teachers]
    task = prepare(recipe, split, backbone, teachers, verbose)
    if recipe.starts_from is not None:
        origin = str(RunName(recipe.starts_from, seed))
        _start_from(task.model, required[origin])
    compile_model(task.model, recipe, len(task.training[1]))
    folder = paths.cache_folder() / "training" / f"{name}-{_key(recipe, dataset, backbone, task)}"
    history = _fit(task, recipe, seed, folder, verbose)
    predictions = _predict(task, recipe, split)
    info = _describe(task, recipe, seed, dataset, origin, history)
    run = runs.Run(name, info, history, predictions)
    _save(run, task.model, recipe, dataset)
    return run


def runs_to_train(recipe, dataset, seed=0):
    """List the runs that `train` would train: those required without a model, then its own.

    Args:
        recipe: The `Recipe`.
        dataset: The `data.Dataset` to train on.
        seed: Seed of the run.

    Returns:
        Run names, in order.
    """
    names = []
    for name in recipe.required_runs(seed):
        required, its_seed = RunName.parse(name)
        required = recipes.find(required)
        if not _model_file(name, required, dataset).exists():
            names += runs_to_train(required, dataset, its_seed)
    return [*dict.fromkeys(names), str(RunName(recipe.name, seed))]


def _split(recipe, dataset):
    """The split that a recipe trains and evaluates on."""
    if recipe.split == "paper":
        return data.paper_split(dataset)
    split = data.official_split(dataset)
    return data.without_copies(split) if recipe.without_copies else split


def _check_batch_size(recipe):
    if devices.padding(recipe.batch_size):
        raise Problem(
            f"{devices.count()} devices can't share batches of {recipe.batch_size} equally. "
            "Hide some, for example with CUDA_VISIBLE_DEVICES=0,1."
        )


def _trained_model(name, dataset):
    """The model of a run on the same data."""
    recipe = recipes.find(RunName.parse(name).recipe)
    return keras_file.read(_model_file(name, recipe, dataset))


def _seeded_backbone(recipe, dataset, seed):
    """The backbone to start from and its origin; leaves the random state as the seed sets it."""
    keras.utils.set_random_seed(seed)
    backbone, origin = models.starting_backbone(recipe.size)
    if _is_recorded(recipe, dataset) and origin != models.IMAGENET:
        raise Problem(
            f"A run for the repository must start from ImageNet. {models.HOW_TO_GET_WEIGHTS}"
        )
    keras.utils.set_random_seed(seed)  # building the backbone drew an unknown number of times
    return backbone, origin


def _start_from(model, trained):
    """Copy a trained model's weights; an answer that it doesn't give starts from the label's."""
    model.get_layer("backbone").set_weights(trained.get_layer("backbone").get_weights())
    head, trained_head = model.get_layer("head"), trained.get_layer("head")
    known = {layer.name for layer in trained_head.layers}
    for layer in head.layers:
        source = layer.name if layer.name in known else models.ANSWER_LAYERS[LABEL]
        layer.set_weights(trained_head.get_layer(source).get_weights())


def _key(recipe, dataset, backbone, task):
    """A digest of all that decides the result, so that no other run's checkpoint is resumed."""
    digest = hashlib.sha256(json.dumps(recipe.as_dict(), sort_keys=True).encode())
    digest.update(dataset.digest().encode())
    for weight in [*backbone.get_weights(), *task.model.get_weights()]:
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


def _fit(task, recipe, seed, folder, verbose):
    """Fit the task's model and, if the recipe says so, average it with its start."""
    start = task.model.get_weights()
    history = loop.fit(task, recipe, seed, folder, verbose)
    if recipe.average_with_start:
        pairs = zip(start, task.model.get_weights(), strict=True)
        task.model.set_weights([(first + last) / 2 for first, last in pairs])
    return history


def _evaluated_parts(recipe):
    """The parts whose predictions training records.

    Not PrivateTest, the official split's test set: nothing may be selected on it, so only
    `fer evaluate` uses it, and logs each use.
    """
    return ["validation", "test"] if recipe.split == "paper" else ["validation"]


def _predict(task, recipe, split):
    """The run's table of predictions."""
    parts = [
        (part, getattr(split, part), devices.predict(task.model, getattr(task, part)[0]))
        for part in _evaluated_parts(recipe)
    ]
    return runs.predictions_table(parts)


def _describe(task, recipe, seed, dataset, origin, history):
    """The content of `run.json`."""
    return {
        "recipe": recipe.as_dict(),
        "seed": seed,
        "data": {"source": dataset.source, "images": len(dataset), "digest": dataset.digest()},
        "starts from": origin,
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "backend": keras.backend.backend(),
        "devices": devices.count(),
        "precision": keras.config.dtype_policy().name,
        "versions": runs.versions(),
        "hardware": runs.hardware(),
        "seconds": {
            "features": round(task.feature_seconds, 1),
            "fitting": round(float(history["seconds"].sum()), 1),
        },
        "results": _results(task, recipe),
    }


def _results(task, recipe):
    """Accuracy and loss of the finished model on each part, without dropout."""
    results = {}
    for part in ["training", *_evaluated_parts(recipe)]:
        inputs, labels = getattr(task, part)
        loss, accuracy = loop.evaluate(task.model, inputs, labels)
        results[part] = {
            "accuracy": round(accuracy, 5),
            "loss": round(loss, 5),
            "images": len(labels),
        }
    return results


def _is_recorded(recipe, dataset):
    """Whether a run belongs in the repository: a recipe of the course, on FER2013."""
    return dataset.source == data.FER2013 and recipe == recipes.RECIPES.get(recipe.name)


def _model_file(name, recipe, dataset):
    recorded = _is_recorded(recipe, dataset)
    folder = paths.MODELS if recorded else paths.cache_folder() / "models"
    return folder / f"{name}.keras"


def _save(run, model, recipe, dataset):
    models.save(model, _model_file(run.name, recipe, dataset))
    recorded = _is_recorded(recipe, dataset)
    runs.save(run, paths.RUNS if recorded else paths.cache_folder() / "runs")
