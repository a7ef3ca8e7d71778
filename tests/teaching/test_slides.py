"""The slides: what a cell's type and text make of it, and whether the pages fit a projector."""

import nbformat
import pytest

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.teaching import slides

SIZE = {"width": 1280, "height": 720}
TEXT = """Before the heading.

## 1. A heading

First paragraph, with [a link](03_evaluation.ipynb).

## 2. Another

Text that is said. **Predict:** how many?

- a list

<details><summary>Answer</summary>

Many.
</details>

## 3. The last

What follows."""
# For each slide: its number of pixels that don't fit, and the beginning of its text.
OVERFLOW = """() => Reveal.getSlides().map(slide => {
  const { h, v } = Reveal.getIndices(slide);
  Reveal.slide(h, v, 99);
  const excess = [slide.scrollHeight - 720, slide.scrollWidth - 1280];
  return [Math.max(...excess), slide.innerText.slice(0, 60)];
})"""


def test_a_text_is_divided_between_slides_and_notes():
    parts = slides.split_text(TEXT)
    assert parts[0] == ("", "Before the heading.")
    assert parts[1] == ("## 1. A heading\n\nFirst paragraph, with a link.", "")
    shown, said = parts[2]
    assert shown == "## 2. Another\n\n**Predict:** how many?\n\n- a list"
    assert "Text that is said." in said and "Many." in said
    assert parts[3] == ("## 3. The last\n\nWhat follows.", "")


def test_a_last_heading_stays_alone_above_what_continues_it():
    assert slides.split_text(TEXT, continued=True)[3] == ("## 3. The last", "What follows.")


def test_a_heading_that_says_nothing_more_is_left_out():
    assert slides.split_text("**Text**\n\n## 8. The end") == [("**Text**", "")]


def test_headings_that_follow_each_other_are_on_one_slide():
    (part,) = slides.split_text("## 2. Above\n\n### Below\n\n**Claim.** It is so.")
    assert part == ("## 2. Above\n\n### Below\n\n**Claim.** It is so.", "")


def code(source, kind, *outputs):
    metadata = {"slideshow": {"slide_type": kind}} if kind else {}
    made = [nbformat.v4.new_output("stream", text=text) for text in outputs]
    return nbformat.v4.new_code_cell(source, outputs=made, metadata=metadata)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """A function that writes the slides of a notebook and returns the page's text."""
    if not slides.REVEAL.exists():
        pytest.skip("needs reveal.js (npm install)")

    def write(*cells):
        folder = tmp_path / "notebooks"
        folder.mkdir()
        nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), folder / "01_small.ipynb")
        monkeypatch.setattr(paths, "NOTEBOOKS", folder)
        monkeypatch.setattr(slides, "OUTPUT", tmp_path)
        (page,) = slides.write()
        return page.read_text(encoding="utf-8")

    return write


def test_only_cells_with_a_slide_type_are_shown_with_their_result_or_their_code(written):
    page = written(
        code("with_result = 1", "slide", "the result"),
        code("def without_result(): ...", "-"),
        code("print(2)", "skip", "skipped"),
        code("print(3)", None, "unmarked"),
    )
    assert "the result" in page and "without_result" in page
    assert not any(text in page for text in ("with_result = 1", "skipped", "unmarked"))


def test_missing_reveal_is_explained(monkeypatch, tmp_path):
    monkeypatch.setattr(slides, "REVEAL", tmp_path)
    with pytest.raises(Problem, match="run `npm install`"):
        slides.write()


def test_every_lesson_has_slides():
    numbers = [path.name[:2] for path, _ in slides.lessons()]
    assert numbers == ["01", "02", "03", "04", "05", "06", "07"]


@pytest.mark.slow
def test_no_slide_overflows_and_no_page_contacts_another_host(chromium, tmp_path, monkeypatch):
    if not slides.REVEAL.exists():
        pytest.skip("needs reveal.js (npm install)")
    monkeypatch.setattr(slides, "OUTPUT", tmp_path)
    asked, overflowing = [], []
    with chromium() as context:
        page = context.new_page()
        page.set_viewport_size(SIZE)
        page.on("request", lambda request: asked.append(request.url))
        for path in slides.write():
            page.goto(path.as_uri())
            page.wait_for_function("Reveal.isReady()")
            measured = page.evaluate(OVERFLOW)
            overflowing += [(path.stem, text) for excess, text in measured if excess > 0]
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert overflowing == []
