"""The live view and the upload panel as a learner uses them: in JupyterLab, in Chromium."""

import itertools
import re
import shutil

import cv2
import nbformat
import numpy as np
import pytest
from PIL import Image
from support.example_images import BAD, encoded

from fer_lib import paths
from fer_lib.labels import COLORS, LABELS

pytest.importorskip("playwright")

from playwright.sync_api import expect

from fer_lib.benchmarks.notebook_server import PATIENCE

CAMERA = "from fer_lib.widgets import LiveView\nview = LiveView()\nview"
# What the page did: the camera streams that it got, the boxes that it drew, and how many frames it
# encoded in order to send them.
SPY = """
window.streams = [];
window.boxes = [];
window.sent = 0;
const replace = (owner, name, make) => { owner.prototype[name] = make(owner.prototype[name]); };
if (window.MediaDevices) {
    replace(MediaDevices, "getUserMedia", (original) => async function (...given) {
        const stream = await original.apply(this, given);
        streams.push(stream);
        return stream;
    });
}
replace(CanvasRenderingContext2D, "strokeRect", (original) => function (...box) {
    if (this.canvas.closest(".fer-stage")) boxes.push(box);
    return original.apply(this, box);
});
replace(HTMLCanvasElement, "toBlob", (original) => function (...given) {
    sent += 1;
    return original.apply(this, given);
});
"""


@pytest.fixture(scope="module")
def browser(chromium, astronaut):
    """A browser with a face before its camera, in which nothing is allowed yet."""
    expect.set_options(timeout=1000 * PATIENCE)
    with chromium(astronaut, allowed=False) as context:
        context.set_default_timeout(1000 * PATIENCE)
        context.add_init_script(SPY)
        yield context


@pytest.fixture(scope="module")
def shared_page(browser):
    """The page in which each test opens its notebook: loading JupyterLab takes seconds."""
    return browser.new_page()


@pytest.fixture
def page(browser, shared_page):
    """The page, which may use the camera and has not yet. Afterwards no camera is on."""
    browser.grant_permissions(["camera"])
    shared_page.evaluate("streams.length = boxes.length = 0")
    yield shared_page
    assert not any(cameras(shared_page))


names = map("test_{}.ipynb".format, itertools.count())


@pytest.fixture
def notebook(lab, page):
    """A function that opens a new notebook of some cells in the page, and runs the first."""
    opened = []

    def open_notebook(*cells):
        notebook = lab.open(page, lab.write(next(names), *cells))
        opened.append(notebook)
        notebook.run(0)
        return notebook

    yield open_notebook
    for each in opened:
        each.close()


def press(widget, name):
    widget.get_by_role("button", name=name, exact=True).click()


def widget_of(notebook, cell=0):
    return notebook.cell(cell).get_by_role("region")


def started(notebook, cell=0):
    """The widget under a cell, started and giving results."""
    widget = widget_of(notebook, cell)
    press(widget, "Start")
    expect_results(widget)
    return widget


def expect_results(widget):
    expect(widget).to_contain_text("results per second")


def expect_alert(widget, message):
    expect(widget.get_by_role("alert")).to_contain_text(message)


def expect_more_frames(page):
    """Frames are sent only after responses: so many more mean as many responses."""
    page.wait_for_function("(least) => sent > least", arg=page.evaluate("sent") + 10)


def cameras(page):
    """Whether each camera that the page got is on."""
    tracks = page.evaluate("streams.flatMap((s) => s.getTracks().map((t) => t.readyState))")
    return [state == "live" for state in tracks]


def boxes(page):
    """The boxes drawn while the face goes from side to side, an array of x, y, width, height."""
    page.evaluate("boxes.length = 0")
    page.wait_for_function(
        """() => {
            const across = boxes.map(([x]) => x);
            return Math.max(...across) - Math.min(...across) > 80;
        }"""
    )
    return np.array(page.evaluate("boxes"))


def assert_on_the_face(boxes, mirrored):
    """As `browser.write_astronaut` moves the face: round an ellipse, and larger on the right."""
    x, y, width, height = boxes.T
    across, down = x + width / 2 - 320, y + height / 2 - 240
    assert np.all(np.abs(np.hypot(across / 60, down / 30) - 1) < 0.3)
    assert np.all(width == height) and 110 < width.min() < width.max() < 190
    assert np.corrcoef(across, width)[0, 1] * (-1 if mirrored else 1) > 0.8


def bars(widget):
    """The seven bars' lengths, 0-1, as soon as they are drawn over the video."""
    colors = [list(bytes.fromhex(color[1:])) for color in COLORS.values()]
    read = """(canvas, colors) => {
        const row = canvas.height / 30;
        const context = canvas.getContext("2d");
        return colors.map((color, index) => {
            const y = canvas.height - row * (7 - index);
            const { data, width } = context.getImageData(4.25 * row, y, 4 * row, 1);
            const same = (x) => color.every((value, channel) => data[4 * x + channel] === value);
            return [...Array(width).keys()].filter(same).length / width;
        });
    }"""
    while True:
        lengths = widget.locator(".fer-stage canvas").evaluate(read, colors)
        if any(lengths):
            return lengths
        widget.page.wait_for_timeout(100)


def charted(widget):
    """The colors with which the chart has lines, as labels."""
    pixels = widget.locator(".fer-chart").evaluate(
        "(chart) => [...chart.getContext('2d').getImageData(0, 0, chart.width, chart.height).data]"
    )
    found = {bytes(pixel[:3]).hex() for pixel in np.array(pixels, np.uint8).reshape(-1, 4)}
    return [label for label, color in COLORS.items() if color[1:].lower() in found]


def test_a_face_before_the_camera_gets_a_box_a_label_a_chart_and_a_snapshot(
    notebook, page, tmp_path
):
    widget = started(notebook(CAMERA))
    assert_on_the_face(boxes(page), mirrored=True)
    expect(widget.get_by_role("status")).to_have_text("happy")
    lengths = bars(widget)
    assert np.argmax(lengths) == LABELS.index("happy") and max(lengths) > 0.5
    assert "happy" in charted(widget)
    speed = r"\d+ frames and \d+ results per second; latency \d+ ms \(95% within \d+ ms\): encode"
    expect(widget).to_contain_text(re.compile(speed))
    press(widget, "Mirror")
    assert_on_the_face(boxes(page), mirrored=False)
    with page.expect_download() as download:
        press(widget, "Save snapshot")
    download.value.save_as(tmp_path / "snapshot.png")
    saved = cv2.imread(str(tmp_path / "snapshot.png"))
    assert saved.shape == (480, 640, 3) and saved.std() > 30


