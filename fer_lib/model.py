"""The classifier: MobileNetV2 between the preprocessing of 48x48 grey images and a small head.

Every complete classifier takes (n, 48, 48, 1) grey images, 0-255, and returns (n, 7)
probabilities in `LABELS` order. Scaling, resizing and the three channels are layers of the model,
so that nothing is preprocessed twice or differently.
"""

import contextlib
import io

import keras
from keras import layers

from fer_lib import batch_normalisation, paths, pretrained
from fer_lib.labels import LABELS
from fer_lib.problems import Problem

POOLINGS = {
    "average": layers.GlobalAveragePooling2D,
    "max": layers.GlobalMaxPooling2D,
    "flatten": layers.Flatten,
}

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
        reason = _first_line(error).split(" -- ")[-1]
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
        return _resized(load_pretrained().get_layer("backbone"), size), FINETUNED


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
    rest = batch_normalisation.for_training(rest, recipe.batch_normalisation_momentum)
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


def save(trained, path):
    """Write a model as `.keras`, of Keras' own layers, without its optimizer.

    The optimizer's state is twice the weights' size.
    """
    with keras.saving.custom_object_scope(batch_normalisation.KERAS_OWN):
        bare = type(trained).from_config(trained.get_config())
    bare.set_weights(trained.get_weights())
    with paths.write_atomically(path) as temporary:
        bare.save(temporary)


def load_classifier(recipe, seed=0):
    """A recorded run's whole classifier: images (n, 48, 48, 1) to probabilities (n, 7).

    Of a run with frozen layers only what was trained is stored; ImageNet's backbone goes before it.
    Raises Problem if the model or those weights are missing.
    """
    trained = load(f"{recipe.name}-seed{seed}")
    if recipe.trainable_from == "all":
        return trained
    extractor = feature_extractor(
        imagenet_backbone(recipe.size),
        recipe.size,
        recipe.pooling,
        recipe.pixel_range,
        recipe.trainable_from,
    )
    return keras.Sequential([extractor, trained], name="classifier")


def load_pretrained():
    """The course's best classifier: images (n, 48, 48, 1), 0-255, to calibrated probabilities.

    Raises Problem if its file is missing or not the one that was shipped.
    """
    return read(pretrained.path(pretrained.KERAS))


def load(name):
    """The trained model of a recorded run, from `data/models/<name>.keras`.

    Raises Problem if there is none of that name or the file is damaged.
    """
    path = paths.MODELS / f"{name}.keras"
    if not path.exists():
        raise Problem(f"{path}: no such model; `fer train` makes it")
    return read(path)


def read(path):
    """The model of a `.keras` file; raises Problem if it is none."""
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = _first_line(error)[:200]
        raise Problem(
            f"{path}: not a readable Keras model ({reason}); restore it with git"
        ) from error


def _first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]
