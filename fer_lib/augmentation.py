"""Random changes of training images that leave the expression as it was."""

from typing import NamedTuple

import cv2
import numpy as np


class Augmentation(NamedTuple):
    """How far images may be changed at random; each bound is symmetric.

    flip: mirror every second image. shift: pixels. scale: share of the size. rotation: degrees.
    contrast: share. brightness: grey levels.
    """

    flip: bool = False
    shift: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0

    def apply(self, images, generator):
        """Changed copies of images (n, 48, 48, 1), 0-255, as float32 in the same range."""
        changed = [self._change(image[..., 0], generator) for image in images]
        return np.clip(np.stack(changed)[..., np.newaxis], 0, 255)

    def _change(self, image, generator):
        image = image.astype(np.float32)
        if self.flip and generator.random() < 0.5:
            image = image[:, ::-1]
        if self.shift or self.scale or self.rotation:
            image = self._move(np.ascontiguousarray(image), generator)
        gain = 1 + generator.uniform(-self.contrast, self.contrast)
        offset = generator.uniform(-self.brightness, self.brightness)
        return (image - 127.5) * gain + 127.5 + offset

    def _move(self, image, generator):
        """Rotate, scale and shift about the middle; pixels from outside repeat the border."""
        height, width = image.shape
        angle = generator.uniform(-self.rotation, self.rotation)
        factor = 1 + generator.uniform(-self.scale, self.scale)
        matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), angle, factor)
        matrix[:, 2] += generator.uniform(-self.shift, self.shift, size=2)
        return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
