"""Pooled features of every block of a frozen backbone, computed once and kept in the cache.

One pass through the backbone gives the features of all its cuts: what a classifier would get if
the network ended after that block.
"""

from typing import NamedTuple

import keras
import numpy as np
from keras import layers

from fer_lib import models
from fer_lib.models import summary
from fer_lib.training import features

LAST = "last convolution"  # the block whose features the paper's network uses
SEED = 0  # of the random backbone


class BlockFeatures(NamedTuple):
    """Features of the same images after each block.

    Attributes:
        values: All blocks side by side, `(n, columns)` float32, memory-mapped.
        columns: Slice of the columns of each block, by the block's name, from the first to `LAST`.
    """

    values: np.ndarray
    columns: dict

    def after(self, block=LAST):
        """Features `(n, channels)` of one block, in memory."""
        return np.ascontiguousarray(self.values[:, self.columns[block]])


def of(images, size, weights="imagenet", verbose=0):
    """Compute the features of images after each block, or read them from the cache.

    All images of FER2013 take about a minute at 48 px and a quarter of an hour at 224 px on two
    cores. An interrupted computation resumes where it was. The cache goes by all images together,
    so ask for a whole data set, and then select its rows.

    Args:
        images: `(n, 48, 48, 1)`, 0-255, e.g. `data.load().images`.
        size: Side of the images that the backbone takes, pixels.
        weights: A key of `BACKBONES`.
        verbose: 1 for a progress bar, 0 for none.

    Returns:
        The `BlockFeatures`: for each block, the average over all places of its feature maps.
    """
    extractor, columns = _extractor(BACKBONES[weights](size), size)
    return BlockFeatures(features.compute(extractor, images, verbose), columns)


def _extractor(backbone, size):
    """The model from images to all blocks' features, and the columns of each block."""
    last_layers = {}
    for layer in backbone.layers:
        last_layers[summary.block_of(layer.name)] = layer.output
    last_layers.pop("other layers", None)
    pooled = [layers.GlobalAveragePooling2D()(maps) for maps in last_layers.values()]
    pooled_blocks = keras.Model(backbone.input, layers.Concatenate()(pooled))
    images = keras.Input((48, 48, 1), name="images")
    outputs = pooled_blocks(models.preprocessing(size)(images), training=False)
    ends = np.cumsum([maps.shape[-1] for maps in pooled]).tolist()
    slices = map(slice, [0, *ends], ends)
    return keras.Model(images, outputs), dict(zip(last_layers, slices, strict=False))


def _random_backbone(size):
    """MobileNetV2 as initialized, before any training."""
    keras.utils.set_random_seed(SEED)
    return keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None, name="backbone"
    )


BACKBONES = {
    "imagenet": models.imagenet_backbone,
    "random": _random_backbone,
    "finetuned": models.finetuned_backbone,
}
