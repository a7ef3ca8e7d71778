"""What tests share: one thread for NumPy and OpenCV, camera files, screenshots, and a marker."""

import itertools
import os

import pytest

from fer_lib import paths

# Several processes run tests at once, and each could use all cores. The threads of NumPy and OpenCV
# would then mostly wait for each other: a logistic regression took minutes instead of seconds.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")


def pytest_addoption(parser):
    parser.addoption(
        "--figures", action="store_true", help="regenerate the screenshots in figures/"
    )
    parser.addoption(
        "--network", action="store_true", help="also run the test that downloads all packages"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what uses a browser, so that `-m "not browser"` leaves it out."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture
def screenshot(request, tmp_path):
    """A function from a name to the path of that screenshot: in figures/ with `--figures`."""
    folder = paths.FIGURES if request.config.getoption("figures") else tmp_path
    return lambda name: folder / f"{name}.png"


@pytest.fixture(scope="session")
def chromium():
    """`browser.chromium`, which opens a browser. Skips where none is installed."""
    pytest.importorskip("playwright")
    pytest.importorskip("psutil")
    from fer_lib.benchmarks import browser

    if browser.CHROMIUM is None:
        pytest.skip("needs Chromium (on Debian: apt install chromium)")
    return browser.chromium


@pytest.fixture(scope="session")
def astronaut(chromium, tmp_path_factory):
    """A camera file that shows a real face, panned and zoomed."""
    from support import camera

    from fer_lib.benchmarks import browser
    from fer_lib.live import sample_video

    frames = itertools.islice(browser.astronaut_frames(), 0, None, sample_video.FPS // camera.FPS)
    return camera.write_y4m(tmp_path_factory.mktemp("camera") / "astronaut.y4m", frames)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The demo that runs in the browser, built. Skips where npm can't install its packages."""
    from fer_lib.exceptions import Problem
    from fer_lib.web.browser import build, npm

    try:
        npm.install()
    except Problem as problem:
        pytest.skip(f"needs npm's packages: {problem}")
    return build.build(tmp_path_factory.mktemp("demo") / "site" / "demo")
