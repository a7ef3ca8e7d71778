import numpy as np
import pytest

from fer_lib import labels


def test_probabilities_are_described_by_the_best_class():
    assert labels.describe(np.array([0.05, 0.0, 0.0, 0.874, 0.05, 0.02, 0.006])) == "happy 87%"


@pytest.mark.parametrize(
    "one, other, shared",
    [
        ("fear", "surprise", 4 / 6),
        ("sad", "disgust", 2 / 6),
        ("happy", "sad", 0),
        ("happy", "happy", 1),
    ],
)
def test_shared_action_units_are_counted_among_those_of_either_class(one, other, shared):
    assert labels.shared_action_units(one, other) == shared
    assert labels.shared_action_units(other, one) == shared


def test_a_class_without_action_units_shares_none():
    assert labels.shared_action_units("neutral", "happy") == 0
    assert labels.shared_action_units("neutral", "neutral") == 0


def test_names_become_indices_and_missing_ones_minus_one():
    names = [*labels.LABELS, None, float("nan")]
    assert labels.class_indices(names).tolist() == [0, 1, 2, 3, 4, 5, 6, -1, -1]
