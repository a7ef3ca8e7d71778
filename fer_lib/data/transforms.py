"""Transforms of one image: move it, change its light, store it as JPEG."""

import cv2
import numpy as np


def move(image, right=0.0, down=0.0, angle=0.0, scale=1.0):
    """Rotate and scale an image about its center, then shift it; borders are repeated outside.

    Args:
        image: `(h, w)`, uint8 or float32.
        right: Shift to the right, pixels.
        down: Shift downward, pixels.
        angle: Rotation, degrees, counterclockwise.
        scale: Factor of its size.

    Returns:
        The image, of the same shape and type.
    """
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, scale)
    matrix[:, 2] += right, down
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def adjust_gamma(image, exponent):
    """Raise an image's gray levels, as fractions of white, to a power (gamma correction).

    Args:
        image: Any shape, 0-255; values outside are clipped.
        exponent: Below 1 brightens, above 1 darkens.

    Returns:
        The image, of the same shape, float, 0-255.
    """
    return 255 * (np.clip(image, 0, 255) / 255) ** exponent


def compress_jpeg(image, quality):
    """Compress an image as JPEG and decompress it.

    Args:
        image: `(h, w)` uint8.
        quality: JPEG quality, 1-100.

    Returns:
        The image with JPEG artifacts, `(h, w)` uint8.
    """
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
