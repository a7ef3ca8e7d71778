"""Figures of notebook 03: the confusion matrix (Fig. 5), Table 1, certainty, people, the field."""

import numpy as np

from fer_lib import evaluation, paper
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import style

LABEL = style.GRAY  # FER2013's labels, as a judge or judged; people are style.PEOPLE
CLASSIFIERS = (LABEL, style.SKY_BLUE, style.OURS)  # the label, the paper's network, and the best


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


def table_1(mean, margin, title):
    """Draw our precision, recall, and F1 score of each class beside the paper's Table 1.

    Args:
        mean: Mean over seeds of `evaluation.class_table`.
        margin: Half the width of each 95% prediction interval for another run, drawn as error bars;
            indexed like `mean`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9.5, 3.9, columns=3, sharey=True)
    rows = np.arange(len(LABELS))
    theirs = paper.table_1()
    for axis, score in zip(axes, evaluation.SCORES, strict=True):
        values, widths = (table.loc[list(LABELS), score] for table in (mean, margin))
        ours = axis.errorbar(values, rows, xerr=widths, fmt="o", color=style.OURS)
        (diamonds,) = axis.plot(theirs[score], rows, "D", color=style.PAPER)
        axis.set_xlabel(score)
        axis.set_xlim(0, 1)
    style.name_rows(axes[0], LABELS)
    names = ["our mean, and the 95% prediction interval for a sixth run", "the paper"]
    figure.legend([ours, diamonds], names, frameon=False, loc="outside lower center", ncols=2)
    style.set_title(figure, title)
    return figure


def estimates(table, xlabel, reference, title):
    """Draw numbers with their 95% confidence intervals, one row each, beside a reference.

    Args:
        table: DataFrame with columns value, low, and high, in the units of the axis; a row without
            an interval has NaN as its ends.
        xlabel: What the numbers are.
        reference: Text and value of a dotted line.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 1.3 + 0.36 * len(table))
    style.reference_line(axis, reference[0], style.INK, x=reference[1])
    style.dots_with_ci(axis, table["value"], table["low"], table["high"])
    for row, value in enumerate(table["value"]):
        options = {"ha": "center", "bbox": style.ON_WHITE}
        style.annotate(axis, f"{value:.1f}", (value, row), (0, 10), **options)
    style.name_rows(axis, table.index)
    axis.set_xlabel(xlabel)
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


def two_judges(table, agreement, title):
    """Draw agreement with FER2013's labels and with people, one row each.

    Args:
        table: DataFrame with columns label and crowd (percent).
        agreement: How often label and people agree with each other (percent): a dotted line.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 1.6 + 0.42 * len(table))
    rows = np.arange(len(table))
    axis.hlines(rows, table["label"], table["crowd"], color=style.LIGHT_GRAY, lw=3, zorder=0)
    axis.scatter(table["label"], rows, marker="s", color=LABEL, label="judged by labels")
    axis.scatter(table["crowd"], rows, color=style.PEOPLE, label="judged by people")
    for row, ends in enumerate(table[["label", "crowd"]].to_numpy()):
        for value, side in zip(ends, (1, -1) if ends[0] > ends[1] else (-1, 1), strict=True):
            align = "left" if side > 0 else "right"
            options = {"ha": align, "bbox": style.ON_WHITE}
            style.annotate(axis, f"{value:.1f}", (value, row), (9 * side, 0), **options)
    style.reference_line(axis, "labels against people", style.INK, x=agreement)
    style.name_rows(axis, table.index)
    axis.set_xlim(40, 100)
    axis.set_xlabel("agreement (%)")
    axis.legend(frameon=False, loc="lower right")
    style.set_title(figure, title)
    return figure


def recall_by_crowd(table, title):
    """Draw recall against the crowd's classes, one row per class.

    Args:
        table: DataFrame indexed by class (percent), with three columns: the label, the paper's
            network, and the best.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 3.8)
    rows = np.arange(len(table))
    axis.hlines(rows, table.min(axis=1), table.max(axis=1), color=style.LIGHT_GRAY, lw=2, zorder=0)
    for name, color, marker in zip(table, CLASSIFIERS, "os^", strict=True):
        axis.scatter(table[name], rows, color=color, marker=marker, label=name)
    style.name_rows(axis, table.index)
    axis.set_xlim(0, 100)
    axis.set_xlabel("recall (%): proportion of the crowd's class that is found")
    axis.legend(frameon=False, loc="lower left")
    style.set_title(figure, title)
    return figure


def accuracy_by_agreement(tables, title):
    """Draw accuracy against people by how many of them agree, beside a single voter's.

    Args:
        tables: `people.accuracy_by_agreement` of the label, the paper's network, and the best: a
            mapping from their names.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(7, 4.3)
    for shift, color, name in zip((-0.4, 0, 0.4), CLASSIFIERS, tables, strict=True):
        percent = 100 * tables[name][["agreement", "accuracy", "low", "high"]]
        places = percent["agreement"] + shift
        axis.vlines(places, percent["low"], percent["high"], color=color, lw=2)
        axis.plot(places, percent["accuracy"], "o-", color=color, label=name)
    axis.plot([50, 100], [50, 100], ":", color=style.PEOPLE, lw=2, label="one voter of them")
    axis.set(xlim=(50, 101), ylim=(20, 101))
    axis.set_xlabel("people who agree with each other (%)")
    axis.set_ylabel("agreement with the crowd (%, 95% CI)")
    axis.legend(frameon=False, loc="upper left")
    style.set_title(figure, title)
    return figure


def field(table, title):
    """Draw published accuracies and ours, in one panel per protocol.

    Args:
        table: DataFrame indexed by system, with columns "accuracy (%)", protocol, and ours (bool).
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    groups = dict(list(table.groupby("protocol", sort=False)))
    heights = [len(rows) + 0.6 for rows in groups.values()]
    figure, axes = style.new_figure(
        8.5,
        1 + 0.34 * sum(heights),
        rows=len(groups),
        sharex=True,
        squeeze=False,
        height_ratios=heights,
    )
    for axis, (protocol, rows) in zip(axes[:, 0], groups.items(), strict=True):
        _field_panel(axis, rows.sort_values("accuracy (%)", ascending=False))
        axis.set_title(protocol, size=style.SMALL, loc="left")
    axes[-1, 0].set_xlim(20, 82)
    axes[-1, 0].set_xlabel("accuracy on FER2013 (%); ours in blue")
    style.set_title(figure, title)
    return figure


def _field_panel(axis, rows):
    colors = np.where(rows["ours"], style.OURS, style.BASELINE)
    colors[rows.index == "the paper's MobileNetV2"] = style.PAPER
    axis.scatter(rows["accuracy (%)"], np.arange(len(rows)), color=colors, s=45)
    for row, value in enumerate(rows["accuracy (%)"]):
        style.annotate(axis, f"{value:.1f}", (value, row), (7, 0))
    style.name_rows(axis, rows.index)
    for label, color in zip(axis.get_yticklabels(), colors, strict=True):
        label.set_color(style.INK if color == style.BASELINE else color)
