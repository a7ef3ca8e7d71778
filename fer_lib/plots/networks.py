"""Figures of notebook 02: what a convolution does, the networks of Figs. 1-3, and feature maps.

The drawings read their shapes and numbers off the Keras model given, so they can't contradict it.
"""

import numpy as np
from keras import layers

from fer_lib.labels import COLORS, LABELS
from fer_lib.models import summary
from fer_lib.plots import style


def convolution(image, responses, title):
    """Draw a face and the responses of kernels to it.

    Args:
        image: Grayscale image, `(h, w)`, 0-255.
        responses: Mapping of a panel's title to a response, `(h', w')`; drawn blue below zero, red
            above.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9, 3, columns=1 + len(responses))
    style.show_gray(axes[0], image)
    axes[0].set_title(f"face,\n{_size(image)}", size=style.SMALL)
    for axis, (name, response) in zip(axes[1:], responses.items(), strict=True):
        bound = np.abs(response).max()
        axis.imshow(response, cmap=style.DIVERGING, vmin=-bound, vmax=bound)
        style.hide_frame(axis)
        axis.set_title(f"{name},\n{_size(response)}", size=style.SMALL)
    style.set_title(figure, title)
    return figure


def _size(array):
    return "×".join(map(str, array.shape))


def figure_1_cnn(network, title):
    """Draw the paper's Fig. 1: a convolutional network.

    Args:
        network: Keras `Sequential`. Convolutions, pooling, dense layers, and the seven expressions
            of the last layer are drawn; layers that only reshape are left out.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = _canvas(9, 3.1)
    shown = [layer for layer in network.layers if not isinstance(layer, layers.Flatten)]
    columns = np.linspace(0.06, 0.88, len(shown) + 1)
    _draw_maps(axis, columns[0], network.input_shape[1:], style.GRAY, "input")
    for x, layer in zip(columns[1:], shown, strict=True):
        if isinstance(layer, layers.Dense):
            _draw_units(axis, x, layer)
        else:
            convolves = isinstance(layer, layers.Conv2D)
            kind = "convolution" if convolves else "pooling"
            color = style.SERIES[0] if convolves else style.SERIES[1]
            _draw_maps(axis, x, layer.output.shape[1:], color, kind)
    style.set_title(figure, title)
    return figure


def _canvas(width, height):
    """An empty figure whose axis runs from 0 to 1 in x and 0 to height / width in y."""
    figure, axis = style.new_figure(width, height)
    axis.set_xlim(0, 1)
    axis.set_ylim(0, height / width)
    axis.set_axis_off()
    return figure, axis


def _draw_maps(axis, x, shape, color, kind):
    """A pile of square feature maps around (x, 0.2): side by size, number of sheets by channels."""
    from matplotlib.patches import Rectangle

    side, _, channels = shape
    width = 0.012 + 0.06 * side / 48
    sheets = 1 if channels == 1 else 2 + int(np.log2(channels)) // 2
    for sheet in reversed(range(sheets)):
        shift = 0.006 * (sheet - (sheets - 1) / 2)
        corner = (x - width / 2 + shift, 0.2 - width / 2 + shift)
        axis.add_patch(Rectangle(corner, width, width, facecolor=color, edgecolor="white", lw=0.8))
    _write(axis, x, 0.06, f"{kind}\n{side}×{side}×{channels}")


def _draw_units(axis, x, layer):
    """A dense layer as a column around (x, 0.2); seven units carry the expressions' names."""
    from matplotlib.patches import Rectangle

    if layer.units != len(LABELS):
        axis.add_patch(Rectangle((x - 0.008, 0.1), 0.016, 0.2, facecolor=style.INK))
        _write(axis, x, 0.06, f"dense\n{layer.units}")
        return
    for row, label in enumerate(LABELS):
        y = 0.29 - 0.03 * row
        axis.add_patch(Rectangle((x - 0.008, y - 0.012), 0.016, 0.024, facecolor=COLORS[label]))
        _write(axis, x + 0.016, y, label, ha="left")
    _write(axis, x, 0.06, f"softmax\n{layer.units}")


