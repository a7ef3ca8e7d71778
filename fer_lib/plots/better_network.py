"""Notebook 05: fine-tuning, and what each change is worth."""

import numpy as np

from fer_lib import paper
from fer_lib.plots.style import new_figure
from fer_lib.plots.transfer_learning import PAPER, SERIES, TRAINING


def fine_tuning(run):
    """A fine-tuning run's accuracy by epoch, beside the paper's and people's."""
    figure, axis = new_figure(9, 3.8)
    for name, prefix, colour, line in SERIES:
        values = 100 * run.history[f"{prefix}accuracy"]
        axis.plot(run.history["epoch"], values, line, color=colour, marker="o", ms=4, label=name)
    reported = 100 * paper.ACCURACY["validation"]
    axis.axhline(reported, color=PAPER, lw=1, ls=":")
    end = (run.history["epoch"].iloc[-1], reported)
    axis.annotate("the paper", end, (0, -12), textcoords="offset points", ha="right", size=9)
    axis.set_xlabel("epoch")
    axis.xaxis.get_major_locator().set_params(integer=True)
    axis.set_ylabel("accuracy (%)")
    axis.legend(frameon=False)
    axis.set_title("Training all layers goes well past the paper's frozen backbone")
    return figure


def ascent(table):
    """Accuracy of each step. table: of `comparison.ascent`, in order of climbing."""
    figure, axis = new_figure(9, 1.2 + 0.42 * len(table))
    rows = np.arange(len(table))
    axis.plot(table["accuracy"], rows, "o", color=TRAINING)
    for row, value, gain in zip(rows, table["accuracy"], table["gain"], strict=True):
        text = f"{value:.1f}" if np.isnan(gain) else f"{value:.1f} ({gain:+.1f})"
        axis.annotate(text, (value, row), (8, 0), textcoords="offset points", va="center", size=9)
    reported = 100 * paper.ACCURACY["test"]
    axis.axvline(reported, color=PAPER, lw=1, ls=":")
    axis.annotate("the paper", (reported, -0.5), (3, 0), textcoords="offset points", size=9)
    axis.set_yticks(rows, table.index)
    axis.set_ylim(len(table) - 0.5, -0.9)
    axis.set_xlim(right=table["accuracy"].max() + 6)
    axis.set_xlabel("accuracy on PublicTest (%), in brackets the gain over the run it adds to")
    title = "Letting all layers learn is the great step, and regularising pays after it"
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)
    return figure


def ablations(table):
    """Gain of each single change with its interval. table: of `comparison.ablations`."""
    table = table.dropna(subset="gain")
    figure, axis = new_figure(9, 1.2 + 0.33 * len(table))
    rows = np.arange(len(table))
    ends = np.abs(table[["low", "high"]].to_numpy().T - table["gain"].to_numpy())
    axis.errorbar(table["gain"], rows, xerr=ends, fmt="o", color=TRAINING, capsize=3)
    axis.axvline(0, color=PAPER, lw=1, ls=":")
    axis.set_yticks(rows, table.index)
    axis.invert_yaxis()
    axis.set_xlabel("gain on PublicTest (percentage points, 95 % interval)")
    axis.set_title("One change at a time, in a short training at 48 px")
    return figure
