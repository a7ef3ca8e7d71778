"""Figures of notebooks 04 and 08: what is confused, what it costs, and the paper's Table 2."""

import numpy as np

from fer_lib import paper
from fer_lib.analysis import confusions
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import style


def excesses(ours, people, title):
    """Draw observed / expected confusions, the networks' beside people's, on one scale of colors.

    Frames mark the pairs that the paper names. Networks' ratios are bold if their interval
    excludes 1.

    Args:
        ours: `evaluation.Estimate` of `confusions.observed_over_expected`, arrays `(7, 7)`.
        people: The same ratios of people's confusions, `(7, 7)`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(10, 4.9, columns=2, sharey=True)
    clear = (ours.low > 1) | (ours.high < 1)
    panels = (("the paper's network", ours.value, clear), ("people", people, np.zeros_like(clear)))
    for axis, (name, ratios, sure) in zip(axes, panels, strict=True):
        picture = _ratio_matrix(axis, ratios, sure)
        axis.set_title(name, size=style.SMALL)
    axes[0].set(xlabel="predicted", ylabel="true label")
    axes[1].set(xlabel="named by another person", ylabel="named by one person")
    bar = figure.colorbar(picture, ax=axes, shrink=0.8, label="observed / expected (log scale)")
    bar.set_ticks([-2, -1, 0, 1, 2], labels=["1/4", "1/2", "1", "2", "4"])
    style.set_title(figure, title)
    return figure


def _ratio_matrix(axis, ratios, sure):
    """A heat map of ratios on a logarithmic scale, 1/4 to 4, with the paper's pairs framed."""
    from matplotlib.patches import Rectangle

    logarithms = np.log2(np.maximum(ratios, 1 / 16))
    picture = axis.imshow(logarithms, cmap=style.DIVERGING, vmin=-2, vmax=2)
    for row, column in np.argwhere(~np.isnan(ratios)):
        color = _ink_on(picture.to_rgba(logarithms[row, column]))
        weight = "bold" if sure[row, column] else "normal"
        text = f"{ratios[row, column]:.1f}"
        options = {"color": color, "weight": weight, "size": style.SMALL}
        axis.text(column, row, text, ha="center", va="center", **options)
    for pair in paper.CONFUSED_PAIRS:
        one, other = map(LABELS.index, pair)
        for row, column in ((one, other), (other, one)):
            corner = (column - 0.46, row - 0.46)
            frame = Rectangle(corner, 0.92, 0.92, fill=False, edgecolor=style.PAPER, lw=1.5)
            axis.add_patch(frame)
    style.name_classes(axis.xaxis, rotation=30)
    style.name_classes(axis.yaxis)
    return picture


def _ink_on(color):
    """White on dark colors, dark on light ones: whichever contrasts more (WCAG 2.2)."""
    from matplotlib.colors import to_rgb

    def luminance(color):
        channels = np.array(to_rgb(color))
        linear = np.where(channels > 0.04045, ((channels + 0.055) / 1.055) ** 2.4, channels / 12.92)
        return linear @ [0.2126, 0.7152, 0.0722]

    dark, light = luminance(style.INK) + 0.05, 1.05
    return "white" if luminance(color) + 0.05 < np.sqrt(dark * light) else style.INK


def class_maps(maps, title):
    """Draw maps of the classes side by side, each rotated and scaled to fit the first.

    Args:
        maps: Mapping of a name to `(positions, stress)` of `confusions.class_map`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    from scipy.spatial import procrustes

    figure, axes = style.new_figure(9, 3.4, columns=len(maps), sharex=True, sharey=True)
    reference, _ = next(iter(maps.values()))
    for axis, (name, (positions, stress)) in zip(axes, maps.items(), strict=True):
        _, aligned, _ = procrustes(reference, positions)
        axis.scatter(*aligned.T, color=[COLORS[label] for label in LABELS])
        for label, point in zip(LABELS, aligned, strict=True):
            others = aligned[np.any(aligned != point, axis=1)]
            nearest = others[np.square(others - point).sum(axis=1).argmin()]
            style.annotate(axis, label, point, (0, 9 if point[1] > nearest[1] else -9), ha="center")
        axis.set_title(f"{name} (stress {stress:.2f})", size=style.SMALL)
        style.hide_frame(axis)
        axis.margins(0.2)
    style.set_title(figure, title)
    return figure


def perfect_recall(gains, by_run, title):
    """Draw what perfect recall of each class would gain, in accuracy and in macro F1.

    Args:
        gains: `evaluation.Estimate` of `confusions.perfect_recall_gains`, arrays `(8, 2)`.
        by_run: The same gains of each run, `(runs, 8, 2)`: drawn as small dots.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axes = style.new_figure(9, 3.6, columns=2, sharey=True, sharex=True)
    names = [" and ".join(classes) for classes in confusions.SUSPECTS]
    colors = [COLORS.get(name, style.INK) for name in names]
    for column, (axis, score) in enumerate(zip(axes, ("accuracy", "macro F1"), strict=True)):
        value, low, high = (100 * ends[:, column] for ends in gains)
        style.dots_with_ci(axis, value, low, high, colors)
        for run in by_run:
            axis.plot(100 * run[:, column], range(len(names)), "|", color=style.GRAY)
        axis.set_xlabel(f"gain in {score} (percentage points)")
    style.name_rows(axes[0], names)
    style.set_title(figure, title)
    return figure


def table_2(labels, tests, title):
    """Draw where the paper's single images stand among all images of their class.

    Args:
        labels: Class indices, shape `(n,)`.
        tests: Probabilities of several runs, `(runs, n, 7)`.
        title: Title of the figure.

    Returns:
        The `Figure`.
    """
    figure, axis = style.new_figure(8, 3.8)
    for row, label in enumerate(LABELS):
        own = 100 * np.asarray(tests)[:, labels == row, row].ravel()
        low, quarter, median, three_quarters, high = np.percentile(own, [5, 25, 50, 75, 95])
        axis.hlines(row, low, high, color=COLORS[label], lw=2)
        axis.hlines(row, quarter, three_quarters, color=COLORS[label], lw=9)
        axis.plot(median, row, "|", color="white", ms=9, mew=2)
    examples = [paper.TABLE_2[label][label] for label in LABELS]
    axis.plot(examples, range(len(LABELS)), "D", color=style.INK, mec="white", ms=8)
    style.annotate(axis, "the paper's image", (examples[1], 1), (8, 0))
    style.name_rows(axis, LABELS)
    axis.set_xlabel("probability of the label (%): median, middle 50% and 90% of the images")
    style.set_title(figure, title)
    return figure
