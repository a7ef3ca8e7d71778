from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from support.small_recipes import FINETUNED, FROZEN

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
    batches = [first[index][1] for index in range(len(first))]
    assert {len(batch) for batch in batches} == {FROZEN.batch_size}
    seen = np.concatenate(batches)
    np.testing.assert_array_equal(np.sort(seen[:100]), np.arange(100))
    np.testing.assert_array_equal(seen[100:], seen[: len(seen) - 100])


def test_fewer_images_than_a_batch_are_one_batch():
    inputs, targets = np.arange(5)[:, np.newaxis], {LABEL: np.arange(5)}
    (batch,) = training.Batches(inputs, targets, FROZEN, 0, 0)
    np.testing.assert_array_equal(np.sort(batch[1]), np.arange(5))


def test_balanced_weights_make_every_class_count_the_same():
    labels = np.array([0] * 6 + [1] * 3 + [2])
    weights = training.balanced_class_weights(labels)
    totals = [weights[label] * (labels == label).sum() for label in range(3)]
    np.testing.assert_allclose(totals, len(labels) / 3)


def test_label_targets_are_smoothed():
    targets = training.label_targets(FINETUNED, np.array([0, 3]))
    assert targets[0, 0] == pytest.approx(0.9 + 0.1 / 7)
    assert targets[0, 1] == pytest.approx(0.1 / 7)


def test_distilled_targets_are_partly_what_teachers_answer():
    images = np.zeros((2, 48, 48, 1), np.uint8)
    shares = np.array([[0, 0, 0, 1, 0, 0, 0], [0] * 7])  # the second image has no votes
    targets = {LABEL: np.eye(7)[[0, 3]], PEOPLE: shares}
    uniform = np.full((2, 7), 1 / 7)
    teacher = _ConstantModel({LABEL: uniform, PEOPLE: np.eye(7)[[3, 3]]})
    taught = training.distilled(targets, images, [teacher], 0.25)
    np.testing.assert_allclose(taught[LABEL], 0.75 * targets[LABEL] + 0.25 / 7)
    np.testing.assert_allclose(taught[PEOPLE][:, 3], [1, 0.25])


def test_distilling_averages_teachers():
    images = np.zeros((1, 48, 48, 1), np.uint8)
    teachers = [_ConstantModel(np.eye(7)[[label]]) for label in (0, 1)]
    taught = training.distilled({LABEL: np.eye(7)[[2]]}, images, teachers, 0.5)[LABEL]
    np.testing.assert_allclose(taught, [[0.25, 0.25, 0.5, 0, 0, 0, 0]])


class _ConstantModel:
    """What `devices.predict` needs of a model, with the same answers whatever the images."""

    def __init__(self, outputs):
        self.outputs = outputs

    def predict(self, images, batch_size, verbose):
        return self.outputs


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
