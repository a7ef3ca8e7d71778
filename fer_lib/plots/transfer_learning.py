"""Figures of notebook 02: how training went, and recorded runs beside the paper's numbers."""

import numpy as np

from fer_lib import paper
from fer_lib.analysis import reproduction
from fer_lib.labels import LABELS
from fer_lib.plots import style

# Of each split: prefix of its columns in a run's history, color, line, and marker.
SPLITS = {
    "training": ("", style.TRAINING, "-", "o"),
    "validation": ("validation_", style.VALIDATION, "--", "^"),
}


def draw_history(axis, history, metric, **options):
    """Draw one run's training and validation metric by epoch into an axes.

    Args:
        axis: Matplotlib axes.
        history: DataFrame, one row per epoch, as in a `Run`.
        metric: `"accuracy"`, drawn in percent, or `"loss"`.
        **options: Passed to `Axes.plot`.
    """
    scale, label = {"accuracy": (100, "accuracy (%)"), "loss": (1, "loss (cross-entropy)")}[metric]
    for split, (prefix, color, line, _) in SPLITS.items():
        values = scale * history[f"{prefix}{metric}"]
        axis.plot(history["epoch"], values, ls=line, color=color, label=split, **options)
    axis.set_xlabel("epoch")
    axis.set_ylabel(label)
    axis.xaxis.get_major_locator().set_params(integer=True)


def training_curves(histories, title):
    """Draw accuracy and loss by epoch, one thin line per run and split.

    Args:
        histories: List of DataFrames, one row per epoch, as in a `Run`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9, 3.8, columns=2)
    for axis, metric in zip(axes, ("accuracy", "loss"), strict=True):
        for history in histories:
            draw_history(axis, history, metric, lw=1.3, alpha=0.8)
    handles, names = axes[0].get_legend_handles_labels()
    axes[0].legend(handles[: len(SPLITS)], names[: len(SPLITS)], frameon=False)
    style.set_title(figure, title)
    return figure


def figure_4_training_curves(recorded, title):
    """Draw the paper's Fig. 4: our runs' curves, and where the paper's own ended.

    Args:
        recorded: List of `Run`, of the recipe `paper`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure = training_curves([run.history for run in recorded], title)
    accuracies = {name: 100 * value for name, value in paper.ACCURACY.items()}
    for axis, values in zip(figure.axes, (accuracies, paper.LOSS), strict=True):
        for name in SPLITS:
            text = f"the paper's {name}: {values[name]:.5g}"
            _mark_paper(axis, text, (paper.STOPPED_AT_EPOCH, values[name]), (0, -15), ha="center")
    return figure


def _mark_paper(axis, text, point, offset, **options):
    """A diamond with its text on white."""
    axis.plot(*point, "D", color=style.PAPER, mec="white", ms=9, zorder=3)
    look = {"color": style.PAPER, "bbox": style.ON_WHITE}
    style.annotate(axis, text, point, offset, **look, **options)


def variants(table, title, highest_loss=1.7):
    """Draw training accuracy, validation accuracy, and validation loss, one dot per run.

    A dotted line in each panel is the paper's value.

    Args:
        table: Of `reproduction.by_seed`; its settings become the rows, from the top down.
        title: Title of the figure.
        highest_loss: Losses above it are drawn at the border, with their value.

    Returns:
        The `Figure`.
    """
    names, rows = _rows_by_setting(table)
    figure, axes = style.new_figure(9, 1.6 + 0.27 * len(names), columns=3, sharey=True)
    for axis, column in zip(axes, reproduction.SELECTED_ON, strict=True):
        reported = reproduction.PAPER[column]
        loss = "loss" in column
        shown = table[column].clip(upper=highest_loss) if loss else table[column]
        axis.plot(shown, rows, "o", color=style.OURS, alpha=0.6)
        axis.set_xlabel(column if loss else f"{column} (%)")
        style.paper_line(axis, f"{reported:g}", x=reported)
    for index in np.flatnonzero(table["validation loss"] > highest_loss):
        text = f"{table['validation loss'].iloc[index]:.1f}"
        style.annotate(axes[2], text, (highest_loss, rows[index]), (-8, 0), ha="right")
    style.name_rows(axes[0], names)
    style.set_title(figure, title)
    return figure


def _rows_by_setting(table):
    """The settings in their order, and the row of each run."""
    names = list(table["setting"].unique())
    return names, [names.index(setting) for setting in table["setting"]]


