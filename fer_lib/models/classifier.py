"""The classifier: MobileNetV2 between the preprocessing of 48x48 gray images and a small head.

Every complete classifier takes (n, 48, 48, 1) gray images, 0-255, and returns (n, 7)
probabilities in `LABELS` order. Scaling, resizing and the three channels are layers of the model,
so that nothing is preprocessed twice or differently.
"""

import keras
from keras import layers

from fer_lib.labels import LABELS
from fer_lib.models import batch_norm

POOLINGS = {
    "average": layers.GlobalAveragePooling2D,
    "max": layers.GlobalMaxPooling2D,
    "flatten": layers.Flatten,
}


def preprocessing(size, pixel_range=(-1, 1)):
    """Model from (n, 48, 48, 1) grey, 0-255, to (n, size, size, 3) in `pixel_range`.

    MobileNetV2 was trained on [-1, 1]; another range is for showing what a wrong one costs.
    """
    low, high = pixel_range
    images = keras.Input((48, 48, 1), name="images")
    scaled = layers.Rescaling((high - low) / 255, offset=low)(images)
    resized = layers.Resizing(size, size, interpolation="bilinear")(scaled)
    return keras.Model(images, layers.Concatenate()([resized] * 3), name="preprocessing")


def head(input_shape, hidden_units=128, dropout=0.3):
    """Model from pooled features of `input_shape` to (n, 7) probabilities.

    hidden_units: width of one ReLU layer, followed by dropout; 0 leaves both out.
    """
    features = keras.Input(input_shape, name="features")
    hidden = features
    if hidden_units:
        hidden = layers.Dense(hidden_units, activation="relu", name="hidden")(hidden)
        hidden = layers.Dropout(dropout)(hidden)
    probabilities = layers.Dense(len(LABELS), activation="softmax", name="probabilities")(hidden)
    return keras.Model(features, probabilities, name="head")


def build(backbone, size=96, pooling="average", hidden_units=128, dropout=0.3, pixel_range=(-1, 1)):
    """The whole classifier: preprocessing, backbone, pooling, head; each a layer of that name."""
    images = keras.Input((48, 48, 1), name="images")
    feature_map = backbone(preprocessing(size, pixel_range)(images))
    pooled = POOLINGS[pooling](name="pooling")(feature_map)
    top = head(pooled.shape[1:], hidden_units, dropout)
    return keras.Model(images, top(pooled), name="classifier")


def feature_extractor(backbone, size, pooling="average", pixel_range=(-1, 1), until=None):
    """Model from images to what a frozen backbone makes of them.

    until: name of a backbone layer whose feature maps are wanted, not pooled; None: all of the
    backbone, pooled. Features of frozen layers never change, so they are computed once.
    """
    images = keras.Input((48, 48, 1), name="images")
    inputs = preprocessing(size, pixel_range)(images)
    if until is None:
        outputs = POOLINGS[pooling]()(backbone(inputs, training=False))
    else:
        bottom = keras.Model(backbone.input, backbone.get_layer(until).output)
        outputs = bottom(inputs, training=False)
    return keras.Model(images, outputs, name="feature_extractor")


def top(backbone, recipe, input_shape):
    """What stands on the frozen layers and is trained: the backbone's free layers and the head."""
    if recipe.trainable_from is None:
        return head(input_shape, recipe.hidden_units, recipe.dropout)
    rest = rest_of_backbone(backbone, recipe.trainable_from, input_shape)
    rest = batch_norm.for_training(rest, recipe.batch_normalisation_momentum)
    pooled = POOLINGS[recipe.pooling](name="pooling")(rest.output)
    probabilities = head(pooled.shape[1:], recipe.hidden_units, recipe.dropout)(pooled)
    return keras.Model(rest.input, probabilities, name="top")


def rest_of_backbone(backbone, after, input_shape):
    """The backbone's layers after the layer `after`, as a model of maps of `input_shape`."""
    names = [layer.name for layer in backbone.layers]
    start = keras.Input(input_shape)
    outputs = {after: start}
    for layer in backbone.layers[names.index(after) + 1 :]:
        inputs = [outputs[tensor._keras_history.operation.name] for tensor in _inputs(layer)]
        outputs[layer.name] = layer(inputs[0] if len(inputs) == 1 else inputs)
    return keras.Model(start, outputs[names[-1]], name="rest_of_backbone")


def _inputs(layer):
    return layer.input if isinstance(layer.input, list) else [layer.input]
