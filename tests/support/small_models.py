"""Classifiers that are built and saved in no time."""

import keras
from keras import layers

from fer_lib import models
from fer_lib.labels import LABEL


def small_classifier(answers=(LABEL,)):
    """A classifier like the course's, but on 4×4 gray means instead of a backbone."""
    keras.utils.set_random_seed(0)
    images = keras.Input((48, 48, 1), name="images")
    means = layers.AveragePooling2D(12)(layers.Rescaling(1 / 64)(images))
    head = models.head((16,), hidden_units=0, answers=answers)
    return keras.Model(images, head(layers.Flatten()(means)), name="classifier")


def small_backbone():
    """A convolution and one block of MobileNetV2: all its kinds of layer, and fast to compile."""
    images = keras.Input((48, 48, 3))
    narrow = _normalized(layers.Conv2D(8, 3, strides=2, use_bias=False)(images))
    wide = layers.ReLU(6)(_normalized(layers.Conv2D(48, 1, use_bias=False)(narrow)))
    filtered = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(wide)
    wide = layers.ReLU(6)(_normalized(filtered))
    again = _normalized(layers.Conv2D(8, 1, use_bias=False)(wide))
    return keras.Model(images, layers.Add()([narrow, again]), name="backbone")


def _normalized(feature_maps):
    return layers.BatchNormalization()(feature_maps)


def write_pooling_of_colors(folder):
    """Write a Keras and a LiteRT file of a model that takes color images; returns their paths."""
    images = keras.Input((8, 8, 3), batch_size=1)
    pooling = keras.Model(images, layers.GlobalAveragePooling2D()(images))
    models.save(pooling, folder / "colors.keras")
    pooling.export(folder / "colors.tflite", format="litert", verbose=False)
    return folder / "colors.keras", folder / "colors.tflite"
