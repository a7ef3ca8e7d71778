"""Bootstrap intervals against the binomial ones; paired differences; the spread over seeds."""

import numpy as np
import pandas as pd
import pytest
from support.predictions import certain, random_predictions
from support.recorded_runs import run_of

from fer_lib import evaluation


def test_bootstrap_interval_of_a_proportion_is_the_binomial_one():
    labels = np.zeros(1000, dtype=int)
    probabilities = certain([0] * 500 + [1] * 500)
    estimate = evaluation.interval(evaluation.accuracy, labels, probabilities)
    width = 1.96 * (0.5 * 0.5 / 1000) ** 0.5
    assert estimate.value == 0.5
    assert estimate.low == pytest.approx(0.5 - width, abs=0.005)
    assert estimate.high == pytest.approx(0.5 + width, abs=0.005)
    assert evaluation.interval(evaluation.accuracy, labels, probabilities) == estimate
    assert str(evaluation.Estimate(0.5, 0.25, 1)) == "0.500 [0.250, 1.000]"


def test_paired_difference_is_narrower_than_two_intervals():
    labels, first = random_predictions(1000)
    second = first.copy()
    wrong = np.flatnonzero(first.argmax(axis=1) != labels)[:30]
    second[wrong] = certain(labels[wrong])
    gain = evaluation.difference(evaluation.accuracy, labels, first, second)
    assert gain.value == pytest.approx(0.03)
    assert 0.015 < gain.low < 0.03 < gain.high < 0.045
    none = evaluation.difference(evaluation.accuracy, labels, first, first)
    assert tuple(none) == (0, 0, 0)


def test_interval_takes_a_statistic_of_many_numbers():
    labels, probabilities = random_predictions()
    estimate = evaluation.interval(evaluation.recalls, labels, probabilities, resamples=50)
    assert (estimate.low <= estimate.value).all()
    assert (estimate.value <= estimate.high).all()
    assert estimate.value.shape == (7,)


def test_spread_is_mean_and_sample_deviation():
    tables = [pd.DataFrame({"F1": [value]}, index=["happy"]) for value in (1.0, 2.0, 3.0)]
    mean, deviation = evaluation.spread(tables)
    assert mean.loc["happy", "F1"] == 2
    assert deviation.loc["happy", "F1"] == 1


def test_paired_runs_must_have_predicted_the_same_images():
    labels, probabilities = random_predictions(10)
    first, second = run_of(labels, probabilities), run_of(labels, certain(labels))
    found = evaluation.paired(first, second, "PublicTest")
    assert all(
        np.array_equal(*pair)
        for pair in zip(found, (labels, probabilities, certain(labels)), strict=True)
    )
    second.predictions["name"] = second.predictions["name"].to_numpy()[::-1]
    with pytest.raises(ValueError, match="did not predict the same PublicTest images"):
        evaluation.paired(first, second, "PublicTest")


def test_a_clustered_interval_does_not_narrow_when_images_are_copied():
    correct = np.random.default_rng(0).random(300) < 0.6
    images = np.arange(300)

    def accuracy_of(values):
        return lambda drawn: np.average(values, weights=drawn)

    once = evaluation.clustered(accuracy_of(correct), images)
    copied = evaluation.clustered(accuracy_of(np.tile(correct, 5)), np.tile(images, 5))
    assert copied == pytest.approx(once)
    plain = evaluation.interval(np.mean, correct)
    assert once.value == plain.value
    assert once.high - once.low == pytest.approx(plain.high - plain.low, rel=0.1)


def test_a_clustered_mean_weighs_images_and_draws_clusters():
    values, clusters = np.array([0.0, 1.0, 1.0, 4.0]), np.array([0, 0, 1, 2])
    assert evaluation.clustered_mean(values, clusters).value == 1.5
    weighted = evaluation.clustered_mean(values, clusters, np.array([3.0, 1.0, 1.0, 1.0]))
    assert weighted.value == 1.0
    by_hand = evaluation.clustered(lambda drawn: np.average(values, weights=drawn), clusters)
    assert evaluation.clustered_mean(values, clusters) == by_hand
