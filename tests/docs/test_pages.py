"""What the website changes in the sources: links to the library, screenshots, tables."""

import nbformat
import pages
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from fer_lib.paths import FIGURES

WIDGET = {pages.WIDGET: {"model_id": "1"}, "text/plain": "LiveView()"}


class App:
    class config:
        root_doc = "README"


def adapted(name, text):
    source = [text]
    pages.adapt(App, name, source)
    return source[0]


def cells(*given, demo=False):
    """Cells of a notebook of these, as the website shows it."""
    text = nbformat.writes(new_notebook(cells=list(given)))
    return nbformat.reads(pages.for_reading(text, demo), as_version=4).cells


def showing(source, data):
    return new_code_cell(source, outputs=[new_output("display_data", data)])


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("[`runs.load`](../fer_lib/runs.py)", "{py:obj}`runs.load <fer_lib.runs.load>`"),
        ("[`paths`](../fer_lib/paths.py)", "{py:obj}`paths <fer_lib.paths>`"),
        ("[the labels](../fer_lib/labels.py)", "{py:obj}`the labels <fer_lib.labels>`"),
        ("[`data`](fer_lib/data)", "{py:obj}`data <fer_lib.data>`"),
        ("[API](fer_lib/web/README.md)", "[API](fer_lib/web/README.md)"),
    ],
)
def test_links_to_files_of_the_library_lead_to_their_docstrings(link, shown):
    assert adapted("data/README", f"See {link}.") == f"See {shown}."


def test_the_front_page_links_to_the_demo_before_its_first_section_and_lists_all_pages():
    page = adapted("README", "# Title\n\nText.\n\n## One\n\n## Two\n")
    title, demo, sections = page.partition('<a href="demo/index.html">')
    assert "## " not in title and demo
    assert "notebooks/*" in sections


def test_a_widget_gives_way_to_its_screenshot():
    code, screenshot = cells(showing("clip_view = LiveView()\nclip_view", WIDGET))
    assert code.outputs == []
    assert "](../figures/live_clip.png)" in screenshot.source


def test_a_widget_without_a_screenshot_is_an_error():
    with pytest.raises(KeyError, match="Unknown"):
        cells(showing("Unknown()", WIDGET))


def test_every_screenshot_exists():
    for markdown in filter(None, pages.SCREENSHOTS.values()):
        name = markdown.partition("../figures/")[2].removesuffix(")")
        assert (FIGURES / name).is_file()


def test_the_demo_comes_second():
    first, demo, last = cells(new_markdown_cell("# Title"), new_code_cell("1"), demo=True)
    assert (first.source, last.source) == ("# Title", "1")
    assert "../demo/index.html" in demo.source


def test_comments_for_nbval_are_not_shown():
    (cell,) = cells(new_code_cell("# NBVAL_CHECK_OUTPUT\n\nprint(1)"))
    assert cell.source == "print(1)"


def test_an_empty_corner_of_a_table_is_no_header():
    table = '<th></th><th class="blank" >&nbsp;</th><th>low</th>'
    (cell,) = cells(showing("table", {"text/html": table}))
    shown = '<td></td><td class="blank" >&nbsp;</td><th>low</th>'
    assert cell.outputs[0].data["text/html"] == shown
