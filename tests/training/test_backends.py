"""Training on another Keras backend gives what TensorFlow gives, which reads its model."""

import numpy as np
import pytest
from support import small_training
from support.tolerances import LOSSES, PROBABILITIES

from fer_lib.labels import LABELS


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_two_epochs_on_another_backend_equal_those_on_tensorflow(backend, tmp_path):
    run, trained, _ = small_training.recorded(backend, tmp_path / backend)
    expected, *_ = small_training.recorded("tensorflow", tmp_path / "tensorflow")
    assert (run.info["backend"], expected.info["backend"]) == (backend, "tensorflow")
    np.testing.assert_allclose(run.history["loss"], expected.history["loss"], **LOSSES)
    read_back = trained.predict(small_training.faces().validation.images, verbose=0)
    np.testing.assert_allclose(read_back, run.predictions[list(LABELS)], **PROBABILITIES)
