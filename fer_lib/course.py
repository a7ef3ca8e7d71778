"""Running the whole course: every notebook in order, on the data at hand."""

import os
import time

from fer_lib import data, paths
from fer_lib.exceptions import Problem

OUTPUT = paths.REPOSITORY / "course"


def notebooks():
    """The course's notebooks, in order; raises Problem if there is none."""
    found = sorted(paths.NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
    if not found:
        raise Problem(
            f"{paths.NOTEBOOKS}: no notebook; run the course from a clone of the repository"
        )
    return found


def run():
    """Execute all notebooks and write them, executed, as HTML pages to `course/`.

    The committed notebooks stay as they are; the figures and tables in `figures/` are made again.
    Raises Problem, naming the cell, if one fails; its page is written all the same.
    """
    print(f"The course runs on {data.load()}.", flush=True)
    start = time.perf_counter()
    for path in notebooks():
        _run_notebook(path)
    minutes = (time.perf_counter() - start) / 60
    print(f"Done in {minutes:.1f} minutes. Read the executed notebooks, from the first on:")
    for path in notebooks():
        print(f"  {OUTPUT / path.stem}.html")
    print(f"The paper's figures and tables, made again: {paths.FIGURES}")


def _run_notebook(path):
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from tqdm import tqdm

    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's kernel, not the user's
    notebook = nbformat.read(path, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    with tqdm(
        total=cells, desc=path.stem, unit="cell", bar_format="{l_bar}{bar:20}| {elapsed}"
    ) as bar:
        client = NotebookClient(
            notebook,
            timeout=None,
            # Kernels warn that they talk over this computer's own network without encryption.
            extra_arguments=["--log-level=ERROR"],
            store_widget_state=False,  # a clip's film, too, which no page could play
            resources={"metadata": {"path": str(paths.NOTEBOOKS)}},
            on_cell_executed=lambda **_: bar.update(),
        )
        try:
            client.execute()
        except CellExecutionError as error:
            page = OUTPUT / f"{path.stem}.html"
            reason = f"{error.ename}: {error.evalue}".splitlines()[0]
            raise Problem(f"{path.name} failed: {reason} (see {page})") from error
        finally:
            _write_page(notebook, path)


def _write_page(notebook, path):
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    with paths.write_atomically(OUTPUT / f"{path.stem}.html") as temporary:
        temporary.write_text(page, encoding="utf-8")
