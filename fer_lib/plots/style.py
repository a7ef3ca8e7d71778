"""How every figure of the course looks: one palette, and the parts that many figures share.

Nothing here changes matplotlib's global settings: each property is set on the figure itself.
"""

from fer_lib.labels import LABELS

# The palette of Okabe and Ito (2008), distinguishable with all common kinds of color blindness.
BLUE = "#0072B2"
GREEN = "#009E73"
ORANGE = "#E69F00"
PURPLE = "#CC79A7"
SKY_BLUE = "#56B4E9"
VERMILION = "#D55E00"
INK, GRAY, LIGHT_GRAY = "#222222", "#7F7F7F", "#CCCCCC"

# What a color stands for, in every figure; `labels.COLORS` holds those of the seven classes.
OURS = BLUE
PAPER = VERMILION
PEOPLE = ORANGE
BASELINE = GRAY
TRAINING, VALIDATION, TEST = GREEN, PURPLE, ORANGE
USAGES = {"Training": TRAINING, "PublicTest": VALIDATION, "PrivateTest": TEST}
SERIES = (SKY_BLUE, ORANGE, INK)  # series without a color of their own, in this order

SEQUENTIAL, DIVERGING = "Blues", "RdBu_r"  # matplotlib's names of color maps
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}  # a text's `bbox`
SMALL = 9  # points: panel titles, and texts beside data; all else is matplotlib's 10


def new_figure(width=8, height=4, rows=1, columns=1, **options):
    """Create an empty figure in the course's style, off screen.

    It doesn't touch pyplot's state, so nothing is shown twice in a notebook or kept in memory.

    Args:
        width: Width of the figure in inches.
        height: Height of the figure in inches.
        rows: Number of rows of axes.
        columns: Number of columns of axes.
        **options: Passed to `Figure.subplots`.

    Returns:
        `(figure, axes)`, where `axes` is what `Figure.subplots` returns: a single one, or an array.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=100, layout="constrained")
    axes = figure.subplots(rows, columns, **options)
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def set_title(figure, title):
    """Write the title of a figure at its top left."""
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=11)


def annotate(axis, text, point, offset, **options):
    """Write a text beside a point.

    Args:
        axis: Matplotlib axes.
        text: What to write.
        point: `(x, y)` in data coordinates.
        offset: `(right, up)` from the point to the text, in typographic points.
        **options: Passed to `Axes.annotate`.
    """
    options = {"va": "center", "size": SMALL, "color": INK} | options
    axis.annotate(text, point, offset, textcoords="offset points", **options)


def reference_line(axis, text, color, x=None, y=None):
    """Draw a dotted line across the axes, with its text at the end, outside of the data's area.

    Args:
        axis: Matplotlib axes.
        text: Written above a vertical line, or to the right of a horizontal one.
        color: Color of the line and its text.
        x: Where a vertical line stands, in data coordinates.
        y: Where a horizontal line stands, if `x` is None.
    """
    line = {"color": color, "lw": 1.2, "ls": ":"}
    if x is not None:
        axis.axvline(x, **line)
        end = {"xycoords": axis.get_xaxis_transform(), "ha": "center", "va": "bottom"}
        annotate(axis, text, (x, 1), (0, 2), color=color, **end)
    else:
        axis.axhline(y, **line)
        annotate(axis, text, (1, y), (4, 0), color=color, xycoords=axis.get_yaxis_transform())


def paper_line(axis, text="the paper", x=None, y=None):
    """Mark the paper's value by a `reference_line` in the paper's color."""
    reference_line(axis, text, PAPER, x, y)


def name_rows(axis, names):
    """Name the rows 0, 1, ... of an axes from top to bottom."""
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)


def name_classes(axis, **options):
    """Put the seven class names at the ticks 0 to 6 of an `Axes.xaxis` or `Axes.yaxis`."""
    axis.set_ticks(range(len(LABELS)), LABELS, **options)


def class_matrix(axis, percent, texts, label, highest=100):
    """Draw a heat map of true classes (rows) by other classes (columns), with a color bar.

    Args:
        axis: Matplotlib axes.
        percent: Array of shape `(7, 7)`, in `LABELS` order; it sets the colors.
        texts: What to write into the cells: strings, shape `(7, 7)`.
        label: What the colors stand for.
        highest: The percentage that gets the darkest color.
    """
    picture = axis.imshow(percent, cmap=SEQUENTIAL, vmin=0, vmax=highest)
    for row, cells in enumerate(texts):
        for column, text in enumerate(cells):
            color = "white" if percent[row, column] > 0.55 * highest else INK
            axis.text(column, row, text, ha="center", va="center", color=color, size=SMALL)
    name_classes(axis.xaxis, rotation=30)
    name_classes(axis.yaxis)
    axis.figure.colorbar(picture, ax=axis, shrink=0.8, label=label)


def dots_with_ci(axis, values, low, high, color=OURS):
    """Draw a dot with its confidence interval in each row, from 0 down.

    Args:
        axis: Matplotlib axes.
        values: Estimates, shape `(n,)`.
        low: Lower ends of the intervals, shape `(n,)`.
        high: Upper ends of the intervals, shape `(n,)`.
        color: One color, or n.
    """
    rows = range(len(values))
    axis.hlines(rows, low, high, color=color, lw=3)
    axis.scatter(values, rows, color=color, s=36, zorder=3)


def hide_frame(axis):
    """Hide the ticks and borders of an axes that shows an image; its labels stay."""
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set_visible(False)


def show_gray(axis, image, **options):
    """Show a grayscale image, shape `(h, w)`, 0-255, without ticks and borders."""
    axis.imshow(image, cmap="gray", vmin=0, vmax=255, **options)
    hide_frame(axis)
