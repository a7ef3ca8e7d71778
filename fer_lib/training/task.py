"""What a recipe fits: a model, its inputs, and its targets."""

import time
from typing import NamedTuple

import keras
import numpy as np

from fer_lib import models
from fer_lib.labels import LABEL, PEOPLE
from fer_lib.models import batch_norm
from fer_lib.training import features
from fer_lib.training.batches import distilled, label_targets, vote_targets


class Task(NamedTuple):
    """A model to fit, and what to fit it on.

    With a frozen backbone the inputs are its features, and the model is what comes after it.

    Attributes:
        model: The Keras model.
        targets: Target probabilities of the training images, a dict from each answer's name to
            `(n, 7)`.
        training: Inputs `(n, ...)` and class indices `(n,)` of the training images.
        validation: The same of the validation images.
        test: The same of the test images.
        feature_seconds: Time spent on building the model and computing features.
    """

    model: keras.Model
    targets: dict
    training: tuple
    validation: tuple
    test: tuple
    feature_seconds: float


def prepare(recipe, split, backbone, teachers=(), verbose=0):
    """Prepare what a recipe fits.

    Args:
        recipe: The `Recipe`.
        split: The `data.Split` to train and evaluate on.
        backbone: A Keras model of images `(n, size, size, 3)`, with the weights to start from.
        teachers: Complete classifiers, to distill from.
        verbose: 1 for a progress bar of the features, 0 for none.

    Returns:
        The `Task`, its model not compiled.
    """
    start = time.perf_counter()
    if recipe.trainable_from == "all":
        model, inputs, labels = _on_images(recipe, split, backbone)
    else:
        model, inputs, labels = _on_features(recipe, split, backbone, verbose)
    seconds = time.perf_counter() - start
    targets = {LABEL: label_targets(recipe, labels[0])}
    if PEOPLE in recipe.answers:
        targets[PEOPLE] = vote_targets(split.training.names)
    if teachers:
        weight = recipe.distillation_weight
        targets = distilled(targets, split.training.images, teachers, weight)
    return Task(model, targets, *zip(inputs, labels, strict=True), feature_seconds=seconds)


def _on_images(recipe, split, backbone):
    """The complete classifier; inputs and labels of each part of the split."""
    model = models.build(
        batch_norm.for_training(backbone, recipe.batch_norm_momentum),
        recipe.size,
        recipe.pooling,
        recipe.hidden_units,
        recipe.dropout,
        recipe.pixel_range,
        recipe.answers,
    )
    return model, [part.images for part in split], [part.labels for part in split]


def _on_features(recipe, split, backbone, verbose):
    """The layers after the frozen ones; inputs and labels of each part of the split."""
    extractor = models.feature_extractor(
        backbone, recipe.size, recipe.pooling, recipe.pixel_range, recipe.trainable_from
    )
    inputs = [features.compute(extractor, part.images, verbose) for part in split]
    labels = [part.labels for part in split]
    if recipe.augmentation.flip:
        flipped = features.compute(extractor, split.training.images[:, :, ::-1], verbose)
        inputs[0] = np.concatenate([inputs[0], flipped])
        labels[0] = np.concatenate([labels[0], labels[0]])
    model = models.trainable_part(backbone, recipe, extractor.output_shape[1:])
    return model, inputs, labels


def compile_model(model, recipe, training_images):
    """Compile a model with a recipe's optimizer, learning rate, and losses, all cross-entropy.

    Args:
        model: The Keras model.
        recipe: The `Recipe`.
        training_images: Number of training images; cosine decay depends on it.
    """
    rate = recipe.learning_rate
    if recipe.schedule == "cosine":
        steps = -(-training_images // recipe.batch_size) * recipe.epochs
        rate = keras.optimizers.schedules.CosineDecay(recipe.learning_rate, steps)
    config = {"learning_rate": rate}
    if recipe.ema_momentum is not None:
        # Keras puts the average in place of the weights at the end of `fit`, so of each epoch.
        config |= {"use_ema": True, "ema_momentum": recipe.ema_momentum}
    optimizer = keras.optimizers.get({"class_name": recipe.optimizer, "config": config})
    losses, weights, metrics = "categorical_crossentropy", None, ["accuracy"]
    if PEOPLE in recipe.answers:
        losses = dict.fromkeys(recipe.answers, losses)
        weights = {LABEL: 1 - recipe.people_weight, PEOPLE: recipe.people_weight}
        metrics = {LABEL: metrics}
    model.compile(optimizer, losses, weights, metrics)
