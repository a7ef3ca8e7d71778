"""The figures and tables of the course: how they look, are shown with alt text, and are saved.

The submodules hold one function a figure; each takes data and returns a matplotlib Figure.
"""

import base64
import html
import io

from fer_lib import paths

_STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "svg.hashsalt": "fer_lib",
}


def new_figure(width=8, height=4, rows=1, columns=1, **options):
    """An empty figure in the course's style, off screen; returns (figure, axes).

    width, height: inches. `options` go to `Figure.subplots`. It does not touch pyplot's state,
    so that nothing is shown twice in a notebook or kept in memory.
    """
    import matplotlib
    from matplotlib.figure import Figure

    matplotlib.rcParams.update(_STYLE)  # for good: titles and texts read it when they are added
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots(rows, columns, **options)


def to_png(figure):
    """The figure as PNG bytes, without the metadata that would differ from run to run."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def show(figure, alt_text, name=None):
    """Display the figure in a notebook with its alt text; with `name`, save `figures/<name>.png`.

    alt_text: what the figure shows, in a sentence or two, for those who cannot see it.
    """
    picture = to_png(figure)
    if name is not None:
        with paths.write_atomically(paths.FIGURES / f"{name}.png") as temporary:
            temporary.write_bytes(picture)
    _display(picture, alt_text, int(figure.get_figwidth() * figure.dpi))


def show_saved(name, alt_text, width):
    """Display `figures/<name>.png`, a screenshot, with its alt text, `width` pixels wide.

    As a link in a text, Voilà would refuse it: it lies outside of the notebook's folder.
    """
    _display((paths.FIGURES / f"{name}.png").read_bytes(), alt_text, width)


def _display(picture, alt_text, width):
    from IPython.display import HTML, display

    encoded = base64.b64encode(picture).decode()
    display(
        HTML(
            f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(alt_text)}" '
            f'width="{width}" style="max-width: 100%">'
        )
    )


def save_table(table, name):
    """Write a DataFrame as `figures/<name>.csv` and `figures/<name>.md`; return it unchanged.

    Its numbers must be rounded already: the files are byte-identical on every run.
    """
    with paths.write_atomically(paths.FIGURES / f"{name}.csv") as temporary:
        table.to_csv(temporary, lineterminator="\n")
    with paths.write_atomically(paths.FIGURES / f"{name}.md") as temporary:
        temporary.write_bytes((table.to_markdown() + "\n").encode())
    return table
