import keras
import numpy as np
import pytest
from support.small_recipes import FINETUNED

from fer_lib import data, training
from fer_lib.training import checkpoint


def test_a_checkpoint_restores_weights_and_optimizer(own_cache, small_backbone, monkeypatch):
    """Fine-tuning is not reproducible to the last bit, so its state is compared, not its end."""
    faces = data.load_synthetic_faces(80)
    save, saved = checkpoint.save, []

    def interrupted(model, history, folder):
        save(model, history, folder)
        variables = [*model.variables, *model.optimizer.variables]
        saved.extend(keras.ops.convert_to_numpy(variable) for variable in variables)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        training.train(FINETUNED, faces, verbose=0)
    task = training.prepare(FINETUNED, data.official_split(faces), small_backbone())
    training.compile_model(task.model, FINETUNED, len(task.training[1]))
    history = checkpoint.resume(task.model, next((own_cache / "training").iterdir()))
    assert len(history) == 1
    restored = [*task.model.variables, *task.model.optimizer.variables]
    for ours, theirs in zip(restored, saved, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(ours), theirs)
