"""Confusions and what they cost, on small examples by hand."""

import numpy as np
import pytest
from support.predictions import BY_HAND, LABELS_BY_HAND, certain, random_predictions

from fer_lib import evaluation, paper
from fer_lib.analysis import confusions
from fer_lib.labels import LABELS


def test_confused_pairs_by_direction():
    pairs = confusions.confused_pairs(LABELS_BY_HAND, BY_HAND, top=2)
    assert pairs["label"].tolist() == ["fear", "angry"]
    assert pairs["predicted"].tolist() == ["angry", "disgust"]
    assert pairs["images"].tolist() == [1, 1]
    assert pairs["proportion of class"].tolist() == pytest.approx([1, 1 / 3])
    assert pairs["proportion of errors"].tolist() == [0.5, 0.5]


def test_claimed_pairs_are_ranked_among_all_directions():
    labels, probabilities = random_predictions(2000)
    claimed = confusions.claimed_pairs(labels, probabilities)
    assert len(claimed) == 2 * len(paper.CONFUSED_PAIRS)
    assert claimed["rank"].is_monotonic_increasing
    everything = confusions.confused_pairs(labels, probabilities, top=42)
    for row in claimed.itertuples():
        ranked = everything.loc[row.rank - 1]
        assert (ranked["label"], ranked["predicted"]) == (row.label, row.predicted)


def test_accuracy_with_perfect_recall():
    assert confusions.accuracy_with_perfect_recall(LABELS_BY_HAND, BY_HAND, []) == 0.6
    assert confusions.accuracy_with_perfect_recall(LABELS_BY_HAND, BY_HAND, ["fear"]) == 0.8
    assert confusions.accuracy_with_perfect_recall(LABELS_BY_HAND, BY_HAND, LABELS) == 1


def test_mean_probabilities_by_class():
    labels, probabilities = random_predictions()
    means = confusions.mean_probabilities(labels, probabilities)
    assert means.loc["sad", "fear"] == pytest.approx(probabilities[labels == 5, 2].mean())
    assert np.allclose(means.sum(axis=1), 1)


def test_table_2_names_the_label_and_the_two_next_classes():
    labels, probabilities = np.arange(7), certain(range(7), 0.7)
    probabilities[3] = [0.1, 0.05, 0, 0.6, 0.2, 0.05, 0]
    table = confusions.table_2(labels, probabilities)
    assert table.loc["happy"].tolist() == [
        "happy 60 (neutral 20, angry 10)",
        "happy 66 (sad 11, disgust 11)",
    ]


def test_recall_gains_are_of_each_class():
    labels, first = random_predictions(1000)
    second = np.where((labels == 3)[:, np.newaxis], certain([3] * 1000), first)
    table = confusions.recall_gains(labels, first, second, resamples=100)
    assert table.loc["happy", "second"] == 1
    assert table.loc["happy", "low"] > 0
    others = table.drop("happy")[["difference", "low", "high"]]
    assert (others == 0).all(axis=None)
    assert table["first"].tolist() == evaluation.recalls(labels, first).tolist()
