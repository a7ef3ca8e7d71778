"""Calibration error by hand; temperature and biases recovered from miscalibrated predictions."""

import numpy as np
import pytest
from scipy.special import softmax
from support.predictions import certain, random_predictions

from fer_lib import evaluation


def test_calibration_error_by_hand():
    # Ten images at 0.75, of which five are correct; ten at 0.95, all correct.
    labels = np.array([0] * 5 + [1] * 5 + [0] * 10)
    probabilities = np.concatenate([certain([0] * 10, 0.75), certain([0] * 10, 0.95)])
    table = evaluation.reliability_table(labels, probabilities, bins=10)
    assert table["images"].tolist() == [10, 10]
    assert table["accuracy"].tolist() == [0.5, 1]
    assert table["low"].tolist() == pytest.approx([0.7, 0.9])
    error = evaluation.expected_calibration_error(labels, probabilities, bins=10)
    assert error == pytest.approx((0.25 + 0.05) / 2)


def test_a_bin_holds_its_upper_edge():
    table = evaluation.reliability_table(np.array([0, 1]), certain([0, 0], 1.0), bins=2)
    assert table[["low", "high", "accuracy"]].to_numpy().tolist() == [[0.5, 1, 0.5]]
    half = np.array([[0.5, 0.3, 0.2, 0, 0, 0, 0]])
    assert evaluation.reliability_table(np.array([0]), half, bins=2)["high"].tolist() == [0.5]


def calibrated_predictions():
    """Probabilities of 20,000 images, and labels drawn from them."""
    generator = np.random.default_rng(0)
    probabilities = softmax(generator.normal(size=(20000, 7)), axis=1)
    labels = (probabilities.cumsum(axis=1) > generator.random((20000, 1))).argmax(axis=1)
    return labels, probabilities


def test_temperature_is_recovered():
    labels, calibrated = calibrated_predictions()
    overconfident = evaluation.with_temperature(calibrated, 0.5)
    temperature = evaluation.fit_temperature(labels, overconfident)
    assert temperature == pytest.approx(2, rel=0.05)
    recovered = evaluation.with_temperature(overconfident, temperature)
    before = evaluation.expected_calibration_error(labels, overconfident)
    assert evaluation.expected_calibration_error(labels, recovered) < before / 5
    assert (recovered.argmax(axis=1) == overconfident.argmax(axis=1)).all()
    assert np.allclose(recovered.sum(axis=1), 1)


def test_temperature_and_biases_are_recovered():
    labels, calibrated = calibrated_predictions()
    biases = np.array([0.6, -0.6, 0, 0, 0.3, 0, -0.3])
    miscalibrated = evaluation.with_temperature(calibrated, 0.5, -2 * biases)
    temperature, found = evaluation.fit_temperature_and_biases(labels, miscalibrated)
    assert temperature == pytest.approx(2, rel=0.05)
    assert found == pytest.approx(biases, abs=0.06)
    recovered = evaluation.with_temperature(miscalibrated, temperature, found)
    assert np.allclose(recovered.sum(axis=1), 1)
    assert (
        evaluation.accuracy(labels, recovered) > evaluation.accuracy(labels, miscalibrated) + 0.01
    )


def test_temperature_one_changes_nothing():
    _, probabilities = random_predictions()
    assert np.allclose(evaluation.with_temperature(probabilities, 1), probabilities, atol=1e-4)
    same_biases = evaluation.with_temperature(probabilities, 1, np.full(7, 3))
    assert np.allclose(same_biases, probabilities, atol=1e-4)


def test_a_calibrated_model_has_a_small_error_that_an_overconfident_one_exceeds():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(7), 2000)
    labels = np.array([generator.choice(7, p=row) for row in probabilities])
    simulated = evaluation.errors_if_calibrated(probabilities)
    low, high = np.quantile(simulated, [0.005, 0.995])
    assert low > 0.005
    assert low < evaluation.expected_calibration_error(labels, probabilities) < high
    sharpened = evaluation.with_temperature(probabilities, 0.7)
    limit = np.quantile(evaluation.errors_if_calibrated(sharpened), 0.995)
    assert evaluation.expected_calibration_error(labels, sharpened) > limit
