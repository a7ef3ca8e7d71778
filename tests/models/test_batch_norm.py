import keras
import numpy as np
import pytest
from support.tolerances import LOSSES, PROBABILITIES

from fer_lib import models
from fer_lib.models import batch_norm

KIND = keras.layers.BatchNormalization


@pytest.fixture
def network():
    """A small network with one layer of batch normalization, between two others."""
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((12, 12, 3)),
        keras.layers.Conv2D(8, 3),
        KIND(momentum=0.9),
        keras.layers.ReLU(),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(7, activation="softmax"),
    ]
    return keras.Sequential(layers)


@pytest.fixture
def batch():
    generator = np.random.default_rng(0)
    return generator.normal(2, 3, (64, 12, 12, 3)), np.eye(7)[generator.integers(0, 7, 64)]


def test_the_fused_layer_trains_like_keras_own(network, batch):
    fused = batch_norm.for_training(network, 0.9)
    assert isinstance(fused.layers[1], batch_norm.FusedBatchNormalization)
    losses = []
    for trained in (network, fused):
        trained.compile(keras.optimizers.SGD(0.1), "categorical_crossentropy")
        losses.append([trained.train_on_batch(*batch) for _ in range(3)])
    np.testing.assert_allclose(*losses, **LOSSES)
    assert losses[0][-1] < losses[0][0]
    # The variances differ by n / (n - 1) for n = 64 × 10 × 10 pixels.
    for ours, theirs in zip(fused.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(fused.predict(batch[0]), network.predict(batch[0]), **PROBABILITIES)


def test_a_frozen_layer_keeps_its_averages(network, batch):
    fused = batch_norm.for_training(network, 0.9)
    fused.layers[1].trainable = False
    before = [np.copy(weight) for weight in fused.layers[1].get_weights()]
    fused.compile("sgd", "categorical_crossentropy")
    fused.train_on_batch(*batch)
    for weight, old in zip(fused.layers[1].get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, old)


def test_the_backbone_keeps_its_weights_and_gets_the_momentum():
    backbone = keras.applications.MobileNetV2(
        input_shape=(48, 48, 3), include_top=False, weights=None
    )
    copy = batch_norm.for_training(backbone, 0.9)
    for ours, theirs in zip(copy.get_weights(), backbone.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    momenta = {layer.momentum for layer in copy.layers if isinstance(layer, KIND)}
    assert momenta == {0.9}


def test_a_saved_model_is_made_of_keras_own_layers(network, batch, tmp_path):
    fused = batch_norm.for_training(network, 0.9)
    models.save(fused, tmp_path / "model.keras")
    read = keras.saving.load_model(tmp_path / "model.keras")
    assert type(read.layers[1]) is KIND
    np.testing.assert_allclose(read.predict(batch[0]), fused.predict(batch[0]), **PROBABILITIES)
