import keras
import numpy as np
import pytest
from support.tolerances import PROBABILITIES

from fer_lib import models
from fer_lib.exceptions import Problem
from fer_lib.models import keras_file


def test_saved_model_predicts_the_same_and_leaves_its_optimizer_behind(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1), dtype=np.uint8)
    inputs = keras.Input((48, 48, 1))
    outputs = keras.layers.Dense(7, activation="softmax")(keras.layers.Flatten()(inputs))
    trained = keras.Model(inputs, outputs)
    trained.compile("adam", "sparse_categorical_crossentropy")
    trained.fit(images / 255, np.arange(5), verbose=0)
    models.save(trained, tmp_path / "small.keras")
    restored = keras.saving.load_model(tmp_path / "small.keras")
    assert not restored.compiled
    np.testing.assert_allclose(
        restored.predict(images, verbose=0), trained.predict(images, verbose=0), **PROBABILITIES
    )


def test_a_file_that_is_no_model_is_explained_in_one_line(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(Problem, match="text.keras is not a readable Keras model") as caught:
        keras_file.read(tmp_path / "text.keras")
    assert "\n" not in str(caught.value)
