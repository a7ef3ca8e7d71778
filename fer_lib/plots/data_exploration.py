"""Notebook 01: the data set's classes, faces, light and duplicates."""

import numpy as np

from fer_lib.labels import COLORS, LABELS
from fer_lib.plots.style import new_figure

EQUAL, NEAR = "#0072B2", "#E69F00"
SPLITS = {"Training": "#0072B2", "PublicTest": "#E69F00", "PrivateTest": "#56B4E9"}


def class_counts(counts):
    """Images of each class, stacked by split. counts: DataFrame, rows classes, columns usages."""
    counts = counts.loc[counts.sum(axis=1).sort_values().index]
    figure, axis = new_figure(8, 3.4)
    start = np.zeros(len(counts))
    for usage, colour in SPLITS.items():
        axis.barh(counts.index, counts[usage], left=start, color=colour, label=usage)
        start += counts[usage].to_numpy()
    for row, total in enumerate(start):
        axis.text(total + 60, row, f"{total:,.0f}", va="center", size=9)
    ratio = counts["Training"].max() / counts["Training"].min()
    most, least = counts["Training"].idxmax(), counts["Training"].idxmin()
    axis.set_title(f"For each Training image of {least} there are {ratio:.1f} of {most}")
    axis.set_xlabel("images")
    axis.legend(frameon=False, loc="lower right")
    return figure


def face_grid(images, captions, columns, title):
    """Faces in a grid. images: sequence of (48, 48) grey, 0-255. captions: one for each."""
    rows = -(-len(images) // columns)
    figure, axes = new_figure(1.25 * columns, 1.6 * rows + 0.4, rows, columns, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, image, caption in zip(axes.flat, images, captions, strict=False):
        axis.imshow(image, cmap="gray", vmin=0, vmax=255)
        axis.set_title(caption, size=8, weight="normal", loc="center")
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def mean_faces(sources):
    """Mean faces and what sets each class apart. sources: {name: (7, 48, 48) mean faces}.

    Two rows a source: the means, and how each differs from the mean of the seven once all have
    the same brightness.
    """
    figure, axes = new_figure(9.2, 2.75 * len(sources) + 0.4, 2 * len(sources), len(LABELS))
    for row, (name, faces) in enumerate(sources.items()):
        levelled = faces - faces.mean(axis=(1, 2), keepdims=True)
        differences = levelled - levelled.mean(axis=0)
        for column, label in enumerate(LABELS):
            upper, lower = axes[2 * row, column], axes[2 * row + 1, column]
            upper.imshow(faces[column], cmap="gray", vmin=0, vmax=255)
            shown = lower.imshow(differences[column], cmap="RdBu_r", vmin=-25, vmax=25)
            upper.set_title(label, size=9, weight="normal", loc="center", color=COLORS[label])
        axes[2 * row, 0].set_ylabel(name, size=9)
        axes[2 * row + 1, 0].set_ylabel("difference", size=9)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    figure.colorbar(
        shown, ax=axes, label="darker or brighter than the others (grey levels)", shrink=0.6
    )
    title = "Mean faces differ where muscles move: at the mouth and at the brows"
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def light(facts):
    """How brightness, contrast and sharpness are spread in each class. facts: the manifest."""
    figure, axes = new_figure(9.5, 3.2, columns=3)
    limits = {"brightness": (0, 255), "contrast": (0, 110), "sharpness": (0, 8000)}
    for axis, (column, limit) in zip(axes, limits.items(), strict=True):
        bins = np.linspace(*limit, 31)
        for label in LABELS:
            values = facts.loc[facts["label"] == label, column]
            share = np.histogram(values, bins)[0] / len(values)
            width = 2.2 if label == "surprise" else 1.1
            axis.stairs(100 * share, bins, color=COLORS[label], lw=width, label=label)
        axis.set_xlabel(column)
    axes[0].set_ylabel("share of the class (%)")
    axes[2].legend(frameon=False, fontsize=8)
    title = "Classes differ little in light; images of surprise are the brightest"
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def twins_by_class(shares):
    """Test images that have a twin in Training. shares: DataFrame of percent, rows classes,
    columns "equal pixels" and "near"."""
    figure, axis = new_figure(8, 3.4)
    places = np.arange(len(shares))
    for offset, (column, colour) in zip(
        (-0.2, 0.2), (("equal pixels", EQUAL), ("near", NEAR)), strict=True
    ):
        bars = axis.bar(places + offset, shares[column], 0.4, color=colour, label=column)
        axis.bar_label(bars, fmt="%.0f", size=8)
    axis.set_xticks(places, shares.index)
    axis.set_ylabel("test images with a twin (%)")
    axis.set_title("Nearly half of the test images of disgust and surprise have a twin in Training")
    axis.legend(frameon=False, loc="upper center")
    return figure


def label_agreement(shares):
    """What a photograph's other copies are labelled. shares: DataFrame of percent by row."""
    figure, axis = new_figure(6, 4.8)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for row, column in np.ndindex(shares.shape):
        value = shares.iloc[row, column]
        colour = "white" if value > 55 else "black"
        text = f"{value:.0f}" if value >= 0.5 else ""
        axis.text(column, row, text, ha="center", va="center", color=colour, size=9)
    axis.set_xticks(range(len(shares.columns)), shares.columns, rotation=45, ha="right")
    axis.set_yticks(range(len(shares)), shares.index)
    axis.set_xlabel("label of another copy (%)")
    axis.set_ylabel("label of one copy")
    axis.set_title("Where copies differ in label, one is often fear")
    return figure