def _write(axis, x, y, text, **options):
    options = {"ha": "center", "va": "center", "size": style.SMALL, "color": style.INK} | options
    axis.text(x, y, text, **options)


def figure_2_transfer_learning(backbone, head, title):
    """Draw the paper's Fig. 2: network-based transfer learning (Tan et al. 2018, section 3.3).

    Args:
        backbone: Keras MobileNetV2 without its top.
        head: Keras model that takes its pooled features.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = _canvas(9, 4.2)
    frozen, trained = backbone.count_params(), head.count_params()
    channels = backbone.output.shape[-1]
    sides = list(summary.blocks(backbone)["side"])
    for y, color in ((0.34, style.SERIES[0]), (0.1, style.GRAY)):
        _draw_blocks(axis, y, sides, color)
        _arrow(axis, (0.2, y), (0.25, y))
        _arrow(axis, (0.68, y), (0.73, y))
    _box(axis, (0.1, 0.34), 0.18, "ImageNet\nphotos,\n1,000 classes")
    _box(axis, (0.865, 0.34), 0.25, f"its head,\n{channels:,} to 1,000,\ndiscarded", line="--")
    _box(axis, (0.1, 0.1), 0.18, "faces,\n48×48 gray,\n7 expressions")
    trained_color = (style.TRAINING, 0.25)
    _box(axis, (0.865, 0.1), 0.25, f"new head, trained,\n{trained:,}\nparameters", trained_color)
    _write(axis, 0.465, 0.435, f"MobileNetV2: {frozen:,} parameters", size=10)
    _write(axis, 0.465, 0.017, "the same weights, frozen", size=10)
    _arrow(axis, (0.465, 0.265), (0.465, 0.18))
    _write(axis, 0.48, 0.222, "copied", ha="left", size=10)
    style.set_title(figure, title)
    return figure


def _draw_blocks(axis, y, sides, color):
    """The network's blocks as a row of bars between x = 0.26 and 0.67, their height by map side."""
    from matplotlib.patches import Rectangle

    step = 0.41 / len(sides)
    for index, side in enumerate(sides):
        height = 0.03 + 0.11 * side / max(sides)
        corner = (0.26 + step * index, y - height / 2)
        axis.add_patch(Rectangle(corner, step * 0.7, height, facecolor=color))


def _box(axis, center, width, text, color="white", line="-", height=0.12):
    from matplotlib.patches import FancyBboxPatch

    corner = (center[0] - width / 2 + 0.01, center[1] - height / 2 + 0.01)
    look = {"facecolor": color, "edgecolor": style.INK, "linestyle": line}
    size = (width - 0.02, height - 0.02)
    axis.add_patch(FancyBboxPatch(corner, *size, boxstyle="round,pad=0.01", **look))
    _write(axis, *center, text)


def _arrow(axis, start, end, **options):
    look = {"arrowstyle": "-|>", "color": style.INK, "lw": 1.2, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops=look | options)


def figure_3_residual_blocks(backbone, title, stride_1="block_2", stride_2="block_3"):
    """Draw the paper's Fig. 3: MobileNetV2's two inverted residuals (Sandler et al. 2018, Fig. 4d).

    Args:
        backbone: Keras MobileNetV2.
        title: Title of the figure.
        stride_1: Name in Keras of the block to draw on the left, one with a shortcut.
        stride_2: Name of the block on the right.

    Returns:
        The `Figure`.
    """
    figure, axis = _canvas(9, 5)
    operations = {
        "expand": "1×1, ReLU6",
        "depthwise": "3×3, ReLU6",
        "project": "1×1, linear",
    }
    for middle, block in ((0.25, stride_1), (0.75, stride_2)):
        shapes = [backbone.get_layer(f"{block}_expand").input.shape[1:]]
        shapes += [backbone.get_layer(f"{block}_{name}").output.shape[1:] for name in operations]
        stride = summary.stride(backbone.get_layer(f"{block}_depthwise"))
        _draw_block(axis, middle, shapes, operations, stride)
        name = f"stride {stride} ({block.replace('_', ' ')})"
        _write(axis, middle, 0.515, name, size=10, weight="bold")
    style.set_title(figure, title)
    return figure


