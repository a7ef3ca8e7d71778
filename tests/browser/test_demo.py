"""The demo that runs in a browser alone, in Chromium: what it shows, keeps, sends, and explains."""

import base64
import contextlib
import csv
import io
import re
import shutil

import numpy as np
import pytest
from PIL import Image
from support.example_images import CENTER, GOOD, encoded, portrait
from support.pages import start_and_stop_by_keyboard, status, violations

from fer_lib.labels import LABELS
from fer_lib.live import sample_video
from fer_lib.web import start

pytest.importorskip("playwright")

from fer_lib.benchmarks import parity, static_server

PATIENCE = 60_000  # milliseconds, for busy machines
PAGES = ("index.html", "image.html")
A_FILE = """([content, name]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  return transfer;
}"""


@pytest.fixture(scope="module")
def address(demo):
    """The demo in a subfolder of a website."""
    with static_server.serve(demo.parent) as website:
        yield f"{website}demo/"


@pytest.fixture(scope="class")
def with_camera(chromium, astronaut):
    with chromium(astronaut) as opened:
        yield opened


@pytest.fixture(scope="class")
def context(chromium):
    with chromium() as opened:
        yield opened


@contextlib.contextmanager
def visit(context, address, page="index.html"):
    """A page that must raise no errors, of its policy too, and contact no other host."""
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    errors, asked = [], []
    context.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda said: said.type == "error" and errors.append(said.text))
    opened.goto(address + page)
    yield opened
    opened.close()
    assert errors == []
    origin = re.match(r"http://[^/]+/", address)[0]
    assert [url for url in asked if not url.startswith((origin, f"blob:{origin}"))] == []
    assert [url for url in asked if "/api/predict" in url] == []
    assert asked


def press(page, name):
    page.get_by_role("button", name=name).click()


def saved(page, name):
    """The content of the file that a button saves."""
    with page.expect_download() as download:
        press(page, name)
    return download.value.path().read_bytes()


def rows(page):
    content = saved(page, "Save table (CSV)").decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def send(page, content, name="face.png"):
    page.locator("#file").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": content}
    )


def test_it_says_what_python_says(chromium, demo, monkeypatch):
    """Whenever a model or a detector's constant changes; the crops are drawn without FER2013."""
    monkeypatch.setattr(parity, "CROPS", 100)
    monkeypatch.setattr(parity, "FRAMES", 50)
    table = parity.measure(demo)
    assert (table["found by one only"] <= [0, 2]).all()
    assert (table["faces"] >= [parity.CROPS, parity.FRAMES - 2]).all()
    assert table.loc["crops", "probability difference"] < 1e-3
    assert table.loc["crops", "equal labels (%)"] == 100
    assert table.loc["frames", "box difference (%)"] < 3
    assert table.loc["frames", "equal labels (%)"] >= 95


class TestCamera:
    def test_a_face_is_followed_until_the_camera_is_stopped(self, with_camera, address):
        with visit(with_camera, address) as page:
            press(page, "Start camera")
            status(page, r"One face: \w+\.")
            shown = page.locator("#faces tr").all_inner_texts()
            assert [row.split()[0] for row in shown] == list(LABELS)
            track = page.evaluate_handle("document.querySelector('video').srcObject.getTracks()[0]")
            press(page, "Stop camera")
            assert track.evaluate("track => track.readyState") == "ended"
            status(page, "The camera is off")
            assert page.locator("#snapshot").is_disabled()
            assert page.locator("#csv").is_enabled()

    def test_what_was_shown_is_saved_as_a_table(self, with_camera, address):
        with visit(with_camera, address) as page:
            assert page.locator("#csv").is_disabled()
            press(page, "Start camera")
            status(page, "One face: ")
            page.wait_for_timeout(3000)  # enough for three rows on a busy computer
            press(page, "Stop camera")
            found = rows(page)
            assert len(found) >= 3
            for row in found:
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", row["time"])
                assert sum(float(row[label]) for label in LABELS) == pytest.approx(1, abs=1e-3)
                # As `browser.write_astronaut` moves the face: around the frame's center.
                assert abs(int(row["x"]) + int(row["width"]) / 2 - 320) < 80
                assert row["label"] in (*LABELS, "unsure")

    def test_a_snapshot_is_saved_as_it_is_seen(self, with_camera, address):
        with visit(with_camera, address) as page:
            press(page, "Start camera")
            status(page, "One face: ")
            image = Image.open(io.BytesIO(saved(page, "Save snapshot")))
            assert image.size == (640, 480)
            colored = np.ptp(np.asarray(image.convert("RGB")).astype(int), axis=2) > 100
            assert colored.any()  # the bars; the photograph has no such colors

    def test_the_chart_shows_lines(self, with_camera, address):
        with visit(with_camera, address) as page:
            press(page, "Start camera")
            status(page, "One face: ")
            page.wait_for_timeout(1500)
            drawn = page.locator("#history canvas").evaluate(
                "canvas => new Set(new Uint32Array(canvas.getContext('2d').getImageData(0, 0, "
                "canvas.width, canvas.height).data.buffer)).size"
            )
            assert drawn > 7
            assert page.get_by_role("list", name="Colors of the chart").locator("li").count() == 7

    def test_it_works_by_keyboard_alone(self, with_camera, address):
        with visit(with_camera, address) as page:
            start_and_stop_by_keyboard(page)

    def test_a_disconnected_or_silent_camera_is_explained(self, with_camera, address):
        with visit(with_camera, address) as page:
            event = "video => video.srcObject.getTracks()[0].dispatchEvent(new Event('{}'))"
            press(page, "Start camera")
            status(page, "One face: ")
            page.locator("video").evaluate("video => video.pause()")  # no frame comes any more
            status(page, "The camera sends no frames")
            page.locator("video").evaluate(event.format("ended"))
            status(page, "The camera was disconnected")
            assert page.locator("#start").is_enabled()

    def test_networks_that_do_not_load_are_explained(self, with_camera, address):
        context = with_camera.browser.new_context(permissions=["camera"], service_workers="block")
        page = context.new_page()
        page.route("**/*.wasm", lambda route: route.abort())
        page.goto(address)
        status(page, "can't run in this browser .+ Reload the page")
        press(page, "Start camera")
        page.wait_for_timeout(1000)
        status(page, "can't run in this browser")
        context.close()


