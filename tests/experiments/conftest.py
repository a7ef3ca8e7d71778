import pytest

from fer_lib.experiments import records


@pytest.fixture(autouse=True)
def own_places(tmp_path, monkeypatch):
    """A cache and a folder of records of its own for each test."""
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(records, "FOLDER", tmp_path / "records")