def disgust_recall(table, title):
    """Draw the recall of disgust of every run, one row per setting.

    Args:
        table: Of `reproduction.by_seed`, in the order of the rows.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    names, rows = _rows_by_setting(table)
    figure, axis = style.new_figure(9, 1.4 + 0.35 * len(names))
    axis.plot(table["recall of disgust"], rows, "o", color=style.OURS, alpha=0.6)
    style.paper_line(axis, x=reproduction.PAPER["recall of disgust"])
    style.name_rows(axis, names)
    axis.set_xlabel("recall of disgust on the test images (%), one dot per run")
    style.set_title(figure, title)
    return figure


def losses(epochs, title):
    """Draw loss versus accuracy of every epoch, and the paper's two points.

    Args:
        epochs: Of `reproduction.epochs`, one row per epoch and split.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 4.6)
    for name, (_, color, _, marker) in SPLITS.items():
        part = epochs[epochs["split"] == name]
        label = f"our runs, {name}, one dot per epoch"
        axis.plot(part["accuracy"], part["loss"], marker, color=color, ms=4, alpha=0.5, label=label)
        end = (100 * paper.ACCURACY[name], paper.LOSS[name])
        offset, side = ((8, 10), "left") if name == "training" else ((-8, -12), "right")
        _mark_paper(axis, f"the paper's {name}", end, offset, ha=side)
    axis.set_xlabel("accuracy (%)")
    axis.set_ylabel("loss (cross-entropy)")
    axis.legend(frameon=False, markerscale=2)
    style.set_title(figure, title)
    return figure


def accuracy_by_size(table, title):
    """Draw test accuracy versus input size: a dot per run, and a line through each head's means.

    Args:
        table: Of `reproduction.by_size`, with columns size (pixels), accuracy (percent), and head.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 3.6)
    looks = zip(table.groupby("head"), style.SERIES, "os", strict=False)
    for (head, part), color, marker in looks:
        axis.plot(part["size"], part["accuracy"], marker, color=color, alpha=0.6)
        means = part.groupby("size")["accuracy"].mean()
        axis.plot(means.index, means, color=color)
        style.annotate(axis, head, (means.index[-1], means.iloc[-1]), (10, 0))
    style.paper_line(axis, y=100 * paper.ACCURACY["test"])
    axis.set_xticks(sorted(table["size"].unique()))
    axis.set_xlim(right=1.25 * table["size"].max())
    axis.set_xlabel("side of the input (pixels), enlarged from 48")
    axis.set_ylabel("test accuracy (%)")
    style.set_title(figure, title)
    return figure


def gradient_descent(losses, title):
    """Draw the training loss by step of gradient descent, one line per learning rate.

    Args:
        losses: Mapping of the learning rate to the losses, one per step.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 3.4)
    for (rate, values), color in zip(losses.items(), style.SERIES, strict=False):
        axis.plot(values, color=color, label=f"learning rate {rate:g}")
    style.reference_line(axis, "guessing", style.BASELINE, y=np.log(len(LABELS)))
    axis.legend(frameon=False)
    axis.set_xlabel("step")
    axis.set_ylabel("loss (cross-entropy)")
    style.set_title(figure, title)
    return figure


def accuracies(table, baseline, title):
    """Draw the accuracy of several networks with its 95% confidence interval, one row each.

    Args:
        table: DataFrame indexed by network, with columns value, low, and high (0-1).
        baseline: Accuracy of the majority-class baseline, 0-1.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 1.4 + 0.42 * len(table))
    percent = 100 * table[["value", "low", "high"]]
    style.dots_with_ci(axis, percent["value"], percent["low"], percent["high"])
    for row, value in enumerate(percent["value"]):
        style.annotate(axis, f"{value:.0f}", (value, row), (0, 10), ha="center")
    style.reference_line(axis, "majority class", style.BASELINE, x=100 * baseline)
    style.name_rows(axis, table.index)
    axis.set_xlim(0, 100)
    axis.set_xlabel("test accuracy (%, 95% CI)")
    style.set_title(figure, title)
    return figure


def accuracies_by_seed(table, baseline, title):
    """Draw the test accuracy of every run, one row per network.

    Args:
        table: DataFrame with one row per run: network (the rows, from the top down) and accuracy
            (percent).
        baseline: Accuracy of the majority-class baseline, percent.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    names = list(table["network"].unique())
    rows = [names.index(name) for name in table["network"]]
    figure, axis = style.new_figure(9, 1.4 + 0.42 * len(names))
    axis.plot(table["accuracy"], rows, "o", color=style.OURS, alpha=0.6)
    for row, (_, values) in enumerate(table.groupby("network", sort=False)["accuracy"]):
        style.annotate(axis, f"{values.mean():.0f}", (values.max(), row), (8, 0))
    style.reference_line(axis, "majority class", style.BASELINE, x=baseline)
    style.paper_line(axis, x=100 * paper.ACCURACY["test"])
    style.name_rows(axis, names)
    axis.set_xlim(0, 100)
    axis.set_xlabel("test accuracy (%), one dot per run, and their mean")
    style.set_title(figure, title)
    return figure
