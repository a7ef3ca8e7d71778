"""A question with its answers to choose from: read from a file, checked, and shown as plain HTML.

Each answer is a `<details>` element: it opens with a click, the keyboard, or a screen reader, and
shows its feedback. This needs no JavaScript, no kernel, and no network. So it works in notebooks
that aren't trusted and in static pages, and a run without a reader passes it.
"""

import html
import math
import numbers
import tomllib
from dataclasses import dataclass
from pathlib import Path

from fer_lib.exceptions import Problem

FOLDER = Path(__file__).parent
# Inline, because JupyterLab removes style sheets from notebooks that aren't trusted.
BOX = "border: 0 solid #0072B2; border-left-width: 4px; margin: 0.5em 0; padding: 0 1em"
QUESTION = "padding: 0.3em 0"
ANSWER = "cursor: pointer; padding: 0.3em 0"
FEEDBACK = "margin: 0 0 0.5em 1.2em"


@dataclass(frozen=True)
class Choice:
    """An answer to choose.

    Attributes:
        answer: A text, or `(low, high)`: all numbers from low up to, but not including, high.
        feedback: Why it is right, or which misconception leads there.
    """

    answer: str | tuple
    feedback: str

    def contains(self, answer):
        """Tell whether the right answer, a text or a number, is this one."""
        if isinstance(self.answer, str):
            return self.answer == answer
        low, high = self.answer
        return low <= answer < high

    def label(self, unit):
        """Say the answer in words, with the unit of its numbers."""
        if isinstance(self.answer, str):
            return self.answer
        low, high = self.answer
        if low == -math.inf:
            return f"below {_number(high)}{unit}"
        if high == math.inf:
            return f"{_number(low)}{unit} or more"
        return f"{_number(low)} to {_number(high)}{unit}"


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes:
        name: The name by which notebooks ask it.
        text: The question.
        unit: Written after numbers, for example `"%"` or `" points"`.
        choices: Tuple of `Choice`: all with texts, or all with numbers.
    """

    name: str
    text: str
    unit: str
    choices: tuple

    def right_choice(self, answer):
        """Find the right choice.

        Args:
            answer: The right answer: a choice's text, or a number.

        Returns:
            The `Choice`.

        Raises:
            Problem: If not exactly one choice fits.
        """
        textual = isinstance(self.choices[0].answer, str)
        if not isinstance(answer, str if textual else numbers.Real):
            kind = "text" if textual else "number"
            raise Problem(f"Question {self.name!r} needs a {kind} as its answer, not {answer!r}.")
        fitting = [choice for choice in self.choices if choice.contains(answer)]
        if len(fitting) != 1:
            raise Problem(
                f"{len(fitting)} choices of question {self.name!r} fit the answer {answer!r}. "
                "Change its choices so that exactly one does."
            )
        return fitting[0]

    def to_html(self, right):
        """Write the question as HTML, with a verdict in each answer.

        Args:
            right: The right `Choice`.

        Returns:
            The HTML.
        """
        legend = f"<strong>Predict:</strong> {html.escape(self.text)}"
        lines = [f'<fieldset style="{BOX}">', f'<legend style="{QUESTION}">{legend}</legend>']
        for choice in self.choices:
            verdict = "Right." if choice is right else "Not quite."
            label, feedback = html.escape(choice.label(self.unit)), html.escape(choice.feedback)
            lines += [
                f'<details><summary style="{ANSWER}">{label}</summary>',
                f'<p style="{FEEDBACK}"><strong>{verdict}</strong> {feedback}</p></details>',
            ]
        return "\n".join([*lines, "</fieldset>"])

    def to_text(self):
        """Write the question and its choices as plain text, for where HTML can't be shown."""
        labels = [f"- {choice.label(self.unit)}" for choice in self.choices]
        return "\n".join([f"Predict: {self.text}", *labels])


def ask(name, answer):
    """Show a question, before the cell that shows the answer.

    Args:
        name: Name of the question in one of the room's `.toml` files.
        answer: The right answer, computed from the data: a choice's text, or a number.

    Raises:
        Problem: If there is no such question, or not exactly one of its choices fits the answer.
    """
    from IPython.display import display

    question = find(name)
    right = question.right_choice(answer)
    # A dictionary rather than `HTML`, which would leave nothing for readers of plain text.
    display({"text/html": question.to_html(right), "text/plain": question.to_text()}, raw=True)


def find(name):
    """Read a question from the room's files.

    Args:
        name: Its name.

    Returns:
        The `Question`.

    Raises:
        Problem: If there is none, or it is incomplete.
    """
    questions = read_all()
    if name not in questions:
        raise Problem(f"No question {name!r}. Choose one of {', '.join(questions)}.")
    return questions[name]


def read_all(folder=FOLDER):
    """Read all questions.

    Args:
        folder: Folder of the `.toml` files.

    Returns:
        Dict from name to `Question`, in the order of the files.

    Raises:
        Problem: If a file or a question is broken, or two have the same name.
    """
    found = {}
    for path in sorted(Path(folder).glob("*.toml")):
        for question in read(path):
            if question.name in found:
                raise Problem(f"{path.name}: question {question.name!r} exists twice. Rename one.")
            found[question.name] = question
    return found


def read(path):
    """Read the questions of one file.

    Args:
        path: Path of the `.toml` file.

    Returns:
        List of `Question`.

    Raises:
        Problem: If the file is no TOML, or a question is broken.
    """
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Problem(f"{Path(path).name} is not valid TOML: {error}. Correct it.") from error
    return [_question(Path(path).name, name, table) for name, table in tables.items()]


def _question(file, name, table):
    """A question from its table, checked."""
    where = f"{file}: question {name!r}"
    if not isinstance(table, dict) or not table.get("question"):
        raise Problem(f'{where} has no text. Add `question = "..."`.')
    choices = tuple(_choice(where, entry) for entry in table.get("choices", ()))
    if len(choices) < 2:
        raise Problem(f"{where} has fewer than two choices. Add some.")
    if len({isinstance(choice.answer, str) for choice in choices}) > 1:
        raise Problem(f"{where} mixes texts and ranges. Use one kind.")
    if len({choice.answer for choice in choices}) < len(choices):
        raise Problem(f"{where} has the same choice twice. Remove one.")
    return Question(name, table["question"], table.get("unit", ""), choices)


def _choice(where, entry):
    """A choice from its entry, checked."""
    if not entry.get("feedback"):
        raise Problem(f"{where} has a choice without feedback. Say what misleads there.")
    if "answer" in entry:
        return Choice(entry["answer"], entry["feedback"])
    limits = tuple(entry.get("range", ()))
    if len(limits) != 2 or not limits[0] < limits[1]:
        raise Problem(
            f"{where} has a choice without an answer or a range from low to high. Add one."
        )
    return Choice(limits, entry["feedback"])


def _number(value):
    """A number without needless digits, with a true minus sign."""
    return f"{value:g}".replace("-", "−")
