"""A question: read from a file, the right choice found, and HTML that every reader can use."""

import math
from html.parser import HTMLParser

import numpy as np
import pytest

from fer_lib import paths, questions
from fer_lib.exceptions import Problem
from fer_lib.questions import question

NUMERIC = """
[half]
question = "What is <b>half</b> of four & why?"
unit = "%"
choices = [
    {range = [-inf, 1], feedback = "Too low."},
    {range = [1, 3], feedback = "Two & two."},
    {range = [3, inf], feedback = "Too <high>."},
]
"""
TEXTUAL = """
[color]
question = "Which color?"
choices = [{answer = "red", feedback = "No."}, {answer = "blue", feedback = "Yes."}]
"""


class Structure(HTMLParser):
    """The elements of HTML, checked to be closed in order, and the text in each of some kinds."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def count(self, tag):
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture
def read(tmp_path):
    """A function that reads questions from a text."""

    def read_text(text):
        (tmp_path / "some.toml").write_text(text, encoding="utf-8")
        return question.read_all(tmp_path)

    return read_text


def labels(asked):
    return [choice.label(asked.unit) for choice in asked.choices]


def test_choices_are_written_with_their_unit(read):
    assert labels(read(NUMERIC)["half"]) == ["below 1%", "1 to 3%", "3% or more"]
    assert labels(read(TEXTUAL)["color"]) == ["red", "blue"]
    assert question.Choice((-0.5, 1500), "x").label(" points") == "−0.5 to 1500 points"


@pytest.mark.parametrize(
    ("answer", "index"), [(-5, 0), (0.99, 0), (1, 1), (np.float32(2.5), 1), (np.int64(3), 2)]
)
def test_the_right_choice_is_the_range_that_holds_the_number(read, answer, index):
    asked = read(NUMERIC)["half"]
    assert asked.right_choice(answer) is asked.choices[index]


def test_the_right_choice_is_the_one_with_the_text(read):
    asked = read(TEXTUAL)["color"]
    assert asked.right_choice("blue").feedback == "Yes."


@pytest.mark.parametrize("answer", [math.nan, "2", None])
def test_an_answer_that_no_range_holds_is_refused(read, answer):
    with pytest.raises(Problem, match="half"):
        read(NUMERIC)["half"].right_choice(answer)


@pytest.mark.parametrize("answer", ["green", 3, ""])
def test_an_answer_that_is_no_choice_is_refused(read, answer):
    with pytest.raises(Problem, match="color"):
        read(TEXTUAL)["color"].right_choice(answer)


def test_an_answer_in_two_ranges_is_refused(read):
    asked = read(NUMERIC.replace("[3, inf]", "[2, inf]"))["half"]
    assert asked.right_choice(1.5) is asked.choices[1]
    with pytest.raises(Problem, match="2 choices"):
        asked.right_choice(2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"What', '"What\n', "not valid TOML"),
        ('question = "What is <b>half</b> of four & why?"', "", "no text"),
        ('feedback = "Too low."', 'feedback = ""', "without feedback"),
        ("range = [1, 3]", "range = [3, 1]", "from low to high"),
        ("range = [1, 3]", "range = [1]", "from low to high"),
        ("range = [1, 3]", "rank = [1, 3]", "from low to high"),
        ("range = [1, 3]", 'answer = "two"', "mixes"),
        ("range = [1, 3]", "range = [3, inf]", "twice"),
        ("choices = [", "choices = []\nothers = [", "fewer than two"),
    ],
)
def test_a_broken_question_is_refused_in_one_line(read, old, new, message):
    assert old in NUMERIC
    with pytest.raises(Problem, match=message) as refusal:
        read(NUMERIC.replace(old, new))
    assert "some.toml" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_two_questions_of_one_name_are_refused(tmp_path):
    for name in ("one.toml", "two.toml"):
        (tmp_path / name).write_text(TEXTUAL)
    with pytest.raises(Problem, match="exists twice"):
        question.read_all(tmp_path)


def test_an_unknown_question_is_refused_with_the_known_ones():
    with pytest.raises(Problem, match="always-happy"):
        questions.ask("no such question", 1)


def test_the_html_is_a_group_with_a_legend_and_one_closed_element_per_choice(read):
    asked = read(NUMERIC)["half"]
    page = Structure(asked.to_html(asked.right_choice(2)))
    assert page.elements[0][0] == "fieldset"
    assert page.elements[1][0] == "legend"
    assert page.count("details") == page.count("summary") == page.count("p") == 3
    assert all("open" not in attributes for _, attributes in page.elements)
    # JupyterLab removes scripts, style sheets, and ids from notebooks that aren't trusted.
    assert {tag for tag, _ in page.elements} == {
        *("fieldset", "legend", "strong", "details", "summary", "p")
    }
    assert {name for _, attributes in page.elements for name in attributes} == {"style"}


def test_the_html_names_the_right_choice_once_and_escapes_all_texts(read):
    asked = read(NUMERIC)["half"]
    text = "".join(Structure(asked.to_html(asked.right_choice(2))).texts)
    assert "What is <b>half</b> of four & why?" in text
    assert text.count("Right.") == 1
    assert "Right. Two & two." in text
    assert "Not quite. Too low." in text
    assert "Not quite. Too <high>." in text


def test_plain_text_has_the_question_and_the_choices_but_no_verdict(read):
    text = read(NUMERIC)["half"].to_text()
    assert text.splitlines()[1:] == ["- below 1%", "- 1 to 3%", "- 3% or more"]
    assert "Right" not in text
    assert "Two" not in text


def test_asking_displays_html_and_plain_text(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "IPython.display.display", lambda content, raw: shown.append((content, raw))
    )
    questions.ask("always-happy", 24.7)
    asked = question.find("always-happy")
    html = asked.to_html(asked.right_choice(24.7))
    assert shown == [({"text/html": html, "text/plain": asked.to_text()}, True)]


def test_each_file_belongs_to_a_notebook_that_asks_its_questions_in_their_order():
    for path in sorted(question.FOLDER.glob("*.toml")):
        (notebook,) = paths.NOTEBOOKS.glob(f"[0-9][0-9]_{path.stem}.ipynb")
        source = notebook.read_text(encoding="utf-8")
        places = [source.find(rf"questions.ask(\"{each.name}\"") for each in question.read(path)]
        assert -1 not in places
        assert places == sorted(places)