def test_the_keyboard_and_a_screen_reader_suffice(notebook, page):
    opened = notebook(CAMERA, "1")
    widget = widget_of(opened)
    expect(widget).to_have_accessible_name("Live view")
    expect(widget.get_by_role("img").first).to_have_accessible_name(
        "Video with a box around each face"
    )
    expect(widget.get_by_role("img").last).to_have_accessible_name(re.compile("^Chart"))
    status = widget.get_by_role("status")
    start = widget.get_by_role("button").first
    status.click()
    for _ in range(20):
        page.keyboard.press("Tab")
        if start.evaluate("(node) => node === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(start).to_have_text("Pause")
    expect(status).to_have_text("happy")
    page.keyboard.press(" ")
    expect(start).to_have_text("Resume")
    expect(status).to_contain_text("Paused. The camera is still on")
    paused = page.evaluate("sent")
    page.wait_for_timeout(500)
    assert page.evaluate("sent") == paused
    page.keyboard.press("Enter")
    expect_more_frames(page)
    assert cameras(page) == [True]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Stop
    expect(status).to_contain_text("Stopped")
    expect(start).to_be_focused()
    assert cameras(page) == [False]
    mirror = widget.get_by_role("button", name="Mirror", exact=True)
    expect(mirror).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    page.keyboard.press(" ")
    expect(mirror).to_have_attribute("aria-pressed", "false")
    for key in "abdd":  # JupyterLab's for cells above and below, and for deleting this one
        page.keyboard.press(key)
    expect(page.locator(".jp-Cell")).to_have_count(2)


def test_widgets_are_independent_and_leave_no_camera_on(notebook, page):
    opened = notebook(CAMERA, "view", "LiveView()")
    opened.run(1)
    opened.run(2)
    first, other = started(opened, 0), started(opened, 2)
    assert cameras(page) == [True, True]
    second = started(opened, 1)  # the first's widget once more
    expect_alert(first, "started in another output or window")
    expect(first.get_by_role("status")).to_contain_text("Stopped")
    assert cameras(page) == [False, True, True]
    expect_results(other)
    press(second, "Stop")
    assert cameras(page) == [False, True, False]
    expect_more_frames(page)
    opened.run(2)  # which removes its widget
    assert cameras(page) == [False, False, False]


SOURCES = """
from fer_lib.live import LiveFace
from fer_lib.live import Box
from fer_lib.widgets import LiveView
from ipywebrtc import ImageStream
import numpy as np
"""

FORTY = """
class Forty:
    milliseconds = {}

    def process(self, frame):
        place = Box(20, 20, 90, 90)
        return [LiveFace(place, track_id, np.eye(7)[3], np.eye(7)[3], {}) for track_id in range(40)]


LiveView(ImageStream.from_file("nobody.png"), Forty())
"""
BROKEN = """
class Broken:
    def process(self, frame):
        raise ZeroDivisionError("a learner's mistake")


LiveView(ImageStream.from_file("nobody.png"), Broken())
"""
NOBODY = 'LiveView(ImageStream.from_file("nobody.png"))'


def test_no_face_forty_faces_and_errors_in_python_are_shown(notebook, lab):
    Image.new("RGB", (640, 480), "gray").save(lab.folder / "nobody.png")
    opened = notebook(SOURCES, NOBODY, FORTY, BROKEN)
    for cell in (1, 2, 3):
        opened.run(cell)
        press(widget_of(opened, cell), "Start")
    nobody, forty, broken = (widget_of(opened, cell) for cell in (1, 2, 3))
    expect(nobody.get_by_role("status")).to_contain_text("No face found")
    expect(forty.get_by_role("status")).to_have_text("happy (the largest of 40 faces)")
    expect_alert(broken, "ZeroDivisionError: a learner's mistake")
    broken.get_by_text("Traceback", exact=True).click()
    expect(broken.get_by_text("raise ZeroDivisionError")).to_be_visible()


def test_a_running_cell_does_not_matter_and_a_restarted_kernel_is_explained(notebook, page):
    opened = notebook(CAMERA, "import time\ntime.sleep(1000)")
    widget = started(opened)
    opened.start(1)
    expect(opened.cell(1)).to_contain_text("[*]")
    expect_more_frames(page)  # although the cell still runs
    expect(opened.cell(1)).to_contain_text("[*]")
    opened.kernel("restart")
    expect_alert(widget, "if the kernel was restarted, run this cell again")
    expect(widget.get_by_role("status")).to_have_text("Waiting for Python.")
    opened.run(0)
    assert cameras(page) == [False]
    expect_results(started(opened))


def test_a_denied_or_disconnected_camera_is_explained(notebook, page, browser):
    browser.clear_permissions()
    widget = widget_of(notebook(CAMERA))
    press(widget, "Start")
    expect_alert(widget, "The browser doesn't allow the camera. Allow it")
    browser.grant_permissions(["camera"])
    press(widget, "Start")
    expect_results(widget)
    page.evaluate(
        """() => {
            const [track] = streams.at(-1).getTracks();
            track.stop();
            track.dispatchEvent(new Event("ended"));  // as the browser does, not the page
        }"""
    )
    expect_alert(widget, "The camera was disconnected")
    expect(widget.get_by_role("status")).to_contain_text("Stopped")
    press(widget, "Start")
    expect_results(widget)


def test_the_live_notebook_shows_the_camera_and_the_sample_video(lab, page, screenshot):
    source = paths.NOTEBOOKS / "06_live_demo.ipynb"
    cells = nbformat.read(source, as_version=4).cells

    def first(start):
        return next(i for i, cell in enumerate(cells) if cell.source.startswith(start))

    shutil.copy(source, lab.folder)
    opened = lab.open(page, source.name)
    imports = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
    camera, film = first("camera_view ="), first("film =")
    for cell in (imports, camera, film):
        opened.run(cell)
    widget = started(opened, camera)
    expect(widget.get_by_role("status")).to_have_text("happy")
    expect_more_frames(page)
    assert np.argmax(bars(widget)) == LABELS.index("happy")
    capture(opened, widget, screenshot("live_view"))
    press(widget, "Stop")
    widget = started(opened, film)
    expect(widget.get_by_role("button", name="Mirror")).to_have_attribute("aria-pressed", "false")
    named, lengths = set(), [bars(widget)]
    while len(named) < 3 or np.ptp(lengths, axis=0).max() < 0.3:
        named |= {widget.get_by_role("status").inner_text()} & set(LABELS)
        lengths.append(bars(widget))
        page.wait_for_timeout(200)
    x, _, width, height = page.evaluate("boxes.at(-1)")
    assert abs(x + width / 2 - 320) < 20 and 190 < width == height < 290
    capture(opened, widget, screenshot("live_clip"))
    opened.close()


def capture(notebook, widget, path):
    """A screenshot of the notebook with the whole widget in sight."""
    widget.evaluate("(node) => node.scrollIntoView()")
    notebook.page.locator(".jp-NotebookPanel").screenshot(path=path)


PANEL = "from fer_lib.widgets import UploadPanel\nUploadPanel()"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files to choose: a face, forty faces, 20 megapixels, and two that are not images."""
    from skimage.data import astronaut

    folder = tmp_path_factory.mktemp("files")
    face = Image.fromarray(astronaut()[5:205, 125:325])
    forty = np.tile(np.asarray(face), (5, 8, 1))
    contents = {
        "face.png": encoded(face, "PNG"),
        "forty.jpg": encoded(Image.fromarray(forty)),
        "large.jpg": encoded(face.resize((4500, 4500))),
        "bomb.png": BAD["a PNG bomb"][0],
        "text.jpg": BAD["text"][0],
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


def test_an_insecure_page_explains_how_to_get_a_camera(lab, browser):
    page = browser.new_page()
    opened = lab.open(page, lab.write(next(names), CAMERA), host="0.0.0.0")
    opened.run(0)
    widget = widget_of(opened)
    press(widget, "Start")
    expect_alert(widget, "Open this page at localhost or over HTTPS")
    opened.close()
    page.close()


def test_images_are_chosen_dropped_and_listed_in_a_table(notebook, files, page, screenshot):
    opened = notebook(PANEL)
    panel = widget_of(opened)
    names = ["face.png", "forty.jpg", "large.jpg", "bomb.png", "text.jpg"]
    panel.get_by_label("choose them").set_input_files([files / name for name in names])
    expect(panel.locator("tbody tr")).to_have_count(len(names))
    said = dict(zip(names, panel.locator("tbody tr td:last-child").all_inner_texts(), strict=True))
    assert re.fullmatch(r"happy \d+%", said["face.png"])
    assert len(said["forty.jpg"].split(";")) == 40
    assert re.fullmatch(r"happy \d+% \(Reduced from 4500×4500 pixels.\)", said["large.jpg"])
    assert "more than 25 megapixels" in said["bomb.png"]
    assert "Not a JPEG" in said["text.jpg"]
    capture(opened, panel, screenshot("live_upload"))
    press(panel, "Clear results")
    expect(panel.locator("tbody tr")).to_have_count(0)
    content = list((files / "face.png").read_bytes())
    dropped = page.evaluate_handle(
        """(content) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(content)], "dropped.png"));
            return data;
        }""",
        content,
    )
    panel.locator(".fer-drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(panel.get_by_role("status")).to_contain_text("dropped.png: happy")
    panel.get_by_label("choose them").focus()
    for key in "abdd":  # as above
        page.keyboard.press(key)
    expect(page.locator(".jp-Cell")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Clear
    expect(panel.locator("tbody tr")).to_have_count(0)
