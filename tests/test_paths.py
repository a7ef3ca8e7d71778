from pathlib import Path

import pytest

from fer_lib import paths


def test_the_cache_is_where_the_environment_points(monkeypatch):
    monkeypatch.setenv("FER_CACHE", "/somewhere/else")
    assert paths.cache_folder() == Path("/somewhere/else")
    monkeypatch.delenv("FER_CACHE")
    assert paths.cache_folder().name == "fer_lib"


def test_files_are_written_completely_or_not_at_all(tmp_path):
    file = tmp_path / "new" / "file.txt"
    with paths.write_atomically(file) as temporary:
        temporary.write_text("first")
    with pytest.raises(ZeroDivisionError), paths.write_atomically(file) as temporary:
        temporary.write_text("second")
        raise ZeroDivisionError
    assert file.read_text() == "first"
    assert [path.name for path in file.parent.iterdir()] == ["file.txt"]
