"""Figures of notebook 01: the data set's classes, faces, brightness, duplicates, and votes."""

import numpy as np

from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import style


def class_counts(counts, title):
    """Draw the number of images per class, stacked by usage.

    Args:
        counts: DataFrame of images, one row per class, one column per usage.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    counts = counts.loc[counts.sum(axis=1).sort_values().index]
    figure, axis = style.new_figure(8, 3.4)
    start = np.zeros(len(counts))
    for usage, color in style.USAGES.items():
        axis.barh(counts.index, counts[usage], left=start, color=color, label=usage)
        start += counts[usage].to_numpy()
    for row, total in enumerate(start):
        style.annotate(axis, f"{total:,.0f}", (total, row), (4, 0))
    axis.set_xlabel("images")
    axis.legend(frameon=False, loc="lower right")
    style.set_title(figure, title)
    return figure


def face_grid(images, captions, title, columns=7):
    """Draw faces in a grid.

    Args:
        images: Sequence of grayscale images, `(48, 48)`, 0-255.
        captions: One text per image.
        title: Title of the figure.
        columns: Number of faces per row.

    Returns:
        The `Figure`.
    """
    rows = -(-len(images) // columns)
    figure, axes = style.new_figure(1.25 * columns, 1.6 * rows + 0.4, rows, columns, squeeze=False)
    for axis, image, caption in zip(axes.flat, images, captions, strict=False):
        style.show_gray(axis, image)
        axis.set_title(caption, size=8)
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    style.set_title(figure, title)
    return figure


def mean_faces(sources, title):
    """Draw mean faces and what sets each class apart, two rows per source.

    The first row holds the means, the second how each differs from the mean of the seven once all
    have the same brightness.

    Args:
        sources: Mapping of a source's name to its mean faces, `(7, 48, 48)`, 0-255.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    height = 2.75 * len(sources) + 0.4
    figure, axes = style.new_figure(9.2, height, 2 * len(sources), len(LABELS))
    for (name, faces), upper, lower in zip(sources.items(), axes[::2], axes[1::2], strict=True):
        leveled = faces - faces.mean(axis=(1, 2), keepdims=True)
        differences = leveled - leveled.mean(axis=0)
        for column, label in enumerate(LABELS):
            style.show_gray(upper[column], faces[column])
            upper[column].set_title(label, size=style.SMALL)
            shown = lower[column].imshow(
                differences[column], cmap=style.DIVERGING, vmin=-25, vmax=25
            )
            style.hide_frame(lower[column])
        upper[0].set_ylabel(name, size=style.SMALL)
        lower[0].set_ylabel("difference", size=style.SMALL)
    figure.colorbar(
        shown, ax=axes, label="darker or brighter than the other classes (gray levels)", shrink=0.6
    )
    style.set_title(figure, title)
    return figure


def light(facts, title):
    """Draw how brightness, contrast, and sharpness are distributed in each class, as box plots.

    Boxes hold the middle half of a class's images, whiskers the middle 90%.

    Args:
        facts: The manifest: one row per image, with columns label, brightness, contrast, and
            sharpness.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9.5, 3.4, columns=3, sharey=True)
    units = {
        "brightness": "mean gray level",
        "contrast": "standard deviation",
        "sharpness": "variance of the Laplacian",
    }
    for axis, (column, unit) in zip(axes, units.items(), strict=True):
        groups = [facts.loc[facts["label"] == label, column] for label in LABELS]
        drawn = axis.boxplot(
            groups, positions=range(len(LABELS)), orientation="horizontal", widths=0.6,
            whis=(5, 95), showfliers=False, patch_artist=True, medianprops={"color": style.INK},
        )  # fmt: skip
        for box, label in zip(drawn["boxes"], LABELS, strict=True):
            box.set_facecolor(COLORS[label])
        axis.set_xlabel(f"{column} ({unit})")
    style.name_rows(axes[0], LABELS)
    note = "boxes: the middle half of the class's images; whiskers: the middle 90%"
    figure.supxlabel(note, size=style.SMALL)
    style.set_title(figure, title)
    return figure


def duplicates_by_class(percentages, title):
    """Draw what percentage of each class's test images has a duplicate in Training.

    Args:
        percentages: DataFrame, one row per class in `LABELS` order, one column per kind of
            duplicate.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 3.4)
    places = np.arange(len(percentages))
    for offset, column, color in zip((-0.2, 0.2), percentages, style.SERIES, strict=False):
        bars = axis.bar(places + offset, percentages[column], 0.4, color=color, label=column)
        axis.bar_label(bars, fmt="%.0f", size=8)
    style.name_classes(axis.xaxis)
    axis.set_ylabel("test images with a duplicate (%)")
    axis.legend(frameon=False, loc="upper center")
    style.set_title(figure, title)
    return figure


def label_agreement(percentages, title):
    """Draw how the other copies of a photograph are labeled.

    Args:
        percentages: DataFrame: by label of one copy (rows, which sum to 100), the labels of another
            (columns).
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(7, 5)
    percent = percentages.to_numpy()
    texts = np.where(percent >= 0.5, percentages.map("{:.0f}".format), "")
    style.class_matrix(axis, percent, texts, "proportion of the other copies (%)")
    axis.set_xlabel("label of another copy")
    axis.set_ylabel("label of one copy")
    style.set_title(figure, title)
    return figure


def agreement_by_class(agreement, title):
    """Draw how often people agree with the label, for each class, with 95% CIs.

    Args:
        agreement: DataFrame, one row per class, columns agreement, low, and high in percent.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    agreement = agreement.sort_values("agreement", ascending=False)
    figure, axis = style.new_figure(8, 3.2)
    style.dots_with_ci(axis, *agreement[["agreement", "low", "high"]].T.to_numpy(), style.PEOPLE)
    for row, value in enumerate(agreement["agreement"]):
        style.annotate(axis, f"{value:.0f}%", (value, row), (0, 11), ha="center")
    style.name_rows(axis, agreement.index)
    axis.set_ylabel("label")
    axis.set_xlim(0, 100)
    axis.set_xlabel("images for which the label is the crowd's class (%), and 95% CI")
    style.set_title(figure, title)
    return figure


def votes(by_label, by_voter, title):
    """Draw two heat maps side by side: votes by FER2013's label, and by another person's vote.

    Args:
        by_label: DataFrame `(7, 7)`: mean percentage of votes for each class (columns) on the
            images of each label (rows).
        by_voter: DataFrame `(7, 7)`: the same where one other person voted for the row's class.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(11, 4.4, columns=2)
    rows = {"FER2013's label": by_label, "vote of one person": by_voter}
    for axis, (name, percentages) in zip(axes, rows.items(), strict=True):
        percent = percentages.to_numpy()
        style.class_matrix(axis, percent, percentages.map("{:.0f}".format).to_numpy(), "votes (%)")
        axis.set_ylabel(name)
        axis.set_xlabel("votes of the other people" if axis is axes[1] else "votes of people")
    style.set_title(figure, title)
    return figure
