"""The lesson pages: their minutes add up, their sections exist, and they quote no result."""

import re

import nbformat
import pytest
from support import lesson_counts

from fer_lib import paths

FOLDER = paths.REPOSITORY / "teaching"
LESSONS = sorted(FOLDER.glob("0*.md"))
DOUBLE_LESSON = 90
PARTS = (
    "**Aim**",
    "## Plan",
    "## Misconceptions",
    "## Discuss",
    "## If you are late",
    "## Answers",
)
ROW = re.compile(r"^\| (?P<minutes>\d+) \| (?P<section>\d+) \| (?:teach|do) \|", re.MULTILINE)
IN_CLASS = re.compile(
    r"^\| \[.*\]\((?P<page>[\w.]+)\) \|.*\| (?P<minutes>\d+) min \|$", re.MULTILINE
)
RESULT = re.compile(r"\d+(?:\.\d+)?%(?! confidence interval)")
QUESTION = re.compile(r"`([a-z]+(?:-[a-z]+)+)`")


def read(path):
    return path.read_text(encoding="utf-8")


def minutes(page):
    return sum(int(number) for number in re.findall(r"^\| (\d+) \|", read(page), re.MULTILINE))


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    return request.param


def test_there_is_a_page_for_each_lesson():
    notebooks = [path.stem for path in sorted(paths.NOTEBOOKS.glob("0[1-7]_*.ipynb"))]
    assert [path.stem for path in LESSONS] == notebooks


def test_a_page_has_all_parts(lesson):
    text = read(lesson)
    places = [text.find(part) for part in PARTS]
    assert -1 not in places and places == sorted(places)


def test_the_minutes_of_the_table_are_those_of_the_plans():
    listed = {
        row["page"]: int(row["minutes"]) for row in IN_CLASS.finditer(read(FOLDER / "README.md"))
    }
    pages = [*LESSONS, FOLDER / "ethics.md"]
    assert listed == {page.name: minutes(page) for page in pages}


def test_three_double_lessons_are_long_enough():
    first, second, third, fourth, *rest = map(minutes, LESSONS)
    assert [first + third, second + fourth, sum(rest)] == [DOUBLE_LESSON] * 3


def test_the_day_gives_each_lesson_its_minutes():
    times = re.findall(
        r"^\| (\d+):(\d\d) \| ([\w ]+) \|$", read(FOLDER / "README.md"), re.MULTILINE
    )
    starts = [60 * int(hour) + int(minute) for hour, minute, _ in times]
    for (_, _, what), start, end in zip(times, starts, starts[1:], strict=False):
        if what.startswith("Lesson"):
            (page,) = FOLDER.glob(f"{what[-2:]}_*.md")
            assert end - start == minutes(page), what
        elif what.startswith("Ethics"):
            assert end - start == minutes(FOLDER / "ethics.md")


def test_the_sections_exist_in_the_notebook(lesson):
    notebook = nbformat.read(paths.NOTEBOOKS / f"{lesson.stem}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    sections = set(re.findall(r"^## (\d+)\.", text, re.MULTILINE))
    named = {row["section"] for row in ROW.finditer(read(lesson))}
    assert named and named <= sections


def test_the_questions_are_those_of_the_notebook_and_its_appendix(lesson):
    notebooks = paths.NOTEBOOKS.glob(f"*_{lesson.stem[3:]}.ipynb")
    cells = [cell for path in notebooks for cell in nbformat.read(path, as_version=4).cells]
    asked = {name for cell in cells for name in re.findall(r'ask\(\s*"([\w-]+)"', cell.source)}
    assert set(QUESTION.findall(read(lesson))) == asked


def test_the_counts_in_the_readme_are_those_of_the_notebooks():
    assert lesson_counts.table() in read(FOLDER / "README.md")


@pytest.mark.parametrize(
    "path", sorted(paths.NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.stem
)
def test_results_are_counted_as_the_captions_of_figures_say(path):
    counted, said = {}, {}
    for cell, recorded in lesson_counts.results(nbformat.read(path, as_version=4)):
        pages = [output.get("data", {}).get("text/html", "") for output in cell.outputs]
        captions = re.findall("<figcaption>(.*)</figcaption>", "".join(pages))
        if captions:
            counted[cell.id], said[cell.id] = recorded, "recorded" in captions[0].lower()
    assert counted and counted == said


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_no_page_quotes_a_result(page):
    """Except for the paper's own, in quotation marks."""
    assert RESULT.findall(read(page).replace('"51%"', "")) == []
