"""Training on another backend of Keras: as on TensorFlow, where its model is read back."""

import numpy as np
import pytest
from support import small_training

from fer_lib.labels import LABELS


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_two_epochs_on_another_backend_are_those_on_tensorflow(backend, tmp_path):
    run, trained, _ = small_training.recorded(backend, tmp_path / backend)
    expected, *_ = small_training.recorded("tensorflow", tmp_path / "tensorflow")
    assert (run.info["backend"], expected.info["backend"]) == (backend, "tensorflow")
    np.testing.assert_allclose(run.history["loss"], expected.history["loss"], rtol=1e-4)
    read_back = trained.predict(small_training.faces().validation.images, verbose=0)
    np.testing.assert_allclose(read_back, run.predictions[list(LABELS)], atol=1e-4)
