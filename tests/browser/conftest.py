"""The JupyterLab that browser tests share."""

import pytest


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory):
    """A JupyterLab server, with Voilà in it; each test has notebooks of its own there."""
    from fer_lib.benchmarks.notebook_server import jupyterlab

    with jupyterlab(tmp_path_factory.mktemp("jupyterlab")) as server:
        yield server
