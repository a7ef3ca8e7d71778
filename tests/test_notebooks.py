"""Every notebook is committed executed, clean and in the shape that readers can rely on."""

import ast
import importlib
import inspect
import re
import statistics
from pathlib import Path

import nbformat
import pytest

from fer_lib import paths
from fer_lib.questions import question

NOTEBOOKS = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
# The notebooks that ask questions have them in a file of their name.
WITH_QUESTIONS = [
    path for path in NOTEBOOKS if (question.FOLDER / path.name[3:]).with_suffix(".toml").exists()
]
MARKER = "# NBVAL_CHECK_OUTPUT"
# A folder of somebody's machine, as a POSIX or a Windows path.
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.:/~-])/(?:home|Users|root|tmp|work|var|usr|opt|mnt|content|kaggle)/|\b[A-Z]:\\\w"
)
DATA_ADDRESS = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
IMAGE_TAG = re.compile(r"<img\b[^>]*>")
ALT_TEXT = re.compile(r"""\balt=(?:"[^"]*\w[^"]*"|'[^']*\w[^']*')""")
MARKDOWN_IMAGE_WITHOUT_ALT_TEXT = re.compile(r"!\[\s*\]\(")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)|<(?:img|a)\b[^>]*(?:src|href)=\"([^\"]+)\"")
FENCED = re.compile(r"```.*?```", re.DOTALL)
PAGES = [
    *paths.REPOSITORY.glob("*.md"),
    *(paths.REPOSITORY / folder / "README.md" for folder in ("data", "data/models", "figures")),
    paths.REPOSITORY / "fer_lib" / "web" / "README.md",
    *(paths.REPOSITORY / "teaching").glob("*.md"),
]
# A notebook links the module that draws its figures, rather than each of its functions.
FIGURES = paths.REPOSITORY / "fer_lib" / "plots"
NAMED_PLOTS = {FIGURES / "output.py", FIGURES / "style.py"}


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


def markdown(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def links(text):
    """The (text, address) of all links and images outside of code."""
    found = LINK.findall(FENCED.sub("", text))
    return [(text, address or other) for text, address, other in found]


def broken_links(text, folder):
    """The relative links that lead to no file, and to no heading of this page."""
    addresses = [address.partition("#")[0] for _, address in links(text)]
    relative = [address for address in addresses if address and "://" not in address]
    return [address for address in relative if not (folder / address).exists()]


def test_links_are_found_and_broken_ones_told(tmp_path):
    (tmp_path / "here.md").touch()
    text = """[a](here.md) ![b](gone.png) [c](https://example.org/x) [d](here.md#part) [e](#top)
    <img src="lost.png" alt="f"> <a href="here.md">[`g`](code.md)</a>
    ```python
    models["one"](two)
    ```"""
    assert broken_links(text, tmp_path) == ["gone.png", "lost.png", "code.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(paths.REPOSITORY)))
def test_every_relative_link_of_a_page_leads_to_a_file(page):
    assert broken_links(page.read_text(encoding="utf-8"), page.parent) == []


def test_every_relative_link_leads_to_a_file(notebook):
    assert broken_links(markdown(notebook), paths.NOTEBOOKS) == []


def imports(tree):
    """What code imports from the library: {name in the code: module, function, or class}."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] == "fer_lib":
            module = importlib.import_module(node.module)
            names = {alias.asname or alias.name: alias.name for alias in node.names}
            found |= {name: getattr(module, imported) for name, imported in names.items()}
    return found


def dotted(node):
    """The parts of a name such as `evaluation.interval`; of anything else, none."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return [*before, node.attr] if before else []
    return [node.id] if isinstance(node, ast.Name) else []


def helpers(notebook):
    """The library's functions and classes that a notebook uses, as {(source file, name)}."""
    tree = ast.parse("\n\n".join(cell.source for cell in code_cells(notebook)))
    imported, found = imports(tree), set()
    for node in ast.walk(tree):
        first, *rest = dotted(node) or [None]
        used = imported.get(first)
        while inspect.ismodule(used) and rest:
            used = getattr(used, rest.pop(0))
        if inspect.isfunction(used) or inspect.isclass(used):
            found.add((Path(inspect.getsourcefile(used)), used.__name__))
    return found


def test_every_helper_of_the_library_is_linked_where_it_first_appears():
    known, missing = set(), []
    for path in NOTEBOOKS:
        notebook = nbformat.read(path, as_version=4)
        linked = {
            ((paths.NOTEBOOKS / address).resolve(), text.strip("`").rpartition(".")[2])
            for text, address in links(markdown(notebook))
        }
        files = {file for file, _ in linked}
        for file, name in sorted(helpers(notebook) - known):
            figure = file.parent == FIGURES and file not in NAMED_PLOTS
            if (file not in files) if figure else ((file, name) not in linked):
                missing.append(f"{path.name}: {name} in {file.relative_to(paths.REPOSITORY)}")
        known |= helpers(notebook)
    assert missing == []


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


@pytest.fixture(params=WITH_QUESTIONS, ids=lambda path: path.stem)
def lesson(request):
    """A notebook that asks questions."""
    return nbformat.read(request.param, as_version=4)


def test_a_lesson_asks_several_questions_each_with_one_right_answer(lesson):
    asked = [cell for cell in code_cells(lesson) if "questions.ask(" in cell.source]
    assert len(asked) >= 4
    for cell in asked:
        (output,) = cell.outputs
        assert output.data["text/html"].count("<strong>Right.</strong>") == 1
        assert output.data["text/html"].count("<strong>Not quite.</strong>") >= 2


def test_a_lesson_says_predict_only_where_the_answer_is_checked(lesson):
    opening, *rest = [cell.source for cell in lesson.cells if cell.cell_type == "markdown"]
    assert "**Predict**" in opening
    assert [text for text in rest if re.search(r"\*Predict|guess =", text)] == []


def test_each_figure_of_a_lesson_says_where_its_data_come_from(lesson):
    pages = [output.get("data", {}).get("text/html", "") for output in outputs(lesson)]
    figures = [page for page in pages if "<img" in page]
    assert figures
    captions = [re.search("<figcaption>(.*)</figcaption>", page) for page in figures]
    assert all(captions)
    kinds = re.compile("[Rr]ecorded on|Live on|without data")
    assert [each[1] for each in captions if not kinds.search(each[1])] == []


def test_the_code_of_a_lesson_fits_into_a_line(lesson):
    lines = [line for cell in code_cells(lesson) for line in cell.source.splitlines()]
    assert [line for line in lines if len(line) > 100] == []
