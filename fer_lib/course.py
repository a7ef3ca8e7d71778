"""Running the complete course: every notebook in order, on the available data."""

import os
import time

from fer_lib import data, paths
from fer_lib.exceptions import Problem

OUTPUT = paths.REPOSITORY / "course"


def notebooks():
    """Find the course's notebooks.

    Returns:
        A list of paths, in order.

    Raises:
        Problem: If there is none.
    """
    found = sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise Problem(
            f"{paths.NOTEBOOKS}: no notebook. Run the course from a clone of the repository."
        )
    return found


def run():
    """Execute all notebooks and write them, executed, as HTML pages to `course/`.

    The committed notebooks stay as they are; the figures and tables in `figures/` are regenerated.

    Raises:
        Problem: If a cell fails; the message names its notebook, whose page is written all the
            same.
    """
    print(f"The course runs on {data.load()}.", flush=True)
    start = time.perf_counter()
    for path in notebooks():
        _run_notebook(path)
    minutes = (time.perf_counter() - start) / 60
    print(f"Done in {minutes:.1f} minutes. Read the executed notebooks, starting with the first:")
    for path in notebooks():
        print(f"  {_page(path)}")
    print(f"The paper's figures and tables, regenerated: {paths.FIGURES}")


def _run_notebook(path):
    """Execute a notebook and write its page, also if a cell fails."""
    import nbformat
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(path, as_version=4)
    try:
        _execute(notebook, path.stem)
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}".splitlines()[0]
        raise Problem(f"{path.name} failed: {reason}. See {_page(path)}.") from error
    finally:
        _write_page(notebook, path)


def _execute(notebook, name):
    """Execute a notebook's cells in place, with a progress bar."""
    from nbclient import NotebookClient
    from tqdm import tqdm

    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernel, not the user's
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    bar_format = "{l_bar}{bar:20}| {elapsed}"
    with tqdm(total=cells, desc=name, unit="cell", bar_format=bar_format) as bar:
        NotebookClient(
            notebook,
            timeout=None,
            # Kernels warn that they talk over this computer's own network without encryption.
            extra_arguments=["--log-level=ERROR"],
            store_widget_state=False,  # it includes a video, which no page could play
            resources={"metadata": {"path": str(paths.NOTEBOOKS)}},
            on_cell_executed=lambda **_: bar.update(),
        ).execute()


def _page(path):
    return OUTPUT / f"{path.stem}.html"


def _write_page(notebook, path):
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    with paths.write_atomically(_page(path)) as temporary:
        temporary.write_text(page, encoding="utf-8")
