"""Training one model on all devices of a machine, each with an equal part of every batch."""

import keras
import numpy as np

from fer_lib.exceptions import Problem


def all_devices():
    """Create a context in which models are built, trained, and read on every GPU, or on the CPU.

    Returns:
        A context manager: of `tf.distribute.MirroredStrategy` on TensorFlow, of
        `keras.distribution.DataParallel` on JAX. With one device it changes nothing.

    Raises:
        Problem: On PyTorch, for which Keras has neither.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.distribute.MirroredStrategy().scope()
    if backend == "jax":
        return keras.distribution.DataParallel().scope()
    raise Problem(
        f"Keras on {backend} trains on one device only. Set KERAS_BACKEND=tensorflow or jax."
    )


def count():
    """Count the devices that share each batch; 1 outside of `all_devices`."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.distribute.get_strategy().num_replicas_in_sync
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else distribution.device_mesh.devices.size


def padding(images):
    """Compute how many images to add to a number of images for equal parts on all devices."""
    return -images % count()


def predict(model, inputs, batch_size=256):
    """Predict on all devices.

    The last batch is padded with copies of the last input, for equal parts.

    Args:
        model: A Keras model.
        inputs: What it takes, `(n, ...)`.
        batch_size: Number of inputs per batch.

    Returns:
        Its outputs, `(n, ...)`, or a dict of them if it has several.
    """
    extra = padding(len(inputs))
    if extra:
        inputs = np.concatenate([inputs, np.repeat(inputs[-1:], extra, axis=0)])
    outputs = model.predict(inputs, batch_size=batch_size, verbose=0)
    return keras.tree.map_structure(lambda values: values[: len(values) - extra], outputs)
