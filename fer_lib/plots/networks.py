"""Notebook 02: what a convolution does, the networks of the paper's Figs. 1-3, and feature maps.

The drawings read their shapes and numbers off the Keras model given, so they can't contradict it.
"""

import numpy as np
from keras import layers

from fer_lib.labels import COLORS, LABELS
from fer_lib.models import summary
from fer_lib.plots.style import new_figure

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#E69F00", "#009E73", "#7F7F7F"
INK = "#222222"


def convolution(image, responses):
    """A face and what kernels make of it.

    image: (h, w), grey 0-255. responses: {title: (h', w')}, drawn blue below zero, red above.
    """
    figure, axes = new_figure(9, 2.9, columns=1 + len(responses))
    axes[0].imshow(image, cmap="gray", vmin=0, vmax=255)
    axes[0].set_title(f"face, {image.shape[0]} x {image.shape[1]}")
    for axis, (title, response) in zip(axes[1:], responses.items(), strict=True):
        bound = np.abs(response).max()
        axis.imshow(response, cmap="RdBu_r", vmin=-bound, vmax=bound)
        axis.set_title(f"{title},\n{response.shape[0]} x {response.shape[1]}")
    for axis in axes:
        axis.set_axis_off()
    return figure


def figure_1_cnn(network):
    """The paper's Fig. 1: a convolutional network, drawn from a plain Keras Sequential model.

    Draws convolutions, pooling, dense layers and the last layer's seven expressions; leaves out
    layers that only reshape.
    """
    figure, axis = _canvas(9, 3.1)
    shown = [layer for layer in network.layers if not isinstance(layer, layers.Flatten)]
    columns = np.linspace(0.06, 0.88, len(shown) + 1)
    _draw_maps(axis, columns[0], network.input_shape[1:], GREY, "input")
    for x, layer in zip(columns[1:], shown, strict=True):
        if isinstance(layer, layers.Dense):
            _draw_units(axis, x, layer)
        else:
            convolves = isinstance(layer, layers.Conv2D)
            kind = "convolution" if convolves else "pooling"
            _draw_maps(axis, x, layer.output.shape[1:], BLUE if convolves else ORANGE, kind)
    axis.set_title("A CNN: maps get smaller and more numerous, then dense layers decide")
    return figure


def _canvas(width, height):
    """An empty figure whose axis runs from 0 to 1 in x and 0 to height / width in y."""
    figure, axis = new_figure(width, height)
    axis.set_xlim(0, 1)
    axis.set_ylim(0, height / width)
    axis.set_axis_off()
    return figure, axis


def _draw_maps(axis, x, shape, colour, kind):
    """A pile of square feature maps about (x, 0.2): side by size, number of sheets by channels."""
    from matplotlib.patches import Rectangle

    side, _, channels = shape
    width = 0.012 + 0.06 * side / 48
    sheets = 1 if channels == 1 else 2 + int(np.log2(channels)) // 2
    for sheet in reversed(range(sheets)):
        shift = 0.006 * (sheet - (sheets - 1) / 2)
        corner = (x - width / 2 + shift, 0.2 - width / 2 + shift)
        axis.add_patch(Rectangle(corner, width, width, facecolor=colour, edgecolor="white", lw=0.8))
    _caption(axis, x, f"{kind}\n{side} x {side} x {channels}")


def _draw_units(axis, x, layer):
    """A dense layer as a column about (x, 0.2); seven units carry the expressions' names."""
    from matplotlib.patches import Rectangle

    if layer.units != len(LABELS):
        axis.add_patch(Rectangle((x - 0.008, 0.1), 0.016, 0.2, facecolor=GREEN))
        _caption(axis, x, f"dense\n{layer.units}")
        return
    for row, label in enumerate(LABELS):
        y = 0.29 - 0.03 * row
        axis.add_patch(Rectangle((x - 0.008, y - 0.012), 0.016, 0.024, facecolor=COLORS[label]))
        axis.text(x + 0.016, y, label, va="center", fontsize=9, color=INK)
    _caption(axis, x, f"softmax\n{layer.units}")


def _caption(axis, x, text, y=0.06):
    axis.text(x, y, text, ha="center", va="center", fontsize=9, color=INK)


