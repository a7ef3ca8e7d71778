"""Models as `.keras` files; `models.load` finds, checks, and completes them."""

import keras

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.models import batch_norm


def save(trained, path):
    """Write a model as `.keras` file, of Keras' own layers only.

    The optimizer is left out, because its state is twice the size of the weights.

    Args:
        trained: A Keras model.
        path: Where to write it; an existing file is replaced.
    """
    with keras.saving.custom_object_scope(batch_norm.KERAS_OWN):
        bare = type(trained).from_config(trained.get_config())
    bare.set_weights(trained.get_weights())
    with paths.write_atomically(path) as temporary:
        bare.save(temporary)


def read(path):
    """Read a model from a `.keras` file, as it was saved.

    Args:
        path: Path of the file.

    Returns:
        A Keras model, not compiled.

    Raises:
        Problem: If it is not a readable Keras model.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = first_line(error)[:200]
        raise Problem(
            f"{path} is not a readable Keras model ({reason}). Restore it with git."
        ) from error


def first_line(error):
    """Get the first line of an exception's message, or the exception's name if it has none."""
    return (str(error).splitlines() or [type(error).__name__])[0]
