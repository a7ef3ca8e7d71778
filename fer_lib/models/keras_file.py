"""Models as `.keras` files."""

import keras

from fer_lib import paths
from fer_lib.exceptions import Problem
from fer_lib.models import batch_norm


def save(trained, path):
    """Write a model as `.keras`, of Keras' own layers, without its optimizer.

    The optimizer's state is twice the weights' size.
    """
    with keras.saving.custom_object_scope(batch_norm.KERAS_OWN):
        bare = type(trained).from_config(trained.get_config())
    bare.set_weights(trained.get_weights())
    with paths.write_atomically(path) as temporary:
        bare.save(temporary)


def read(path):
    """The model of a `.keras` file; raises Problem if it is none."""
    try:
        return keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = first_line(error)[:200]
        raise Problem(
            f"{path}: not a readable Keras model ({reason}); restore it with git"
        ) from error


def first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]
