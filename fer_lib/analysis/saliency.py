"""Where a classifier looks: Grad-CAM for classifiers with average pooling."""

import numpy as np


def feature_maps(classifier, images, batch_size=16):
    """What the backbone of a classifier (`model.build`) makes of images (n, 48, 48, 1), 0-255.

    Returns (n, rows, columns, channels) float32. It calls the layers rather than `predict`,
    which would compile each of them anew.
    """
    from keras import ops

    preprocessing, backbone = (classifier.get_layer(name) for name in ("preprocessing", "backbone"))
    batches = [
        backbone(preprocessing(images[start : start + batch_size]), training=False)
        for start in range(0, len(images), batch_size)
    ]
    return np.concatenate([ops.convert_to_numpy(batch) for batch in batches])


def class_activation_map(head, maps, classes):
    """Grad-CAM (Selvaraju et al. 2017): how much each place of an image speaks for a class.

    head: of a classifier with average pooling (`model.head`). maps: (n, rows, columns, channels),
    of `feature_maps`. classes: (n,) class indices. Returns (n, rows, columns), >= 0.

    Grad-CAM weighs each feature map by the mean gradient of the class's logit. With average
    pooling a map acts on the logit through its mean alone, so that this gradient is the head's (but
    for a constant), which `head_gradients` works out by hand, alike on every backend. For a head of
    one layer it is that layer's weights: class activation mapping (Zhou et al. 2016).
    """
    weights = head_gradients(head, maps.mean(axis=(1, 2)), classes)
    return np.maximum(np.einsum("nrck,nk->nrc", maps, weights), 0)


def head_gradients(head, pooled, classes):
    """Gradient of each image's class logit by its pooled features, (n, channels).

    head: from `model.head`. pooled: (n, channels). classes: (n,) class indices. The chain rule
    for one or two dense layers: a ReLU passes the gradient where it was active.
    """
    outward, _ = head.get_layer("probabilities").get_weights()
    gradient = outward.T[classes]
    if any(layer.name == "hidden" for layer in head.layers):
        inward, bias = head.get_layer("hidden").get_weights()
        active = pooled @ inward + bias > 0
        gradient = (gradient * active) @ inward.T
    return gradient
