"""Changes of one image: moved, lit otherwise, stored as JPEG."""

import cv2
import numpy as np


def move(image, right=0.0, down=0.0, angle=0.0, scale=1.0):
    """The image (h, w) turned (degrees), scaled about its middle and moved (pixels).

    Pixels from outside repeat the border.
    """
    height, width = image.shape
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, scale)
    matrix[:, 2] += right, down
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def adjust_gamma(image, exponent):
    """The image with its grey levels, as shares of white, raised to a power (gamma); float."""
    return 255 * (np.clip(image, 0, 255) / 255) ** exponent


def compress_jpeg(image, quality):
    """The image (h, w) uint8 as it comes back from a JPEG file of that quality, 1-100."""
    _, encoded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE)
