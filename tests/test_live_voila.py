"""The live notebook under Voilà, which shows a notebook as a page, on a computer with no camera."""

import shutil

import pytest

from fer_lib import paths

pytest.importorskip("playwright")
pytest.importorskip("voila")

from jupyterlab import PATIENCE, jupyterlab
from playwright.sync_api import expect


def test_the_live_notebook_without_a_camera_says_so_and_shows_the_clip(chromium, tmp_path):
    with jupyterlab(tmp_path) as lab, chromium() as context:
        shutil.copy(paths.NOTEBOOKS / "05_live_demo.ipynb", lab.folder)
        page = context.new_page()
        page.set_default_timeout(3000 * PATIENCE)
        expect.set_options(timeout=1000 * PATIENCE)
        page.goto(lab.address("voila/render/05_live_demo.ipynb"))
        views = page.get_by_role("region", name="Live view")
        expect(views).to_have_count(2, timeout=3000 * PATIENCE)  # Voilà runs all cells first
        camera, clip = views.all()
        camera.get_by_role("button", name="Start").click()
        expect(camera.get_by_role("alert")).to_contain_text("No camera was found")
        clip.get_by_role("button", name="Start").click()
        expect(clip).to_contain_text("results a second")
