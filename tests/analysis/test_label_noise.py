"""Confident errors and likely label errors on small examples by hand."""

import numpy as np
import pytest
from support.predictions import certain
from support.recorded_runs import run_of

from fer_lib.analysis import label_noise


def test_confident_errors_come_most_confident_first():
    labels = np.array([0, 1, 2, 3])
    probabilities = np.concatenate([certain([0], 0.99), certain([2], 0.8), certain([0, 4], 0.9)])
    errors = label_noise.confident_errors(run_of(labels, probabilities).predictions, top=2)
    assert errors["name"].tolist() == ["image 2", "image 3"]
    assert errors["predicted"].tolist() == ["angry", "neutral"]
    assert errors["confidence"].tolist() == [0.9, 0.9]


def test_likely_label_errors_are_those_that_no_run_finds_probable():
    labels = np.array([0, 0])
    first = run_of(labels, np.concatenate([certain([1], 0.9), certain([1], 0.8)])).predictions
    second = run_of(labels, np.concatenate([certain([0], 0.9), certain([1], 0.8)])).predictions
    found = label_noise.likely_label_errors([first, second], top=2)
    assert found["name"].tolist() == ["image 1", "image 0"]
    assert found["probability of label"].tolist() == pytest.approx([0.2 / 6, (0.9 + 0.1 / 6) / 2])
    with pytest.raises(ValueError, match="not of the same images"):
        label_noise.likely_label_errors([first, second.iloc[::-1]])
