"""Is the network not overfitted, only low? Accuracy by number of training images, in four ways.

The ways differ in what was learned before, and in what is trained: frozen backbones (of ImageNet's
weights and of random ones) under the paper's head, and the complete network, fine-tuned from
ImageNet or trained from scratch.
"""

import functools
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
# By fraction, epochs of each way and number of seeds: what two cores train in an hour.
EPOCHS = {FINETUNED: {0.1: 10, 0.3: 6, 1.0: 4}, SCRATCH: {0.1: 20, 0.3: 12, 1.0: 8}}
TRAINED_SEEDS = {0.1: 2, 0.3: 2, 1.0: 1}


def compute(dataset, keep):
    """Train in all ways on all fractions of the training images. Takes an hour on two cores.

    Args:
        dataset: The `data.Dataset` of FER2013.
        keep: See `records`.

    Returns:
        DataFrame with the rows of `train`.
    """
    settings = [(FROZEN, heads.RECIPE.size), (FROZEN, SMALL), (RANDOM, SMALL)]
    works = [(*way, fraction, seed) for way in settings for fraction in FRACTIONS for seed in SEEDS]
    works += [
        (way, SMALL, fraction, seed)
        for seed in range(max(TRAINED_SEEDS.values()))
        for fraction in FRACTIONS
        for way in EPOCHS
        if seed < TRAINED_SEEDS[fraction]
    ]
    tables = [keep(f"{work}, {_epochs(work)}", train, dataset, *work) for work in works]
    return pd.concat(tables, ignore_index=True)


def _epochs(work):
    way, _, fraction, _ = work
    return f"at most {EPOCHS[way][fraction] if way in EPOCHS else heads.RECIPE.epochs} epochs"


def train(dataset, way, size, fraction, seed):
    """Train in one way on a part of the training images.

    Args:
        dataset: The `data.Dataset`.
        way: `FROZEN`, `RANDOM`, `FINETUNED`, or `SCRATCH`.
        size: Side of the images that the backbone takes, pixels.
        fraction: Proportion of each class's training images to train on, 0-1.
        seed: Seed of the choice of images, their order, and the weights; the random backbone is
            always the same.

    Returns:
        DataFrame of one row: way, size, fraction, seed; images, the number of training images;
        epochs, and the kept one; and training, validation, and test, the accuracies (0-1) without
        dropout on the training images used, and on all validation and test images.
    """
    frozen = {FROZEN: "imagenet", RANDOM: "random"}
    if way in frozen:
        features = frozen_features.of(dataset.images, size, frozen[way]).after()
        split = _reduced(heads.split(dataset, features), fraction, seed)
        classify, epochs, kept = _train_head(split, seed)
    else:
        split = _reduced(data.paper_split(dataset), fraction, seed)
        classify, epochs, kept = _train_network(split, way, size, fraction, seed)
    row = {"way": way, "size": size, "fraction": fraction, "seed": seed}
    row |= {"images": len(split.training), "epochs": epochs, "kept epoch": kept}
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


def _train_head(split, seed):
    """Returns the classifier as a function, the number of epochs, and the kept epoch."""
    head = heads.paper_head(split.training, split.validation, seed)
    epochs = len(head.history.epoch)
    return heads.classify_with(head), epochs, epochs


def _train_network(split, way, size, fraction, seed):
    """The same for a network that is trained end to end."""
    recipe = replace(RECIPE, size=size, epochs=EPOCHS[way][fraction])
    backbone = frozen_features.BACKBONES["imagenet" if way == FINETUNED else "random"](size)
    keras.utils.set_random_seed(seed)
    if way == SCRATCH:
        backbone = keras.models.clone_model(backbone)  # with new random weights
    work = task.prepare(recipe, split, backbone)
    task.compile_model(work.model, recipe, len(split.training))
    name = f"{way}-{size}px-{len(split.training)}-images-{recipe.epochs}-epochs-seed{seed}"
    history = loop.fit(work, recipe, seed, paths.cache_folder() / "training" / name, verbose=0)
    kept = int(history["validation_accuracy"].argmax()) + 1
    return functools.partial(devices.predict, work.model), len(history), kept
