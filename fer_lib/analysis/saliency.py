"""Which places of a face speak for a class: class activation maps, signed and on one scale."""

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


def evidence(head, maps):
    """Compute how much each place adds to each class's logit, compared with the other classes.

    With average pooling, a place affects a logit only through its share of the mean, so its part is
    its features times the head's gradient, divided by the number of places: class activation
    mapping (Zhou et al. 2016), for a hidden layer Grad-CAM (Selvaraju et al. 2017). Grad-CAM sets
    negative values to zero; here they stay. The mean over the classes is subtracted, because adding
    the same to all logits changes no prediction. So the places of an image sum to the class's
    logit minus the mean logit, up to a constant that depends on biases alone.

    Args:
        head: Head of a classifier with average pooling (`models.head`).
        maps: Feature maps of `feature_maps`, `(n, rows, columns, channels)`.

    Returns:
        Array `(n, 7, rows, columns)`, in units of the logit. Above 0: speaks for the class.
    """
    gradients = head_gradients(head, maps.mean(axis=(1, 2)))
    gradients = gradients - gradients.mean(axis=1, keepdims=True)
    places = maps.shape[1] * maps.shape[2]
    flat = maps.reshape(len(maps), places, -1)
    found = gradients @ flat.transpose(0, 2, 1) / places
    return found.reshape(len(maps), -1, *maps.shape[1:3])


def head_gradients(head, pooled):
    """Compute the gradient of each class's logit with respect to an image's pooled features.

    By the chain rule for one or two dense layers: a ReLU passes the gradient where it was active.

    Args:
        head: Head of a classifier (`models.head`).
        pooled: Pooled features, `(n, channels)`.

    Returns:
        Array `(n, 7, channels)`.
    """
    outward, _ = head.get_layer("probabilities").get_weights()
    gradients = np.broadcast_to(outward.T, (len(pooled), *outward.T.shape))
    if any(layer.name == "hidden" for layer in head.layers):
        inward, bias = head.get_layer("hidden").get_weights()
        active = pooled @ inward + bias > 0
        gradients = (gradients * active[:, np.newaxis]) @ inward.T
    return gradients
