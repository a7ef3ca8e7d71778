"""The course as a website, in Chromium: wide and narrow, light and dark, without any other host."""

import contextlib
import html
import re
import shutil
import subprocess
import sys
from urllib.parse import unquote, urlsplit

import pytest
from support.pages import violations

from fer_lib.benchmarks import static_server
from fer_lib.paths import NOTEBOOKS, REPOSITORY

# All that were written by hand, and a few of the many that come from docstrings.
PAGES = (
    "index",
    *sorted(f"notebooks/{path.stem}" for path in NOTEBOOKS.glob("*.ipynb")),
    *("CHANGELOG", "CONTRIBUTING", "data/README", "data/models/README", "figures/README"),
    "exercises/README",
    *("fer_lib/web/README", "docs/library", "docs/api/fer_lib.evaluation", "genindex", "search"),
    *("docs/api/fer_lib.experiments.live_limits", "_modules/fer_lib/runs"),
)
ONE_OF_EACH_KIND = ("index", "notebooks/06_live_demo", "docs/api/fer_lib.runs", "search")
WIDE, NARROW, HEIGHT = 1280, 390, 900  # pixels: of a screen, and of a phone
LINK = re.compile(r'<[^<>]*?\s(?:href|src)="([^"]*)"')
ANCHOR = re.compile(r'\sid="([^"]+)"')
COMMAND = ("--quiet", "--nitpicky", "--fail-on-warning", "--conf-dir", "docs", "--doctree-dir")
WITHOUT_ALT = "Array.from(document.images).filter(i => !i.alt || !i.naturalWidth).map(i => i.src)"


@pytest.fixture(scope="module")
def folder(chromium, demo, tmp_path_factory):
    """The built website, as `make site` builds it; warnings fail."""
    pytest.importorskip("sphinx")
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", *COMMAND, built / "doctrees", ".", built / "site"]
    finished = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    shutil.copytree(demo, built / "site" / "demo")
    return built / "site"


@pytest.fixture(scope="module")
def address(folder):
    """Where the website is served."""
    with static_server.serve(folder) as served:
        yield served


@pytest.fixture(scope="module")
def context(chromium):
    with chromium() as opened:
        yield opened


@contextlib.contextmanager
def visit(context, address, width=WIDE, scheme="light"):
    """A page that must raise no errors and contact no other host."""
    size = {"width": width, "height": HEIGHT}
    page = context.browser.new_page(viewport=size, color_scheme=scheme)
    errors, asked = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(error))
    page.on("console", lambda message: errors.append(message) if is_bad(message) else None)
    page.goto(address)
    yield page
    page.close()
    home = address.partition("/")[0] + "//" + urlsplit(address).netloc
    assert [str(error) for error in errors] == []
    assert [url for url in asked if not url.startswith((home, "data:"))] == []


def is_bad(message):
    return message.type in ("error", "warning")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_accessible_describes_its_images_and_fits_the_screen(context, address, name):
    with visit(context, f"{address}{name}.html") as page:
        assert violations(page) == []
        for width in (WIDE, NARROW):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(WITHOUT_ALT) == []


@pytest.mark.parametrize("name", ONE_OF_EACH_KIND)
def test_each_kind_of_page_is_accessible_in_the_dark_on_a_phone(context, address, name):
    with visit(context, f"{address}{name}.html", NARROW, scheme="dark") as page:
        assert page.locator("html").get_attribute("data-theme") == "dark"
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW
        assert violations(page) == []


def test_every_link_leads_somewhere(folder):
    pages = [path for path in folder.rglob("*.html") if "_static" not in path.parts]
    texts = {path: path.read_text(encoding="utf-8") for path in pages}
    anchors = {path: set(ANCHOR.findall(text)) for path, text in texts.items()}
    dead = [
        (page.name, link)
        for page, text in texts.items()
        for link in map(html.unescape, set(LINK.findall(text)))
        if not urlsplit(link).scheme and not leads_somewhere(page, urlsplit(link), anchors)
    ]
    assert dead == []


def leads_somewhere(page, link, anchors):
    target = (page.parent / unquote(link.path)).resolve() if link.path else page
    target = target / "index.html" if target.is_dir() else target
    return target.is_file() and (not link.fragment or link.fragment in anchors[target])


def test_the_search_finds_a_word(context, address):
    with visit(context, f"{address}search.html?q=calibration") as page:
        page.locator("#search-results a", has_text="03 · Evaluation").first.wait_for()


def test_a_notebook_page_shows_screenshots_in_place_of_widgets_and_links_to_the_demo(
    context, address
):
    with visit(context, f"{address}notebooks/06_live_demo.html") as page:
        links = page.locator("article a", has_text="live demo in your browser")
        assert {link.get_attribute("href") for link in links.all()} == {"../demo/index.html"}
        assert links.count() == 4
        assert page.locator("article img[src*=live_clip]").is_visible()
        assert page.locator("article img[src*=live_upload]").is_visible()


def test_a_shared_link_has_a_picture_and_a_description(folder):
    text = (folder / "index.html").read_text(encoding="utf-8")
    properties = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]+)"', text))
    assert properties["title"] == "Reading facial expressions with a neural network"
    assert "51%" in properties["description"]
    assert (folder / properties["image"]).stat().st_size > 10_000


def test_the_site_is_small_enough_to_publish(folder):
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 60 * 2**20
