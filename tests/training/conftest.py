import pytest
from support import small_models

from fer_lib import models


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of its own for each test."""
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def small_backbone(monkeypatch):
    """A backbone that trains fast, in place of MobileNetV2."""
    network = small_models.small_backbone
    monkeypatch.setattr(models, "starting_backbone", lambda size: (network(), "small"))
    return network