def test_several_faces_get_boxes_of_their_own(chromium, tmp_path, address):
    frame = np.full((480, 640, 3), 105, np.uint8)
    frame[:, :320] = sample_video.portrait(150)[:, 160:480]
    frame[:, 320:] = sample_video.portrait(200)[:, 160:480]
    camera = sample_video.write_mjpeg(tmp_path / "two.mjpeg", [frame] * 2)
    with chromium(camera) as context, visit(context, address) as page:
        press(page, "Start camera")
        status(page, "2 faces: ")
        press(page, "Stop camera")
        # Later, where results are far apart in time, faces may get new numbers.
        first, second = rows(page)[:2]
        assert (first["face"], second["face"]) in {("1", "2"), ("2", "1")}
        assert int(first["width"]) > int(second["width"])
        assert int(first["x"]) > 320 > int(second["x"]) + int(second["width"]) / 2


def test_a_camera_that_is_not_allowed_or_missing_is_explained(chromium, astronaut, address):
    with chromium(astronaut, allowed=False) as context, visit(context, address) as page:
        press(page, "Start camera")
        status(page, "The browser doesn't allow the camera. Allow it with the icon")
    with chromium() as context, visit(context, address) as page:
        press(page, "Start camera")
        status(page, "No camera was found. Connect one, then start again.")


class TestImages:
    @pytest.mark.parametrize("way", ["file", "drop", "paste"])
    def test_an_image_is_analyzed(self, context, address, way):
        with visit(context, address, "image.html") as page:
            content = base64.b64encode(GOOD["JPEG"]).decode()
            transfer = page.evaluate_handle(A_FILE, [content, "face.jpg"])
            if way == "file":
                send(page, GOOD["JPEG"], "face.jpg")
            elif way == "drop":
                for event in ("dragover", "drop"):
                    page.dispatch_event("h1", event, {"dataTransfer": transfer})
            else:
                transfer.evaluate(
                    "transfer => document.body.dispatchEvent(new ClipboardEvent('paste', "
                    "{ clipboardData: transfer, bubbles: true }))"
                )
            status(page, "One face: ")
            (row,) = rows(page)
            assert row["image"] == "face.jpg"
            middle = [int(row[place]) + int(row["width"]) / 2 for place in "xy"]
            assert np.abs(np.subtract(middle, CENTER)).max() < 40

    def test_every_example_is_analyzed(self, context, address):
        with visit(context, address, "image.html") as page:
            for name in (*LABELS, "astronaut"):
                press(page, name)
                status(page, "One face: ")
            assert [row["image"] for row in rows(page)] == [*LABELS, "astronaut"]

    def test_without_a_face_the_whole_image_may_be_used(self, context, address):
        with visit(context, address, "image.html") as page:
            send(page, encoded(Image.new("RGB", (200, 100), "gray"), "PNG"))
            status(page, "No face found")
            press(page, "Use whole image as face")
            status(page, "One face: ")
            assert rows(page)[-1]["x"] == "50"

    def test_boxes_of_a_large_or_rotated_image_are_in_its_own_pixels(self, context, address):
        with visit(context, address, "image.html") as page:
            send(page, encoded(portrait().resize((4000, 3000))))
            status(page, "One face: ")
            (row,) = rows(page)
            assert abs(int(row["x"]) + int(row["width"]) / 2 - 2500) < 300
            send(page, GOOD["JPEG turned by EXIF 6"])
            status(page, "One face: ")
            middle = int(rows(page)[-1]["x"]) + int(rows(page)[-1]["width"]) / 2
            assert abs(middle - CENTER[0]) < 40

    def test_what_is_no_image_is_explained_and_the_next_one_analyzed(self, context, address):
        with visit(context, address, "image.html") as page:
            send(page, b"text")
            status(page, "can't read the image. Choose a JPEG, PNG, or WebP image")
            send(page, GOOD["PNG"], "=formula().png")
            status(page, "One face: ")
            assert rows(page)[0]["image"] == "'=formula().png"


