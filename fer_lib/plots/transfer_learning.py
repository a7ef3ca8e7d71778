"""Notebook 02: how training went, and recorded runs beside the paper's numbers."""

import numpy as np

from fer_lib import paper
from fer_lib.analysis import reproduction
from fer_lib.plots.style import new_figure

TRAINING, VALIDATION, PAPER = "#0072B2", "#D55E00", "#222222"
SERIES = (("training", "", TRAINING, "-"), ("validation", "validation_", VALIDATION, "--"))


def training_curves(recorded, title):
    """Accuracy and loss by epoch of one or several runs of a recipe; one thin line a run."""
    figure, (left, right) = new_figure(9, 3.8, columns=2)
    for run in recorded:
        epochs = run.history["epoch"]
        for name, prefix, colour, line in SERIES:
            label = name if run is recorded[0] else None
            style = {"color": colour, "linestyle": line, "lw": 1.3, "alpha": 0.8}
            left.plot(epochs, 100 * run.history[f"{prefix}accuracy"], label=label, **style)
            right.plot(epochs, run.history[f"{prefix}loss"], **style)
    left.set_ylabel("accuracy (%)")
    right.set_ylabel("loss (cross-entropy)")
    for axis in (left, right):
        axis.set_xlabel("epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
    left.legend(frameon=False)
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def figure_4_training_curves(recorded):
    """The paper's Fig. 4: our runs' curves, and where the paper's own ended."""
    title = "Accuracies and validation loss end where the paper's do, training loss does not"
    figure = training_curves(recorded, title)
    accuracies = {name: 100 * share for name, share in paper.ACCURACY.items()}
    for axis, values in zip(figure.axes, (accuracies, paper.LOSS), strict=True):
        for name, _, colour, _ in SERIES:
            end = (paper.STOPPED_AT_EPOCH, values[name])
            axis.plot(*end, "D", color=colour, mec=PAPER, ms=9)
            text = f"paper, {name}: {values[name]:.5g}"
            behind = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}
            style = {"textcoords": "offset points", "size": 9, "bbox": behind}
            axis.annotate(text, end, (-3, -19), **style)
    return figure


def variants(table, highest_loss=1.7):
    """Recipes against the paper's three figures. table: of `comparison.variants`, nearest first.

    Losses above `highest_loss` stand at the border, with their value.
    """
    columns = ["training accuracy", "validation accuracy", "validation loss"]
    figure, axes = new_figure(9, 1.4 + 0.27 * len(table), columns=3, sharey=True)
    for axis, column in zip(axes, columns, strict=True):
        reported = reproduction.PAPER[column]
        axis.axvline(reported, color=PAPER, lw=1, ls=":")
        loss = "loss" in column
        shown = table[column].clip(upper=highest_loss) if loss else table[column]
        axis.plot(shown, np.arange(len(table)), "o", color=TRAINING)
        axis.set_xlabel(column if loss else f"{column} (%)")
        axis.set_title(f"paper: {reported:g}", weight="normal", size=10)
    for row in np.flatnonzero(table["validation loss"] > highest_loss):
        text = f"{table['validation loss'].iloc[row]:.1f}"
        axes[2].annotate(text, (highest_loss, row), (-8, 0), textcoords="offset points", ha="right")
    axes[0].set_yticks(range(len(table)), table.index)
    axes[0].invert_yaxis()
    figure.suptitle("Nearest to the paper on top", x=0.01, ha="left", weight="bold", size=11)
    return figure


def disgust_recall(table):
    """Disgust's recall of every run. table: of `comparison.by_seed`, in order of showing."""
    figure, axis = new_figure(9, 1.2 + 0.35 * table["recipe"].nunique())
    names = list(table["recipe"].unique())
    rows = [names.index(recipe) for recipe in table["recipe"]]
    axis.plot(table["disgust recall"], rows, "o", color=TRAINING, alpha=0.6)
    reported = reproduction.PAPER["disgust recall"]
    axis.axvline(reported, color=PAPER, lw=1, ls=":")
    axis.annotate(
        "the paper", (reported, -0.6), (4, 0), textcoords="offset points", size=9, va="center"
    )
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.9)
    axis.set_xlabel("recall of disgust on the test images (%), one dot a run")
    axis.set_title("The head decides whether disgust is named at all, and chance how often")
    return figure


def losses(epochs):
    """Loss against accuracy. epochs: of `comparison.epochs`, every epoch of every recorded run."""
    figure, axis = new_figure(9, 4.6)
    for (name, _, colour, _), marker in zip(SERIES, "o^", strict=True):
        part = epochs[epochs["split"] == name]
        label = f"our runs, {name}, an epoch each"
        axis.plot(
            part["accuracy"], part["loss"], marker, color=colour, ms=4, alpha=0.5, label=label
        )
        end = (100 * paper.ACCURACY[name], paper.LOSS[name])
        axis.plot(*end, "D", color=colour, mec=PAPER, ms=10, label=f"the paper, {name}")
    axis.set_xlabel("accuracy (%)")
    axis.set_ylabel("loss (cross-entropy)")
    axis.legend(frameon=False)
    axis.set_title("The paper's validation lies among our epochs, its training lies apart")
    return figure


def accuracy_by_size(table):
    """Accuracy against input size. table: rows (size, accuracy (%), head), of recorded runs."""
    figure, axis = new_figure(9, 3.6)
    styles = ((TRAINING, "o"), (VALIDATION, "s"))
    for (head, part), (colour, marker) in zip(table.groupby("head"), styles, strict=False):
        part = part.sort_values("size")
        axis.plot(part["size"], part["accuracy"], marker=marker, color=colour)
        end = (part["size"].iloc[-1], part["accuracy"].iloc[-1])
        axis.annotate(head, end, (8, 0), textcoords="offset points", va="center")
    reported = 100 * paper.ACCURACY["test"]
    axis.axhline(reported, color=PAPER, lw=1, ls=":")
    axis.text(table["size"].min(), reported + 0.2, "the paper's test accuracy", size=9)
    axis.set_xticks(sorted(table["size"].unique()))
    axis.set_xlim(right=1.25 * table["size"].max())
    axis.set_xlabel("input size (pixels a side), enlarged from 48")
    axis.set_ylabel("test accuracy (%)")
    axis.set_title("The same layers see more when the same 48 x 48 pixels are enlarged")
    return figure
