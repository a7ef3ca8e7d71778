"""Sources of errors and rankings of likely label errors, on small examples by hand."""

import numpy as np
import pandas as pd
import pytest
from support.predictions import certain

from fer_lib.analysis import label_noise


def test_crowd_classes():
    facts = pd.DataFrame({"crowd": ["disgust", np.nan, "angry"]})
    assert label_noise.crowd_classes(facts).tolist() == [1, -1, 0]


def test_each_error_has_one_source():
    labels = np.array([0, 0, 0, 0, 0])
    crowd = np.array([0, 0, 1, 2, -1])
    tests = [certain([0, 1, 1, 1, 1], 0.9), certain([0, 0, 2, 0, 3], 0.9)]
    sources = label_noise.error_sources(labels, tests, crowd)
    expected = [[0, 0.5, 0, 0, 0], [0, 0, 0.5, 0, 0], [0, 0, 0.5, 0.5, 0], [0, 0, 0, 0, 1]]
    assert sources.tolist() == expected
    wrong = np.argmax(tests, axis=2) != labels
    assert sources.sum(axis=0).tolist() == wrong.mean(axis=0).tolist()


def test_auc_within_class_is_blind_to_differences_between_classes():
    labels = np.repeat([0, 1], 4)
    scores = np.array([5, 6, 7, 8, 1, 2, 3, 4])
    events = np.array([True, True, False, True, False, False, True, False])
    # Within class 0, 1 of 3 pairs is in order; within class 1, 2 of 3.
    area = label_noise.auc_within_class(labels, scores, events)
    assert area == pytest.approx((3 * 1 / 3 + 1 * 2 / 3) / 4)
    once = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    assert label_noise.auc_within_class(labels, scores, events, once) == pytest.approx(1 / 3)


def test_precision_at_is_compared_with_the_same_class_mix():
    labels = np.repeat([0, 1], 10)
    events = np.zeros(20, bool)
    events[[0, 1, 10]] = True
    table = label_noise.precision_at(np.array([0, 5, 10, 11]), labels, events, [2, 4])
    assert table["precision"].tolist() == [0.5, 0.5]
    assert table["expected"].tolist() == pytest.approx([0.2, 0.15])
    assert (table["low"] < table["precision"]).all() and (table["precision"] < table["high"]).all()


def test_rejected_suspects_finds_planted_label_errors_among_images_with_a_majority():
    true = np.repeat(np.arange(7), 20)
    labels = true.copy()
    wrong = np.arange(7) * 20  # one image per class
    labels[wrong] = (true[wrong] + 1) % 7
    crowd = np.where(np.arange(140) % 20 == 19, -1, true)
    labels[19] = 3  # wrong, too, but people are divided
    tables = label_noise.rejected_suspects(labels, 2 * certain(true, 0.9), crowd, [7, 133])
    for table in tables.values():
        assert table["precision"].tolist() == [1, pytest.approx(7 / 133)]
    assert list(tables) == ["a threshold per class", "no thresholds"]


def test_a_threshold_per_class_moves_the_suspicion_to_classes_that_the_model_finds_easy():
    labels = np.repeat([0, 1], 50)
    probabilities = np.full((100, 7), 0.01)
    probabilities[:50, 0], probabilities[50:, 1] = 0.9, 0.5
    probabilities[:50, 2], probabilities[50:, 2] = 0.05, 0.45
    probabilities[0, [0, 2]] = 0.55, 0.4  # low for class 0, and yet a larger margin than in class 1
    crowd = labels.copy()
    crowd[0] = 2
    tables = label_noise.rejected_suspects(labels, probabilities, crowd, [1])
    found = [table.loc[1, "precision"] for table in tables.values()]
    assert found == [1, 0]


def test_conflicting_copies():
    facts = pd.DataFrame(
        {"label": ["sad", "fear", "sad", "sad", "fear"], "near_group": [1, 1, 2, 2, 0]}
    )
    assert label_noise.conflicting_copies(facts).tolist() == [True, True, False, False, False]
