"""Batches of training images and the targets they are fitted to."""

import keras
import numpy as np

from fer_lib.labels import LABELS
from fer_lib.training import devices


class Batches(keras.utils.PyDataset):
    """One epoch's batches: (seed, epoch) alone decide what each holds and how it is changed."""

    def __init__(self, inputs, targets, recipe, seed, epoch):
        super().__init__()
        self.inputs, self.targets, self.recipe = inputs, targets, recipe
        self.seed, self.epoch = seed, epoch
        order = np.random.default_rng([seed, epoch]).permutation(len(targets))
        # The last batch is filled up from the first one, for equal shares of several devices.
        self.order = np.resize(order, len(order) + devices.missing(len(order)))

    def __len__(self):
        return -(-len(self.order) // self.recipe.batch_size)

    def __getitem__(self, index):
        start = index * self.recipe.batch_size
        chosen = self.order[start : start + self.recipe.batch_size]
        batch, targets = self.inputs[chosen], self.targets[chosen]
        generator = np.random.default_rng([self.seed, self.epoch, index])
        if self.recipe.trainable_from == "all":
            batch = self.recipe.augmentation.apply(batch, generator)
        if self.recipe.mixup:
            share = generator.beta(self.recipe.mixup, self.recipe.mixup)
            batch, targets = (share * part + (1 - share) * part[::-1] for part in (batch, targets))
        return batch, targets.astype(np.float32)


def one_hot(labels):
    """Certain targets, (n, 7): 1 for the label, 0 for every other class."""
    return np.eye(len(LABELS), dtype=np.float32)[labels]


def soft_targets(recipe, images, labels, teachers=()):
    """What training images shall be taken for, (n, 7), rows that sum to 1.

    The label's one-hot vector, blended with the teachers' mean prediction (of the image and of its
    mirror image, which are the same expression) and smoothed, as far as the recipe asks for it.
    teachers: their models.
    """
    targets = one_hot(labels)
    if teachers:
        predictions = [
            devices.predict(teacher, view)
            for teacher in teachers
            for view in (images, images[:, :, ::-1])
        ]
        taught = np.mean(predictions, axis=0)
        targets = (1 - recipe.teacher_share) * targets + recipe.teacher_share * taught
    return (1 - recipe.label_smoothing) * targets + recipe.label_smoothing / len(LABELS)


def balanced_class_weights(labels):
    """{class index: weight}, inverse to the class's share, so that each class weighs the same."""
    classes, counts = np.unique(labels, return_counts=True)
    weights = len(labels) / (len(classes) * counts)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))
