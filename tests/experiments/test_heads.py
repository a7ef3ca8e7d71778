from dataclasses import replace

import numpy as np
import pytest

from fer_lib import evaluation
from fer_lib.experiments import frozen_features, heads


@pytest.fixture
def split(faces):
    return heads.split(faces, frozen_features.of().after())


@pytest.fixture
def few_epochs(monkeypatch):
    monkeypatch.setattr(heads, "RECIPE", replace(heads.RECIPE, epochs=3))


def test_features_stay_with_their_labels(split):
    for part in split:
        assert np.mean(part.images.argmax(axis=1) == part.labels) > 0.9


def test_tiny_and_constant_features_are_standardized(faces):
    features = 1e-25 * frozen_features.of().after()
    features[:, 0] = 0
    standardized = heads.standardized(heads.split(faces, features)).training.images
    np.testing.assert_allclose(standardized.std(axis=0), [0, 1, 1, 1, 1, 1, 1], atol=1e-4)


def test_the_linear_probe_finds_what_is_linear(split):
    probe = heads.linear_probe(split.training)
    probabilities = probe.predict_proba(split.test.images)
    assert evaluation.accuracy(split.test.labels, probabilities) > 0.8


def test_a_seed_decides_the_head(split, few_epochs):
    trained = [heads.paper_head(*split[:2], seed) for seed in (0, 0, 1)]
    classified = [heads.classify_with(head)(split.test.images) for head in trained]
    np.testing.assert_allclose(classified[0], classified[1], rtol=1e-3)
    assert not np.allclose(classified[0], classified[2], rtol=1e-3)


def test_class_weights_reach_the_training(split, few_epochs):
    only_fear = {label: float(label == 2) for label in range(7)}
    plain, weighted = (
        heads.classify_with(heads.paper_head(*split[:2], 0, weights))(split.test.images)
        for weights in (None, only_fear)
    )
    assert weighted[:, 2].mean() > plain[:, 2].mean() + 0.001


def test_metrics_of_a_perfect_classifier_are_1_and_need_no_probabilities():
    labels = np.arange(14) % 7
    values = heads.metrics(labels, 5 * np.eye(7)[labels] - 2)
    assert set(values.values()) == {1.0} and "AUC disgust" in values


def test_auc_ignores_the_threshold():
    labels = np.arange(14) % 7
    probabilities = np.eye(7)[labels]
    probabilities[:, 1] -= 1.01  # disgust is never predicted, and still ranked right
    values = heads.metrics(labels, probabilities)
    assert values["recall disgust"] < 1 and values["AUC disgust"] == 1
