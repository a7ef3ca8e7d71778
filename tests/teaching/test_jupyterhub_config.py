"""What JupyterHub's configuration says if it can't work; tests/browser tests that it does."""

import os
import runpy

import pytest
from traitlets.config import Config

from fer_lib import paths

pytestmark = pytest.mark.skipif(os.name == "nt", reason="JupyterHub doesn't run on Windows")


def run(config):
    path = paths.REPOSITORY / "teaching" / "jupyterhub_config.py"
    return runpy.run_path(str(path), {"get_config": lambda: config})


@pytest.mark.parametrize("password", [None, "short"])
def test_a_missing_or_short_password_is_one_line(monkeypatch, password):
    monkeypatch.delenv("CLASS_PASSWORD", raising=False)
    if password:
        monkeypatch.setenv("CLASS_PASSWORD", password)
    with pytest.raises(SystemExit, match="Set CLASS_PASSWORD to a password of at least 8"):
        run(Config())


def test_only_this_computer_reaches_the_hub_unless_an_address_is_given(monkeypatch, tmp_path):
    proxy = paths.REPOSITORY / "node_modules" / ".bin" / "configurable-http-proxy"
    if not proxy.exists():
        pytest.skip("needs configurable-http-proxy (npm install)")
    monkeypatch.setenv("CLASS_PASSWORD", "one-for-the-class")
    monkeypatch.setenv("CLASS_FOLDER", str(tmp_path))
    monkeypatch.delenv("CLASS_ADDRESS", raising=False)
    config = Config()
    run(config)
    assert config.JupyterHub.bind_url == "http://127.0.0.1:8000"
