"""Figures of notebook 03: baselines, the confusion matrix (Fig. 5), Table 1, and calibration."""

import numpy as np

from fer_lib import evaluation, paper
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import style

PEOPLE = (60, 70)  # percent; Goodfellow et al. 2013: 65 ± 5%


def accuracies(table, title):
    """Draw accuracies with their 95% confidence intervals, one row per classifier.

    Args:
        table: DataFrame indexed by classifier, with columns value, low, and high (0-1).
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 1.4 + 0.42 * len(table))
    percent = 100 * table[["value", "low", "high"]]
    style.dots_with_ci(axis, percent["value"], percent["low"], percent["high"])
    for row, value in enumerate(percent["value"]):
        style.annotate(axis, f"{value:.1f}", (value, row), (0, 10), ha="center")
    style.reference_line(axis, "random guessing", style.BASELINE, x=100 / len(LABELS))
    style.name_rows(axis, table.index)
    axis.set_xlim(0, 80)
    axis.set_xlabel("accuracy (%, 95% CI)")
    style.set_title(figure, title)
    return figure


def figure_5_confusion_matrix(matrix, title):
    """Draw the paper's Fig. 5: images by true label and prediction, as numbers and percentages.

    Args:
        matrix: Of `evaluation.confusion_matrix`. Colors are percentages of a row.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(7.5, 6)
    counts = matrix.to_numpy()
    percent = 100 * counts / counts.sum(axis=1, keepdims=True)
    cells = zip(counts.flat, percent.flat, strict=True)
    texts = np.reshape([f"{count:,}\n{value:.0f}%" for count, value in cells], counts.shape)
    style.class_matrix(axis, percent, texts, "proportion of the class (%)")
    axis.set_xlabel("predicted label")
    axis.set_ylabel("true label")
    style.set_title(figure, title)
    return figure


def precision_and_recall(table, title):
    """Draw precision versus recall, one dot per class; its area grows with the number of images.

    Args:
        table: Of `evaluation.class_table`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(6.5, 5)
    for side, (label, row) in zip([1, -1, 1, -1, 1, -1, 1], table.iterrows(), strict=True):
        size = 15 + row["images"] / 4
        point = (row["recall"], row["precision"])
        axis.scatter(*point, s=size, color=COLORS[label], alpha=0.8)
        style.annotate(axis, label, point, (0, side * (9 + size**0.5 / 2)), ha="center")
    axis.plot([0, 1], [0, 1], ":", color=style.BASELINE, lw=1)
    axis.text(0.03, 0.95, "predicted too rarely", color=style.BASELINE)
    axis.text(0.97, 0.05, "predicted too often", color=style.BASELINE, ha="right")
    axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axis.set_xlabel("recall: proportion of the class that is found")
    axis.set_ylabel("precision: proportion of the predictions that are correct")
    style.set_title(figure, title)
    return figure


def table_1(mean, deviation, title):
    """Draw our precision, recall, and F1 score of each class beside the paper's Table 1.

    Args:
        mean: Mean over seeds of `evaluation.class_table`.
        deviation: Standard deviation over seeds, drawn as error bars.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9.5, 3.6, columns=3, sharey=True)
    rows = np.arange(len(LABELS))
    theirs = paper.table_1()
    for axis, score in zip(axes, evaluation.SCORES, strict=True):
        error = deviation.loc[list(LABELS), score]
        values = mean.loc[list(LABELS), score]
        axis.hlines(rows, values, theirs[score], color=style.LIGHT_GRAY, lw=2, zorder=0)
        axis.errorbar(values, rows, xerr=error, fmt="o", color=style.OURS, label="ours")
        axis.plot(theirs[score], rows, "D", color=style.PAPER, label="the paper")
        axis.set_xlabel(score)
        axis.set_xlim(0, 1)
    style.name_rows(axes[0], LABELS)
    axes[2].legend(frameon=False, loc="upper right")
    style.set_title(figure, title)
    return figure


def resampled(values, estimate, title):
    """Draw a histogram of bootstrapped accuracies, with the ends of the 95% confidence interval.

    Args:
        values: Accuracies of the resamples, shape `(resamples,)`, 0-1.
        estimate: `Estimate` with the interval.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(7, 3)
    axis.hist(100 * values, bins=30, color=style.OURS, alpha=0.7)
    for end in (estimate.low, estimate.high):
        style.reference_line(axis, f"{100 * end:.1f}", style.INK, x=100 * end)
    axis.set_xlabel("accuracy (%) on a sample of the test images, drawn with replacement")
    axis.set_ylabel("samples")
    style.set_title(figure, title)
    return figure


def reliability(tables, title):
    """Draw reliability diagrams (Guo et al. 2017) side by side.

    Args:
        tables: Mapping of a panel's title to its `evaluation.reliability_table`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(
        4.2 * len(tables), 4.3, columns=len(tables), sharey=True, squeeze=False
    )
    for axis, (name, table) in zip(axes[0], tables.items(), strict=True):
        widths = table["high"] - table["low"]
        axis.bar(
            table["low"], table["accuracy"], widths, align="edge", color=style.OURS, ec="white"
        )
        axis.plot([0, 1], [0, 1], ":", color=style.BASELINE, lw=1)
        axis.plot(table["confidence"], table["accuracy"], "o", color=style.INK, ms=4)
        axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axis.set_xlabel("confidence")
        axis.set_title(name, size=style.SMALL)
    axes[0, 0].set_ylabel("accuracy at that confidence")
    style.set_title(figure, title)
    return figure


def field(table, title):
    """Draw published accuracies beside ours, one row per system.

    Args:
        table: DataFrame indexed by system, with columns "accuracy (%)" and "ours" (bool).
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8.5, 1.4 + 0.34 * len(table))
    axis.axvspan(*PEOPLE, color=style.PEOPLE, alpha=0.2, lw=0)
    style.reference_line(axis, "people", style.INK, x=np.mean(PEOPLE))
    colors = np.where(table["ours"], style.OURS, style.BASELINE)
    colors[table.index == "the paper's MobileNetV2"] = style.PAPER
    axis.scatter(table["accuracy (%)"], np.arange(len(table)), color=colors, s=45)
    for row, value in enumerate(table["accuracy (%)"]):
        style.annotate(axis, f"{value:.1f}", (value, row), (7, 0))
    style.name_rows(axis, table.index)
    for label, color in zip(axis.get_yticklabels(), colors, strict=True):
        label.set_color(style.INK if color == style.BASELINE else color)
    axis.set_xlim(20, 82)
    axis.set_xlabel("accuracy on FER2013 (%), each under its own protocol; ours in blue")
    style.set_title(figure, title)
    return figure
