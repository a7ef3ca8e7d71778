"""A real Chromium with a camera that shows a file: what the browser tests drive.

Tests that need it ask for the fixture `chromium` (conftest.py), which skips where there is none.
"""

import contextlib
import shutil

import cv2
import numpy as np
from playwright.sync_api import sync_playwright
from skimage.data import astronaut

from fer_lib.live import sample_video

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
# Without the network flags Chromium tries to reach its maker's hosts at every start.
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


@contextlib.contextmanager
def chromium(camera=None, allowed=True):
    """A Playwright browser context without a window; its camera shows `camera`, an MJPEG file.

    camera: None for a computer without one. allowed: whether the user allows pages the camera.
    """
    flags = list(FLAGS)
    if camera is not None:
        flags += [
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={camera}",
        ]
    if allowed:
        flags.append("--use-fake-ui-for-media-stream")
    else:
        flags.append("--deny-permission-prompts")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=flags, chromium_sandbox=False
        )
        try:
            yield browser.new_context(viewport={"width": 1200, "height": 1000})
        finally:
            browser.close()


def write_astronaut(path):
    """Write a camera file of a real face, panned and zoomed: scikit-image's public-domain picture.

    The picture is NASA's portrait of Eileen Collins. Returns the path.
    """
    return sample_video.write_mjpeg(path, _astronaut())


def _astronaut():
    """The RGB frames, four seconds, of which the last leads to the first."""
    picture, size = astronaut(), (sample_video.WIDTH, sample_video.HEIGHT)
    count = 4 * sample_video.FPS
    for phase in 2 * np.pi * np.arange(count) / count:
        zoom = 1.5 + 0.25 * np.cos(phase)
        # The face's middle, (225, 115) in the picture, circles around the frame's.
        x, y = (
            sample_video.WIDTH / 2 + 60 * np.cos(phase),
            sample_video.HEIGHT / 2 + 30 * np.sin(phase),
        )
        change = np.array([[zoom, 0, x - 225 * zoom], [0, zoom, y - 115 * zoom]])
        yield cv2.warpAffine(picture, change, size, borderMode=cv2.BORDER_REPLICATE)
