"""Small sets of predictions: a few by hand, and many at random."""

import numpy as np
from scipy.special import softmax

from fer_lib.labels import LABELS


def certain(predicted, confidence=0.7):
    """Make probabilities `(n, 7)` that give each predicted class `confidence`, the others equal.

    Args:
        predicted: Class indices, `(n,)`.
        confidence: Probability of the predicted class, above 1/7.

    Returns:
        Probabilities `(n, 7)`.
    """
    rest = (1 - confidence) / (len(LABELS) - 1)
    return np.where(np.eye(len(LABELS))[list(predicted)] == 1, confidence, rest)


def random_predictions(count=500, seed=0):
    """Draw labels and probabilities of an overconfident classifier that is better than chance.

    Args:
        count: Number of images, n.
        seed: Seed of the draw.

    Returns:
        Labels `(n,)` and probabilities `(n, 7)`.
    """
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, len(LABELS), count)
    logits = generator.normal(size=(count, len(LABELS)))
    logits[np.arange(count), labels] += 1
    return labels, softmax(3 * logits, axis=1)


# Three angry images (two correct, one misclassified as disgust), one disgust (correct), and one
# fear (misclassified as angry).
LABELS_BY_HAND = np.array([0, 0, 0, 1, 2])
BY_HAND = certain([0, 0, 1, 1, 0])
