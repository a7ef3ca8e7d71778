"""A question as readers meet it: in JupyterLab, trusted or not, in Voilà, and in a static page."""

import io

import pytest

pytest.importorskip("playwright")

import nbformat
from matplotlib.font_manager import findfont
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import expect
from support.pages import violations

from fer_lib import paths
from fer_lib.benchmarks.notebook_server import PATIENCE
from fer_lib.questions import question

NAME = "always-happy"
QUESTION = question.find(NAME)
ANSWER = 24.7  # of FER2013's test images; here only to have one of the choices right
LABELS = [choice.label(QUESTION.unit) for choice in QUESTION.choices]
RIGHT = LABELS.index(QUESTION.right_choice(ANSWER).label(QUESTION.unit))
WRONG = (RIGHT + 1) % len(LABELS)


@pytest.fixture(scope="module", autouse=True)
def asked(lab):
    """A notebook that asks the question, executed by somebody else: not trusted."""
    source = f"from fer_lib import questions\nquestions.ask({NAME!r}, {ANSWER})"
    path = lab.folder / lab.write("question.ipynb", source)
    notebook = nbformat.read(path, as_version=4)
    nbformat.write(NotebookClient(notebook).execute(), path)


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request, chromium):
    expect.set_options(timeout=1000 * PATIENCE)
    with chromium() as context:
        context.set_default_timeout(1000 * PATIENCE)
        page = context.new_page()
        page.emulate_media(color_scheme=request.param)
        page.theme = request.param
        yield page


@pytest.fixture(scope="module")
def pictures(request):
    """Screenshots by place, both answers open: one above the other in figures/ with `--figures`."""
    taken = {}
    yield taken
    if request.config.getoption("figures"):
        below_each_other(taken).save(paths.FIGURES / "questions.png", optimize=True)


def below_each_other(taken):
    """One image of several, each below its name."""
    images = {name: Image.open(io.BytesIO(content)) for name, content in taken.items()}
    width = max(image.width for image in images.values())
    height = sum(image.height + 40 for image in images.values())
    whole = Image.new("RGB", (width + 20, height), "white")
    draw, font, top = ImageDraw.Draw(whole), ImageFont.truetype(findfont("DejaVu Sans"), 16), 0
    for name, image in images.items():
        draw.text((10, top + 8), name, "black", font)
        whole.paste(image, (10, top + 34))
        top += image.height + 40
    return whole


def opened_in_jupyterlab(lab, page):
    lab.open(page, "question.ipynb")
    theme = f"JupyterLab {page.theme.title()}"
    page.evaluate(f"jupyterapp.commands.execute('apputils:change-theme', {{theme: '{theme}'}})")
    light = str(page.theme == "light").lower()
    page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")


def check(page):
    """Answer wrong, then right, by the keyboard; nothing is told before, and axe finds no fault.

    Returns a screenshot of both answers.
    """
    box = page.get_by_role("group", name=QUESTION.text)
    summaries = box.locator("summary")
    assert summaries.all_inner_texts() == LABELS
    assert not box.get_by_text("Right.").is_visible()
    for index, verdict in ((WRONG, "Not quite."), (RIGHT, "Right.")):
        summaries.nth(index).focus()
        page.keyboard.press("Enter")
        feedback = f"{verdict} {QUESTION.choices[index].feedback}"
        expect(box.locator("p").nth(index)).to_have_text(feedback)
        expect(box.locator("p").nth(index)).to_be_visible()
    assert violations(page, "fieldset") == []
    return box.screenshot()


def test_in_jupyterlab_without_trust_and_with_it(lab, page, pictures):
    opened_in_jupyterlab(lab, page)
    trusted = "jupyterapp.shell.currentWidget.model.cells.get(0).trusted"
    assert not page.evaluate(trusted)
    check(page)
    page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
    page.wait_for_function(trusted)
    expect(page.locator("details[open]")).to_have_count(0)
    pictures.setdefault("JupyterLab", check(page))


def test_in_voila(lab, page, pictures):
    page.goto(lab.address("voila/render/question.ipynb") + f"&theme={page.theme}")
    page.get_by_role("group").first.wait_for()
    pictures.setdefault("Voilà", check(page))


def test_in_a_static_page_without_scripts_and_network(lab, page, pictures, tmp_path):
    exporter = HTMLExporter(theme=page.theme, embed_images=True)
    html, _ = exporter.from_filename(lab.folder / "question.ipynb")
    path = tmp_path / "question.html"
    path.write_text(html, encoding="utf-8")
    page.route("http*://**", lambda route: route.abort())
    page.goto(path.as_uri())
    pictures.setdefault("A static page", check(page))
    page.unroute("http*://**")
