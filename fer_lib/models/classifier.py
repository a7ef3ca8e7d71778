"""The classifier: MobileNetV2 between the preprocessing of 48×48 gray images and a small head.

Every complete classifier takes gray images `(n, 48, 48, 1)`, 0-255, and returns probabilities
`(n, 7)` in the order of `LABELS`; one with two answers returns a dict of two such arrays, by the
answers' names, `LABEL` and `PEOPLE`. Rescaling, resizing, and the three channels are layers of the
model, so that nothing is preprocessed twice or differently.
"""

import keras
from keras import layers

from fer_lib.labels import LABEL, LABELS, PEOPLE
from fer_lib.models import batch_norm

# The layer that gives each answer; the first is in every classifier.
ANSWER_LAYERS = {LABEL: "probabilities", PEOPLE: "people"}

POOLINGS = {
    "average": layers.GlobalAveragePooling2D,
    "max": layers.GlobalMaxPooling2D,
    "flatten": layers.Flatten,
}


def preprocessing(size, pixel_range=(-1, 1)):
    """Build the model that prepares images for a backbone.

    Args:
        size: Side of the images that the backbone takes, pixels.
        pixel_range: Values of black and white. MobileNetV2 was trained on [-1, 1]; another range
            shows what a wrong one costs.

    Returns:
        A Keras model from images `(n, 48, 48, 1)`, 0-255, to `(n, size, size, 3)` in
        `pixel_range`.
    """
    low, high = pixel_range
    images = keras.Input((48, 48, 1), name="images")
    scaled = layers.Rescaling((high - low) / 255, offset=low)(images)
    resized = layers.Resizing(size, size, interpolation="bilinear")(scaled)
    return keras.Model(images, layers.Concatenate()([resized] * 3), name="preprocessing")


def head(input_shape, hidden_units=128, dropout=0.3, answers=(LABEL,)):
    """Build the layers that classify pooled features.

    Args:
        input_shape: Shape of one image's features, e.g. `(1280,)`.
        hidden_units: Width of the hidden ReLU layer; 0 for no hidden layer and no dropout.
        dropout: Dropout rate after the hidden layer, 0-1.
        answers: `(LABEL,)` or `ANSWERS`.

    Returns:
        A Keras model from features `(n, *input_shape)` to probabilities `(n, 7)`, of two answers to
        a dict of them.
    """
    features = keras.Input(input_shape, name="features")
    hidden = features
    if hidden_units:
        hidden = layers.Dense(hidden_units, activation="relu", name="hidden")(hidden)
        hidden = layers.Dropout(dropout)(hidden)
    outputs = {
        answer: layers.Dense(len(LABELS), activation="softmax", name=ANSWER_LAYERS[answer])(hidden)
        for answer in answers
    }
    outputs = outputs if len(answers) > 1 else outputs[LABEL]
    return keras.Model(features, outputs, name="head")


def build(
    backbone,
    size=96,
    pooling="average",
    hidden_units=128,
    dropout=0.3,
    pixel_range=(-1, 1),
    answers=(LABEL,),
):
    """Build a complete classifier: preprocessing, backbone, pooling, and head, layers of that name.

    Args:
        backbone: A Keras model of images `(n, size, size, 3)`, e.g. of `starting_backbone`.
        size: Side of the images that the backbone takes, pixels.
        pooling: A key of `POOLINGS`.
        hidden_units: Width of the head's hidden layer; 0 for none.
        dropout: Dropout rate after the hidden layer, 0-1.
        pixel_range: Values of black and white that the backbone takes.
        answers: As in `head`.

    Returns:
        A Keras model from images `(n, 48, 48, 1)`, 0-255, to probabilities `(n, 7)`, of two answers
        to a dict of them.
    """
    images = keras.Input((48, 48, 1), name="images")
    feature_maps = backbone(preprocessing(size, pixel_range)(images))
    pooled = POOLINGS[pooling](name="pooling")(feature_maps)
    classify = head(pooled.shape[1:], hidden_units, dropout, answers)
    return keras.Model(images, classify(pooled), name="classifier")


def feature_extractor(backbone, size, pooling="average", pixel_range=(-1, 1), until=None):
    """Build the model from images to the features that a frozen backbone computes.

    Features of frozen layers never change, so they need computing only once.

    Args:
        backbone: A Keras model of images `(n, size, size, 3)`.
        size: Side of the images that the backbone takes, pixels.
        pooling: A key of `POOLINGS`; unused if `until` is given.
        pixel_range: Values of black and white that the backbone takes.
        until: Name of the last backbone layer to compute; its feature maps are not pooled. None
            for the complete backbone, pooled.

    Returns:
        A Keras model from images `(n, 48, 48, 1)`, 0-255, to features `(n, ...)`.
    """
    images = keras.Input((48, 48, 1), name="images")
    inputs = preprocessing(size, pixel_range)(images)
    if until is None:
        outputs = POOLINGS[pooling]()(backbone(inputs, training=False))
    else:
        bottom = keras.Model(backbone.input, backbone.get_layer(until).output)
        outputs = bottom(inputs, training=False)
    return keras.Model(images, outputs, name="feature_extractor")


def trainable_part(backbone, recipe, input_shape):
    """Build the layers after the frozen ones: the backbone's unfrozen layers, if any, and the head.

    Args:
        backbone: A Keras model.
        recipe: A `Recipe` that freezes at least a part of the backbone.
        input_shape: Shape of one image's features, as from `feature_extractor`.

    Returns:
        A Keras model from features `(n, *input_shape)` to probabilities `(n, 7)`.
    """
    if recipe.trainable_from is None:
        return head(input_shape, recipe.hidden_units, recipe.dropout)
    rest = rest_of_backbone(backbone, recipe.trainable_from, input_shape)
    rest = batch_norm.for_training(rest, recipe.batch_norm_momentum)
    pooled = POOLINGS[recipe.pooling](name="pooling")(rest.output)
    probabilities = head(pooled.shape[1:], recipe.hidden_units, recipe.dropout)(pooled)
    return keras.Model(rest.input, probabilities, name="trainable_part")


def rest_of_backbone(backbone, after, input_shape):
    """Build a model of the backbone's layers after a given one.

    Args:
        backbone: A Keras model.
        after: Name of the layer whose feature maps the new model takes.
        input_shape: Shape of one image's feature maps, `(height, width, channels)`.

    Returns:
        A Keras model from those feature maps to the backbone's output. It shares its layers.
    """
    names = [layer.name for layer in backbone.layers]
    start = keras.Input(input_shape)
    outputs = {after: start}
    for layer in backbone.layers[names.index(after) + 1 :]:
        inputs = [outputs[tensor._keras_history.operation.name] for tensor in _inputs(layer)]
        outputs[layer.name] = layer(inputs[0] if len(inputs) == 1 else inputs)
    return keras.Model(start, outputs[names[-1]], name="rest_of_backbone")


def _inputs(layer):
    return layer.input if isinstance(layer.input, list) else [layer.input]
