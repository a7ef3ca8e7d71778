"""Notebook 03: baselines, the confusion matrix (the paper's Fig. 5), Table 1, calibration."""

import numpy as np

from fer_lib import evaluation, paper
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots.style import new_figure

OURS, PAPER, GREY = "#0072B2", "#D55E00", "#7F7F7F"
PEOPLE = (60, 70)  # Goodfellow et al. 2013: 65 ± 5 %


def accuracies(table, title):
    """Dots with intervals. table: indexed by classifier, columns value, low and high (0-1)."""
    figure, axis = new_figure(8, 1.3 + 0.42 * len(table))
    places = np.arange(len(table))
    percent = 100 * table[["value", "low", "high"]]
    axis.hlines(places, percent["low"], percent["high"], color=OURS, lw=3)
    axis.plot(percent["value"], places, "o", color=OURS)
    for place, value in zip(places, percent["value"], strict=True):
        _write(axis, f"{value:.1f}", (value, place), (0, 7), ha="center")
    axis.axvline(100 / len(LABELS), color=GREY, ls=":", lw=1)
    axis.text(100 / len(LABELS), -0.75, " guessing blindly", color=GREY, va="center")
    axis.set_yticks(places, table.index)
    axis.set_ylim(len(table) - 0.5, -1)
    axis.set_xlim(0, 80)
    axis.set_xlabel("accuracy (%), with its 95 % interval")
    axis.set_title(title)
    return figure


def _write(axis, text, place, offset, **options):
    """Write a text beside a place of the data, `offset` in points (right, up)."""
    axis.annotate(text, place, offset, textcoords="offset points", **options)


def figure_5_confusion_matrix(matrix):
    """The paper's Fig. 5: images by class (row) and prediction (column), counts and shares.

    matrix: `evaluation.confusion_matrix`. Colour is the share of the row.
    """
    figure, axis = new_figure(7.5, 6)
    shares = 100 * matrix.div(matrix.sum(axis=1), axis=0).to_numpy()
    picture = axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for (row, column), share in np.ndenumerate(shares):
        text = f"{matrix.iloc[row, column]:,}\n{share:.0f} %"
        ink = "white" if share > 50 else "black"
        axis.text(column, row, text, ha="center", va="center", color=ink, size=9)
    _name_classes(axis)
    figure.colorbar(picture, ax=axis, shrink=0.8, label="share of the class's images (%)")
    strongest = max(LABELS, key=lambda name: matrix.loc[name, name] / matrix.loc[name].sum())
    axis.set_title(f"{strongest.capitalize()} is recognised best, the rare disgust hardly ever")
    return figure


def _name_classes(axis):
    axis.set_xticks(range(len(LABELS)), LABELS, rotation=30)
    axis.set_yticks(range(len(LABELS)), LABELS)
    axis.set_xlabel("predicted")
    axis.set_ylabel("label")


def precision_and_recall(table):
    """Precision against recall, a dot a class whose area grows with its number of images."""
    figure, axis = new_figure(6.5, 5)
    for side, (label, row) in zip([1, -1, 1, -1, 1, -1, 1], table.iterrows(), strict=True):
        size = 15 + row["images"] / 4
        axis.scatter(row["recall"], row["precision"], s=size, color=COLORS[label], alpha=0.8)
        place = (row["recall"], row["precision"])
        _write(axis, label, place, (0, side * (9 + size**0.5 / 2)), ha="center", va="center")
    axis.plot([0, 1], [0, 1], ":", color=GREY, lw=1)
    axis.text(0.03, 0.95, "predicted too seldom", color=GREY)
    axis.text(0.97, 0.05, "predicted too often", color=GREY, ha="right")
    axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axis.set_xlabel("recall: share of the class that is found")
    axis.set_ylabel("precision: share of the finds that are right")
    axis.set_title("Fear and disgust are predicted too seldom")
    return figure


def table_1(mean, deviation):
    """Our precision, recall and F a class, mean ± standard deviation of seeds, and the paper's."""
    figure, axes = new_figure(9.5, 3.6, columns=3, sharey=True)
    places = np.arange(len(LABELS))
    theirs = paper.table_1()
    for axis, score in zip(axes, evaluation.SCORES, strict=True):
        error = deviation.loc[list(LABELS), score]
        values = mean.loc[list(LABELS), score]
        axis.hlines(places, values, theirs[score], color="#CCCCCC", lw=2, zorder=0)
        axis.errorbar(values, places, xerr=error, fmt="o", color=OURS, label="ours")
        axis.plot(theirs[score], places, "D", color=PAPER, label="the paper")
        axis.set_xlabel(score)
        axis.set_xlim(0, 1)
    axes[0].set_yticks(places, LABELS)
    axes[0].invert_yaxis()
    axes[2].legend(frameon=False, loc="upper right")
    title = "Table 1, class by class: near the paper everywhere but at disgust"
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def resampled(values, estimate):
    """Histogram of a bootstrapped accuracy. values: (resamples,), 0-1. estimate: its interval."""
    figure, axis = new_figure(7, 3)
    axis.hist(100 * values, bins=30, color=OURS, alpha=0.7)
    for end in (estimate.low, estimate.high):
        axis.axvline(100 * end, color="black", lw=1, ls="--")
    axis.set_xlabel("accuracy (%) on a sample of the test images, drawn with replacement")
    axis.set_ylabel("samples")
    width = 100 * (estimate.high - estimate.low)
    axis.set_title(f"95 of 100 samples lie within {width:.1f} points")
    return figure


def reliability(tables):
    """Reliability diagram (Guo et al. 2017). tables: {title: `evaluation.reliability_table`}."""
    figure, axes = new_figure(4.2 * len(tables), 4, columns=len(tables), sharey=True)
    for axis, (name, table) in zip(np.atleast_1d(axes), tables.items(), strict=True):
        widths = table["high"] - table["low"]
        axis.bar(
            table["low"], table["accuracy"], widths, align="edge", color=OURS, edgecolor="white"
        )
        axis.plot([0, 1], [0, 1], ":", color="black", lw=1)
        axis.plot(table["confidence"], table["accuracy"], "o", color=PAPER, ms=4)
        axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axis.set_xlabel("confidence")
        axis.set_title(name)
    np.atleast_1d(axes)[0].set_ylabel("accuracy at that confidence")
    return figure


def field(table):
    """Published accuracies and ours, by system. table: columns "accuracy (%)" and "ours" (bool)."""
    figure, axis = new_figure(8.5, 1.2 + 0.34 * len(table))
    places = np.arange(len(table))
    axis.axvspan(*PEOPLE, color="#E69F00", alpha=0.2, lw=0)
    axis.text(np.mean(PEOPLE), -0.9, "people", ha="center", va="center", color="#8a5f00")
    colours = np.where(table["ours"], OURS, GREY)
    axis.scatter(table["accuracy (%)"], places, color=colours, s=45)
    for place, value in zip(places, table["accuracy (%)"], strict=True):
        _write(axis, f"{value:.1f}", (value, place), (7, 0), va="center")
    axis.set_yticks(places, table.index)
    for label, ours in zip(axis.get_yticklabels(), table["ours"], strict=True):
        label.set_color(OURS if ours else "black")
    axis.set_ylim(len(table) - 0.5, -1.4)
    axis.set_xlim(20, 82)
    axis.set_xlabel("accuracy on FER2013 (%), each under its own protocol; ours in blue")
    title = "A frozen backbone stays below people; networks trained whole reach and pass them"
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure
