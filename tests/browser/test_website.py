"""The website in real Chromium, whose camera shows a known face, without any other host.

`pytest --figures tests/browser/test_website.py` regenerates Figs. 6 to 8.
"""

import base64
import contextlib
import io
import re

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut as photograph
from support.example_images import CENTER, GOOD, encoded, portrait
from support.pages import start_and_stop_by_keyboard, status

from fer_lib.labels import LABELS
from fer_lib.web import start

PAGES = ("/", "/image", "/realtime")
PATIENCE = 30_000  # milliseconds, for busy machines
LEFT, RIGHT = (160, 160), (495, 240)  # centers of the faces in `two_faces`
WRITTEN_ON = {
    "h1": "body",
    "footer p": "body",
    "footer a": "body",
    "nav a": "header",
    "nav a[aria-current]": "header",
}
BOX_SIDE = 100  # pixels; of a column or a row, only a box's edge has as many that are opaque
A_FILE = """([content, name]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  return transfer;
}"""
PASTE = """transfer => document.body.dispatchEvent(
  new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }))"""


@pytest.fixture(scope="module")
def website():
    running = start(port=0)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def two_faces(tmp_path_factory):
    """A camera file of two faces that keep still, a photograph's and a drawn one."""
    frame = np.full((480, 640, 3), 105, np.uint8)
    frame[:320, :320] = cv2.resize(photograph()[:230, 110:340], (320, 320))
    frame[90:390, 350:640] = np.asarray(portrait())[:, 105:395, np.newaxis]
    path = tmp_path_factory.mktemp("camera") / "two_faces.mjpeg"
    path.write_bytes(2 * encoded(Image.fromarray(frame), quality=95))
    return path


@pytest.fixture(scope="class")
def context(chromium):
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="class")
def with_camera(chromium, astronaut):
    with chromium(astronaut) as opened:
        yield opened


