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


def test_conflicting_copies():
    facts = pd.DataFrame(
        {"label": ["sad", "fear", "sad", "sad", "fear"], "near_group": [1, 1, 2, 2, 0]}
    )
    assert label_noise.conflicting_copies(facts).tolist() == [True, True, False, False, False]
