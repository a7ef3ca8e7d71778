"""The memory of a learner's server and kernel."""

import nbformat
import pytest

from fer_lib.exceptions import Problem

pytest.importorskip("psutil")
pytest.importorskip("playwright")

HELD = 200  # MiB


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook of some cells and returns its path."""

    def write(*sources):
        cells = [nbformat.v4.new_code_cell(source) for source in sources]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "small.ipynb")
        return tmp_path / "small.ipynb"

    return write


@pytest.mark.slow
def test_memory_that_a_kernel_gives_back_is_in_its_peak_only(notebook):
    from fer_lib.benchmarks import memory

    path = notebook(f"held = b'x' * {HELD * 2**20}; import time; time.sleep(1)", "del held")
    (row,) = memory.measure([path]).to_dict("records")
    assert row["kernel, peak"] - row["kernel, end"] > 0.8 * HELD
    assert row["together, peak"] >= row["server"] > 0


@pytest.mark.slow
def test_a_failing_notebook_is_named(notebook):
    from fer_lib.benchmarks import memory

    with pytest.raises(Problem, match="small.ipynb failed: ZeroDivisionError"):
        memory.measure([notebook("1 / 0")])
