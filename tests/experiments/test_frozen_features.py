import numpy as np
import pytest

from fer_lib import data, models
from fer_lib.experiments import frozen_features


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_CACHE", str(tmp_path))


@pytest.mark.slow
def test_the_last_block_gives_the_features_of_the_complete_backbone(own_cache):
    images = data.load_synthetic_faces(20).images
    blocks = frozen_features.of(images, 48, "finetuned")
    extractor = models.feature_extractor(models.finetuned_backbone(48), 48)
    expected = extractor.predict(images, verbose=0)
    np.testing.assert_allclose(blocks.after(), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
def test_every_block_has_columns_of_its_own(own_cache):
    blocks = frozen_features.of(data.load_synthetic_faces(4).images, 48, "random")
    assert len(blocks.columns) == 19  # 17 inverted residuals between two convolutions
    channels = [blocks.after(name).shape[1] for name in blocks.columns]
    assert channels[:3] == [32, 16, 24] and channels[-2:] == [320, 1280]
    assert sum(channels) == blocks.values.shape[1]
