import keras
import numpy as np
import pytest

from fer_lib import models, paths
from fer_lib.data import fer2013
from fer_lib.exceptions import Problem
from fer_lib.models import classifier


@pytest.fixture(scope="module")
def backbone():
    return models.starting_backbone(48)[0]


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1), dtype=np.uint8)


def test_preprocessing_scales_resizes_and_repeats(images):
    prepared = models.preprocessing(96).predict(images, verbose=0)
    assert prepared.shape == (5, 96, 96, 3)
    assert prepared.min() >= -1 and prepared.max() <= 1
    np.testing.assert_array_equal(prepared[..., 0], prepared[..., 2])
    unscaled = models.preprocessing(48, (0, 1)).predict(images, verbose=0)
    np.testing.assert_allclose(unscaled[..., :1], images / 255, atol=1e-6)


def test_classifier_returns_probabilities(backbone, images):
    probabilities = models.build(backbone, 48).predict(images, verbose=0)
    assert probabilities.shape == (5, 7)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_feature_maps_at_48_pixels_are_two_by_two(backbone):
    """A backbone of unknown input size pads otherwise and leaves one by one."""
    assert backbone.output_shape == (None, 2, 2, 1280)


def test_features_and_head_make_the_classifier(backbone, images):
    """Frozen features computed once give what the whole network gives."""
    whole = models.build(backbone, 48)
    extractor = models.feature_extractor(backbone, 48)
    head = models.head((1280,))
    head.set_weights(whole.get_layer("head").get_weights())
    np.testing.assert_allclose(
        head.predict(extractor.predict(images, verbose=0), verbose=0),
        whole.predict(images, verbose=0),
        atol=1e-4,
    )


def test_a_cut_backbone_is_whole_again(backbone):
    cut = "block_15_add"
    inputs = np.random.default_rng(0).uniform(-1, 1, (2, 48, 48, 3)).astype(np.float32)
    bottom = keras.Model(backbone.input, backbone.get_layer(cut).output)
    middle = bottom.predict(inputs, verbose=0)
    rest = models.rest_of_backbone(backbone, cut, middle.shape[1:])
    np.testing.assert_allclose(
        rest.predict(middle, verbose=0), backbone.predict(inputs, verbose=0), atol=1e-4
    )


def test_saved_model_predicts_the_same_and_leaves_its_optimizer_behind(tmp_path, images):
    inputs = keras.Input((48, 48, 1))
    outputs = keras.layers.Dense(7, activation="softmax")(keras.layers.Flatten()(inputs))
    trained = keras.Model(inputs, outputs)
    trained.compile("adam", "sparse_categorical_crossentropy")
    trained.fit(images / 255, np.arange(5), verbose=0)
    models.save(trained, tmp_path / "small.keras")
    restored = keras.saving.load_model(tmp_path / "small.keras")
    assert not restored.compiled
    np.testing.assert_allclose(
        restored.predict(images, verbose=0), trained.predict(images, verbose=0), atol=1e-6
    )


def test_missing_and_damaged_models_are_explained(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "MODELS", tmp_path)
    with pytest.raises(Problem, match="nothing.keras: no such model"):
        models.load("nothing")
    (tmp_path / "broken.keras").write_bytes(b"not a model")
    with pytest.raises(Problem, match="broken.keras: not a readable Keras model"):
        models.load("broken")


def test_without_weights_and_network_the_error_says_what_to_do(monkeypatch):
    def no_network(*arguments, **options):
        raise Exception("URL fetch failure on a file: network unreachable")

    monkeypatch.setattr(keras.applications, "MobileNetV2", no_network)
    with pytest.raises(
        Problem, match="no ImageNet weights .*network unreachable.*fer data --weights"
    ):
        models.imagenet_backbone(48)


def test_without_imagenet_the_course_starts_from_its_own_model(monkeypatch):
    def none(size):
        raise Problem("no ImageNet weights")

    monkeypatch.setattr(classifier, "imagenet_backbone", none)
    backbone, origin = models.starting_backbone(48)
    assert origin == models.FINETUNED
    assert backbone.output_shape == (None, 2, 2, 1280)
    trained = models.load().get_layer("backbone")
    for ours, theirs in zip(backbone.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.skipif(fer2013.locate() is None, reason="needs FER2013")
def test_the_papers_model_makes_its_recorded_predictions_again():
    from fer_lib import data, runs
    from fer_lib.labels import LABELS
    from fer_lib.training import recipes

    recorded = runs.load("paper-seed0").predictions
    recorded = recorded[recorded["split"] == "test"].set_index("name")[list(LABELS)]
    test = data.load()
    test = test.select(np.isin(test.names, recorded.index)).select(slice(None, None, 3))
    test = test.select(np.linspace(0, len(test) - 1, 150).astype(int))
    try:
        classifier = models.load_classifier(recipes.PAPER)
    except Problem as problem:
        pytest.skip(str(problem))
    again = classifier.predict(test.images, batch_size=16, verbose=0)
    expected = recorded.loc[test.names].to_numpy()
    np.testing.assert_allclose(again, expected, atol=1e-3)
    np.testing.assert_array_equal(again.argmax(axis=1), expected.argmax(axis=1))
