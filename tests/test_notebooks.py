"""Every notebook is committed executed, clean and in the shape that readers can rely on."""

import re
import statistics

import nbformat
import pytest

from fer_lib import paths

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
MARKER = "# NBVAL_CHECK_OUTPUT"
# A folder of somebody's machine, as a POSIX or a Windows path.
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users|root|tmp|work|var|usr|opt|mnt|content|kaggle)/|\b[A-Z]:\\\w"
)
DATA_ADDRESS = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
IMAGE_TAG = re.compile(r"<img\b[^>]*>")
ALT_TEXT = re.compile(r"""\balt=(?:"[^"]*\w[^"]*"|'[^']*\w[^']*')""")
MARKDOWN_IMAGE_WITHOUT_ALT_TEXT = re.compile(r"!\[\s*\]\(")


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def outputs(notebook):
    return [output for cell in code_cells(notebook) for output in cell.outputs]


def output_text(output):
    """All text of an output, without embedded pictures."""
    parts = [output.get("text", ""), *output.get("data", {}).values()]
    return DATA_ADDRESS.sub("", "\n".join(part for part in parts if isinstance(part, str)))


def code_lines(cell):
    lines = [line.strip() for line in cell.source.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def text_around_code(notebook):
    """The text before the first code cell and the text after the last one, in lower case."""
    kinds = [cell.cell_type for cell in notebook.cells]
    first = kinds.index("code")
    last = len(kinds) - 1 - kinds[::-1].index("code")
    opening, closing = notebook.cells[:first], notebook.cells[last + 1 :]
    return tuple("\n".join(cell.source for cell in part).lower() for part in (opening, closing))


def test_is_valid(notebook):
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"


def test_was_executed_from_top_to_bottom_in_one_run(notebook):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_has_no_error_and_no_warning_in_its_outputs(notebook):
    bad = [
        output
        for output in outputs(notebook)
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert bad == []


def test_names_no_absolute_path(notebook):
    texts = [cell.source for cell in notebook.cells]
    texts += [output_text(output) for output in outputs(notebook)]
    assert [text for text in texts if ABSOLUTE_PATH.search(text)] == []


def test_neither_installs_nor_changes_the_import_path(notebook):
    forbidden = re.compile(r"sys\.path|[!%]\s*(?:\w+ -m )?(?:pip|conda|apt)|PYTHONPATH")
    assert [cell.source for cell in code_cells(notebook) if forbidden.search(cell.source)] == []


def test_cells_are_short(notebook):
    lengths = [len(code_lines(cell)) for cell in code_cells(notebook)]
    assert statistics.median(lengths) <= 5
    assert sum(length < 20 for length in lengths) >= 0.9 * len(lengths)


def test_every_picture_has_alt_text(notebook):
    tags = []
    for output in outputs(notebook):
        data = output.get("data", {})
        found = IMAGE_TAG.findall(data.get("text/html", ""))
        bare = [kind for kind in data if kind.startswith("image/")]
        assert found or not bare, f"{bare} without an <img alt=...>: show it with plots.show"
        tags += found
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    tags += IMAGE_TAG.findall("\n".join(texts))
    assert [tag[:80] for tag in tags if not ALT_TEXT.search(tag)] == []
    assert [text for text in texts if MARKDOWN_IMAGE_WITHOUT_ALT_TEXT.search(text)] == []


def test_opens_with_title_aims_time_and_needs(notebook):
    opening, _ = text_around_code(notebook)
    assert notebook.cells[0].cell_type == "markdown"
    assert opening.startswith("# ")
    assert "what you will learn" in opening
    assert re.search(r"\d+ min", opening), "how long does it take to read and to run?"
    assert re.search(r"\bneeds?\b", opening), "what does it need?"


def test_closes_with_takeaways_a_quiz_of_three_and_what_comes_next(notebook):
    _, closing = text_around_code(notebook)
    assert "takeaways" in closing
    assert "next" in closing
    quiz = closing.split("quiz", maxsplit=1)[1]
    assert re.findall(r"^\W*([1-9])\b", quiz, flags=re.MULTILINE)[:3] == ["1", "2", "3"]


def test_numbers_that_the_text_quotes_are_checked(notebook):
    checked = [cell for cell in code_cells(notebook) if MARKER in cell.source.splitlines()]
    assert checked
    assert [cell.source for cell in checked if not cell.outputs] == []
