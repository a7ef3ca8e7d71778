"""What the website's pages need and the sources lack: contents, links to the library, screenshots."""

import importlib
import re
import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

LIBRARY_LINK = re.compile(r"\[([^][]+)\]\((?:\.\./)*(fer_lib(?:/\w+)*)(?:\.py)?\)")
WIDGET = "application/vnd.jupyter.widget-view+json"
WITH_DEMO = ("notebooks/06_live_demo", "notebooks/07_website")
DEMO = """```{tip}
<a href="../demo/index.html">Try the demo in your browser</a>. It needs no installation.
```"""
# A screenshot for each cell that shows a widget, by its last line, and what it shows. Notebook 06
# itself shows the first widget's.
SCREENSHOTS = {
    "camera_view": "",
    "clip_view": "![The live view with the synthetic clip: a box around the drawn face, its label, "
    "and seven bars; below them the rate and the latency.](../figures/live_clip.png)",
    "UploadPanel()": "![The upload panel with a photograph: a box around the face and a bar for "
    "each of the seven expressions.](../figures/live_upload.png)",
}
NEEDS_JUPYTER = """

*This widget works only in Jupyter. <a href="../demo/index.html">The demo in your browser</a> \
needs no installation.*"""
CONTENTS = """

```{toctree}
:caption: The course
:glob:
:hidden:
notebooks/*
```

```{toctree}
:caption: Reference
:hidden:
The library <docs/library>
The data <data/README>
The shipped model <data/models/README>
Figures and tables <figures/README>
The website's API <fer_lib/web/README>
```

```{toctree}
:caption: The project
:hidden:
CONTRIBUTING
CHANGELOG
```
"""


def setup(app):
    app.connect("source-read", adapt)
    app.connect("build-finished", copy_front_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def adapt(app, name, source):
    """Change a page's source before it is parsed.

    Args:
        app: The Sphinx application.
        name: The page: its path in the repository, without the ending.
        source: A list of the source alone, changed in place.
    """
    text = source[0]
    if name == app.config.root_doc:
        text += CONTENTS
    if name.startswith("notebooks/"):
        text = with_screenshots(text, name in WITH_DEMO)
    source[0] = LIBRARY_LINK.sub(_link_to_docstring, text)


def with_screenshots(text, demo):
    """Show screenshots where a notebook shows widgets, which would be blank without a kernel.

    Args:
        text: The notebook, as JSON.
        demo: Whether its first cell is followed by a link to the demo.

    Returns:
        The changed notebook, as JSON.

    Raises:
        KeyError: If a cell shows a widget without a screenshot.
    """
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells = [part for cell in notebook.cells for part in _without_widgets(cell)]
    if demo:
        notebook.cells.insert(1, new_markdown_cell(DEMO))
    return nbformat.writes(notebook)


def _without_widgets(cell):
    """The cell; if it shows a widget, without the widget, and its screenshot."""
    outputs = cell.get("outputs", [])
    plain = [output for output in outputs if WIDGET not in output.get("data", {})]
    if len(plain) == len(outputs):
        return [cell]
    screenshot = SCREENSHOTS[cell.source.splitlines()[-1]]
    cell.outputs = plain
    return [cell, new_markdown_cell(screenshot + NEEDS_JUPYTER)]


def _link_to_docstring(match):
    """A link to a module's or function's page, in place of one to its file."""
    text, module = match[1].strip("`"), match[2].replace("/", ".")
    name = text.removesuffix("()").rpartition(".")[2]
    documented = callable(getattr(importlib.import_module(module), name, None))
    return f"{{py:obj}}`{text} <{module}{f'.{name}' if documented else ''}>`"


def copy_front_page(app, error):
    """Write the README's page as `index.html`, which servers show first."""
    if error is None:
        folder = Path(app.outdir)
        shutil.copy(folder / f"{app.config.root_doc}.html", folder / "index.html")
