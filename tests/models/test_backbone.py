import keras
import numpy as np
import pytest

from fer_lib import models
from fer_lib.exceptions import Problem


def test_feature_maps_at_48_pixels_are_two_by_two():
    """A backbone of unknown input size pads differently and leaves one by one."""
    assert models.starting_backbone(48)[0].output_shape == (None, 2, 2, 1280)


def test_without_weights_and_network_the_error_says_what_to_do(monkeypatch):
    def no_network(*arguments, **options):
        raise Exception("URL fetch failure on a file: network unreachable")

    monkeypatch.setattr(keras.applications, "MobileNetV2", no_network)
    with pytest.raises(
        Problem, match="No ImageNet weights .*network unreachable.*fer data --weights"
    ):
        models.imagenet_backbone(48)


def test_without_imagenet_the_course_starts_from_its_own_model(monkeypatch):
    def missing(size):
        raise Problem("No ImageNet weights")

    monkeypatch.setattr(models.backbone, "imagenet_backbone", missing)
    backbone, origin = models.starting_backbone(48)
    assert origin == models.FINETUNED
    assert backbone.output_shape == (None, 2, 2, 1280)
    trained = models.load().get_layer("backbone")
    for ours, theirs in zip(backbone.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
