"""The checkpoint from which an interrupted training run resumes."""

import keras
import numpy as np
import pandas as pd

from fer_lib import paths


def resume(model, folder):
    """Restore a model from its checkpoint, if there is one.

    Args:
        model: The compiled Keras model that was being fitted. It gets the weights of the last
            complete epoch, the state of the optimizer, and the random state of dropout.
        folder: Folder of the checkpoint.

    Returns:
        The history so far, one row per epoch; an empty DataFrame without a checkpoint.
    """
    path = folder / "history.csv"
    if not path.exists():
        return pd.DataFrame()
    history = pd.read_csv(path)
    model.optimizer.build(model.trainable_variables)
    model.load_weights(folder / f"epoch-{len(history)}.weights.h5")
    with np.load(folder / f"epoch-{len(history)}.random.npz") as stored:
        for index, variable in enumerate(dropout_states(model)):
            variable.assign(stored[f"dropout_{index}"])
    return history


def save(model, history, folder):
    """Save a checkpoint after an epoch, and remove the one before.

    The weights of the epoch with the highest validation accuracy are kept as `best.weights.h5`.
    The history is written last, because it says which epoch's files to read.

    Args:
        model: The Keras model being fitted.
        history: The history so far, one row per epoch.
        folder: Folder of the checkpoint.
    """
    epoch = len(history)
    best = int(history["validation_accuracy"].to_numpy().argmax()) == epoch - 1
    for name in [f"epoch-{epoch}", *(["best"] if best else [])]:
        _save_weights(model, folder / f"{name}.weights.h5")
    states = {
        f"dropout_{index}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(dropout_states(model))
    }
    with paths.write_atomically(folder / f"epoch-{epoch}.random.npz") as temporary:
        np.savez(temporary, **states)
    with paths.write_atomically(folder / "history.csv") as temporary:
        history.to_csv(temporary, index=False)
    for former in folder.glob(f"epoch-{epoch - 1}.*"):
        former.unlink()


def _save_weights(model, path):
    with paths.write_atomically(path) as temporary:
        renamed = temporary.with_suffix(".weights.h5")  # Keras insists on this ending
        model.save_weights(renamed)
        renamed.replace(temporary)


def remove(folder):
    """Remove a checkpoint's folder and its files."""
    for file in folder.glob("*"):
        file.unlink()
    folder.rmdir()


def dropout_states(model):
    """List the random states of a model's dropout, which Keras doesn't save with the weights."""
    return [variable for variable in model.variables if "seed_generator" in variable.path]
