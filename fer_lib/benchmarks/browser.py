"""A Chromium without a window, whose camera shows a file, and which the tests drive, too."""

import contextlib
import shutil
import socket
import subprocess
import time

import cv2
import numpy as np
from skimage.data import astronaut

from fer_lib.benchmarks.extras import psutil, sync_playwright
from fer_lib.benchmarks.notebook_server import PATIENCE
from fer_lib.exceptions import Problem
from fer_lib.live import sample_video

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SIZE = {"width": 1200, "height": 1000}
# Without the network flags Chromium tries to reach its maker's hosts at every start.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
ALLOW_CAMERA = "--use-fake-ui-for-media-stream"


@contextlib.contextmanager
def chromium(camera=None, allowed=True):
    """Run a Chromium that Playwright drives.

    Args:
        camera: Path of a video, MJPEG or Y4M, for its camera to show. None for a computer without
            a camera.
        allowed: Whether the user allows pages the camera.

    Yields:
        A Playwright `BrowserContext`.

    Raises:
        Problem: If no Chromium is installed.
    """
    flags = [*FLAGS, ALLOW_CAMERA if allowed else "--deny-permission-prompts"]
    if camera is not None:
        flags += _camera_flags(camera)
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=flags, chromium_sandbox=False
        )
        try:
            yield browser.new_context(viewport=SIZE)
        finally:
            browser.close()


@contextlib.contextmanager
def unattended(folder, camera):
    """Run a Chromium that nothing drives until `attached` does.

    While developer tools watch, as Playwright does in `chromium`, a browser keeps what JupyterLab
    sends, so that its memory says little.

    Args:
        folder: An empty folder for its profile.
        camera: Path of an MJPEG file for its camera to show.

    Yields:
        Its debugging address, for `attached`.

    Raises:
        Problem: If no Chromium is installed.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [
        *(executable(), *FLAGS, "--headless", "--no-sandbox", ALLOW_CAMERA),
        *_camera_flags(camera),
        *(f"--user-data-dir={folder}", f"--remote-debugging-port={port}"),
        *("--window-size={width},{height}".format(**SIZE), "about:blank"),
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextlib.contextmanager
def attached(address):
    """Let Playwright drive an unattended Chromium for a while.

    Args:
        address: What `unattended` yields.

    Yields:
        Its first `Page`.
    """
    with sync_playwright() as playwright:
        connect = playwright.chromium.connect_over_cdp
        (context,) = connect(address, timeout=1000 * PATIENCE).contexts
        context.set_default_timeout(1000 * PATIENCE)
        yield context.pages[0]


def memory(page):
    """Measure how much memory the only tab of a Chromium takes, after a garbage collection.

    Args:
        page: The tab's `Page`, in a Chromium that this process has started.

    Returns:
        MiB resident in memory (of all of Chromium's renderers), and of these used by JavaScript.
    """
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"]
    processes = psutil.Process().children(recursive=True)
    renderers = [each for each in processes if "--type=renderer" in " ".join(each.cmdline())]
    return sum(each.memory_info().rss for each in renderers) / 2**20, heap / 2**20


def executable():
    """Find the installed Chromium.

    Returns:
        Its path.

    Raises:
        Problem: If there is none.
    """
    if CHROMIUM is None:
        raise Problem("Chromium is missing. Install it (on Debian: `apt install chromium`).")
    return CHROMIUM


def write_astronaut(path):
    """Write a camera file of a real face, panned and zoomed.

    The image is NASA's portrait of Eileen Collins, in the public domain, from scikit-image.

    Args:
        path: Where to write the MJPEG file.

    Returns:
        The path.
    """
    return sample_video.write_mjpeg(path, astronaut_frames())


def astronaut_frames():
    """Draw the camera's frames of `write_astronaut`.

    Yields:
        RGB frames for four seconds, `(480, 640, 3)` uint8. The last leads to the first.
    """
    image, size = astronaut(), (sample_video.WIDTH, sample_video.HEIGHT)
    count = 4 * sample_video.FPS
    for phase in 2 * np.pi * np.arange(count) / count:
        zoom = 1.5 + 0.25 * np.cos(phase)
        # The face's center, (225, 115) in the image, circles around the frame's.
        x, y = size[0] / 2 + 60 * np.cos(phase), size[1] / 2 + 30 * np.sin(phase)
        change = np.array([[zoom, 0, x - 225 * zoom], [0, zoom, y - 115 * zoom]])
        yield cv2.warpAffine(image, change, size, borderMode=cv2.BORDER_REPLICATE)


def _camera_flags(camera):
    return [
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]


def _wait_for(port):
    """Wait until a process listens."""
    deadline = time.monotonic() + PATIENCE
    with socket.socket() as client:
        while client.connect_ex(("127.0.0.1", port)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"nothing listens on port {port}")
            time.sleep(0.1)
