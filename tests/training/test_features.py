import numpy as np
import pytest
from support.tolerances import FEATURES

from fer_lib import data, models
from fer_lib.training import features


def test_features_are_computed_once_and_resume_after_an_interruption(small_backbone, monkeypatch):
    extractor = models.feature_extractor(small_backbone(), 48)
    images = data.load_synthetic_faces(50).images
    expected = extractor.predict(images, batch_size=16, verbose=0)
    monkeypatch.setattr(features, "CHUNK", 20)
    predicted = []
    predict = extractor.predict

    def breaking(inputs, **options):
        if len(predicted) == 2:
            predicted.append("broken")
            raise KeyboardInterrupt
        predicted.append(len(inputs))
        return predict(inputs, **options)

    monkeypatch.setattr(extractor, "predict", breaking)
    with pytest.raises(KeyboardInterrupt):
        features.compute(extractor, images)
    for _ in range(2):
        np.testing.assert_allclose(features.compute(extractor, images), expected, **FEATURES)
    assert predicted == [20, 20, "broken", 10]


def test_other_images_or_weights_have_other_features(small_backbone):
    backbone = small_backbone()
    images = data.load_synthetic_faces(30).images
    extractor = models.feature_extractor(backbone, 48)
    keys = {features._key(extractor, images), features._key(extractor, images[::-1])}
    keys.add(features._key(models.feature_extractor(backbone, 48, "max"), images))
    keys.add(features._key(models.feature_extractor(backbone, 48, pixel_range=(0, 1)), images))
    again = models.feature_extractor(backbone, 48)
    assert features._key(again, images) in keys and len(keys) == 4
    backbone.set_weights([weight + 1e-3 for weight in backbone.get_weights()])
    assert features._key(extractor, images) not in keys