def figure_2_transfer_learning(backbone, head):
    """The paper's Fig. 2: network-based transfer learning (Tan et al. 2018, section 3.3).

    backbone: MobileNetV2 without its top. head: the Keras model that stands on its pooled features.
    """
    figure, axis = _canvas(9, 4.2)
    frozen, trained = backbone.count_params(), head.count_params()
    channels = backbone.output.shape[-1]
    blocks = list(summary.blocks(backbone)["side"])
    for y, colour in ((0.34, BLUE), (0.1, GREY)):
        _draw_blocks(axis, y, blocks, colour)
        _arrow(axis, (0.2, y), (0.25, y))
        _arrow(axis, (0.68, y), (0.73, y))
    _box(axis, (0.1, 0.34), 0.18, "ImageNet\nphotos,\n1,000 classes", "white")
    _box(axis, (0.865, 0.34), 0.25, f"its head\n{channels:,} to 1,000\nleft behind", "white", "--")
    _box(axis, (0.1, 0.1), 0.18, "faces,\n48 x 48 grey,\n7 expressions", "white")
    _box(axis, (0.865, 0.1), 0.25, f"new head, trained\n{trained:,}\nparameters", "#CFEBE2")
    axis.text(0.465, 0.43, f"MobileNetV2: {frozen:,} parameters", ha="center", color=INK)
    axis.text(0.465, 0.012, "the same weights, frozen", ha="center", color=INK)
    _arrow(axis, (0.465, 0.265), (0.465, 0.18))
    axis.text(0.48, 0.222, "copied", va="center", color=INK)
    axis.set_title("Transfer learning keeps what ImageNet taught and trains a new head")
    return figure


def _draw_blocks(axis, y, sides, colour):
    """The network's blocks as a row of bars between x = 0.26 and 0.67, their height by map side."""
    from matplotlib.patches import Rectangle

    step = 0.41 / len(sides)
    for index, side in enumerate(sides):
        height = 0.03 + 0.11 * side / max(sides)
        corner = (0.26 + step * index, y - height / 2)
        axis.add_patch(Rectangle(corner, step * 0.7, height, facecolor=colour))


def _box(axis, centre, width, text, colour, line_style="-", height=0.12):
    from matplotlib.patches import FancyBboxPatch

    corner = (centre[0] - width / 2 + 0.01, centre[1] - height / 2 + 0.01)
    axis.add_patch(
        FancyBboxPatch(
            corner,
            width - 0.02,
            height - 0.02,
            boxstyle="round,pad=0.01",
            facecolor=colour,
            edgecolor=INK,
            linestyle=line_style,
        )
    )
    axis.text(*centre, text, ha="center", va="center", fontsize=9, color=INK)


def _arrow(axis, start, end, **options):
    style = {"arrowstyle": "-|>", "color": INK, "lw": 1.2, "shrinkA": 0, "shrinkB": 0} | options
    axis.annotate("", end, start, arrowprops=style)


def figure_3_residual_blocks(backbone, stride_1="block_2", stride_2="block_3"):
    """The paper's Fig. 3: MobileNetV2's two inverted residuals (Sandler et al. 2018, Fig. 4d).

    stride_1, stride_2: the blocks to draw, by their names in Keras; the first has a shortcut.
    """
    figure, axis = _canvas(9, 5)
    for middle, block in ((0.25, stride_1), (0.75, stride_2)):
        shapes = [backbone.get_layer(f"{block}_expand").input.shape[1:]]
        operations = [
            ("expand", "1 x 1, ReLU6"),
            ("depthwise", "3 x 3, ReLU6"),
            ("project", "1 x 1, linear"),
        ]
        shapes += [backbone.get_layer(f"{block}_{name}").output.shape[1:] for name, _ in operations]
        stride = summary.stride(backbone.get_layer(f"{block}_depthwise"))
        _draw_block(axis, middle, shapes, operations, stride)
        title = f"stride {stride} ({block.replace('_', ' ')})"
        axis.text(middle, 0.515, title, ha="center", weight="bold", color=INK)
    axis.set_title(
        "Inverted residuals: narrow, wide, narrow; a shortcut only where shapes agree", pad=14
    )
    return figure


