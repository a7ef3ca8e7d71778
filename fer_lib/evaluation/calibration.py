"""Whether confidence matches accuracy, and the temperature that makes it match."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import softmax

from fer_lib import runs
from fer_lib.data import ferplus, manifest
from fer_lib.evaluation import people
from fer_lib.evaluation.metrics import MIN_PROBABILITY, check_shapes, negative_log_likelihood
from fer_lib.labels import LABEL, LABELS, PEOPLE

# Chosen on PublicTest (notebook 05): rare expressions are found more often, at little cost.
PRIOR_EXPONENT = 0.5


def expected_calibration_error(labels, probabilities, bins=15):
    """Compute the mean gap between confidence and accuracy, weighted by bin size.

    Source: Guo et al. 2017, section 2.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.
        bins: Number of bins of equal width.

    Returns:
        A float in 0-1.
    """
    _, confidence, correct = _bin_sums(labels, probabilities, bins)
    return float(np.abs(correct - confidence).sum() / len(labels))


def reliability_table(labels, probabilities, bins=15):
    """Compare accuracy with confidence, the highest probability, in bins of equal width.

    Source: Guo et al. 2017, section 2.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.
        bins: Number of bins.

    Returns:
        DataFrame with one row per bin that has images: low and high (the bin holds
        low < confidence <= high), images, and the means of confidence and accuracy (0-1).
    """
    images, *sums = _bin_sums(labels, probabilities, bins)
    edges = np.linspace(0, 1, bins + 1)
    confidence, accuracy = sums / np.maximum(images, 1)
    columns = {"low": edges[:-1], "high": edges[1:], "images": images}
    table = pd.DataFrame({**columns, "confidence": confidence, "accuracy": accuracy})
    return table[images > 0].reset_index(drop=True)


def _bin_sums(labels, probabilities, bins):
    """In each bin `(bins,)`: the images, the sum of their confidence, and how many are correct."""
    check_shapes(labels, probabilities)
    confidence = probabilities.max(axis=1)
    edges = np.linspace(0, 1, bins + 1)
    bin_numbers = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    correct = probabilities.argmax(axis=1) == labels
    return [np.bincount(bin_numbers, each, bins) for each in (None, confidence, correct)]


def errors_if_calibrated(probabilities, draws=200):
    """Simulate the calibration errors that a perfectly calibrated model would get.

    They aren't zero, because each bin holds few images. The labels are drawn from the
    probabilities, so these are right by construction ("consistency resampling", Bröcker & Smith
    2007). The draws are the same on every call.

    Args:
        probabilities: Probabilities, `(n, 7)`.
        draws: Number of simulations.

    Returns:
        Array `(draws,)` of expected calibration errors, 0-1.
    """
    generator = np.random.default_rng(0)
    edges = np.cumsum(probabilities, axis=1)[:, :-1]
    samples = (generator.random((len(edges), 1)) for _ in range(draws))
    drawn = ((sample > edges).sum(axis=1) for sample in samples)
    return np.array([expected_calibration_error(labels, probabilities) for labels in drawn])


def fit_temperature(labels, probabilities):
    """Find the temperature that maximizes the likelihood (Guo et al. 2017, section 4.2).

    Fit it on validation images, never on those that the model is evaluated on.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        A float in 0.05-20. Above 1, the model was overconfident.
    """
    from scipy.optimize import minimize_scalar

    def loss(log_temperature):
        scaled = with_temperature(probabilities, np.exp(log_temperature))
        return negative_log_likelihood(labels, scaled)

    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), method="bounded").x))


def fit_temperature_and_biases(labels, probabilities):
    """Find the temperature and biases that maximize the likelihood.

    A bias is added to its class's logit: bias-corrected temperature scaling (Alexandari et
    al. 2020). Fit them on validation images.

    Args:
        labels: Class indices, shape `(n,)`.
        probabilities: Probabilities, `(n, 7)`.

    Returns:
        The temperature, a float, and the biases `(7,)`, whose mean is 0. With a bias above 0, the
        model predicted that class too rarely.
    """
    from scipy.optimize import minimize

    def loss(parameters):
        calibrated = with_temperature(probabilities, np.exp(parameters[0]), parameters[1:])
        return negative_log_likelihood(labels, calibrated)

    log_temperature, *biases = minimize(loss, np.zeros(1 + len(LABELS))).x
    return float(np.exp(log_temperature)), np.array(biases) - np.mean(biases)


def prior_biases(prior, exponent):
    """Compute the biases that divide probabilities by a power of the class prior.

    Rare classes are then predicted more often: logit adjustment (Menon et al. 2021), with an
    exponent of 1 as if all classes were equally frequent.

    Args:
        prior: Class shares, `(7,)`.
        exponent: 0 for no change, up to 1.

    Returns:
        Biases `(7,)`, whose mean is 0.
    """
    biases = -exponent * np.log(prior)
    return biases - biases.mean()


def with_temperature(probabilities, temperature, biases=0):
    """Divide the logits of probabilities by a temperature and add biases.

    Logits differ from the log of the probabilities by one constant per image, which softmax
    ignores.

    Args:
        probabilities: Probabilities, `(n, 7)`.
        temperature: A float above 0.
        biases: One per class, `(7,)`; without them the classes keep their order.

    Returns:
        Probabilities, `(n, 7)`.
    """
    logits = np.log(np.maximum(probabilities, MIN_PROBABILITY)) / temperature + biases
    return softmax(logits, axis=1)


def calibration_of(run):
    """Fit the temperature and the biases of each answer of a run on PublicTest.

    The label's are those with which the labels are most likely. What people would say is first
    divided by the class prior to the power of `PRIOR_EXPONENT`; then comes the temperature with
    which the crowd's classes are most likely. It doesn't change the order of the classes.

    Args:
        run: A `runs.Run`.

    Returns:
        A dict from each answer's name to its `"temperature"` and `"biases"`.
    """
    temperature, biases = fit_temperature_and_biases(*run.usage("PublicTest"))
    fitted = {LABEL: (temperature, biases)}
    if PEOPLE in run.answers:
        judged = people.judge(run, manifest.load(), "PublicTest", PEOPLE)
        prior = ferplus.class_prior(ferplus.load_vote_shares())
        biases = prior_biases(prior, PRIOR_EXPONENT)
        adjusted = with_temperature(judged.probabilities, 1, biases)
        temperature = fit_temperature(judged.crowd, adjusted)
        fitted[PEOPLE] = (temperature, biases / temperature)
    return {
        answer: {"temperature": round(temperature, 4), "biases": biases.round(4).tolist()}
        for answer, (temperature, biases) in fitted.items()
    }


def calibrated(run, calibration=None):
    """Calibrate a run's predictions.

    Args:
        run: A `runs.Run`.
        calibration: As from `calibration_of`, by default of this run.

    Returns:
        A copy of the run. Of images in PublicTest its calibration error is too low: they were used
        for the fit.
    """
    predictions = run.predictions.copy()
    for answer, fitted in (calibration or calibration_of(run)).items():
        _, probabilities = runs.arrays(predictions, answer)
        predictions[runs.columns(answer)] = with_temperature(probabilities, **fitted)
    return replace(run, predictions=predictions)
