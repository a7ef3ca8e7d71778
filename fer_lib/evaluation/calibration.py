"""Whether confidence matches accuracy, and the temperature that makes it so."""

import numpy as np
import pandas as pd

from fer_lib.evaluation.metrics import MIN_PROBABILITY, check_shapes, negative_log_likelihood
from fer_lib.labels import LABELS


def expected_calibration_error(labels, probabilities, bins=15):
    """Mean gap between confidence and accuracy, weighted by bin size (Guo et al. 2017).

    probabilities: (n, 7), rows sum to 1. labels: (n,) class indices. Returns a float in [0, 1].
    """
    table = reliability_table(labels, probabilities, bins)
    gaps = (table["accuracy"] - table["confidence"]).abs()
    return float(np.average(gaps, weights=table["images"]))


def reliability_table(labels, probabilities, bins=15):
    """Accuracy by confidence, the highest probability: a row for each bin of equal width.

    Columns: low and high (the bin holds low < confidence <= high), images, confidence and accuracy
    (means over the bin's images). Bins without images are left out (Guo et al. 2017).
    """
    check_shapes(labels, probabilities)
    confidence = probabilities.max(axis=1)
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    right = probabilities.argmax(axis=1) == labels
    images = pd.DataFrame({"bin": place, "confidence": confidence, "accuracy": right})
    groups = images.groupby("bin")
    table = groups.mean()
    table.insert(0, "low", edges[table.index])
    table.insert(1, "high", edges[table.index + 1])
    table.insert(2, "images", groups.size())
    return table.reset_index(drop=True)


def fit_temperature(labels, probabilities):
    """Temperature that makes the probabilities likeliest (Guo et al. 2017, section 4.2), 0.05-20.

    Above 1: the model was too sure. Fit it on validation images, never on those it is judged by.
    """
    from scipy.optimize import minimize_scalar

    def loss(logarithm):
        return negative_log_likelihood(labels, with_temperature(probabilities, np.exp(logarithm)))

    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), method="bounded").x))


def fit_temperature_and_biases(labels, probabilities):
    """Temperature and biases (7,) that make the probabilities likeliest; the biases' mean is 0.

    A bias is added to its class's logit: above 0, the model named that class too rarely
    (bias-corrected temperature scaling, Alexandari et al. 2020). Fit them on validation images.
    """
    from scipy.optimize import minimize

    def loss(parameters):
        mended = with_temperature(probabilities, np.exp(parameters[0]), parameters[1:])
        return negative_log_likelihood(labels, mended)

    logarithm, *biases = minimize(loss, np.zeros(1 + len(LABELS))).x
    return float(np.exp(logarithm)), np.array(biases) - np.mean(biases)


def with_temperature(probabilities, temperature, biases=0):
    """The probabilities with their logits divided by `temperature` and `biases` added, (n, 7).

    biases: (7,), one a class; without them the classes keep their order. Logits differ from the log
    of the probabilities by a constant an image, which softmax ignores.
    """
    logits = np.log(np.maximum(probabilities, MIN_PROBABILITY)) / temperature + biases
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
