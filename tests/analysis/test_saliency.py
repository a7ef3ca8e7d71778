"""Evidence of places: what it sums to, and its gradients against automatic ones."""

import keras
import numpy as np
import pytest

from fer_lib import data, models
from fer_lib.analysis import saliency


@pytest.fixture(scope="module", params=[0, 16])
def classifier(request):
    """A small untrained classifier in the nested form, with and without a hidden layer."""
    keras.utils.set_random_seed(0)
    images = keras.Input((48, 48, 3))
    maps = keras.layers.Conv2D(12, 5, strides=8, activation="relu")(images)
    backbone = keras.Model(images, maps, name="backbone")
    return models.build(backbone, size=48, hidden_units=request.param)


@pytest.fixture(scope="module")
def maps(classifier):
    return saliency.feature_maps(classifier, data.load_synthetic_faces(6).images)


def test_places_sum_to_the_centered_logits(classifier, maps):
    """Biases are zero before training, so nothing is left over."""
    head = classifier.get_layer("head")
    logits = np.log(keras.ops.convert_to_numpy(head(maps.mean(axis=(1, 2)))))
    found = saliency.evidence(head, maps).sum(axis=(2, 3))
    centered = logits - logits.mean(axis=1, keepdims=True)
    assert np.abs(centered).max() > 0.1
    np.testing.assert_allclose(found, centered, rtol=1e-3, atol=1e-3)


def test_evidence_has_both_signs_at_places(classifier, maps):
    found = saliency.evidence(classifier.get_layer("head"), maps)
    assert found.shape == (6, 7, *maps.shape[1:3])
    assert found.min() < 0 < found.max()
    np.testing.assert_allclose(found.sum(axis=1), 0, atol=1e-4)


def test_gradients_equal_automatic_ones(classifier, maps):
    tensorflow = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("this test takes gradients with TensorFlow")
    pooled = tensorflow.constant(maps.mean(axis=(1, 2)))
    head = classifier.get_layer("head")
    with tensorflow.GradientTape() as tape:
        tape.watch(pooled)
        logits = _logits(head, pooled)
    expected = tape.batch_jacobian(logits, pooled).numpy()
    np.testing.assert_allclose(saliency.head_gradients(head, pooled.numpy()), expected, rtol=1e-4)


def _logits(head, pooled):
    last = head.get_layer("probabilities")
    below = keras.Model(head.input, last.input)
    return keras.ops.matmul(below(pooled), last.kernel) + last.bias
