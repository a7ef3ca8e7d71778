"""Figures of notebook 06: from image to label, what makes it fail, probabilities over time."""

import numpy as np

from fer_lib.labels import COLORS, LABELS
from fer_lib.live.pipeline import MIN_CONFIDENCE
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


def trials(rows, title):
    """Draw an image made harder step by step, with the demo's answer to each.

    Args:
        rows: Mapping of a change's name to a list of `(level, frame, boxes, text)`; the lists are
            equally long.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    columns = max(map(len, rows.values()))
    figure, axes = style.new_figure(
        1.5 * columns, 2.1 * len(rows), len(rows), columns, squeeze=False
    )
    for line, (name, tries) in zip(axes, rows.items(), strict=True):
        for axis, (level, frame, boxes, text) in zip(line, tries, strict=True):
            axis.imshow(frame)
            style.hide_frame(axis)
            for box in boxes:
                _draw_box(axis, box)
            axis.set_xlim(120, 520)  # the middle of 640×480
            axis.set_ylim(440, 40)
            axis.set_title(level, size=8)
            axis.set_xlabel(text, size=8)
        line[0].set_ylabel(name, size=style.SMALL, weight="bold")
    style.set_title(figure, title)
    return figure


def _draw_box(axis, box):
    from matplotlib.patches import Rectangle

    place = ((box.x, box.y), box.width, box.height)
    axis.add_patch(Rectangle(*place, fill=False, edgecolor="white", lw=3))
    axis.add_patch(Rectangle(*place, fill=False, edgecolor=style.OURS, lw=1.5))


def over_time(moments, series, shown, title):
    """Draw probabilities over time, one axes per series, above a strip of each moment's label.

    Args:
        moments: Seconds, shape `(n,)`.
        series: Mapping of a series' name to its probabilities, `(n, 7)`.
        shown: List of `(second, expression)`: what the video begins to show when.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(
        9, 2.7 * len(series) + 0.2, len(series), sharex=True, squeeze=False
    )
    for axis, (name, probabilities) in zip(axes[:, 0], series.items(), strict=True):
        _draw_probabilities(axis, moments, probabilities)
        axis.set_ylabel(f"{name}:\nprobability (%)")
        for second, _ in shown:
            axis.axvline(second, color=style.BASELINE, lw=0.5)
    for second, expression in shown:
        axes[0, 0].text(second, 106, expression, size=style.SMALL, va="bottom")
    axes[-1, 0].set_xlabel("time (seconds)")
    axes[-1, 0].set_xlim(moments[0], moments[-1])
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(LABELS), frameon=False)
    style.set_title(figure, title)
    return figure


def _draw_probabilities(axis, moments, probabilities):
    """Seven lines, and below zero the strip."""
    for index, label in enumerate(LABELS):
        axis.plot(moments, 100 * probabilities[:, index], color=COLORS[label], label=label)
    axis.axhline(100 * MIN_CONFIDENCE, color=style.BASELINE, lw=1, ls=":")
    axis.vlines(moments, -16, -6, colors=_label_colors(probabilities), lw=2.2)
    axis.set_ylim(-18, 104)
    axis.set_yticks((-11, 0, 50, 100), ("label", 0, 50, 100))


def _label_colors(probabilities):
    """The color of each moment's label; white where it is unsure."""
    sure = probabilities.max(axis=1) >= MIN_CONFIDENCE
    best = probabilities.argmax(axis=1)
    return [
        COLORS[LABELS[index]] if named else "white" for index, named in zip(best, sure, strict=True)
    ]