@contextlib.contextmanager
def visit(context, website, address):
    """A page that must raise no errors, of its policy too, and contact no other host."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors, asked = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(error))
    page.on("console", lambda message: errors.append(message.text))
    page.goto(website.address + address)
    yield page
    page.close()
    # The browser itself notes an error status, which the page then explains.
    assert [text for text in errors if "Failed to load resource" not in str(text)] == []
    assert [url for url in asked if not url.startswith((website.address, "blob:"))] == []
    assert asked


def shares(table):
    """{expression: percent} of a table, whose bars must be as long as it says."""
    found = {}
    for row in table.locator("tr").all():
        number = int(row.locator("td.number").inner_text().removesuffix("%"))
        bar, scale = (row.locator(place).bounding_box()["width"] for place in (".bar", ".scale"))
        assert abs(bar / scale - number / 100) < 0.03
        found[row.locator("th").inner_text()] = number
    assert tuple(found) == LABELS and 95 <= sum(found.values()) <= 105
    return found


def canvas(page, selector):
    """The pixels (h, w, 4) of a canvas."""
    address = page.locator(selector).evaluate("canvas => canvas.toDataURL()")
    return np.array(Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))))


def middle_of_box(page):
    """(x, y) of the middle of the largest box over the video, in its 640×480 pixels."""
    opaque = canvas(page, "#overlay")[..., 3] == 255
    scale = opaque.shape[1] / 640
    edges = [np.flatnonzero(opaque.sum(axis) > BOX_SIDE * scale) for axis in (0, 1)]
    if not all(map(len, edges)):
        return None
    return tuple((found[0] + found[-1]) / 2 / scale for found in edges)


def wait_for_box(page, middle, most=15):
    for _ in range(100):
        found = middle_of_box(page)
        if found and np.abs(np.subtract(found, middle)).max() <= most:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"the box is around {found}, the face around {middle}")


def start_camera(page):
    page.get_by_role("button", name="Start camera").click()
    page.locator("#stop:enabled").wait_for()


def test_the_home_page_leads_to_both_features(context, website, screenshot):
    for name, address in (("Analyze an image", "/image"), ("Use the camera", "/realtime")):
        with visit(context, website, "/") as page:
            assert page.title().startswith("Home")
            assert page.get_by_text("of all 3,589 PrivateTest images").is_visible()
            page.screenshot(path=screenshot("figure_6_home_page"), full_page=True)
            page.get_by_role("link", name=name).click()
            page.wait_for_url(website.address + address)


class TestImagePage:
    def test_a_chosen_file_is_analyzed_and_gets_a_box(self, context, website):
        with visit(context, website, "/image") as page:
            file = {"name": "face.jpg", "mimeType": "image/jpeg", "buffer": GOOD["JPEG"]}
            page.get_by_label("Choose an image").set_input_files(file)
            status(page, "One face: ")
            assert len(shares(page.locator("#faces table"))) == 7
            pixels = canvas(page, "#image")[..., :3].astype(int)
            colored = np.argwhere(np.ptp(pixels, axis=2) > 60)  # the image itself is gray
            middle = (colored.min(0) + colored.max(0))[::-1] / 2
            assert np.abs(middle - CENTER).max() < 30

    @pytest.mark.parametrize("way", ["drop", "paste"])
    def test_a_dropped_or_pasted_image_is_analyzed(self, context, website, way):
        with visit(context, website, "/image") as page:
            content = base64.b64encode(GOOD["JPEG turned by EXIF 6"]).decode()
            transfer = page.evaluate_handle(A_FILE, [content, "face.jpg"])
            if way == "drop":
                for event in ("dragover", "drop"):
                    page.dispatch_event("h1", event, {"dataTransfer": transfer})
            else:
                transfer.evaluate(PASTE)
            status(page, "One face: ")
            assert page.locator("#image").evaluate("c => [c.width, c.height]") == [400, 300]

    def test_every_example_is_analyzed(self, context, website, screenshot):
        with visit(context, website, "/image") as page:
            for name in (*LABELS, "astronaut"):
                with page.expect_response("**/api/predict**"):
                    page.get_by_role("button", name=name).click()
                status(page, "One face: ")
                shares(page.locator("#faces table"))
            page.mouse.move(0, 0)
            page.screenshot(path=screenshot("figure_7_image_page"), full_page=True)

    def test_several_faces_are_numbered(self, context, website):
        with visit(context, website, "/image") as page:
            image = Image.new("L", (1200, 400), 105)
            for place in (0, 400, 800):
                image.paste(portrait(), (place, 50))
            send(page, encoded(image))
            status(page, "3 faces: ")
            captions = page.locator("#faces caption").all_inner_texts()
            assert [caption[:7] for caption in captions] == ["Face 1:", "Face 2:", "Face 3:"]

    def test_without_a_face_the_whole_image_may_be_used(self, context, website):
        with visit(context, website, "/image") as page:
            send(page, encoded(Image.new("RGB", (200, 100), "gray")))
            status(page, "No face found")
            assert page.locator("#faces table").count() == 0
            page.get_by_role("button", name="Use whole image as face").click()
            status(page, "One face: ")
            shares(page.locator("#faces table"))

    @pytest.mark.parametrize(
        ("content", "message"),
        [(b"text", "Not a JPEG"), (GOOD["JPEG"][:-2000], "damaged"), (bytes(8_000_001), "8 MB")],
        ids=["text", "damaged", "too large"],
    )
    def test_a_bad_file_is_explained_and_the_next_one_analyzed(
        self, context, website, tmp_path, content, message
    ):
        with visit(context, website, "/image") as page:
            file = tmp_path / "image.jpg"
            file.write_bytes(content)
            page.locator("#file").set_input_files(file)
            status(page, message)
            assert not page.locator("#result").is_visible()
            send(page, GOOD["PNG"])
            status(page, "One face: ")

    def test_it_works_by_keyboard_alone(self, context, website):
        with visit(context, website, "/image") as page:
            page.keyboard.press("Tab")
            assert page.locator(":focus").inner_text() == "Skip to content"
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
            assert page.locator(":focus").get_attribute("id") == "file"
            page.keyboard.press("Tab")
            page.keyboard.press("Enter")
            status(page, "One face: ")


def send(page, content):
    page.locator("#file").set_input_files(
        {"name": "image.jpg", "mimeType": "image/jpeg", "buffer": content}
    )


class TestRealtimePage:
    def test_the_box_tracks_the_face_and_stop_ends_the_camera(
        self, with_camera, website, screenshot
    ):
        with visit(with_camera, website, "/realtime") as page:
            start_camera(page)
            status(page, "One face: ")
            assert len(shares(page.locator("#faces table"))) == 7
            # The face circles around the frame's center, 60 pixels wide and 30 high.
            wait_for_box(page, (320, 240), most=80)
            page.locator("#rate", has_text=re.compile(r"^[1-9]")).wait_for()
            assert int(page.locator("#latency").inner_text()) > 0
            page.wait_for_timeout(1000)  # the rate counts the last second
            page.screenshot(path=screenshot("figure_8_realtime_page"), full_page=True)
            track = page.evaluate_handle("document.querySelector('video').srcObject.getTracks()[0]")
            assert track.evaluate("track => track.readyState") == "live"
            page.get_by_role("button", name="Stop camera").click()
            assert track.evaluate("track => track.readyState") == "ended"
            status(page, "The camera is off")
            assert not canvas(page, "#overlay").any()

    def test_it_starts_again_and_works_by_keyboard_alone(self, with_camera, website):
        with visit(with_camera, website, "/realtime") as page:
            start_and_stop_by_keyboard(page)

    def test_two_frames_are_in_flight_at_most(self, with_camera, website):
        with visit(with_camera, website, "/realtime") as page:
            waiting = []
            page.route("**/api/predict**", lambda route: waiting.append(route))
            start_camera(page)
            for _ in range(300):
                if len(waiting) < 2:
                    page.wait_for_timeout(100)
            page.wait_for_timeout(1000)
            assert len(waiting) == 2
            page.unroute("**/api/predict**")  # they reach the server
            status(page, "One face: ")

    def test_a_busy_or_lost_server_is_explained_and_gets_fewer_requests(self, with_camera, website):
        busy = '{"error": {"code": "busy", "message": "All workers are busy."}}'
        with visit(with_camera, website, "/realtime") as page:
            asked = []
            page.on("request", lambda request: asked.append(request))
            page.route(
                "**/api/predict**",
                lambda route: route.fulfill(status=503, body=busy, headers={"Retry-After": "1"}),
            )
            start_camera(page)
            status(page, "All workers are busy")
            page.wait_for_timeout(2000)
            assert 2 <= len(asked) <= 8
            page.unroute("**/api/predict**")
            page.route("**/api/predict**", lambda route: route.abort())
            status(page, "The server doesn't respond")
            page.unroute("**/api/predict**")
            status(page, "One face: ")

    def test_a_disconnected_camera_is_reported(self, with_camera, website):
        with visit(with_camera, website, "/realtime") as page:
            start_camera(page)
            status(page, "One face: ")
            page.locator("video").evaluate(
                "video => video.srcObject.getTracks()[0].dispatchEvent(new Event('ended'))"
            )
            status(page, "The camera was disconnected")
            assert page.locator("#start").is_enabled()


def test_several_faces_get_boxes_and_are_mirrored(chromium, two_faces, website):
    with chromium(two_faces) as context, visit(context, website, "/realtime") as page:
        with page.expect_response("**/api/predict**") as response:
            start_camera(page)
        boxes = [face["box"] for face in response.value.json()["faces"]]
        middles = [(x + width / 2, y + height / 2) for x, y, width, height in boxes]
        np.testing.assert_allclose(sorted(middles), [LEFT, RIGHT], atol=20)
        status(page, "2 faces: ")
        # Of the edges of both boxes, the outermost ones show where the overlay has them.
        between = (LEFT[0] + RIGHT[0]) / 2, (LEFT[1] + RIGHT[1]) / 2
        assert page.locator("#mirror").is_checked()
        wait_for_box(page, (640 - between[0], between[1]), most=30)
        page.get_by_label("Mirror").click()
        wait_for_box(page, between, most=30)
        shares(page.locator("#faces table"))


def test_a_camera_that_is_not_allowed_is_explained(chromium, astronaut, website):
    with (
        chromium(astronaut, allowed=False) as context,
        visit(context, website, "/realtime") as page,
    ):
        page.locator("#start").click()
        status(page, "The browser doesn't allow the camera. Allow it with the icon")
        assert page.locator("#start").is_enabled()


class TestAnywhere:
    def test_no_camera_is_explained(self, context, website):
        with visit(context, website, "/realtime") as page:
            page.locator("#start").click()
            status(page, "No camera was found. Connect one, then start again.")

    def test_a_page_without_tls_from_elsewhere_says_why_there_is_no_camera(self, context, website):
        def from_here(route):
            local = route.request.url.replace("http://faces.example", website.address)
            route.fulfill(response=route.fetch(url=local))

        page = context.new_page()
        page.route("http://faces.example/**", from_here)
        page.goto("http://faces.example/realtime")
        page.locator("#start").click()
        status(page, "Open this page at localhost or over HTTPS")
        page.close()

    @pytest.mark.parametrize("address", PAGES)
    def test_a_phone_shows_all_without_scrolling_sideways(self, context, website, address):
        with visit(context, website, address) as page:
            page.set_viewport_size({"width": 360, "height": 740})
            if address == "/image":
                page.get_by_role("button", name="astronaut").click()
                status(page, "One face: ")
            widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert widths == [360, 360]
            low = [
                button.inner_text()
                for button in page.locator("button:visible, a.button, nav a").all()
                if button.bounding_box()["height"] < 40
            ]
            assert low == []  # too low for a finger

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("address", PAGES)
    def test_text_stands_out_in_light_and_dark(self, context, website, address, scheme):
        with visit(context, website, address) as page:
            page.emulate_media(color_scheme=scheme)
            page_bright = luminance(page, "body", "backgroundColor")
            assert (page_bright > 0.9) if scheme == "light" else (page_bright < 0.05)
            for text, ground in WRITTEN_ON.items():
                written, bright = (
                    luminance(page, text, "color"),
                    luminance(page, ground, "backgroundColor"),
                )
                light, dark = max(written, bright), min(written, bright)
                assert (light + 0.05) / (dark + 0.05) >= 4.5, text  # WCAG 2.2, level AA

    @pytest.mark.parametrize("address", PAGES)
    def test_without_javascript_it_can_be_read(self, context, website, address):
        plain = context.browser.new_context(java_script_enabled=False)
        with visit(plain, website, address) as page:
            assert page.locator("h1").is_visible()
            if address == "/":
                assert page.get_by_text("of all 3,589 PrivateTest images").is_visible()
            else:
                assert page.locator(".notice", has_text="JavaScript").is_visible()
                assert page.locator("main button:visible, main input:visible").count() == 0
        plain.close()


def luminance(page, place, color):
    """Relative luminance of a color of the first such element, as WCAG 2.2 defines it."""
    text = page.locator(place).first.evaluate(f"element => getComputedStyle(element).{color}")
    channels = np.array([int(number) for number in re.findall(r"\d+", text)[:3]]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
