"""MobileNetV2's layers, trained on ImageNet: where transfer learning starts."""

import contextlib
import io

import keras

from fer_lib.exceptions import Problem
from fer_lib.models import keras_file, shipped

IMAGENET = "MobileNetV2 trained on ImageNet"
FINETUNED = "MobileNetV2 fine-tuned on FER2013 by this course, for want of ImageNet's weights"
HOW_TO_GET_WEIGHTS = (
    "connect to the internet once and run `fer data --weights`, "
    "or place the file in ~/.keras/models"
)


def imagenet_backbone(size):
    """MobileNetV2 (Sandler et al. 2018, alpha 1.0) without its top, trained on ImageNet.

    Takes (n, size, size, 3) in [-1, 1], returns feature maps (n, size / 32, size / 32, 1280),
    rounded up.
    The weights are those for 224 px, whatever the size; Keras downloads them on first use.
    Raises Problem if they are neither cached nor to be had.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # Keras prints its downloads
            trained = keras.applications.MobileNetV2(
                input_shape=(224, 224, 3), include_top=False, weights="imagenet"
            )
    except Exception as error:  # Keras raises a bare Exception when a download fails
        reason = keras_file.first_line(error).split(" -- ")[-1]
        raise Problem(
            f"no ImageNet weights of MobileNetV2 ({reason}); {HOW_TO_GET_WEIGHTS}"
        ) from error
    return _resized(trained, size)


def _resized(trained, size):
    """The same backbone for another input size.

    It is built anew because Keras pads by the input's size: an input of unknown size is taken for
    even throughout, which at 48 px (48, 24, 12, 6, 3) leaves 1 x 1 feature maps instead of 2 x 2.
    """
    backbone = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None, name="backbone"
    )
    backbone.set_weights(trained.get_weights())
    return backbone


def starting_backbone(size):
    """The backbone that transfer starts from, and a sentence naming it.

    It is ImageNet's; where that can't be had, the one of the course's own fine-tuned model, so that
    the course still runs. Returns (backbone, sentence).
    """
    try:
        return imagenet_backbone(size), IMAGENET
    except Problem:
        ours = keras_file.read(shipped.path(shipped.KERAS)).get_layer("backbone")
        return _resized(ours, size), FINETUNED
