"""Notebook 04: confused pairs, mean probabilities (the paper's Table 2), Grad-CAM, gains."""

import numpy as np

from fer_lib import paper
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots.style import new_figure

GREY, ORANGE = "#BBBBBB", "#D55E00"


def confused_pairs(pairs, title):
    """Bars of the share of each class misread as another; the paper's named pairs stand out.

    pairs: of `errors.confused_pairs`.
    """
    figure, axis = new_figure(8, 1.2 + 0.34 * len(pairs))
    named = {frozenset(pair) for pair in paper.CONFUSED_PAIRS}
    drawn = [frozenset(pair) for pair in zip(pairs["label"], pairs["predicted"], strict=True)]
    colours = [ORANGE if pair in named else GREY for pair in drawn]
    bars = axis.barh(np.arange(len(pairs)), 100 * pairs["share of class"], color=colours)
    axis.bar_label(bars, [f"{count:,}" for count in pairs["images"]], padding=3)
    axis.set_yticks(np.arange(len(pairs)), pairs["label"] + " → " + pairs["predicted"])
    axis.invert_yaxis()
    axis.set_xlabel("share of the class (%), and number of images; orange: named by the paper")
    axis.set_title(title)
    return figure


def mean_probabilities(means):
    """The paper's Table 2 as it should be: a row a class, what its images get on average (%).

    means: of `errors.mean_probabilities`. Orange frames mark what the paper's table names.
    """
    from matplotlib.patches import Rectangle

    figure, axis = new_figure(8, 5.6)
    percent = 100 * means.to_numpy()
    picture = axis.imshow(percent, cmap="Blues", vmin=0, vmax=80)
    for (row, column), value in np.ndenumerate(percent):
        theirs = paper.TABLE_2[LABELS[row]].get(LABELS[column])
        text = f"{value:.0f}" if theirs is None else f"{value:.0f}\npaper {theirs}"
        ink = "white" if value > 45 else "black"
        axis.text(column, row, text, ha="center", va="center", color=ink, size=9)
        if theirs is not None:
            corner = (column - 0.47, row - 0.47)
            axis.add_patch(Rectangle(corner, 0.94, 0.94, fill=False, edgecolor=ORANGE, lw=1.5))
    axis.set_xticks(range(len(LABELS)), LABELS, rotation=30)
    axis.set_yticks(range(len(LABELS)), LABELS)
    axis.set_xlabel("class that gets the probability")
    axis.set_ylabel("label")
    figure.colorbar(picture, ax=axis, shrink=0.8, label="mean probability (%)")
    axis.set_title("The paper's examples were luckier than most images")
    return figure


def confidences(right, wrong):
    """How sure the model is when it is right and when it is wrong. Two arrays of confidences."""
    figure, axis = new_figure(8, 3.2)
    bins = np.linspace(0, 1, 26)
    axis.hist(right, bins, color="#0072B2", alpha=0.7, label=f"right ({len(right):,} images)")
    axis.hist(wrong, bins, color=ORANGE, alpha=0.7, label=f"wrong ({len(wrong):,} images)")
    axis.set_xlabel("confidence (highest probability)")
    axis.set_ylabel("images")
    axis.legend(frameon=False)
    axis.set_title("Mistakes are less sure on average, but some are as sure as can be")
    return figure


def mended(table, first, second):
    """Gain in recall of each class with its interval. table: of `errors.mended`.

    first, second: what the two models are called.
    """
    figure, axis = new_figure(8, 3.6)
    places = np.arange(len(table))
    percent = 100 * table
    colours = [COLORS[label] for label in table.index]
    axis.hlines(places, percent["low"], percent["high"], color=colours, lw=4)
    axis.scatter(percent["difference"], places, color=colours, s=60, zorder=3)
    axis.axvline(0, color="black", lw=1)
    recalls = zip(percent["first"], percent["second"], strict=True)
    names = zip(table.index, recalls, strict=True)
    axis.set_yticks(places, [f"{name}: {old:.0f} → {new:.0f} %" for name, (old, new) in names])
    axis.invert_yaxis()
    axis.set_xlabel(f"recall of {second} minus recall of {first} (points), 95 % interval")
    axis.set_title("Where the interval leaves zero, the class has changed")
    return figure


def activation_maps(images, maps, names, title):
    """Faces with what speaks for a class laid over them. For drawn or mean faces only.

    images: (n, 48, 48, 1), 0-255. maps: (n, rows, columns), >= 0, of
    `errors.class_activation_map`; each is scaled to its own highest value. names: n texts.
    """
    columns = min(len(images), 7)
    rows = -(-len(images) // columns)
    figure, axes = new_figure(1.5 * columns, 2.1 * rows, rows, columns, squeeze=False)
    frame = (0, 48, 48, 0)
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, values, name in zip(axes.flat, images, maps, names, strict=False):
        axis.imshow(image[..., 0], cmap="gray", vmin=0, vmax=255, extent=frame)
        overlay = values / max(values.max(), 1e-9)
        axis.imshow(overlay, cmap="inferno", alpha=0.45, extent=frame, interpolation="bilinear")
        axis.set_title(name, size=8, weight="normal", loc="center")
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure
