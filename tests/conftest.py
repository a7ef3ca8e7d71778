"""What the browser tests share: camera files, made once, and the reason to skip."""

import pytest

from fer_lib import clip


@pytest.fixture(scope="session")
def chromium():
    """`browser.chromium`, which opens a browser; skips where none is installed."""
    pytest.importorskip("playwright")
    import browser

    if browser.CHROMIUM is None:
        pytest.skip("needs Chromium (on Debian: apt install chromium)")
    return browser.chromium


@pytest.fixture(scope="session")
def astronaut(tmp_path_factory):
    """A camera file (MJPEG) that shows a real face, panned and zoomed."""
    import browser

    return browser.write_astronaut(tmp_path_factory.mktemp("camera") / "astronaut.mjpeg")


@pytest.fixture(scope="session")
def drawn_clip(tmp_path_factory):
    """A camera file (MJPEG) that shows the drawn face's seven expressions."""
    return clip.write_mjpeg(tmp_path_factory.mktemp("camera") / "clip.mjpeg")
