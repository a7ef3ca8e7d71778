"""Random changes of training images that leave the expression as it was."""

from typing import NamedTuple

import cv2
import numpy as np

from fer_lib.data.transforms import adjust_gamma, compress_jpeg, move


class Augmentation(NamedTuple):
    """How far images may be changed at random; each bound is symmetric.

    flip: mirror every second image. shift: pixels. scale: share of the size. rotation: degrees.
    contrast: share. brightness: grey levels. gamma: largest exponent of the grey levels in [0, 1],
    its inverse the smallest; 1 changes none. blur: largest standard deviation in pixels, on every
    second image. jpeg: lowest quality, 1-100, on every second image; None: never stored so.
    erase: largest share of the area that one grey rectangle covers, on every second image
    (random erasing, Zhong et al. 2017).
    """

    flip: bool = False
    shift: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    gamma: float = 1.0
    blur: float = 0.0
    jpeg: int | None = None
    erase: float = 0.0

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
        image = (image - 127.5) * gain + 127.5 + offset
        if self.gamma != 1:
            exponent = self.gamma ** generator.uniform(-1, 1)
            image = adjust_gamma(image, exponent)
        if self.blur and generator.random() < 0.5:
            image = cv2.GaussianBlur(image, (0, 0), generator.uniform(0.1, self.blur))
        if self.jpeg and generator.random() < 0.5:
            grey = np.clip(image, 0, 255).astype(np.uint8)
            image = compress_jpeg(grey, int(generator.integers(self.jpeg, 101))).astype(np.float32)
        if self.erase and generator.random() < 0.5:
            image = _erase(image, self.erase, generator)
        return image

    def _move(self, image, generator):
        angle = generator.uniform(-self.rotation, self.rotation)
        scale = 1 + generator.uniform(-self.scale, self.scale)
        return move(image, *generator.uniform(-self.shift, self.shift, size=2), angle, scale)


def _erase(image, largest, generator):
    """A copy with one rectangle of random place, shape (at most 1 : 3) and grey level."""
    height, width = image.shape
    area = generator.uniform(0.02, largest) * height * width
    ratio = 3 ** generator.uniform(-1, 1)
    rows, columns = (min(round((area * side) ** 0.5), height) for side in (ratio, 1 / ratio))
    top, left = generator.integers(0, height - rows + 1), generator.integers(0, width - columns + 1)
    image = image.copy()
    image[top : top + rows, left : left + columns] = generator.uniform(0, 255)
    return image
