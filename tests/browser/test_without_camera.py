"""The live view under Voilà, which shows a notebook as a page, on a computer with no camera."""

import pytest

from fer_lib.live import sample_video

pytest.importorskip("playwright")
pytest.importorskip("voila")

from playwright.sync_api import expect

from fer_lib.benchmarks.notebook_server import PATIENCE

CAMERA = "from fer_lib.widgets import LiveView\nLiveView()"
VIDEO = 'from ipywebrtc import VideoStream\nLiveView(VideoStream.from_file("video.webm"))'


def test_without_a_camera_the_view_says_so_and_plays_a_video(chromium, lab):
    expect.set_options(timeout=1000 * PATIENCE)
    with chromium() as context:
        sample_video.write_webm(lab.folder / "video.webm")
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(lab.address(f"voila/render/{lab.write('views.ipynb', CAMERA, VIDEO)}"))
        views = page.get_by_role("region", name="Live view")
        expect(views).to_have_count(2)
        camera, video = views.all()
        camera.get_by_role("button", name="Start").click()
        expect(camera.get_by_role("alert")).to_contain_text("No camera was found")
        video.get_by_role("button", name="Start").click()
        expect(video).to_contain_text("results per second")
