"""Count what each notebook asks, and which of its results are computed live.

`python tests/support/lesson_counts.py` prints the table of teaching/README.md.
"""

import ast
import re
import symtable

import nbformat

from fer_lib import paths

# What reads results that were recorded before. What is computed from it counts as recorded, too.
RECORDED = re.compile(
    r"\b(?:(?:runs|ablation|reproduction)\.\w+|(?:experiments|manifest|ferplus)\.load\w*"
    r"|shipped\.run|plots\.show_saved)\b|/api/model"
)
IMAGE_TAG = re.compile(r"<img[^>]*>")
ADDRESS = re.compile(r"\(\S+?\)")
TASK = re.compile(r"## Task \d")
HEADER = (
    "| notebook | questions | minutes between them | longest | exercise tasks | live results |\n"
    "| --- | --- | --- | --- | --- | --- |"
)


def table():
    """The counts of all notebooks, as a Markdown table."""
    return "\n".join([HEADER, *map(_row, sorted(paths.NOTEBOOKS.glob("*.ipynb")))])


def results(notebook):
    """Tell which results depend on recorded ones.

    Args:
        notebook: An executed notebook.

    Returns:
        List of (cell, whether it is recorded), for each cell with outputs that isn't a question.
    """
    found, known = [], set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            recorded = [_follow(statement, known) for statement in _statements(cell)]
            if cell.outputs and not _is_question(cell):
                found.append((cell, any(recorded)))
    return found


def _statements(cell):
    parsed = ast.parse(cell.source).body
    return [each for each in parsed if not isinstance(each, ast.Import | ast.ImportFrom)]


def _follow(statement, known):
    """Whether a statement uses recorded results; `known` are the names that hold some."""
    read, bound = _names(statement)
    recorded = bool(read & known or RECORDED.search(ast.unparse(statement)))
    if recorded:
        known |= bound
    elif isinstance(statement, ast.Assign):
        known -= bound
    return recorded


def _names(statement):
    """The notebook's names that a statement reads, and those that it gives a value."""
    top, *inner = _scopes(symtable.symtable(ast.unparse(statement), "cell", "exec"))
    read = {each.get_name() for each in top.get_symbols() if each.is_referenced()}
    read |= {each.get_name() for scope in inner for each in scope.get_symbols() if each.is_global()}
    bound = {each.get_name() for each in top.get_symbols() if each.is_assigned()}
    for node in ast.walk(statement):
        if isinstance(node, ast.For):
            read -= _inside(node.target)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            bound |= _inside(node.value)
    return read, bound


def _scopes(scope):
    """A scope and all inside of it, such as functions and comprehensions."""
    yield scope
    for child in scope.get_children():
        yield from _scopes(child)


def _inside(node):
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _is_question(cell):
    return "questions.ask(" in cell.source


def _minutes(cell):
    """Time to read a cell: 200 words or 3 code cells take a minute, a figure one, a table half."""
    if cell.cell_type == "markdown":
        words = IMAGE_TAG.sub("", ADDRESS.sub("", cell.source)).split()
        return len(words) / 200 + cell.source.count("<img")
    pages = [output.get("data", {}).get("text/html", "") for output in cell.outputs]
    return 1 / 3 + sum(("<img" in page) + ("<table" in page) / 2 for page in pages)


def _between_questions(notebook):
    """Minutes from the start to the first question, and from each to the next."""
    found = [0]
    for cell in notebook.cells:
        if cell.cell_type == "code" and _is_question(cell):
            found.append(0)
        found[-1] += _minutes(cell)
    return found[:-1]


def _row(path):
    notebook = nbformat.read(path, as_version=4)
    between, recorded = _between_questions(notebook), [each for _, each in results(notebook)]
    exercise = paths.REPOSITORY / "exercises" / "source" / path.stem / path.name
    tasks = len(TASK.findall(exercise.read_text(encoding="utf-8"))) if exercise.exists() else 0
    columns = (
        path.stem[:2],
        len(between),
        f"{sum(between) / len(between):.0f}",
        f"{max(between):.0f}",
        tasks,
        f"{recorded.count(False)} of {len(recorded)}",
    )
    return f"| {' | '.join(map(str, columns))} |"


if __name__ == "__main__":
    print(table())
