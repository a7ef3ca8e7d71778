"""What a network is made of: parameters and multiply-adds, counted from the Keras model itself."""

import math

import pandas as pd
from keras import layers


def multiply_adds(layer):
    """Multiplications (each with an addition) that a layer does for one image.

    Counts convolutions, depthwise convolutions and dense layers, as Sandler et al. 2018 (Table 4)
    do; batch normalisation, activations, pooling and additions count as none.
    """
    if isinstance(layer, layers.DepthwiseConv2D):  # each kernel sees one channel
        return math.prod(layer.output.shape[1:]) * math.prod(layer.kernel_size)
    if isinstance(layer, layers.Conv2D):  # each kernel sees all channels
        positions = math.prod(layer.output.shape[1:])
        return positions * math.prod(layer.kernel_size) * layer.input.shape[-1]
    if isinstance(layer, layers.Dense):
        return layer.input.shape[-1] * layer.units
    return 0


def flat_layers(model):
    """All layers of a model, those of models inside it too, in order."""
    inner = (flat_layers(layer) if hasattr(layer, "layers") else [layer] for layer in model.layers)
    return [layer for part in inner for layer in part]


def table(model):
    """One row a layer: name, block, kind, shape of its output, parameters, multiply-adds.

    Parameters are counted as Keras counts them: batch normalisation's moving averages included.
    """
    rows = [
        {
            "layer": layer.name,
            "block": block_of(layer.name),
            "kind": type(layer).__name__,
            "output": layer.output.shape[1:],
            "parameters": layer.count_params(),
            "multiply-adds": multiply_adds(layer),
        }
        for layer in flat_layers(model)
        if not isinstance(layer, layers.InputLayer)
    ]
    return pd.DataFrame(rows).set_index("layer")


def block_of(layer_name):
    """The MobileNetV2 block that a layer belongs to, by its name: "block 5" for block_5_expand."""
    if layer_name.startswith("block_"):
        return f"block {layer_name.split('_')[1]}"
    if layer_name.startswith("expanded_conv"):
        return "block 0"
    if layer_name in ("Conv1", "bn_Conv1", "Conv1_relu"):
        return "first convolution"
    if layer_name in ("Conv_1", "Conv_1_bn", "out_relu"):
        return "last convolution"
    return "other layers"


def blocks(backbone):
    """One row a block of MobileNetV2: side (pixels) and channels of its output, stride, costs.

    Sandler et al. 2018, Table 2, read off the model: 17 inverted residuals between two
    convolutions.
    """
    by_layer = table(backbone).query("block != 'other layers'")
    rows = {}
    for block, part in by_layer.groupby("block", sort=False):
        side, _, channels = part["output"].iloc[-1]
        rows[block] = {
            "side": side,
            "channels": channels,
            "stride": max(stride(backbone.get_layer(name)) for name in part.index),
            "shortcut": "yes" if "Add" in set(part["kind"]) else "no",
            "parameters": part["parameters"].sum(),
            "multiply-adds": part["multiply-adds"].sum(),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("block")


def stride(layer):
    """By how much a layer thins out its feature maps: 2 halves height and width."""
    convolutional = isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D))
    return layer.strides[0] if convolutional else 1


def totals(model):
    """Parameters and multiply-adds of a whole model: {"parameters": int, "multiply-adds": int}."""
    by_layer = table(model)
    return {column: int(by_layer[column].sum()) for column in ("parameters", "multiply-adds")}


def convolution_cost(side, kernel, channels_in, channels_out):
    """Multiply-adds of an ordinary convolution that leaves maps of `side` x `side`."""
    return side**2 * kernel**2 * channels_in * channels_out


def separable_cost(side, kernel, channels_in, channels_out):
    """Multiply-adds of a depthwise convolution and the pointwise (1 x 1) one that follows it.

    1 / channels_out + 1 / kernel^2 of the ordinary one's (Howard et al. 2017, section 3.1).
    """
    return side**2 * channels_in * (kernel**2 + channels_out)
