"""Classifiers that are built and saved in no time."""

import keras

from fer_lib import models


def small_classifier():
    """A classifier like the course's, but on 4×4 gray means instead of a backbone."""
    keras.utils.set_random_seed(0)
    images = keras.Input((48, 48, 1), name="images")
    means = keras.layers.AveragePooling2D(12)(keras.layers.Rescaling(1 / 64)(images))
    head = models.head((16,), hidden_units=0)
    return keras.Model(images, head(keras.layers.Flatten()(means)), name="classifier")


def write_pooling_of_colors(folder):
    """Write a Keras and a LiteRT file of a model that takes color images; returns their paths."""
    images = keras.Input((8, 8, 3), batch_size=1)
    pooling = keras.Model(images, keras.layers.GlobalAveragePooling2D()(images))
    models.save(pooling, folder / "colors.keras")
    pooling.export(folder / "colors.tflite", format="litert", verbose=False)
    return folder / "colors.keras", folder / "colors.tflite"
