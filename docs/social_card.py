"""What a link to the website shows elsewhere: a description, and a picture of our own drawings."""

from pathlib import Path

from fer_lib import evaluation, paper, plots
from fer_lib.data import synthetic_faces
from fer_lib.labels import ACTION_UNITS, LABELS
from fer_lib.models import shipped
from fer_lib.plots import style

FILE = "social_card.png"
SIZE = (12, 6.3)  # inches; with 100 pixels each, the size that previews are made for


def setup(app):
    app.config.html_context |= {"description": description(), "social_card": FILE}
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def description():
    """Say in a sentence what the course does, with the accuracies on the paper's test images."""
    ours = evaluation.accuracy(*shipped.run().split("test"))
    return (
        f"A course in Jupyter notebooks: reproduce a paper's {paper.ACCURACY['test']:.0%} on "
        f"FER2013, find out why, and train the same small network to {ours:.0%}."
    )


def write(app, error):
    """Write the picture into the finished website."""
    if error is None:
        (Path(app.outdir) / FILE).write_bytes(plots.to_png(draw(app.config.project)))


def draw(title):
    """Draw a synthetic face of each class under a title.

    Args:
        title: The picture's title.

    Returns:
        A Figure, 1200×630 pixels.
    """
    figure, axes = style.new_figure(*SIZE, columns=len(LABELS))
    for axis, label in zip(axes, LABELS, strict=True):
        face = synthetic_faces.draw_face(dict.fromkeys(ACTION_UNITS[label], 1.0), size=160)
        style.show_gray(axis, face)
        axis.set_title(label, fontsize=20)
    figure.suptitle(title, y=0.92, size=46, weight="bold")
    figure.supxlabel(description(), y=0.09, size=24, wrap=True)
    return figure