def test_it_works_without_the_server_after_the_first_visit(chromium, astronaut, demo):
    with chromium(astronaut) as context:
        with static_server.serve(demo) as address, visit_once(context, address) as page:
            page.locator("#offline:visible").wait_for()
        page = context.new_page()  # the server has gone
        page.goto(address)
        press(page, "Start camera")
        status(page, "One face: ")
        page.goto(f"{address}image.html")
        press(page, "happy")
        status(page, "One face: ")


@contextlib.contextmanager
def visit_once(context, address):
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    yield page
    page.close()


def test_a_new_version_replaces_the_former_one(chromium, demo, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(demo, folder)
    script = folder / "service_worker.js"
    version = re.search(r"\b[0-9a-f]{16}\b", script.read_text())[0]
    with chromium() as context, static_server.serve(folder) as address:
        with visit_once(context, address) as page:
            page.locator("#offline:visible").wait_for()
        script.write_text(script.read_text().replace(version, "0" * 16))
        index = folder / "index.html"
        index.write_text(index.read_text().replace("Start camera", "Begin"))
        with visit_once(context, address) as page:
            assert page.get_by_role("button", name="Start camera").is_visible()
            page.evaluate(
                "navigator.serviceWorker.getRegistration().then((r) => r.update()).then((r) =>"
                "new Promise((done) => setInterval(() => r.waiting && done(), 50)))"
            )
        kept = []
        for _ in range(10):  # a page gets the former version until the last one is quite closed
            with visit_once(context, address) as page:
                if page.get_by_role("button", name="Begin").is_visible():
                    kept = page.evaluate("caches.keys()")
                    break
        assert len(kept) == 1 and kept[0].endswith("0" * 16)


def test_the_worker_may_not_contact_another_host_either(chromium, address):
    with chromium() as context, visit_once(context, address) as page:
        page.locator("#offline:visible").wait_for()
        (worker,) = page.workers
        forbidden = worker.evaluate(
            "new Promise((done) => { self.addEventListener('securitypolicyviolation', (event) =>"
            "done(event.effectiveDirective)); fetch('http://faces.example/').catch(() => 0); })"
        )
        assert forbidden == "connect-src"


def test_the_website_shows_the_demo_where_it_was_built(chromium, astronaut, demo):
    website = start(port=0, demo=demo)
    home = f"{website.address}/"
    try:
        with chromium(astronaut) as context, visit(context, home, "realtime") as page:
            assert page.get_by_text("Runs in your browser").is_visible()
            press(page, "Start camera")
            status(page, "One face: ")
            page.get_by_role("link", name="Image").click()
            press(page, "astronaut")
            status(page, "One face: ")
            page.get_by_role("link", name="Home").click()
            page.wait_for_url(home)
            counted = page.request.get(f"{home}api/health").json()["responses"]
            assert set(counted) <= {"200", "302", "304"}
    finally:
        website.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
class TestAppearance:
    def test_axe_finds_no_violation(self, context, address, name, scheme):
        with visit(context, address, name) as page:
            page.emulate_media(color_scheme=scheme)
            if name == "image.html":
                press(page, "astronaut")
                status(page, "One face: ")
            assert violations(page) == []

    def test_a_phone_shows_all_without_scrolling_sideways(self, context, address, name, scheme):
        with visit(context, address, name) as page:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": 390, "height": 844})
            widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert widths == [390, 390]
            buttons = page.locator("button:visible, nav a").all()
            assert [each for each in buttons if each.bounding_box()["height"] < 40] == []
