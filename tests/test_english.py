"""The words of pages, notebooks, and docstrings: American English, and one term per thing."""

import io
import re
import tokenize

import nbformat
import pytest

from fer_lib import paths

# What to avoid, and the field's term for it.
TERMS = {
    r"at hand": "available",
    r"doubtful labels?": "likely label error",
    r"drawn faces": "synthetic faces",
    r"frames a second": "FPS",
    r"halvings?": "stride-2 downsampling",
    r"JPEG's traces": "JPEG artifacts",
    r"learn\w* by heart": "memorize",
    r"not sure enough": "underconfident",
    r"shall": "will",
    r"sturd(?:y|iness)": "robust",
    r"taken for": "misclassified as",
    r"taught by": "distilled from",
    r"too sure": "overconfident",
    r"trainings": "training runs",
    r"within chance": "within sampling noise",
    r"\d+ %": "a number, directly followed by %",
    r"\w*(?:colour|behaviour|neighbour|labell|modell|centre)\w*": "its American spelling",
    r"\w+(?:ogni|optimi|normali|generali|memori|initiali)s(?:e[sd]?|ing)": "its American spelling",
    r"analys(?:e|ed|ing)|learnt|whilst|grey\w*": "its American spelling",
}
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
PAGES = [
    *paths.REPOSITORY.glob("*.md"),
    *(
        page
        for folder in ("data", "exercises", "fer_lib", "figures", "teaching")
        for page in (paths.REPOSITORY / folder).rglob("*.md")
    ),
]
FILES = [*PAGES, *paths.NOTEBOOKS.glob("*.ipynb"), *(paths.REPOSITORY / "fer_lib").rglob("*.py")]


def prose(path):
    """What people read of a file: texts, and a module's comments and docstrings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        return "\n".join(token.string for token in tokens if is_prose(token))
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return CODE.sub("", text)


def is_prose(token):
    return token.type == tokenize.COMMENT or token.string.startswith('"""')


def faults(text):
    """What to avoid in a text, with what to write instead."""
    patterns = {
        re.compile(rf"(?<!\w)(?:{term})(?!\w)", re.IGNORECASE): to for term, to in TERMS.items()
    }
    return {found: to for pattern, to in patterns.items() for found in pattern.findall(text)}


def test_faults_are_found_with_their_remedy():
    assert faults("It recognises 51 % of the grey ones.") == {
        "recognises": "its American spelling",
        "51 %": "a number, directly followed by %",
        "grey": "its American spelling",
    }
    assert faults("It recognizes 51% of the gray ones; see the analyses.") == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(paths.REPOSITORY)))
def test_the_words_are_those_of_the_field(path):
    assert faults(prose(path)) == {}
