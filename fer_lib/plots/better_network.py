"""Figures of notebook 05: fine-tuning, what each change is worth, and what each class gains."""

import numpy as np

from fer_lib import paper
from fer_lib.labels import COLORS
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
    """Draw the accuracy of each step, and its gain over the step it is compared with.

    Args:
        table: Of `ablation.ascent`, from the first step to the last.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 1.4 + 0.38 * len(table))
    axis.plot(table["accuracy"], np.arange(len(table)), "o", color=style.OURS)
    rows = zip(table["accuracy"], table["gain"], table["over"], strict=True)
    for row, (value, gain, over) in enumerate(rows):
        text = f"{value:.1f}" if np.isnan(gain) else f"{value:.1f} ({gain:+.1f} over {over})"
        style.annotate(axis, text, (value, row), (8, 0), bbox=style.ON_WHITE)
    style.paper_line(axis, x=100 * paper.ACCURACY["test"])
    names = zip(table["step"], table.index, strict=True)
    style.name_rows(axis, [f"{change}  {step}" for step, change in names])
    axis.set_xlim(right=table["accuracy"].max() + 14)
    axis.set_xlabel("accuracy on PublicTest (%); in brackets, the gain over which step")
    style.set_title(figure, title)
    return figure


def ablations(table, another_run, title):
    """Draw the gain of each single change, beside what another seed alone may gain.

    Args:
        table: Of `ablation.ablations`; rows without a gain are left out.
        another_run: Ends of the 95% prediction interval of the gain of one more unchanged run
            (percentage points).
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    table = table.dropna(subset="gain")
    figure, axis = style.new_figure(9, 1.8 + 0.33 * len(table))
    band = {"color": style.LIGHT_GRAY, "alpha": 0.5, "lw": 0}
    axis.axvspan(*another_run, label="another unchanged run (95% prediction interval)", **band)
    seeds = table.index.str.startswith("unchanged")
    colors = np.where(seeds, style.BASELINE, style.OURS)
    style.dots_with_ci(axis, table["gain"], table["low"], table["high"], colors)
    axis.axvline(0, color=style.BASELINE, lw=1)
    style.name_rows(axis, table.index)
    axis.set_xlabel("gain in accuracy on PublicTest (percentage points, 95% CI over images)")
    axis.legend(frameon=False, loc="upper left")
    style.set_title(figure, title)
    return figure


def recall_gains(table, title, first, second):
    """Draw the gain in recall of each class with its 95% confidence interval.

    Args:
        table: Of `confusions.recall_gains`; gray marks are the gains over single runs.
        title: Title of the figure.
        first: Name of the first network.
        second: Name of the second network.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 3.8)
    colors = [COLORS[label] for label in table.index]
    style.dots_with_ci(axis, table["difference"], table["low"], table["high"], colors)
    for ends in (table["smallest"], table["largest"]):
        axis.plot(ends, range(len(table)), "|", color=style.INK, ms=13)
    axis.axvline(0, color=style.BASELINE, lw=1)
    recalls = zip(table.index, table["first"], table["second"], strict=True)
    style.name_rows(axis, [f"{name}: {old:.0f} → {new:.0f}%" for name, old, new in recalls])
    axis.set_xlabel(f"recall of {second} minus recall of {first} (percentage points, 95% CI)")
    style.set_title(figure, title)
    return figure


def prior_curve(table, chosen, title):
    """Draw what the class prior trades: mean recall by people against agreement with them.

    Args:
        table: DataFrame indexed by the exponent of the prior. Columns agreement and "mean recall"
            (0-1).
        chosen: The exponent that the shipped network has.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(7, 3.8)
    x, y = 100 * table["agreement"], 100 * table["mean recall"]
    axis.plot(x, y, "o-", color=style.OURS)
    for exponent in table.index:
        bold = {"fontweight": "bold"} if exponent == chosen else {}
        point = (x[exponent], y[exponent])
        style.annotate(axis, f"{exponent:g}", point, (8, 4), bbox=style.ON_WHITE, **bold)
    axis.set_xlabel("agreement with people (%)")
    axis.set_ylabel("mean recall by people (%)")
    axis.margins(0.1)
    style.set_title(figure, title)
    return figure
