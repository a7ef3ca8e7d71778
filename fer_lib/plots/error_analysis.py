"""Figures of notebook 04: confused pairs, mean probabilities (the paper's Table 2), Grad-CAM."""

import numpy as np

from fer_lib import paper
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import style


def confused_pairs(pairs, title):
    """Draw the proportion of each class misclassified as another; the paper's pairs stand out.

    Args:
        pairs: Of `confusions.confused_pairs`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 1.2 + 0.34 * len(pairs))
    directions = list(zip(pairs["label"], pairs["predicted"], strict=True))
    claimed = {frozenset(pair) for pair in paper.CONFUSED_PAIRS}
    named = np.array([frozenset(pair) in claimed for pair in directions])
    rows = np.arange(len(pairs))
    kinds = (
        (named, style.PAPER, "named by the paper"),
        (~named, style.BASELINE, "not named by the paper"),
    )
    for chosen, color, label in kinds:
        part = pairs[chosen]
        bars = axis.barh(rows[chosen], 100 * part["proportion of class"], color=color, label=label)
        axis.bar_label(bars, [f"{count:,}" for count in part["images"]], padding=3)
    style.name_rows(axis, [f"{label} → {predicted}" for label, predicted in directions])
    axis.set_xlabel("proportion of the class (%), with the number of images")
    axis.legend(frameon=False, loc="lower right")
    style.set_title(figure, title)
    return figure


def mean_probabilities(means, title):
    """Draw the paper's Table 2 as it should be: the mean probabilities of each class's images.

    Frames mark what the paper's table names, with its number (percent, of one image per class).

    Args:
        means: Of `confusions.mean_probabilities`: DataFrame, `(7, 7)`, 0-1.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    from matplotlib.patches import Rectangle

    figure, axis = style.new_figure(8, 5.6)
    percent = 100 * means.to_numpy()
    texts = [[f"{value:.0f}" for value in row] for row in percent]
    for label, scores in paper.TABLE_2.items():
        for other, theirs in scores.items():
            row, column = LABELS.index(label), LABELS.index(other)
            texts[row][column] += f"\npaper {theirs}"
            corner = (column - 0.47, row - 0.47)
            frame = Rectangle(corner, 0.94, 0.94, fill=False, edgecolor=style.PAPER, lw=1.5)
            axis.add_patch(frame)
    style.class_matrix(axis, percent, texts, "mean probability (%)", highest=80)
    axis.set_xlabel("class that gets the probability")
    axis.set_ylabel("true label")
    style.set_title(figure, title)
    return figure


def confidences(correct, wrong, title):
    """Draw histograms of the model's confidence when it is correct and when it is wrong.

    Args:
        correct: Highest probability of each correctly classified image, shape `(n,)`, 0-1.
        wrong: The same for the misclassified images.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 3.2)
    bins = np.linspace(0, 1, 26)
    groups = zip({"correct": correct, "wrong": wrong}.items(), style.SERIES, strict=False)
    for (name, values), color in groups:
        label = f"{name} ({len(values):,} images)"
        axis.hist(values, bins, color=color, alpha=0.7, label=label)
    axis.set_xlabel("confidence (highest probability)")
    axis.set_ylabel("images")
    axis.legend(frameon=False)
    style.set_title(figure, title)
    return figure


def recall_gains(table, title, first, second):
    """Draw the gain in recall of each class with its 95% confidence interval.

    Args:
        table: Of `confusions.recall_gains`.
        title: Title of the figure.
        first: Name of the first model.
        second: Name of the second model.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 3.6)
    percent = 100 * table
    colors = [COLORS[label] for label in table.index]
    style.dots_with_ci(axis, percent["difference"], percent["low"], percent["high"], colors)
    axis.axvline(0, color=style.BASELINE, lw=1)
    recalls = zip(table.index, percent["first"], percent["second"], strict=True)
    style.name_rows(axis, [f"{name}: {old:.0f} → {new:.0f}%" for name, old, new in recalls])
    axis.set_xlabel(f"recall of {second} minus recall of {first} (percentage points, 95% CI)")
    style.set_title(figure, title)
    return figure


def activation_maps(images, maps, names, title):
    """Draw faces under heat maps of what supports a class. For synthetic or mean faces only.

    Args:
        images: Grayscale faces, `(n, 48, 48, 1)`, 0-255.
        maps: Of `saliency.class_activation_map`: `(n, rows, columns)`, >= 0; each is scaled to its
            own highest value.
        names: One text per face.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    columns = min(len(images), 7)
    rows = -(-len(images) // columns)
    figure, axes = style.new_figure(1.5 * columns, 2.1 * rows, rows, columns, squeeze=False)
    extent = (0, 48, 48, 0)
    for axis, image, values, name in zip(axes.flat, images, maps, names, strict=False):
        style.show_gray(axis, image[..., 0], extent=extent)
        overlay = values / max(values.max(), 1e-9)
        axis.imshow(overlay, cmap="inferno", alpha=0.45, extent=extent, interpolation="bilinear")
        axis.set_title(name, size=8)
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    style.set_title(figure, title)
    return figure