def _draw_block(axis, middle, shapes, operations, stride):
    """Four bars, as wide as the maps have channels, with the operations between them."""
    from matplotlib.patches import Rectangle

    levels = np.linspace(0.46, 0.08, len(shapes))
    widest = max(shape[-1] for shape in shapes)
    widths = [0.06 + 0.26 * shape[-1] / widest for shape in shapes]
    narrow, wide = style.SERIES[0], style.LIGHT_GRAY
    for y, width, shape, color in zip(
        levels, widths, shapes, (narrow, wide, wide, narrow), strict=True
    ):
        axis.add_patch(Rectangle((middle - width / 2, y - 0.02), width, 0.04, facecolor=color))
        _write(axis, middle, y, "×".join(map(str, shape)), size=8.5)
    for upper, lower, (name, detail) in zip(levels, levels[1:], operations.items(), strict=False):
        _arrow(axis, (middle, upper - 0.021), (middle, lower + 0.021))
        note = f"{name} {detail}" + (f", stride {stride}" if name == "depthwise" else "")
        _write(axis, middle + 0.012, (upper + lower) / 2, note, ha="left")
    below = (middle, levels[-1] - 0.045)
    if stride == 1:
        _draw_shortcut(axis, middle, levels, widths)
        _write(axis, *below, "output + input")
    else:
        before, after = (f"{shape[0]}×{shape[0]}" for shape in (shapes[0], shapes[-1]))
        _write(axis, *below, f"no shortcut: {before} in, {after} out")


def _draw_shortcut(axis, middle, levels, widths):
    """The line past the block, from its input to the sum with its output."""
    side = middle - 0.2
    start, end = middle - widths[0] / 2, middle - widths[-1] / 2
    top, bottom = levels[0], levels[-1]
    line = {"color": style.SERIES[1], "lw": 2}
    axis.plot([start, side, side], [top, top, bottom], solid_capstyle="butt", **line)
    _arrow(axis, (side, bottom), (end, bottom), **line)
    _write(axis, side - 0.012, levels.mean(), "shortcut", rotation=90, ha="right", size=10)


def feature_map_sides(sides, title):
    """Draw how MobileNetV2's feature maps shrink from block to block.

    Args:
        sides: DataFrame of sides in pixels, one row per block, one column per input size (pixels).
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 3.8)
    for size, color, marker in zip(sides.columns, style.SERIES, "os^", strict=False):
        line = {"color": color, "marker": marker, "drawstyle": "steps-mid", "ms": 4}
        axis.plot(sides.index, sides[size], **line)
        last = sides[size].iloc[-1]
        style.annotate(axis, f"{size} px in: {last}×{last}", (len(sides) - 1, last), (8, 0))
    axis.set_yscale("log", base=2)
    axis.yaxis.set_major_formatter("{x:.0f}")
    axis.set_ylabel("side of the feature maps (pixels)")
    axis.set_xticks(range(len(sides)), ["first", *range(len(sides) - 2), "last"])
    axis.set_xlabel("block, between the first and the last convolution")
    style.set_title(figure, title)
    return figure


def feature_maps(image, stages, title, columns=8):
    """Draw a face and, for each of several layers, the feature maps that vary most.

    Args:
        image: Grayscale face, `(h, w)`, 0-255.
        stages: Mapping of a layer's name to its output, `(1, h', w', channels)`.
        title: Title of the figure.
        columns: Number of maps per layer.

    Returns:
        The `Figure`.
    """
    rows = len(stages)
    figure, axes = style.new_figure(9, 1.35 * rows + 0.3, rows, columns + 1, squeeze=False)
    for row, (name, (maps,)) in zip(axes, stages.items(), strict=True):
        strongest = np.argsort(maps.std(axis=(0, 1)))[::-1][:columns]
        style.show_gray(row[0], image)
        for axis, channel in zip(row[1:], strongest, strict=True):
            axis.imshow(maps[..., channel], cmap="viridis")
            style.hide_frame(axis)
        row[1].set_title(f"{name}: {_size(maps[..., 0])}", loc="left", size=style.SMALL)
    style.set_title(figure, title)
    return figure
