"""Figures of notebook 04's experiments on frozen features: balance, depth, and training size."""

from fer_lib.plots import style

MARKERS = "os^Dv"


def balance_curves(panels, title):
    """Draw mean recall versus accuracy, one line per method and one large dot per strength.

    Args:
        panels: Dict from the name of each panel to a DataFrame with columns method, strength, seed,
            accuracy, and mean recall (0-1).
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9, 4.4, columns=len(panels), sharex=True, sharey=True)
    colors = (style.INK, style.OURS, style.ORANGE, style.GREEN, style.PURPLE)
    for axis, (name, table) in zip(axes, panels.items(), strict=True):
        methods = table.groupby("method", sort=False)
        for (method, rows), color, marker in zip(methods, colors, MARKERS, strict=False):
            rows = 100 * rows.set_index(["strength", "seed"])[["accuracy", "mean recall"]]
            means = rows.groupby("strength").mean()
            look = {"color": color, "marker": marker}
            axis.plot(rows["accuracy"], rows["mean recall"], ls="", ms=3, alpha=0.35, **look)
            axis.plot(means["accuracy"], means["mean recall"], ms=7, label=method, **look)
        axis.set_title(name, size=style.SMALL)
        axis.set_xlabel("accuracy (%)")
    axes[0].set_ylabel("mean recall (%)")
    axes[0].legend(frameon=False, title="large: mean of five seeds", alignment="left")
    style.set_title(figure, title)
    return figure


def accuracy_by_depth(lines, together, title):
    """Draw accuracy by the block after which the backbone is cut.

    Dotted lines mark where the side of the feature maps halves.

    Args:
        lines: Dict from the name of each line to a DataFrame with columns number, side, and
            accuracy (0-1), one row per block.
        together: Dict from the name of each line to the accuracy (0-1) of all blocks together.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(9, 5)
    colors = (style.OURS, style.SKY_BLUE, style.GREEN, style.ORANGE, style.BASELINE)
    last = int(max(rows["number"].max() for rows in lines.values()))
    for (name, rows), color in zip(lines.items(), colors, strict=False):
        rows = rows.sort_values("number")
        axis.plot(rows["number"], 100 * rows["accuracy"], color=color, marker="o", ms=4)
        axis.plot(last + 1.5, 100 * together[name], "*", color=color, ms=11)
        end = (last + 1.5, 100 * together[name])
        style.annotate(axis, name, end, (9, 0), color=color)
    for number in rows["number"][rows["side"].diff() < 0]:
        axis.axvline(number - 0.5, color=style.LIGHT_GRAY, lw=1, ls=":", zorder=0)
    blocks = ["first", *(str(number) for number in range(last - 1)), "last"]
    axis.set_xticks([*range(last + 1), last + 1.5], [*blocks, "all"])
    axis.set_xlim(right=last + 5)
    axis.set_xlabel("block after which the network is cut (dotted: maps shrink to half the side)")
    axis.set_ylabel("test accuracy (%)")
    style.set_title(figure, title)
    return figure


def learning_curves(panels, title):
    """Draw training and validation accuracy by number of training images, one panel per way.

    Args:
        panels: Dict from the name of each panel to a DataFrame with columns images, training, and
            validation (0-1), one row per run.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(2.3 * len(panels), 3.8, columns=len(panels), sharey=True)
    looks = {"training": (style.TRAINING, "--", "o"), "validation": (style.VALIDATION, "-", "^")}
    for axis, (name, rows) in zip(axes, panels.items(), strict=True):
        for part, (color, line, marker) in looks.items():
            axis.plot(rows["images"], 100 * rows[part], marker, color=color, ms=4, alpha=0.4)
            means = 100 * rows.groupby("images")[part].mean()
            axis.plot(means.index, means, line, color=color, label=part)
        axis.set_xscale("log")
        axis.set_xticks([2000, 6000, 20000], ["2k", "6k", "20k"])
        axis.minorticks_off()
        axis.set_title(name, size=style.SMALL)
    axes[0].set_ylabel("accuracy (%)")
    axes[0].legend(frameon=False)
    figure.supxlabel("training images", size=10)
    style.set_title(figure, title)
    return figure
