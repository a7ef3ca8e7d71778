"""One model on all of a machine's devices, each of which takes an equal share of every batch."""

import keras
import numpy as np

from fer_lib.exceptions import Problem


def all_devices():
    """Context in which a model is built, trained and read on every GPU, or CPU if there is none.

    It is `tf.distribute.MirroredStrategy` on TensorFlow, `keras.distribution.DataParallel` on JAX;
    with one device it changes nothing. Raises Problem on PyTorch, for which Keras has neither.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.distribute.MirroredStrategy().scope()
    if backend == "jax":
        return keras.distribution.DataParallel().scope()
    raise Problem(f"Keras on {backend} trains on one device; set KERAS_BACKEND=tensorflow or jax")


def count():
    """How many devices share each batch: 1 outside of `all_devices`."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.distribute.get_strategy().num_replicas_in_sync
    distribution = keras.distribution.distribution()
    return 1 if distribution is None else distribution.device_mesh.devices.size


def missing(images):
    """How many more than that number of images it takes for equal shares."""
    return -images % count()


def predict(model, inputs, batch_size=256):
    """What `model.predict` gives; the last batch is filled up with copies for equal shares."""
    extra = missing(len(inputs))
    if extra:
        inputs = np.concatenate([inputs, np.repeat(inputs[-1:], extra, axis=0)])
    outputs = model.predict(inputs, batch_size=batch_size, verbose=0)
    return outputs[: len(outputs) - extra]
