"""MobileNetV2's layers, trained on ImageNet: where transfer learning starts."""

import contextlib
import io

import keras

from fer_lib.exceptions import Problem
from fer_lib.models import keras_file, shipped

IMAGENET = "MobileNetV2 trained on ImageNet"
FINETUNED = (
    "MobileNetV2 fine-tuned on FER2013 by this course, because ImageNet's weights are missing"
)
HOW_TO_GET_WEIGHTS = (
    "Connect to the internet and run `fer data --weights` once, "
    "or place the file in ~/.keras/models."
)


def imagenet_backbone(size):
    """Load MobileNetV2 (Sandler et al. 2018, alpha 1.0), trained on ImageNet, without its top.

    The weights are those for 224 px, whatever the size; Keras downloads them on first use.

    Args:
        size: Side of the images, pixels.

    Returns:
        A Keras model named `"backbone"`. It takes `(n, size, size, 3)` in [-1, 1] and returns
        feature maps `(n, size / 32, size / 32, 1280)`, rounded up.

    Raises:
        Problem: If the weights are neither in Keras' cache nor can be downloaded.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Keras prints its downloads
            trained = keras.applications.MobileNetV2(
                input_shape=(224, 224, 3), include_top=False, weights="imagenet"
            )
    except Exception as error:  # Keras raises a bare Exception when a download fails
        reason = keras_file.first_line(error).split(" -- ")[-1]
        raise Problem(
            f"No ImageNet weights of MobileNetV2 ({reason}). {HOW_TO_GET_WEIGHTS}"
        ) from error
    return _resized(trained, size)


def _resized(trained, size):
    """Rebuild a backbone for another input size.

    Not with an input of unknown size: Keras pads by the input's size and takes an unknown one for
    even throughout, which at 48 px (48, 24, 12, 6, 3) leaves 1×1 feature maps instead of 2×2.
    """
    backbone = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None, name="backbone"
    )
    backbone.set_weights(trained.get_weights())
    return backbone


def starting_backbone(size):
    """Load the backbone that transfer learning starts from.

    It is ImageNet's. If its weights are missing, it is the backbone of the course's own fine-tuned
    model, so that the course still runs.

    Args:
        size: Side of the images, pixels.

    Returns:
        A pair: the backbone, as from `imagenet_backbone`, and its origin as text, `IMAGENET` or
        `FINETUNED`.
    """
    try:
        return imagenet_backbone(size), IMAGENET
    except Problem:
        return finetuned_backbone(size), FINETUNED


def finetuned_backbone(size):
    """Load the backbone of the course's own model, which was fine-tuned on FER2013.

    Args:
        size: Side of the images, pixels.

    Returns:
        The backbone, as from `imagenet_backbone`.
    """
    return _resized(keras_file.read(shipped.path(shipped.KERAS)).get_layer("backbone"), size)
