"""The live demo as a page without code: Voilà runs the notebook, Chromium has a camera."""

import nbformat
import pytest

from fer_lib import live, paths

pytest.importorskip("playwright")
pytest.importorskip("voila")

LAST_WIDGET = "UploadPanel()"
PATIENCE = 400  # seconds for what takes fifty on an idle computer


@pytest.fixture
def notebook(lab):
    """Notebook 06 in the server's folder, without the code after its last widget.

    Voilà would run that, too, before it shows the page; nbval runs it anyway.
    """
    content = nbformat.read(paths.NOTEBOOKS / "06_live_demo.ipynb", as_version=4)
    last = [cell.source for cell in content.cells].index(LAST_WIDGET)
    content.cells[last + 1 :] = [
        cell for cell in content.cells[last + 1 :] if cell.cell_type == "markdown"
    ]
    nbformat.write(content, lab.folder / "live_demo.ipynb")
    return "live_demo.ipynb"


def test_the_page_makes_sense_without_code_and_its_camera_works(lab, notebook, chromium, astronaut):
    with chromium(astronaut) as context:
        page = context.new_page()
        page.set_default_timeout(1000 * PATIENCE)
        page.goto(lab.address(f"voila/render/{notebook}"), timeout=1000 * PATIENCE)
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
