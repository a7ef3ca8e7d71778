from dataclasses import replace

import keras
import numpy as np
import pytest
from support.small_recipes import FINETUNED, FROZEN
from support.tolerances import PROBABILITIES

from fer_lib import training
from fer_lib.training.augmentation import Augmentation


def test_epochs_differ_and_repeat():
    inputs, labels = np.arange(100)[:, np.newaxis], np.arange(100)
    first, again = (training.Batches(inputs, labels, FROZEN, 0, 1) for _ in range(2))
    other = training.Batches(inputs, labels, FROZEN, 0, 2)
    np.testing.assert_array_equal(first.order, again.order)
    assert (first.order != other.order).any()
    seen = np.concatenate([first[index][1] for index in range(len(first))])
    np.testing.assert_array_equal(np.sort(seen), labels)


def test_balanced_weights_make_every_class_count_the_same():
    labels = np.array([0] * 6 + [1] * 3 + [2])
    weights = training.balanced_class_weights(labels)
    totals = [weights[label] * (labels == label).sum() for label in range(3)]
    np.testing.assert_allclose(totals, len(labels) / 3)


def test_targets_are_distilled_and_smoothed():
    labels = np.array([0, 3])
    images = np.zeros((2, 48, 48, 1), np.uint8)
    plain = training.soft_targets(FINETUNED, images, labels)
    assert plain[0, 0] == pytest.approx(0.9 + 0.1 / 7) and plain[0, 1] == pytest.approx(0.1 / 7)
    recipe = replace(FINETUNED, label_smoothing=0.0, distillation_weight=0.25)
    teacher = keras.Sequential([keras.Input((48, 48, 1)), keras.layers.Flatten()])
    teacher.add(keras.layers.Dense(7, kernel_initializer="zeros", activation="softmax"))
    distilled = training.soft_targets(recipe, images, labels, [teacher])
    np.testing.assert_allclose(distilled, 0.75 * np.eye(7)[labels] + 0.25 / 7, **PROBABILITIES)


def test_mixup_blends_images_as_it_blends_their_targets():
    inputs = np.zeros((64, 48, 48, 1), np.uint8)
    inputs[32:] = 200
    targets = training.one_hot(np.repeat([0, 1], 32))
    recipe = replace(FINETUNED, mixup=1.0, batch_size=64, augmentation=Augmentation())
    images, blended = training.Batches(inputs, targets, recipe, 0, 0)[0]
    np.testing.assert_allclose(images[:, 0, 0, 0] / 200, blended[:, 1], atol=1e-6)
    assert ((blended[:, 1] > 0.01) & (blended[:, 1] < 0.99)).any()
