"""Show figures with alt text, and save figures and tables to `figures/`."""

import base64
import html
import io

from fer_lib import paths

RECORDED = "Recorded on FER2013"  # the same on every machine
DIAGRAM = "From a network's design, without data"


def live(source):
    """Say that a figure was computed now from the images of a source, e.g. `dataset.source`."""
    return f"Live on {source}"


def to_png(figure):
    """Render a figure as PNG bytes, without the metadata that would differ from run to run."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi="figure", metadata={"Software": None})
    return buffer.getvalue()


def show(figure, alt_text, name=None, source=None):
    """Display a figure in a notebook with its alt text.

    Args:
        figure: Matplotlib `Figure`.
        alt_text: What the figure shows, in a sentence or two, for readers who can't see it.
        name: If given, the figure is also saved as `figures/<name>.png`.
        source: Where its data come from, written below it: `RECORDED`, `live(...)`, or `DIAGRAM`.
    """
    picture = to_png(figure)
    if name is not None:
        with paths.write_atomically(paths.FIGURES / f"{name}.png") as temporary:
            temporary.write_bytes(picture)
    display_picture(picture, alt_text, int(figure.get_figwidth() * figure.dpi), source)


def show_saved(name, alt_text, width, source=None):
    """Display the screenshot `figures/<name>.png` with its alt text.

    An image linked in Markdown wouldn't do: Voilà refuses files outside of the notebook's folder.

    Args:
        name: File name without its ending.
        alt_text: What the screenshot shows, in a sentence or two.
        width: Displayed width in pixels.
        source: As for `show`.
    """
    display_picture((paths.FIGURES / f"{name}.png").read_bytes(), alt_text, width, source)


def display_picture(picture, alt_text, width, source=None, kind="png"):
    """Display a picture in a notebook with its alt text, inside the page.

    Args:
        picture: The picture's file, bytes.
        alt_text: What the picture shows, in a sentence or two.
        width: Displayed width in pixels.
        source: Where its data come from, for a caption; None for no caption.
        kind: The file's format, as in `image/png`.
    """
    from IPython.display import HTML, display

    encoded = base64.b64encode(picture).decode()
    image = (
        f'<img src="data:image/{kind};base64,{encoded}" alt="{html.escape(alt_text)}" '
        f'width="{width}" style="max-width: 100%">'
    )
    if source is not None:
        caption = f"<figcaption>{html.escape(source)}.</figcaption>"
        image = f'<figure style="margin: 0">{image}{caption}</figure>'
    display(HTML(image))


def save_table(table, name):
    """Save a table as `figures/<name>.csv` and `figures/<name>.md`.

    Args:
        table: DataFrame. Its numbers must be rounded already: the files are byte-identical on
            every run.
        name: File name without its ending.

    Returns:
        The table, unchanged.
    """
    with paths.write_atomically(paths.FIGURES / f"{name}.csv") as temporary:
        table.to_csv(temporary, lineterminator="\n")
    with paths.write_atomically(paths.FIGURES / f"{name}.md") as temporary:
        temporary.write_bytes((table.to_markdown() + "\n").encode())
    return table
