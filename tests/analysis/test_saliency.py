"""Grad-CAM against automatic gradients."""

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


def test_activation_maps_equal_grad_cam_by_automatic_gradients(classifier):
    tensorflow = pytest.importorskip("tensorflow")
    if keras.backend.backend() != "tensorflow":
        pytest.skip("this test takes gradients with TensorFlow")
    faces = data.load_synthetic_faces(6)
    maps = tensorflow.constant(saliency.feature_maps(classifier, faces.images))
    classes = np.array([0, 1, 2, 3, 4, 5])
    head = classifier.get_layer("head")
    with tensorflow.GradientTape() as tape:
        tape.watch(maps)
        pooled = classifier.get_layer("pooling")(maps)
        logits = _logits(head, pooled)
        chosen = tensorflow.gather(logits, classes, batch_dims=1)
    gradients = tape.gradient(chosen, maps).numpy()
    places = gradients.shape[1] * gradients.shape[2]
    weights = gradients.mean(axis=(1, 2)) * places
    expected = np.maximum((maps.numpy() * weights[:, None, None]).sum(axis=-1), 0)
    found = saliency.class_activation_map(head, maps.numpy(), classes)
    assert found.max() > 0
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4 * expected.max())


def _logits(head, pooled):
    last = head.get_layer("probabilities")
    below = keras.Model(head.input, last.input)
    return keras.ops.matmul(below(pooled), last.kernel) + last.bias
