"""What the browser tests share: camera files, made once, screenshots, and the reason to skip."""

import pytest

from fer_lib import paths
from fer_lib.live import sample_video


def pytest_addoption(parser):
    parser.addoption(
        "--figures", action="store_true", help="make the screenshots in figures/ again"
    )


@pytest.fixture
def screenshot(request, tmp_path):
    """A function from a name to the path of that screenshot: in figures/ with `--figures`."""
    folder = paths.FIGURES if request.config.getoption("figures") else tmp_path
    return lambda name: folder / f"{name}.png"


@pytest.fixture(scope="session")
def chromium():
    """`browser.chromium`, which opens a browser; skips where none is installed."""
    pytest.importorskip("playwright")
    from fer_lib.benchmarks import browser

    if browser.CHROMIUM is None:
        pytest.skip("needs Chromium (on Debian: apt install chromium)")
    return browser.chromium


@pytest.fixture(scope="session")
def astronaut(tmp_path_factory):
    """A camera file (MJPEG) that shows a real face, panned and zoomed."""
    from fer_lib.benchmarks import browser

    return browser.write_astronaut(tmp_path_factory.mktemp("camera") / "astronaut.mjpeg")


@pytest.fixture(scope="session")
def drawn_clip(tmp_path_factory):
    """A camera file (MJPEG) that shows the drawn face's seven expressions."""
    return sample_video.write_mjpeg(
        tmp_path_factory.mktemp("camera") / "clip.mjpeg", sample_video.frames()
    )
