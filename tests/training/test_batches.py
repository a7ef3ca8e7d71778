from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from support.small_recipes import FINETUNED, FROZEN
from support.tolerances import PROBABILITIES

from fer_lib import training
from fer_lib.data import ferplus, manifest
from fer_lib.exceptions import Problem
from fer_lib.labels import LABEL, PEOPLE
from fer_lib.training.augmentation import Augmentation


def test_epochs_differ_and_repeat():
    inputs, targets = np.arange(100)[:, np.newaxis], {LABEL: np.arange(100)}
    first, again = (training.Batches(inputs, targets, FROZEN, 0, 1) for _ in range(2))
    other = training.Batches(inputs, targets, FROZEN, 0, 2)
    np.testing.assert_array_equal(first.order, again.order)
    assert (first.order != other.order).any()
    seen = np.concatenate([first[index][1] for index in range(len(first))])
    np.testing.assert_array_equal(np.sort(seen), np.arange(100))


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
    both = {LABEL: targets, PEOPLE: targets[:, ::-1]}
    images, answers = training.Batches(inputs, both, recipe, 0, 0)[0]
    blended = answers[LABEL]
    np.testing.assert_array_equal(answers[PEOPLE], blended[:, ::-1])
    np.testing.assert_allclose(images[:, 0, 0, 0] / 200, blended[:, 1], atol=1e-6)
    assert ((blended[:, 1] > 0.01) & (blended[:, 1] < 0.99)).any()


def test_votes_become_targets_and_images_without_votes_count_for_nothing(monkeypatch):
    facts = pd.DataFrame(
        {"name": ["a", "b", "c"], "ferplus_row": [2, -1, 0], "duplicate_group": [0, 0, 0]}
    )
    votes = np.zeros((3, 10), int)
    votes[0, [ferplus.OPTIONS.index("sad"), ferplus.OPTIONS.index("contempt")]] = 3, 7
    votes[2, [ferplus.OPTIONS.index("happy"), ferplus.OPTIONS.index("angry")]] = 6, 2
    monkeypatch.setattr(manifest, "load", lambda: facts)
    monkeypatch.setattr(ferplus, "locate", lambda: "votes")
    monkeypatch.setattr(ferplus, "read", lambda path: votes)
    targets = training.vote_targets(np.array(["c", "a", "b"]))
    assert targets.tolist() == [
        [0, 0, 0, 0, 0, 1, 0],
        [0.25, 0, 0, 0.75, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]
    with pytest.raises(Problem, match="FER2013's images only"):
        training.vote_targets(np.array(["drawn_00000"]))
    monkeypatch.setattr(ferplus, "locate", lambda: None)
    with pytest.raises(Problem, match="needs FER\\+. Get the file"):
        training.vote_targets(np.array(["a"]))
