"""The paper's networks: heads trained once, and a backbone that LiteRT runs as Keras does."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from fer_lib import data, evaluation, models
from fer_lib.experiments import frozen_features, paper_networks
from fer_lib.training import recipes

WIDTH = 12
FACES = data.load_synthetic_faces(280)


@pytest.fixture
def pooled(monkeypatch):
    """Features that tell the classes apart, for the five heads to learn from."""
    values = np.random.default_rng(0).normal(size=(len(FACES), WIDTH)).astype(np.float32)
    values[np.arange(len(FACES)), FACES.labels] += 6
    blocks = frozen_features.BlockFeatures(values, {frozen_features.LAST: slice(0, WIDTH)})
    monkeypatch.setattr(frozen_features, "of", lambda *arguments: blocks)
    monkeypatch.setattr(paper_networks, "CHANNELS", WIDTH)
    monkeypatch.setattr(paper_networks, "SEEDS", range(2))
    recipe = replace(recipes.PAPER, epochs=5, batch_size=16)
    monkeypatch.setattr(paper_networks, "RECIPE", recipe)
    return values


def test_heads_are_trained_once_and_differ_by_seed(pooled, monkeypatch):
    first = paper_networks.heads(FACES)
    monkeypatch.delattr(frozen_features, "of")
    again = paper_networks.heads(FACES)
    found = paper_networks.probabilities(first, pooled)
    assert found.shape == (2, len(FACES), 7)
    assert evaluation.accuracy(FACES.labels, found[0]) > 0.9
    assert not np.allclose(found[0], found[1])
    np.testing.assert_array_equal(found, paper_networks.probabilities(again, pooled))


@pytest.fixture
def small_backbone(monkeypatch):
    """A backbone of one convolution in the place of MobileNetV2, at any size."""

    def build(size):
        keras.utils.set_random_seed(0)
        images = keras.Input((size, size, 3))
        maps = keras.layers.Conv2D(5, 34, strides=32, padding="same")(images)
        return keras.Model(images, maps)

    monkeypatch.setattr(models, "imagenet_backbone", build)
    monkeypatch.setattr(paper_networks, "CHANNELS", 5)
    return build(paper_networks.RECIPE.size)


@pytest.mark.slow
def test_the_converted_backbone_computes_what_keras_computes(small_backbone):
    images = FACES.images[:3]
    expected = small_backbone.predict(_prepared(images), verbose=0)
    backbone = paper_networks.Backbone()
    np.testing.assert_allclose(backbone(images), expected, rtol=1e-3, atol=1e-4)
    pooled = backbone.pooled(images)
    np.testing.assert_allclose(pooled, expected.mean(axis=(1, 2)), rtol=1e-3, atol=1e-4)


def test_mirrored_maps_differ_at_the_edge_only(small_backbone):
    images = FACES.images[:2]
    expected = small_backbone.predict(_prepared(images), verbose=0)
    found = paper_networks.mirrored_maps(images)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found[:, 1:-1, 1:-1], expected[:, 1:-1, 1:-1], atol=1e-4)
    assert np.abs(found - expected)[:, 0].max() > 1e-3


def _prepared(images):
    size, pixel_range = paper_networks.RECIPE.size, paper_networks.RECIPE.pixel_range
    return models.preprocessing(size, pixel_range).predict(images.astype(np.float32), verbose=0)
