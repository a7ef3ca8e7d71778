"""The live demo as a page without code: Voilà runs the notebook, Chromium has a camera."""

import os
import socket
import subprocess
import sys
import time

import pytest

from fer_lib import live, paths

PATIENCE = 400  # seconds for what takes fifty on an idle computer


@pytest.fixture(scope="module")
def voila(tmp_path_factory):
    """The address of Voilà showing notebook 06; it reads and writes nothing of the user's."""
    pytest.importorskip("voila")
    folder = tmp_path_factory.mktemp("voila")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    notebook = paths.NOTEBOOKS / "06_live_demo.ipynb"
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}"]
    own = {"HOME": folder, "FER_CACHE": folder / "cache", "JUPYTER_RUNTIME_DIR": folder / "runtime"}
    environment = os.environ | {name: str(path) for name, path in own.items()}
    with open(folder / "voila.log", "wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait(port, process)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()  # it ends its kernels, too
        process.wait(30)


def wait(port, process):
    """Wait until something listens there."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10).close()
        except OSError:
            time.sleep(0.2)
    pytest.fail("Voilà did not start")


def test_the_page_makes_sense_without_code_and_its_camera_works(voila, chromium, astronaut):
    with chromium(astronaut) as context:
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(voila, timeout=1000 * PATIENCE)
        page.get_by_role("heading", name="What comes next").wait_for()
        assert page.get_by_text(live.where_frames_go()).is_visible()
        assert page.locator(".jp-InputArea-editor").count() == 0
        assert page.get_by_text("Traceback").count() == 0
        camera = page.get_by_role("region", name="Live view").first
        assert camera.get_by_role("status").inner_text() == "Stopped."
        camera.get_by_role("button", name="Start").click()
        camera.get_by_text("results per second").wait_for()
        camera.get_by_role("status").get_by_text("happy").wait_for()
        camera.get_by_role("button", name="Stop").click()
        assert camera.get_by_role("status").inner_text() == "Stopped."
