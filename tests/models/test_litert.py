import numpy as np
import pytest
from support.small_models import write_pooling_of_colors

from fer_lib import data, models
from fer_lib.exceptions import Problem
from fer_lib.labels import LABEL, PEOPLE
from fer_lib.models import shipped
from fer_lib.models.litert import LiteRTClassifier


@pytest.fixture(scope="module")
def faces():
    return data.load_synthetic_faces(12).images


def test_litert_gives_what_keras_gives(faces):
    ours = models.load(shipped.FLOAT16)(faces)
    assert ours.shape == (12, 7) and ours.dtype == np.float32
    np.testing.assert_allclose(ours.sum(axis=1), 1, atol=1e-3)
    keras_own = models.outputs(models.load(), faces)
    np.testing.assert_allclose(ours, keras_own.get(PEOPLE, keras_own[LABEL]), atol=0.05)


def test_no_face_gives_no_probabilities():
    assert models.load(shipped.FLOAT16)(np.empty((0, 48, 48, 1))).shape == (0, 7)


@pytest.mark.parametrize("shape", [(48, 48, 1), (1, 48, 48), (2, 96, 96, 1), (1, 48, 48, 3)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="are not"):
        models.load(shipped.FLOAT16)(np.zeros(shape))


def test_files_that_are_no_classifier_are_explained(tmp_path):
    with pytest.raises(Problem, match="none.tflite does not exist"):
        LiteRTClassifier(tmp_path / "none.tflite")
    (tmp_path / "text.tflite").write_text("not a model at all")
    with pytest.raises(Problem, match="text.tflite is not a LiteRT model"):
        LiteRTClassifier(tmp_path / "text.tflite")


def test_a_model_of_other_images_is_explained(tmp_path):
    with pytest.raises(Problem, match="not one gray 48×48 face"):
        LiteRTClassifier(write_pooling_of_colors(tmp_path)[1])
