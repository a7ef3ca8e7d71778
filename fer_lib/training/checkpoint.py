"""The checkpoint from which an interrupted training run resumes."""

import keras
import numpy as np
import pandas as pd

from fer_lib import paths


def resume(fitted, state):
    """Load the checkpoint's weights, if there is one; returns its history, else an empty one."""
    path = state / "history.csv"
    if not path.exists():
        return pd.DataFrame()
    history = pd.read_csv(path)
    fitted.optimizer.build(fitted.trainable_variables)
    fitted.load_weights(state / f"epoch-{len(history)}.weights.h5")
    with np.load(state / f"epoch-{len(history)}.random.npz") as stored:
        for index, variable in enumerate(dropout_states(fitted)):
            variable.assign(stored[f"dropout_{index}"])
    return history


def save(fitted, history, state):
    """Save weights, optimizer and random states; the history last, as it tells what is there."""
    epoch = len(history)
    best = int(history["validation_accuracy"].to_numpy().argmax()) == epoch - 1
    for name in [f"epoch-{epoch}", *(["best"] if best else [])]:
        with paths.write_atomically(state / f"{name}.weights.h5") as temporary:
            renamed = temporary.with_suffix(".weights.h5")  # the ending that Keras asks for
            fitted.save_weights(renamed)
            renamed.replace(temporary)
    states = {
        f"dropout_{index}": keras.ops.convert_to_numpy(variable)
        for index, variable in enumerate(dropout_states(fitted))
    }
    with paths.write_atomically(state / f"epoch-{epoch}.random.npz") as temporary:
        np.savez(temporary, **states)
    with paths.write_atomically(state / "history.csv") as temporary:
        history.to_csv(temporary, index=False)
    for former in state.glob(f"epoch-{epoch - 1}.*"):
        former.unlink()


def remove(state):
    for file in state.glob("*"):
        file.unlink()
    state.rmdir()


def dropout_states(fitted):
    """The variables from which dropout draws, which Keras does not save with the weights."""
    return [variable for variable in fitted.variables if "seed_generator" in variable.path]
