"""Notebook 06: from picture to label, what makes that fail, probabilities over time."""

import numpy as np

from fer_lib.labels import COLORS, LABELS
from fer_lib.live.pipeline import MIN_CONFIDENCE
from fer_lib.plots.style import new_figure

ORANGE, RED, GREY = "#D55E00", "#A03000", "#777777"


def stages(frame, box, crop, probabilities, title):
    """One picture on its way: the frame with the face's box, the crop, the seven probabilities."""
    figure, (whole, face, bars) = new_figure(9, 2.9, columns=3, width_ratios=(1.35, 1, 1.1))
    whole.imshow(frame)
    _draw_box(whole, box)
    face.imshow(crop[..., 0], cmap="gray", vmin=0, vmax=255)
    for axis, text in ((whole, "find"), (face, "crop: 48 x 48, grey")):
        axis.axis("off")
        axis.set_title(text, size=9, weight="normal")
    places = np.arange(len(LABELS))
    drawn = bars.barh(places, 100 * probabilities, color=[COLORS[label] for label in LABELS])
    bars.bar_label(drawn, [f"{100 * value:.0f}" for value in probabilities], padding=2, size=8)
    bars.set_yticks(places, LABELS)
    bars.invert_yaxis()
    bars.set_xlim(0, 112)
    bars.set_xlabel("probability (%)")
    bars.set_title("classify", size=9, weight="normal")
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def trials(rows, title):
    """Pictures made harder step by step, with what the demo says of each.

    rows: {name: a list of (level, frame, boxes, text)}, equally long lists.
    """
    columns = max(map(len, rows.values()))
    figure, axes = new_figure(1.5 * columns, 2.1 * len(rows), len(rows), columns, squeeze=False)
    for line, (name, tries) in zip(axes, rows.items(), strict=True):
        for axis, (level, frame, boxes, text) in zip(line, tries, strict=True):
            axis.imshow(frame)
            for box in boxes:
                _draw_box(axis, box)
            axis.set_xticks([])
            axis.set_yticks([])
            axis.spines[:].set_visible(False)
            axis.set_xlim(120, 520)  # the middle of 640 x 480
            axis.set_ylim(440, 40)
            axis.set_title(level, size=8, weight="normal", loc="center")
            axis.set_xlabel(text, size=8, color="black" if boxes else RED)
        line[0].set_ylabel(name, size=9, weight="bold")
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def _draw_box(axis, box):
    from matplotlib.patches import Rectangle

    place = ((box.x, box.y), box.width, box.height)
    axis.add_patch(Rectangle(*place, fill=False, edgecolor="white", lw=3))
    axis.add_patch(Rectangle(*place, fill=False, edgecolor=ORANGE, lw=1.5))


def over_time(moments, series, shown, title):
    """Probabilities over time, an axis a series, with the label of each moment as a strip below.

    moments: (n,) seconds. series: {name: probabilities (n, 7)}. shown: [(second, expression)], what
    the picture begins to show when.
    """
    figure, axes = new_figure(9, 2.7 * len(series), len(series), sharex=True, squeeze=False)
    for axis, (name, probabilities) in zip(axes[:, 0], series.items(), strict=True):
        for index, label in enumerate(LABELS):
            axis.plot(moments, 100 * probabilities[:, index], color=COLORS[label], label=label)
        axis.axhline(100 * MIN_CONFIDENCE, color=GREY, lw=1, ls=":")
        axis.vlines(moments, -16, -6, colors=_colours(probabilities), lw=2.2)
        axis.set_ylim(-18, 104)
        axis.set_yticks((-11, 0, 50, 100), ("label", 0, 50, 100))
        axis.set_ylabel(f"{name}:\nprobability (%)")
    for second, expression in shown:
        axes[0, 0].text(second, 106, expression, size=9, va="bottom")
        for axis in axes[:, 0]:
            axis.axvline(second, color=GREY, lw=0.5)
    axes[-1, 0].set_xlabel("time (seconds)")
    axes[-1, 0].set_xlim(moments[0], moments[-1])
    handles, names = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(LABELS), frameon=False)
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def _colours(probabilities):
    """The colour of each moment's label; white where it is unsure."""
    sure = probabilities.max(axis=1) >= MIN_CONFIDENCE
    best = probabilities.argmax(axis=1)
    return [
        COLORS[LABELS[index]] if named else "white" for index, named in zip(best, sure, strict=True)
    ]
