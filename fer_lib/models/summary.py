"""What a network consists of: parameters and multiply-adds, counted from the Keras model."""

import math

import pandas as pd
from keras import layers


def multiply_adds(layer):
    """Count a layer's multiplications for one image, each of which goes with an addition.

    Counts convolutions, depthwise convolutions, and dense layers, as Sandler et al. 2018 (Table 4)
    do; batch normalization, activations, pooling, and additions count as none.

    Args:
        layer: A built Keras layer.

    Returns:
        The number of multiply-adds.
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
    """List all layers of a model in order, with those of the models inside it in their place."""
    inner = (flat_layers(layer) if hasattr(layer, "layers") else [layer] for layer in model.layers)
    return [layer for part in inner for layer in part]


def table(model):
    """Tabulate a model's layers.

    Args:
        model: A built Keras model; models inside it are taken apart.

    Returns:
        DataFrame with one row per layer, indexed by its name: block (as from `block_of`), kind
        (class of the layer), output (shape for one image), parameters, multiply-adds. Parameters
        are counted as Keras does, with the moving averages of batch normalization.
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
    """Name the MobileNetV2 block of a layer, e.g. "block 5" for `"block_5_expand"`."""
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
    """Tabulate the blocks of MobileNetV2, as Sandler et al. 2018 do in Table 2.

    Args:
        backbone: MobileNetV2 as a Keras model. It has 17 inverted residuals between two
            convolutions.

    Returns:
        DataFrame with one row per block: side (pixels) and channels of its output, stride, shortcut
        ("yes" or "no"), parameters, multiply-adds.
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
    """Get by which factor a layer downsamples its feature maps: a convolution's stride, or 1."""
    convolutional = isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D))
    return layer.strides[0] if convolutional else 1


def totals(model):
    """Count a model's parameters and multiply-adds.

    Args:
        model: A built Keras model.

    Returns:
        A dict of two integers, `"parameters"` and `"multiply-adds"`.
    """
    by_layer = table(model)
    return {column: int(by_layer[column].sum()) for column in ("parameters", "multiply-adds")}


def convolution_cost(side, kernel, channels_in, channels_out):
    """Count the multiply-adds of an ordinary convolution.

    Args:
        side: Side of its output, pixels.
        kernel: Side of its kernels, pixels.
        channels_in: Number of channels of its input.
        channels_out: Number of channels of its output.

    Returns:
        The number of multiply-adds for one image.
    """
    return side**2 * kernel**2 * channels_in * channels_out


def separable_cost(side, kernel, channels_in, channels_out):
    """Count the multiply-adds of a depthwise convolution with a pointwise (1×1) one after it.

    They are 1 / channels_out + 1 / kernel^2 of an ordinary convolution's (Howard et al. 2017,
    section 3.1).

    Args:
        side: Side of its output, pixels.
        kernel: Side of its depthwise kernels, pixels.
        channels_in: Number of channels of its input.
        channels_out: Number of channels of its output.

    Returns:
        The number of multiply-adds for one image.
    """
    return side**2 * channels_in * (kernel**2 + channels_out)
