"""The exercises, released and graded by nbgrader as a teacher would, for three students."""

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import nbformat
import pytest
from support.wrong_answers import WRONG_ANSWERS

from fer_lib import paths

EXERCISES = paths.REPOSITORY / "exercises"
README = (EXERCISES / "README.md").read_text(encoding="utf-8")
NAMES = sorted(path.name for path in (EXERCISES / "source").iterdir())
STUDENTS = RIGHT, WRONG, EMPTY = "right", "wrong", "empty"
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS", re.DOTALL)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
TASK = re.compile(r"^## Task (\d): .+ \((\d+) minutes, (\d) points\)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def read(folder, name):
    return nbformat.read(folder / name / f"{name}.ipynb", as_version=4)


def source(name):
    return read(EXERCISES / "source", name)


def student_version(name):
    return read(EXERCISES / "release", name)


def text_of(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def graded_cells(notebook, kind):
    """{grade_id: cell} of the cells whose nbgrader metadata says `kind`, "solution" or "grade"."""
    cells = (cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get(kind))
    return {cell.metadata["nbgrader"]["grade_id"]: cell for cell in cells}


def nbgrader(folder, *arguments):
    """Run nbgrader in a course's folder. It looks for its migration tool on the PATH."""
    environment = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    command = [sys.executable, "-m", "nbgrader", *arguments]
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


def submit(folder, student, name, answers):
    """Hand in a student version with answers {grade_id: code}."""
    notebook = read(folder / "release", name)
    for task, cell in graded_cells(notebook, "solution").items():
        cell.source = answers.get(task, cell.source)
    place = folder / "submitted" / student / name
    place.mkdir(parents=True)
    nbformat.write(notebook, place / f"{name}.ipynb")


def answers_of(student, name):
    if student == RIGHT:
        return {task: cell.source for task, cell in graded_cells(source(name), "solution").items()}
    wrong = WRONG_ANSWERS if student == WRONG else []
    return {answer.task: answer.code for answer in wrong if answer.exercise == name}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the exercises, released, and submitted and graded for each of `STUDENTS`."""
    pytest.importorskip("nbgrader")
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(EXERCISES / "nbgrader_config.py", folder)
    shutil.copytree(EXERCISES / "source", folder / "source")
    nbgrader(folder, "generate_assignment", "*")
    for name in NAMES:
        for student in STUDENTS:
            submit(folder, student, name, answers_of(student, name))
    with ThreadPoolExecutor() as pool:  # a kernel mostly waits
        list(pool.map(lambda student: grade(folder, student), STUDENTS))
    return folder


def grade(folder, student):
    """Grade all that a student handed in. Each has a database, since SQLite takes one writer."""
    shutil.copy(folder / "gradebook.db", folder / f"{student}.db")
    database = f"--CourseDirectory.db_url=sqlite:///{folder / student}.db"
    nbgrader(folder, "autograde", "*", "--student", student, database)


@pytest.fixture(scope="module")
def submissions(course):
    """{student: {exercise: nbgrader's submission}}."""
    from nbgrader.api import Gradebook

    with ExitStack() as stack:
        books = {
            student: stack.enter_context(Gradebook(f"sqlite:///{course / student}.db", "fer"))
            for student in STUDENTS
        }
        yield {
            student: {name: book.find_submission(name, student) for name in NAMES}
            for student, book in books.items()
        }


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_student_version_is_what_nbgrader_generates(course, name):
    assert student_version(name) == read(course / "release", name)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_right_answers_get_all_points_and_wrong_or_empty_ones_none(submissions, name):
    scores = {student: submissions[student][name].score for student in STUDENTS}
    most = submissions[RIGHT][name].max_score
    assert most > 0
    assert scores == {RIGHT: most, WRONG: 0, EMPTY: 0}
    print(f"{name}: {most:g} points, {scores}")


@pytest.mark.slow
@pytest.mark.parametrize("answer", WRONG_ANSWERS, ids=lambda answer: answer.task)
def test_the_test_explains_the_mistake(course, answer):
    notebook = read(course / "autograded" / WRONG, answer.exercise)
    (error,) = graded_cells(notebook, "grade")[f"test-{answer.task}"].outputs
    assert error.ename == "AssertionError"
    assert answer.message in error.evalue


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_right_answers_cause_no_error_and_no_warning(course, name):
    notebook = read(course / "autograded" / RIGHT, name)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [each for each in outputs if each.output_type == "error"] == []
    assert [each for each in outputs if each.get("name") == "stderr"] == []


@pytest.mark.slow
def test_downloaded_files_are_collected_by_student(course, tmp_path):
    name = NAMES[0]
    shutil.copy(course / "nbgrader_config.py", tmp_path)
    archive = tmp_path / "downloaded" / name / "archive"
    archive.mkdir(parents=True)
    shutil.copy(course / "release" / name / f"{name}.ipynb", archive / f"ana_maria_{name}.ipynb")
    nbgrader(tmp_path, "zip_collect", name)
    assert read(tmp_path / "submitted" / "ana_maria", name) == read(course / "release", name)


@pytest.mark.parametrize("name", NAMES)
def test_the_student_version_has_neither_solutions_nor_hidden_tests(name):
    text, shown = text_of(source(name)), text_of(student_version(name))
    kept = set(HIDDEN.sub("", SOLUTION.sub("", text)).splitlines())
    for pattern in (HIDDEN, SOLUTION):
        blocks = pattern.findall(text)
        assert blocks
        secret = set("\n".join(blocks).splitlines()) - kept
        assert secret & set(shown.splitlines()) == set()
    assert "HIDDEN TESTS\n" not in shown
    assert "BEGIN SOLUTION" not in shown


@pytest.mark.parametrize("name", NAMES)
def test_each_task_has_its_minutes_its_points_and_a_wrong_answer(name):
    notebook = source(name)
    tasks = [tuple(map(int, task)) for task in TASK.findall(text_of(notebook))]
    numbers, minutes, points = zip(*tasks, strict=True)
    assert numbers == tuple(range(1, len(tasks) + 1))
    assert 3 <= len(tasks) <= 5
    assert f"**Time**: {sum(minutes)} minutes, {len(tasks)} tasks." in notebook.cells[0].source
    assert 20 <= sum(minutes) <= 40
    tests = graded_cells(notebook, "grade")
    assert tuple(cell.metadata["nbgrader"]["points"] for cell in tests.values()) == points
    row = rf"\(release/{name}/{name}\.ipynb\) \| .+ \| {sum(minutes)} \| {sum(points)} \|"
    assert re.search(row, README), "the README's table needs this exercise, its minutes, and points"
    answers = [answer.task for answer in WRONG_ANSWERS if answer.exercise == name]
    assert answers == list(graded_cells(notebook, "solution"))
    assert [f"test-{task}" for task in answers] == list(tests)


@pytest.mark.parametrize("name", NAMES)
def test_is_committed_without_outputs_and_links_to_its_lesson(name):
    for folder in ("source", "release"):
        notebook = read(EXERCISES / folder, name)
        assert [cell for cell in notebook.cells if cell.get("outputs")] == []
        links = {link.partition("#")[0] for link in LINK.findall(text_of(notebook))}
        assert f"../../../notebooks/{name}.ipynb" in links
        assert [link for link in links if not (EXERCISES / folder / name / link).exists()] == []
