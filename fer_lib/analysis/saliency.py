"""Which regions of a face a classifier relies on: Grad-CAM for average pooling."""

import numpy as np

BATCH_SIZE = 16


def feature_maps(classifier, images):
    """Compute the feature maps that a classifier's backbone makes of images.

    It calls the layers instead of `predict`, which would compile each of them again.

    Args:
        classifier: A classifier of `models.build`.
        images: Faces, `(n, 48, 48, 1)`, 0-255.

    Returns:
        Float32 array `(n, rows, columns, channels)`.
    """
    from keras import ops

    preprocessing, backbone = (classifier.get_layer(name) for name in ("preprocessing", "backbone"))
    batches = [
        backbone(preprocessing(images[start : start + BATCH_SIZE]), training=False)
        for start in range(0, len(images), BATCH_SIZE)
    ]
    return np.concatenate([ops.convert_to_numpy(batch) for batch in batches])


def class_activation_map(head, maps, classes):
    """Compute Grad-CAM: how strongly each place of an image supports a class.

    Grad-CAM (Selvaraju et al. 2017) weights each feature map by the mean gradient of the class's
    logit. With average pooling, a map affects the logit only through its mean, so this gradient is
    the head's (up to a constant), which `head_gradients` computes by hand, identically on every
    backend. For a head of one layer, it is that layer's weights: class activation mapping (Zhou et
    al. 2016).

    Args:
        head: Head of a classifier with average pooling (`models.head`).
        maps: Feature maps of `feature_maps`, `(n, rows, columns, channels)`.
        classes: Class indices, `(n,)`.

    Returns:
        Array `(n, rows, columns)`, 0 or more.
    """
    weights = head_gradients(head, maps.mean(axis=(1, 2)), classes)
    return np.maximum(np.einsum("nrck,nk->nrc", maps, weights), 0)


def head_gradients(head, pooled, classes):
    """Compute the gradient of each image's class logit with respect to its pooled features.

    By the chain rule for one or two dense layers: a ReLU passes the gradient where it was active.

    Args:
        head: Head of a classifier (`models.head`).
        pooled: Pooled features, `(n, channels)`.
        classes: Class indices, `(n,)`.

    Returns:
        Array `(n, channels)`.
    """
    outward, _ = head.get_layer("probabilities").get_weights()
    gradient = outward.T[classes]
    if any(layer.name == "hidden" for layer in head.layers):
        inward, bias = head.get_layer("hidden").get_weights()
        active = pooled @ inward + bias > 0
        gradient = (gradient * active) @ inward.T
    return gradient
