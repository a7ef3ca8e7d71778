"""What the website needs and the sources lack: contents, links to the library, screenshots."""

import importlib
import re
import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_markdown_cell

LIBRARY_LINK = re.compile(r"\[([^][]+)\]\((?:\.\./)*(fer_lib(?:/\w+)*)(?:\.py)?\)")
EMPTY_HEADER = re.compile(r"<th\b([^>]*)>((?:\s|&nbsp;)*)</th>")
WIDGET = "application/vnd.jupyter.widget-view+json"
WITH_DEMO = ("notebooks/06_live_demo", "notebooks/07_website")
DEMO = """
```{admonition} Try it now
:class: tip
<a href="%s">The live demo in your browser</a> needs no installation, and your camera's frames \
stay on your device.
```

"""
CHECKED = re.compile(r"^# NBVAL_CHECK_OUTPUT\n+", re.MULTILINE)
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

*A widget works only in Jupyter, so this page has none. \
<a href="../demo/index.html">The live demo in your browser</a> needs no installation.*"""
CONTENTS = """

```{toctree}
:caption: The course
:glob:
:hidden:
notebooks/*
```

```{toctree}
:caption: Exercises
:glob:
:hidden:
For students and teachers <exercises/README>
exercises/release/*/*
```

```{toctree}
:caption: For teachers
:glob:
:hidden:
Teaching the course <teaching/README>
teaching/*
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
    app.connect("builder-inited", remove_earlier_pages, priority=0)
    app.connect("source-read", adapt)
    app.connect("autodoc-skip-member", skip_field)
    app.connect("build-finished", copy_front_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def remove_earlier_pages(app):
    """Remove the library's generated pages, which may be of modules that are gone."""
    shutil.rmtree(Path(app.confdir) / "api", ignore_errors=True)


def adapt(app, name, source):
    """Change a page's source before it is parsed.

    Args:
        app: The Sphinx application.
        name: The page: its path in the repository, without the ending.
        source: A list of the source alone, changed in place.
    """
    text = source[0]
    if name == app.config.root_doc:
        text = text.replace("\n## ", DEMO % "demo/index.html" + "\n## ", 1) + CONTENTS
    if name.startswith("notebooks/"):
        text = for_reading(text, name in WITH_DEMO)
    source[0] = LIBRARY_LINK.sub(_link_to_docstring, text)


def for_reading(text, demo):
    """Change a notebook for readers without a kernel: screenshots in place of widgets.

    Args:
        text: The notebook, as JSON.
        demo: Whether to link to the demo after its first cell.

    Returns:
        The changed notebook, as JSON. The comments for nbval are gone, too.

    Raises:
        KeyError: If a cell shows a widget without a screenshot.
    """
    notebook = nbformat.reads(text, as_version=4)
    notebook.cells = [part for cell in notebook.cells for part in _without_widgets(cell)]
    for cell in notebook.cells:
        cell.source = CHECKED.sub("", cell.source)
        for output in cell.get("outputs", []):
            _mark_up_corners(output.get("data", {}))
    if demo:
        notebook.cells.insert(1, new_markdown_cell(DEMO % "../demo/index.html"))
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


def _mark_up_corners(data):
    """Turn the empty headers of pandas' tables into plain cells: they head nothing."""
    if "text/html" in data:
        data["text/html"] = EMPTY_HEADER.sub(r"<td\1>\2</td>", data["text/html"])


def _link_to_docstring(match):
    """A link to a module's or function's page, in place of one to its file."""
    text, module = match[1].strip("`"), match[2].replace("/", ".")
    name = text.removesuffix("()").rpartition(".")[2]
    documented = callable(getattr(importlib.import_module(module), name, None))
    return f"{{py:obj}}`{text} <{module}{f'.{name}' if documented else ''}>`"


def skip_field(app, kind, name, member, skip, options):
    """Leave out a named tuple's fields: their docstrings say only which number they have."""
    return skip or (member.__doc__ or "").startswith("Alias for field number")


def copy_front_page(app, error):
    """Write the README's page as `index.html`, which servers show first."""
    if error is None:
        folder = Path(app.outdir)
        shutil.copy(folder / f"{app.config.root_doc}.html", folder / "index.html")
