import keras
import numpy as np
import pytest
from support.tolerances import FEATURES, PROBABILITIES

from fer_lib import models
from fer_lib.training import recipes


@pytest.fixture(scope="module")
def backbone():
    return models.starting_backbone(48)[0]


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1), dtype=np.uint8)


def test_preprocessing_rescales_resizes_and_repeats(images):
    prepared = models.preprocessing(96).predict(images, verbose=0)
    assert prepared.shape == (5, 96, 96, 3)
    assert prepared.min() >= -1 and prepared.max() <= 1
    np.testing.assert_array_equal(prepared[..., 0], prepared[..., 2])
    unscaled = models.preprocessing(48, (0, 1)).predict(images, verbose=0)
    np.testing.assert_allclose(unscaled[..., :1], images / 255, rtol=1e-4, atol=1e-6)


def test_classifier_returns_probabilities(backbone, images):
    probabilities = models.build(backbone, 48).predict(images, verbose=0)
    assert probabilities.shape == (5, 7)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-4)


def test_features_and_head_make_the_classifier(backbone, images):
    """Frozen features that were computed once give what the complete network gives."""
    complete = models.build(backbone, 48)
    extractor = models.feature_extractor(backbone, 48)
    head = models.head((1280,))
    head.set_weights(complete.get_layer("head").get_weights())
    np.testing.assert_allclose(
        head.predict(extractor.predict(images, verbose=0), verbose=0),
        complete.predict(images, verbose=0),
        **PROBABILITIES,
    )


def test_a_cut_backbone_is_complete_again(backbone):
    cut = "block_15_add"
    inputs = np.random.default_rng(0).uniform(-1, 1, (2, 48, 48, 3)).astype(np.float32)
    bottom = keras.Model(backbone.input, backbone.get_layer(cut).output)
    middle = bottom.predict(inputs, verbose=0)
    rest = models.rest_of_backbone(backbone, cut, middle.shape[1:])
    np.testing.assert_allclose(
        rest.predict(middle, verbose=0), backbone.predict(inputs, verbose=0), **FEATURES
    )


@pytest.mark.parametrize(
    ("name", "input_shape", "layers"),
    [("paper", (1280,), 4), ("paper-96px-last-block", (2, 2, 160), 14)],
)
def test_the_trainable_part_comes_after_the_frozen_layers(backbone, name, input_shape, layers):
    part = models.trainable_part(backbone, recipes.find(name), input_shape)
    assert part.input_shape == (None, *input_shape) and part.output_shape == (None, 7)
    assert len(part.layers) == layers
