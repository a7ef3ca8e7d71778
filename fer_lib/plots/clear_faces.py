"""Figures of notebooks 04 and 08: hidden, corrupted, and unclear faces, and heat maps."""

import numpy as np

from fer_lib.labels import LABELS
from fer_lib.plots import style

SIDE = 48  # of a face, pixels


def fifths(tables, title):
    """Draw mean recall by fifths of each class, from the lowest fifth of a measure to the highest.

    Args:
        tables: Mapping of a measure to its table of `image_quality.quintile_recalls`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(8.5, 3.2, columns=len(tables), sharey=True, squeeze=False)
    for axis, (measure, table) in zip(axes[0], tables.items(), strict=True):
        table = table.drop(index="5 - 1")
        places = range(len(table))
        axis.vlines(places, table["low"], table["high"], color=style.OURS, lw=3)
        axis.plot(places, table["recall"], "o-", color=style.OURS, lw=1)
        axis.set_xticks(places, ["low", *table.index[1:-1], "high"])
        axis.set_xlabel(f"fifth of each class by {measure}")
    axes[0, 0].set_ylabel("mean recall (%, 95% CI)")
    style.set_title(figure, title)
    return figure


def hidden_parts(faces, title):
    """Draw one face with each of its parts hidden, side by side.

    Args:
        faces: Mapping of what is hidden to a grayscale image `(48, 48)`, 0-255.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    columns = -(-len(faces) // 2)
    figure, axes = style.new_figure(1.5 * columns, 3.9, rows=2, columns=columns)
    for axis, (name, image) in zip(axes.flat, faces.items(), strict=False):
        style.show_gray(axis, image)
        axis.set_title(name, size=style.SMALL)
    for axis in axes.flat[len(faces) :]:
        axis.set_axis_off()
    style.set_title(figure, title)
    return figure


def drops(panels, title):
    """Draw what changes to an image cost in accuracy, one row per change, one dot per network.

    Args:
        panels: Mapping of a panel's name to a mapping of a network's name to its table of
            `changed_faces.accuracy_drops`, all of the same changes.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9.5, 4.2, columns=len(panels), sharex=True, squeeze=False)
    for axis, (panel, tables) in zip(axes[0], panels.items(), strict=True):
        for (name, table), color in zip(tables.items(), (style.PAPER, style.OURS), strict=False):
            style.dots_with_ci(axis, table["drop"], table["low"], table["high"], color)
            axis.plot([], [], "o-", color=color, lw=3, label=name)
        style.name_rows(axis, table.index)
        axis.axvline(0, color=style.LIGHT_GRAY, lw=1, zorder=0)
        axis.set_title(panel, size=style.SMALL)
        axis.set_xlabel("drop in accuracy (percentage points)")
    handles, names = axis.get_legend_handles_labels()
    figure.legend(handles, names, frameon=False, loc="outside lower center", ncols=len(names))
    style.set_title(figure, title)
    return figure


def bars(drops, low, expected, title):
    """Draw what a bar over each region costs each class, as numbers and colors.

    Args:
        drops: DataFrame in percentage points, one row per class, one column per bar.
        low: Lower ends of the 95% intervals, of the same shape; drops above zero are bold.
        expected: Boolean DataFrame of `changed_faces.expected_regions`; its cells are outlined.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(7.5, 4.6)
    highest = drops.to_numpy().max()
    outlined = expected.reindex(index=drops.index, columns=drops.columns, fill_value=False)
    picture = axis.imshow(drops, cmap=style.SEQUENTIAL, vmin=0, vmax=highest, aspect="auto")
    for row, column in np.ndindex(drops.shape):
        value, sure = drops.iloc[row, column], low.iloc[row, column] > 0
        color = "white" if value > 0.55 * highest else style.INK
        weight = "bold" if sure else "normal"
        axis.text(column, row, f"{value:.0f}", ha="center", va="center", color=color, weight=weight)
        if outlined.iloc[row, column]:
            _outline(axis, row, column)
    axis.set_xticks(range(drops.shape[1]), drops.columns)
    style.name_rows(axis, drops.index)
    axis.set_xlabel("region under the bar")
    axis.set_ylabel("true label")
    figure.colorbar(picture, ax=axis, shrink=0.8, label="drop in J (percentage points)")
    style.set_title(figure, title)
    return figure


def _outline(axis, row, column):
    from matplotlib.patches import Rectangle

    corner = (column - 0.47, row - 0.46)
    axis.add_patch(Rectangle(corner, 0.94, 0.92, fill=False, ec=style.VERMILION, lw=2))


def corruption_curves(curves, ticks, title):
    """Draw accuracy by severity, one panel per corruption, one line per network.

    Args:
        curves: Mapping of a network's name to a mapping of a corruption's name to accuracies in
            percent, the unchanged images first.
        ticks: Mapping of a corruption's name to a pair: the severities, and their unit.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    columns = 3
    rows = -(-len(ticks) // columns)
    figure, axes = style.new_figure(9, 2.3 * rows, rows, columns, sharey=True, squeeze=False)
    for axis, (kind, (severities, unit)) in zip(axes.flat, ticks.items(), strict=False):
        for (name, panels), color in zip(curves.items(), (style.PAPER, style.OURS), strict=True):
            axis.plot(range(len(severities)), panels[kind], "o-", color=color, ms=4, label=name)
        axis.set_xticks(range(len(severities)), [f"{severity:g}" for severity in severities])
        axis.set_title(kind, size=style.SMALL)
        axis.set_xlabel(unit, size=style.SMALL)
        axis.set_ylim(0, 80)
    for axis in axes[:, 0]:
        axis.set_ylabel("accuracy (%)")
    axes[0, 0].legend(frameon=False, loc="lower left")
    style.set_title(figure, title)
    return figure


def place_maps(rows, faces, title):
    """Draw maps over the places of a face, one column per class; each row has one scale.

    Args:
        rows: Mapping of a row's name to maps `(7, rows, columns)`. Red is above zero, blue below;
            the scale ends at the row's largest absolute value.
        faces: Mean faces `(7, 48, 48)`, drawn as contours.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(10.5, 1.9 * len(rows), len(rows), len(LABELS), squeeze=False)
    extent = (-0.5, SIDE - 0.5, SIDE - 0.5, -0.5)
    for axis_row, (name, maps) in zip(axes, rows.items(), strict=True):
        end = np.abs(maps).max()
        scale = {"cmap": style.DIVERGING, "vmin": -end, "vmax": end}
        for axis, values, face in zip(axis_row, maps, faces, strict=True):
            picture = axis.imshow(values, extent=extent, **scale)
            axis.contour(face, levels=6, colors=style.INK, linewidths=0.4, alpha=0.5)
            style.hide_frame(axis)
        axis_row[0].set_ylabel(name)
        figure.colorbar(picture, ax=axis_row, shrink=0.8)
    for axis, label in zip(axes[0], LABELS, strict=True):
        axis.set_title(label, size=style.SMALL)
    style.set_title(figure, title)
    return figure
