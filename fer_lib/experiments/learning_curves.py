"""Is the network not overfitted, only low? Accuracy by number of training images, in four ways.

The ways differ in what was learned before, and in what is trained: frozen backbones (of ImageNet's
weights and of random ones) under the paper's head, and the complete network, fine-tuned from
ImageNet or trained from scratch.
"""

import functools
import itertools
from dataclasses import replace

import keras
import numpy as np
import pandas as pd

from fer_lib import data, evaluation, paths
from fer_lib.experiments import frozen_features, heads
from fer_lib.training import devices, loop, recipes, task

FROZEN, RANDOM = "frozen, from ImageNet", "frozen, random"
FINETUNED, SCRATCH = "fine-tuned from ImageNet", "from scratch"
FRACTIONS = (0.1, 0.3, 1.0)
SMALL = 48  # pixels, the size at which all four ways are compared
SEEDS = range(5)  # of the heads on frozen features
# The network is trained end to end by the short recipe of the course's ablation.
RECIPE = replace(recipes.ABLATION, name="learning-curves", split="paper", keep="best")
# Epochs by fraction, with a single seed: what two busy cores train in an hour.
EPOCHS = {FINETUNED: {0.1: 10, 0.3: 5, 1.0: 3}, SCRATCH: {0.1: 15, 0.3: 8, 1.0: 5}}


def compute(dataset, keep):
    """Train in all ways on all fractions of the training images. Takes an hour on two cores.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: See `records`.

    Returns:
        DataFrame with one row per run: way, size (pixels), fraction, seed, and the columns of
        `train_head`. The seed decides the choice of images, their order, and all random weights
        but those of the frozen random backbone.
    """
    tables = []
    for way, size in ((FROZEN, heads.RECIPE.size), (FROZEN, SMALL), (RANDOM, SMALL)):
        weights = "imagenet" if way == FROZEN else "random"
        split = heads.split(dataset, frozen_features.of(dataset.images, size, weights).after())
        if way == RANDOM:  # without trained batch normalization, features are around 1e-12
            split = heads.standardized(split)
        for run in itertools.product([way], [size], FRACTIONS, SEEDS):
            tables.append(keep(f"{run}", train_head, split, *run[2:]).assign(**_about(run)))
    split = data.paper_split(dataset)
    for run in itertools.product(EPOCHS, [SMALL], FRACTIONS, SEEDS[:1]):
        way, _, fraction, seed = run
        epochs, part = EPOCHS[way][fraction], f"{run}, {EPOCHS[way][fraction]} epochs"
        table = keep(part, train_network, split, way, epochs, fraction, seed)
        tables.append(table.assign(**_about(run)))
    return pd.concat(tables, ignore_index=True)


def _about(run):
    return dict(zip(("way", "size", "fraction", "seed"), run, strict=True))


def train_head(split, fraction, seed):
    """Train the paper's head on a part of the training images.

    Args:
        split: Of `heads.split`.
        fraction: Proportion of each class's training images to train on, 0-1.
        seed: Seed of the choice of images, their order, and the weights.

    Returns:
        DataFrame of one row: images, the number of training images; epochs, and the kept one; and
        training, validation, and test: the accuracies (0-1) without dropout on the training images
        used, and on all validation and test images.
    """
    split = _reduced(split, fraction, seed)
    head = heads.paper_head(split.training, split.validation, seed)
    epochs = len(head.history.epoch)
    return _row(split, heads.classify_with(head), epochs, epochs)


def train_network(split, way, epochs, fraction, seed):
    """Train the complete network on a part of the training images.

    Args:
        split: The `data.Split` of the images.
        way: `FINETUNED` or `SCRATCH`.
        epochs: Number of epochs; the one with the highest validation accuracy is kept.
        fraction: As in `train_head`.
        seed: As in `train_head`.

    Returns:
        DataFrame as from `train_head`.
    """
    split = _reduced(split, fraction, seed)
    recipe = replace(RECIPE, epochs=epochs)
    backbone = frozen_features.BACKBONES["imagenet" if way == FINETUNED else "random"](SMALL)
    keras.utils.set_random_seed(seed)
    if way == SCRATCH:
        backbone = keras.models.clone_model(backbone)  # with new random weights
    work = task.prepare(recipe, split, backbone)
    task.compile_model(work.model, recipe, len(split.training))
    name = f"{way}-{SMALL}px-{len(split.training)}-images-{epochs}-epochs-seed{seed}"
    history = loop.fit(work, recipe, seed, paths.cache_folder() / "training" / name, verbose=0)
    kept = int(history["validation_accuracy"].argmax()) + 1
    return _row(split, functools.partial(devices.predict, work.model), epochs, kept)


def _row(split, classify, epochs, kept):
    row = {"images": len(split.training), "epochs": epochs, "kept epoch": kept}
    for name, part in zip(split._fields, split, strict=True):
        row[name] = evaluation.accuracy(part.labels, classify(part.images))
    return heads.rounded([row])


def _reduced(split, fraction, seed):
    chosen = subset(split.training.labels, fraction, np.random.default_rng(seed))
    return split._replace(training=split.training.select(chosen))


def subset(labels, fraction, generator):
    """Draw the same proportion of each class's images; a larger one contains the smaller ones.

    Args:
        labels: Class indices, `(n,)`.
        fraction: The proportion, 0-1.
        generator: NumPy's random generator.

    Returns:
        Sorted indices into the images.
    """
    members = heads.members_of_classes(labels, generator)
    return np.sort(np.concatenate([part[: round(fraction * len(part))] for part in members]))
