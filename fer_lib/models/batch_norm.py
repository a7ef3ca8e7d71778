"""Batch normalisation when a pretrained network learns on: its momentum, and its speed."""

import keras


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras' layer, training with TensorFlow's one operation in place of a dozen.

    On two CPU cores an epoch of MobileNetV2 takes six tenths of the time (`fer bench training`).
    TensorFlow averages the unbiased variance: n / (n - 1) of Keras' own, n pixels of a batch.
    """

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon, is_training=True
        )
        # Keras' averages of several devices would drift apart, and only the first's be saved.
        mean, variance = tf.distribute.get_replica_context().all_reduce(
            tf.distribute.ReduceOp.MEAN, [mean, variance]
        )
        for average, value in [(self.moving_mean, mean), (self.moving_variance, variance)]:
            average.assign(average * self.momentum + value * (1 - self.momentum))
        return outputs


# What the fused layer is read back as, so that a saved model needs nothing but Keras.
KERAS_OWN = {"FusedBatchNormalization": keras.layers.BatchNormalization}


def for_training(backbone, momentum):
    """A copy of the backbone, its weights in the same order, that trains well and fast.

    momentum: how slowly batch normalisation's moving averages follow. Keras gives MobileNetV2
    0.999, right for ImageNet's millions of steps. In a fine-tune of a few thousand the averages lag
    behind the weights, and inference uses stale ones: use 0.9.
    On backends other than TensorFlow, whose compilers fuse by themselves, Keras' own layer stays.
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
