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
            first images: a compiler needs to see only one size, and several devices get equal
            parts.
    """

    def __init__(self, inputs, targets, recipe, seed, epoch):
        super().__init__()
        self.inputs, self.targets, self.recipe = inputs, targets, recipe
        self.seed, self.epoch = seed, epoch
        order = np.random.default_rng([seed, epoch]).permutation(len(inputs))
        full = recipe.batch_size if len(order) > recipe.batch_size else devices.count()
        self.order = np.resize(order, len(order) + -len(order) % full)

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


def label_targets(recipe, labels):
    """Turn labels into targets, smoothed as far as the recipe says.

    Args:
        recipe: The `Recipe`.
        labels: Class indices, `(n,)`.

    Returns:
        Target probabilities `(n, 7)`; each row sums to 1.
    """
    smoothing = recipe.label_smoothing
    return (1 - smoothing) * one_hot(labels) + smoothing / len(LABELS)


def distilled(targets, images, teachers, weight):
    """Blend targets with what teachers answer (Hinton et al. 2015).

    Theirs is the mean over the teachers, and over each image and its horizontal flip, which has the
    same expression.

    Args:
        targets: A dict from each answer's name to target probabilities `(n, 7)`.
        images: `(n, 48, 48, 1)`, 0-255.
        teachers: Complete classifiers that give these answers, at least one.
        weight: Weight of the teachers, 0-1.

    Returns:
        A dict like `targets`.

    Raises:
        Problem: If a teacher doesn't give one of the answers.
    """
    outputs = [
        devices.predict(teacher, view)
        for teacher in teachers
        for view in (images, images[:, :, ::-1])
    ]
    return {
        answer: (1 - weight) * values
        + weight * np.mean([answer_of(output, answer) for output in outputs], axis=0)
        for answer, values in targets.items()
    }


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
