"""Batches of training images and the targets they are fitted to."""

import keras
import numpy as np
import pandas as pd

from fer_lib.data import ferplus, manifest
from fer_lib.exceptions import Problem
from fer_lib.labels import LABEL, LABELS
from fer_lib.models import answer_of
from fer_lib.training import devices


class Batches(keras.utils.PyDataset):
    """The batches of one epoch; seed and epoch alone decide their order and their augmentation.

    Attributes:
        inputs: Images `(n, 48, 48, 1)`, 0-255, or features `(n, ...)`.
        targets: Target probabilities, a dict from each answer's name to `(n, 7)`.
        recipe: The `Recipe`. It decides batch size, augmentation, and mixup.
        seed: Seed of the run.
        epoch: Number of the epoch, from 0.
        order: Index of each image in order, `(m,)`. The last batch is filled up with the epoch's
            first images, so that several devices get equal parts.
    """

    def __init__(self, inputs, targets, recipe, seed, epoch):
        super().__init__()
        self.inputs, self.targets, self.recipe = inputs, targets, recipe
        self.seed, self.epoch = seed, epoch
        order = np.random.default_rng([seed, epoch]).permutation(len(inputs))
        self.order = np.resize(order, len(order) + devices.padding(len(order)))

    def __len__(self):
        return -(-len(self.order) // self.recipe.batch_size)

    def __getitem__(self, index):
        """Get a batch.

        Args:
            index: Its number, from 0.

        Returns:
            A pair: inputs, augmented and mixed as the recipe says, and targets, float32, a dict as
            above or, of a single answer, an array.
        """
        start = index * self.recipe.batch_size
        chosen = self.order[start : start + self.recipe.batch_size]
        batch = self.inputs[chosen]
        targets = {answer: every[chosen] for answer, every in self.targets.items()}
        generator = np.random.default_rng([self.seed, self.epoch, index])
        if self.recipe.trainable_from == "all":
            batch = self.recipe.augmentation.apply(batch, generator)
        if self.recipe.mixup:
            weight = generator.beta(self.recipe.mixup, self.recipe.mixup)
            batch = _mix(batch, weight)
            targets = {answer: _mix(values, weight) for answer, values in targets.items()}
        targets = {answer: values.astype(np.float32) for answer, values in targets.items()}
        return batch, targets if len(targets) > 1 else targets[LABEL]


def _mix(values, weight):
    """Blend each with the one as far from the end as it is from the start."""
    return weight * values + (1 - weight) * values[::-1]


def one_hot(labels):
    """Turn class indices `(n,)` into one-hot targets `(n, 7)`: 1 for the label, 0 elsewhere."""
    return np.eye(len(LABELS), dtype=np.float32)[labels]


def soft_targets(recipe, images, labels, teachers=()):
    """Compute the targets of training images.

    Each is the one-hot label, blended with the teachers' mean prediction for the image and its
    horizontal flip (the expression is the same), then smoothed, as far as the recipe says so.

    Args:
        recipe: The `Recipe`.
        images: `(n, 48, 48, 1)`, 0-255; only teachers use them.
        labels: Class indices, `(n,)`.
        teachers: Complete classifiers, to distill from.

    Returns:
        Target probabilities `(n, 7)`; each row sums to 1.
    """
    targets = one_hot(labels)
    if teachers:
        predictions = [
            answer_of(devices.predict(teacher, view))
            for teacher in teachers
            for view in (images, images[:, :, ::-1])
        ]
        weight = recipe.distillation_weight
        targets = (1 - weight) * targets + weight * np.mean(predictions, axis=0)
    return (1 - recipe.label_smoothing) * targets + recipe.label_smoothing / len(LABELS)


def vote_targets(names):
    """Look up what people said of images, as targets.

    Args:
        names: The images' names in FER2013, `(n,)`.

    Returns:
        Shares of FER+'s votes for the seven classes, `(n, 7)`. Each row sums to 1; an image without
        such votes has zeros, with which it adds nothing to the loss.

    Raises:
        Problem: If the votes are missing or damaged, or the images are not FER2013's.
    """
    facts = manifest.load()
    if not set(names) <= set(facts["name"]):
        raise Problem("People voted on FER2013's images only. Run `fer data` for help.")
    path = ferplus.locate()
    if path is None:
        raise Problem(f"Training on people's votes needs FER+. {ferplus.HOW_TO_GET_IT}")
    votes = ferplus.votes_of(facts, ferplus.read(path))[:, [*map(ferplus.OPTIONS.index, LABELS)]]
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    return shares[pd.Index(facts["name"]).get_indexer(names)].astype(np.float32)


def balanced_class_weights(labels):
    """Compute class weights with which every class counts the same in the loss.

    Args:
        labels: Class indices, `(n,)`.

    Returns:
        A dict from each class index that occurs to its weight, inverse to its frequency.
    """
    classes, counts = np.unique(labels, return_counts=True)
    weights = len(labels) / (len(classes) * counts)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))
