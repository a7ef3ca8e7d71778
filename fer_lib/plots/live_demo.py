"""Figures of notebook 06: from image to label, what makes it fail, and labels over time."""

import numpy as np

from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import style


def stages(frame, box, crop, probabilities, title):
    """Draw the way of an image: the frame with the face's box, the crop, and the probabilities.

    Args:
        frame: RGB image, `(h, w, 3)`, uint8.
        box: `Box` of the face, in pixels of the frame.
        crop: What the network gets: `(48, 48, 1)`, 0-255.
        probabilities: Shape `(7,)`, in `LABELS` order.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, (image, face, bars) = style.new_figure(9, 3, columns=3, width_ratios=(1.35, 1, 1.1))
    image.imshow(frame)
    style.hide_frame(image)
    _draw_box(image, box)
    style.show_gray(face, crop[..., 0])
    rows = np.arange(len(LABELS))
    drawn = bars.barh(rows, 100 * probabilities, color=[COLORS[label] for label in LABELS])
    bars.bar_label(drawn, [f"{100 * value:.0f}" for value in probabilities], padding=2, size=8)
    style.name_rows(bars, LABELS)
    bars.set_xlim(0, 112)
    bars.set_xlabel("probability (%)")
    names = ("1. find", "2. crop: 48×48, gray", "3. classify")
    for axis, name in zip(figure.axes, names, strict=True):
        axis.set_title(name, size=style.SMALL)
    style.set_title(figure, title)
    return figure


def examples(tries, title):
    """Draw frames that were made harder, with the demo's answer to each.

    Args:
        tries: List of `(what was changed, frame, boxes, answer)`, a multiple of three.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    rows = len(tries) // 3
    figure, axes = style.new_figure(9, 2.9 * rows + 0.3, rows, 3)
    for axis, (change, frame, boxes, answer) in zip(axes.flat, tries, strict=True):
        axis.imshow(frame)
        style.hide_frame(axis)
        for box in boxes:
            _draw_box(axis, box)
        axis.set_title(change, size=style.SMALL)
        axis.set_xlabel(answer, size=style.SMALL)
    style.set_title(figure, title)
    return figure


def _draw_box(axis, box):
    from matplotlib.patches import Rectangle

    place = ((box.x, box.y), box.width, box.height)
    axis.add_patch(Rectangle(*place, fill=False, edgecolor="white", lw=3))
    axis.add_patch(Rectangle(*place, fill=False, edgecolor=style.OURS, lw=1.5))


LIMIT_LOOKS = {
    "found by Haar": (style.ORANGE, "s"),
    "found by YuNet": (style.GREEN, "^"),
    "label right, given the true box": (style.OURS, "o"),
}


def limits(table, panels, title):
    """Draw how often a face is found and its label is right, one panel per factor.

    Args:
        table: DataFrame with the columns factor, level, measure (a key of `LIMIT_LOOKS`),
            percentage, low, and high.
        panels: Mapping of a factor to the label of its axis, six at most.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    rows = -(-len(panels) // 3)
    columns = -(-len(panels) // rows)
    figure, axes = style.new_figure(9, 2.7 * rows + 0.8, rows, columns, sharey=True, squeeze=False)
    for axis, (factor, label) in zip(axes.flat, panels.items(), strict=False):
        chosen = table[table["factor"] == factor]
        _draw_levels(axis, chosen)
        axis.set_xlabel(label)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    for axis in axes[:, 0]:
        axis.set_ylim(0, 100)
        axis.set_ylabel("faces (%)")
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3, frameon=False)
    style.set_title(figure, title)
    return figure


def _draw_levels(axis, table):
    """A line with intervals per measure; the levels stand side by side, from low to high."""
    levels = table["level"].unique()
    named = isinstance(levels[0], str)
    levels = levels if named else np.sort(levels.astype(float))
    for shift, (measure, (color, marker)) in zip((-0.1, 0, 0.1), LIMIT_LOOKS.items(), strict=True):
        rows = table[table["measure"] == measure].set_index("level").loc[levels]
        places = np.arange(len(levels)) + shift
        ends = rows["percentage"] - rows["low"], rows["high"] - rows["percentage"]
        look = {"fmt": marker if named else f"{marker}-", "color": color, "ms": 5}
        axis.errorbar(places, rows["percentage"], ends, label=measure, **look)
    names = levels if named else [f"{level:g}" for level in levels]
    axis.set_xticks(range(len(levels)), names, rotation=30 if named else 0)
    axis.set_xlim(-0.5, len(levels) - 0.5)


def framing(curve, offsets, title):
    """Draw how the label suffers from another box, and where the detectors' boxes lie.

    Args:
        curve: DataFrame with the columns size, right, and down (percent of the true box's side),
            change, low, and high (percentage points of accuracy).
        offsets: DataFrame indexed by detector and by size, right, and down; columns low, median,
            and high, in percent of the true box's side.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9, 3.8, columns=3, sharey=True)
    names = {"size": "size", "right": "shift to the right", "down": "shift down"}
    lowest = curve["low"].min()
    axes[0].set_yticks(range(0, -25, -5))
    for axis, (way, name) in zip(axes, names.items(), strict=True):
        others = curve[[other for other in names if other != way]]
        rows = curve[(others == 0).all(axis=1)].sort_values(way)
        ends = rows["change"] - rows["low"], rows["high"] - rows["change"]
        axis.errorbar(rows[way], rows["change"], ends, fmt="o-", color=style.OURS)
        axis.axhline(0, color=style.BASELINE, lw=1, ls=":")
        for place, (detector, color) in enumerate(DETECTOR_COLORS.items()):
            low, median, high = offsets.loc[(detector, way), ["low", "median", "high"]]
            height = lowest - 3 - 3 * place
            axis.hlines(height, low, high, color=color, lw=4)
            axis.plot(median, height, "o", color=color, mec=style.INK, ms=7)
            if axis is axes[0]:
                style.annotate(axis, f"{detector}'s boxes", (high, height), (6, 0), color=color)
        axis.set_xlabel(f"{name} (% of the side)")
    axes[0].set_ylabel("change of accuracy\n(percentage points)")
    style.set_title(figure, title)
    return figure


DETECTOR_COLORS = {"Haar": style.ORANGE, "YuNet": style.GREEN}


def timeline(moments, strips, title):
    """Draw labels over time, one strip per series; a moment without a label stays white.

    Args:
        moments: Seconds, shape `(n,)`, evenly spaced.
        strips: Mapping of a series' name to its labels, `(n,)` str.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    from matplotlib.patches import Patch

    figure, axis = style.new_figure(9, 0.6 * len(strips) + 1.5)
    for row, labels in enumerate(strips.values()):
        colors = [COLORS.get(label, "white") for label in labels]
        axis.bar(moments, 0.8, np.diff(moments[:2]), row - 0.4, align="edge", color=colors)
    style.name_rows(axis, strips)
    axis.set_xlim(moments[0], moments[-1])
    axis.set_xlabel("time (seconds)")
    handles = [Patch(color=COLORS[label], label=label) for label in LABELS]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(LABELS), frameon=False)
    style.set_title(figure, title)
    return figure
