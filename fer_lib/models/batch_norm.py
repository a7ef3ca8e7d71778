"""Batch normalization for fine-tuning a pretrained network: its momentum, and its speed."""

import keras


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer, trained with a single TensorFlow operation instead of a dozen.

    On two CPU cores an epoch of MobileNetV2 takes 0.6 of the time (`fer bench training`).
    TensorFlow's moving average is of the unbiased variance: n / (n - 1) of the one that Keras
    averages, for n pixels in a batch.
    """

    def call(self, inputs, training=None, mask=None):
        """Normalize a batch; in training, update the moving averages, too.

        Args:
            inputs: Feature maps `(n, height, width, channels)`.
            training: Whether to use the batch's own mean and variance. A frozen layer never does.
            mask: As in Keras' layer; unused in training.

        Returns:
            The normalized feature maps, of the same shape.
        """
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        # Without it, the averages of several devices would drift apart and only one be saved.
        mean, variance = tf.distribute.get_replica_context().all_reduce(
            tf.distribute.ReduceOp.MEAN, [mean, variance]
        )
        for average, value in [(self.moving_mean, mean), (self.moving_variance, variance)]:
            average.assign(average * self.momentum + value * (1 - self.momentum))
        return outputs


# Read the fused layer back as Keras' own, so that a saved model needs nothing but Keras.
KERAS_OWN = {"FusedBatchNormalization": keras.layers.BatchNormalization}


def for_training(backbone, momentum):
    """Copy a backbone so that it fine-tunes well and fast.

    Keras gives MobileNetV2 a momentum of 0.999, which suits ImageNet's millions of steps. In a
    fine-tuning run of a few thousand the moving averages lag behind the weights, so that inference
    uses stale ones: use 0.9. With TensorFlow the copy's layers are fused; other backends' compilers
    fuse by themselves and keep Keras' own.

    Args:
        backbone: A Keras model.
        momentum: Momentum of the moving averages of batch normalization, 0-1; the higher, the
            slower they follow.

    Returns:
        The copy, with its weights in the same order.
    """

    def rebuild(layer):
        kind = type(layer)
        if not isinstance(layer, keras.layers.BatchNormalization):
            return kind.from_config(layer.get_config())
        if keras.backend.backend() == "tensorflow":
            kind = FusedBatchNormalization
        return kind.from_config({**layer.get_config(), "momentum": momentum})

    copy = keras.models.clone_model(backbone, clone_function=rebuild)
    copy.set_weights(backbone.get_weights())
    return copy
