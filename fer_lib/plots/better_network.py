"""Figures of notebook 05: fine-tuning, and what each change is worth."""

import numpy as np

from fer_lib import paper
from fer_lib.plots import style
from fer_lib.plots.transfer_learning import draw_history


def fine_tuning(run, title):
    """Draw a fine-tuning run's accuracy by epoch, beside the paper's.

    Args:
        run: The `Run`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 3.8)
    draw_history(axis, run.history, "accuracy", marker="o", ms=4)
    style.paper_line(axis, y=100 * paper.ACCURACY["validation"])
    axis.legend(frameon=False)
    style.set_title(figure, title)
    return figure


def ascent(table, title):
    """Draw the accuracy of each step, and its gain over the run it adds to.

    Args:
        table: Of `ablation.ascent`, from the first step to the last.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 1.4 + 0.38 * len(table))
    axis.plot(table["accuracy"], np.arange(len(table)), "o", color=style.OURS)
    for row, (value, gain) in enumerate(zip(table["accuracy"], table["gain"], strict=True)):
        text = f"{value:.1f}" if np.isnan(gain) else f"{value:.1f} ({gain:+.1f})"
        style.annotate(axis, text, (value, row), (8, 0), bbox=style.ON_WHITE)
    style.paper_line(axis, x=100 * paper.ACCURACY["test"])
    style.name_rows(axis, table.index)
    axis.set_xlim(right=table["accuracy"].max() + 8)
    axis.set_xlabel("accuracy on PublicTest (%);\nin brackets, the gain over the run it adds to")
    style.set_title(figure, title)
    return figure


def ablations(table, title):
    """Draw the gain of each single change with its 95% confidence interval.

    Args:
        table: Of `ablation.ablations`; rows without a gain are left out.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    table = table.dropna(subset="gain")
    figure, axis = style.new_figure(9, 1.4 + 0.33 * len(table))
    style.dots_with_ci(axis, table["gain"], table["low"], table["high"])
    axis.axvline(0, color=style.BASELINE, lw=1)
    style.name_rows(axis, table.index)
    axis.set_xlabel("gain in accuracy on PublicTest (percentage points, 95% CI)")
    style.set_title(figure, title)
    return figure