def _draw_block(axis, middle, shapes, operations, stride):
    """Four bars, as wide as the maps have channels, with the operations between them."""
    from matplotlib.patches import Rectangle

    levels = np.linspace(0.46, 0.08, len(shapes))
    widest = max(shape[-1] for shape in shapes)
    widths = [0.06 + 0.26 * shape[-1] / widest for shape in shapes]
    colours = [GREEN, BLUE, BLUE, GREEN]
    for y, width, shape, colour in zip(levels, widths, shapes, colours, strict=True):
        corner = (middle - width / 2, y - 0.02)
        axis.add_patch(Rectangle(corner, width, 0.04, facecolor=colour, alpha=0.85))
        words = " x ".join(map(str, shape))
        axis.text(middle, y, words, ha="center", va="center", color="white", fontsize=8.5)
    for upper, lower, (name, detail) in zip(levels, levels[1:], operations, strict=False):
        _arrow(axis, (middle, upper - 0.021), (middle, lower + 0.021))
        note = f"{name} {detail}" + (f", stride {stride}" if name == "depthwise" else "")
        axis.text(middle + 0.012, (upper + lower) / 2, note, va="center", fontsize=9, color=INK)
    if stride == 1:
        _draw_shortcut(axis, middle, levels, widths)
    else:
        before, after = (f"{shape[0]} x {shape[0]}" for shape in (shapes[0], shapes[-1]))
        note = f"no shortcut: {before} in, {after} out"
        axis.text(middle, levels[-1] - 0.05, note, ha="center", fontsize=9, color=INK)


def _draw_shortcut(axis, middle, levels, widths):
    """The line past the block, from its input to the sum with its output."""
    side = middle - 0.2
    start, end = middle - widths[0] / 2, middle - widths[-1] / 2
    top, bottom = levels[0], levels[-1]
    line = {"color": ORANGE, "lw": 2}
    axis.plot([start, side, side], [top, top, bottom], solid_capstyle="butt", **line)
    _arrow(axis, (side, bottom), (end, bottom), **line)
    axis.text(
        side - 0.012, levels.mean(), "shortcut", rotation=90, ha="right", va="center", color=INK
    )
    axis.text(middle, levels[-1] - 0.05, "output + input", ha="center", fontsize=9, color=INK)


def feature_map_sides(sides):
    """How MobileNetV2's maps shrink. sides: DataFrame, a row a block, a column an input size."""
    figure, axis = new_figure(9, 3.8)
    styles = ((ORANGE, "o"), (BLUE, "s"), (GREEN, "^"))
    for size, (colour, marker) in zip(sides.columns, styles, strict=False):
        axis.plot(
            sides.index, sides[size], color=colour, marker=marker, drawstyle="steps-mid", ms=4
        )
        last = sides[size].iloc[-1]
        axis.annotate(
            f"{size} px in: {last} x {last}",
            (len(sides) - 1, last),
            (8, 0),
            textcoords="offset points",
            va="center",
            color=INK,
        )
    axis.set_yscale("log", base=2)
    axis.yaxis.set_major_formatter("{x:.0f}")
    axis.set_ylabel("side of the feature maps (pixels)")
    axis.set_xticks(range(len(sides)), ["first", *range(len(sides) - 2), "last"])
    axis.set_xlabel("block, between the first and the last convolution")
    axis.set_title("Five halvings leave little of a small image")
    return figure


def feature_maps(image, stages, columns=8):
    """A face and some maps of several stages.

    image: (h, w) grey. stages: {layer's name: (1, h', w', channels)}; the maps that vary most are
    shown.
    """
    figure, axes = new_figure(9, 1.35 * len(stages), len(stages), columns + 1, squeeze=False)
    for row, (name, (maps,)) in zip(axes, stages.items(), strict=True):
        strongest = np.argsort(maps.std(axis=(0, 1)))[::-1][:columns]
        row[0].imshow(image, cmap="gray", vmin=0, vmax=255)
        for axis, channel in zip(row[1:], strongest, strict=True):
            axis.imshow(maps[..., channel], cmap="viridis")
        row[1].set_title(f"{name}: {maps.shape[0]} x {maps.shape[1]}")
        for axis in row:
            axis.set_axis_off()
    return figure
