"""Slides of the lessons, from the notebooks' own cells.

A cell is on a slide if its metadata has a slide type (in JupyterLab: property inspector, *Slide
Type*). There is no other list. What the teacher says aloud goes to the speaker's notes.
"""

import itertools
import re
from copy import deepcopy

from fer_lib import course, paths
from fer_lib.exceptions import Problem

OUTPUT = paths.REPOSITORY / "slides"
REVEAL = paths.REPOSITORY / "node_modules" / "reveal.js"
LOOK = paths.REPOSITORY / "teaching" / "slides"  # nbconvert's template: page and style
CONTINUED = ("-", "fragment")  # slide types that add to the slide before
HEADING = re.compile(r"#+ ")
NEW_SLIDE = re.compile(r"#+ |<img")
SHOWN = re.compile(r"#|\*\*|[-*] |\d+\. |\||<img|```")
PREDICTION = re.compile(r"\*+Predict(?::\*+|\*+:)")
LINK = re.compile(r"\[([^\]]*)\]\([^)\s]+\)")
# A quiz's folded answers are for the teacher.
FENCE_OR_ANSWER = re.compile(r"```.*?```|<details>.*?</details>", re.DOTALL)


def write():
    """Write one self-contained HTML page per lesson to `slides/`.

    Returns:
        The pages' paths, in the course's order.

    Raises:
        Problem: If reveal.js isn't installed.
    """
    reveal = _reveal()
    return [_write_page(*lesson, reveal) for lesson in lessons()]


def lessons():
    """Find the notebooks that have slides.

    Returns:
        A list of (path, notebook), in order.
    """
    import nbformat

    found = [(path, nbformat.read(path, as_version=4)) for path in course.notebooks()]
    return [(path, notebook) for path, notebook in found if any(map(_type, notebook.cells))]


def _type(cell):
    """The slide type of a cell, or None if it is on no slide."""
    kind = cell.metadata.get("slideshow", {}).get("slide_type")
    return None if kind == "skip" else kind


def split_text(source, continued=False):
    """Divide a text among slides, and each slide's part between the slide and the notes.

    A heading and an image start a slide. A slide shows headings, paragraphs that start in bold,
    predictions, lists, tables, images, and code. Where that is a heading alone, it shows the first
    paragraph, too. Links are left out: their addresses are relative to the notebooks' folder.

    Args:
        source: A Markdown cell's text.
        continued: Whether the next cell adds to the last slide, so that a heading is enough.

    Returns:
        A list of (shown, said) texts, one per slide. The first may have nothing to show: what is
        said then belongs to the slide before.
    """
    parts = [([], [])]
    for block in _blocks(LINK.sub(r"\1", source)):
        if NEW_SLIDE.match(block) and not _only_headings(*parts[-1]):
            parts.append(([], []))
        for side, texts in zip(parts[-1], _shown_and_said(block), strict=True):
            side.extend(texts)
    alone = parts[:-1] if continued else parts
    for shown, said in alone:
        if said and shown and all(map(HEADING.match, shown)):
            shown.append(said.pop(0))
    kept = [part for part in parts if part not in alone or not _only_headings(*part)]
    return [("\n\n".join(shown), "\n\n".join(said)) for shown, said in kept]


def _only_headings(shown, said):
    return not said and all(map(HEADING.match, shown))


def _shown_and_said(block):
    """Two lists: what of a block is shown, and what is said."""
    if SHOWN.match(block):
        return [block], []
    prediction = PREDICTION.search(block)
    if prediction is None:
        return [], [block]
    text, question = block[: prediction.start()], block[prediction.start() :]
    return [question], [text] if text else []


def _blocks(source):
    """The paragraphs of a text; a fenced block or a folded answer counts as one."""
    start = 0
    for match in FENCE_OR_ANSWER.finditer(source):
        yield from _paragraphs(source[start : match.start()])
        yield match[0]
        start = match.end()
    yield from _paragraphs(source[start:])


def _paragraphs(text):
    return [part.strip("\n") for part in re.split(r"\n\s*\n", text) if part.strip()]


def _for_slides(notebook):
    """A copy of a notebook as the slides show it."""
    marked = [cell for cell in deepcopy(notebook.cells) if _type(cell)]
    cells = []
    for cell, following in itertools.zip_longest(marked, marked[1:]):
        if cell.cell_type == "markdown":
            continued = following is not None and _type(following) in CONTINUED
            cells += _text_cells(cell.source, _type(cell), continued)
        else:
            cells.append(_code_cell(cell))
    return {**notebook, "cells": cells}


def _text_cells(source, kind, continued):
    """The cells of a text: one for each slide, followed by one for its notes."""
    cells = []
    for shown, said in split_text(source, continued):
        if shown:
            cells.append(_text_cell(shown, "slide" if cells else kind))
        if said:
            cells.append(_text_cell(said, "notes"))
    return cells


def _text_cell(text, kind):
    import nbformat

    return nbformat.v4.new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}})


def _code_cell(cell):
    """A code cell that shows its result, or its code if it has none."""
    cell.metadata.transient = {"remove_source": bool(cell.outputs)}
    return cell


def _write_page(path, notebook, reveal):
    import nbformat
    from nbconvert import SlidesExporter

    exporter = SlidesExporter(
        extra_template_basedirs=[str(LOOK.parent)],
        template_name=LOOK.name,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    resources = {"metadata": {"name": path.stem, "path": str(paths.NOTEBOOKS)}, **reveal}
    slides = nbformat.from_dict(_for_slides(notebook))
    page, _ = exporter.from_notebook_node(slides, resources)
    output = OUTPUT / f"{path.stem}.html"
    with paths.write_atomically(output) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return output


def _reveal():
    """The contents of reveal.js' files, to be written into each page."""
    files = {"css": "reveal.css", "js": "reveal.js", "notes": "plugin/notes.js"}
    try:
        parts = {key: (REVEAL / "dist" / name).read_text("utf-8") for key, name in files.items()}
    except FileNotFoundError as error:
        raise Problem(
            "The slides need reveal.js. Install Node.js, run `npm install`, and try again."
        ) from error
    return {f"reveal_{key}": text for key, text in parts.items()}
