"""Data augmentation: random changes of training images that keep the expression."""

from typing import NamedTuple

import cv2
import numpy as np

from fer_lib.data.transforms import adjust_gamma, compress_jpeg, move


class Augmentation(NamedTuple):
    """How far data augmentation may change images; by default it doesn't.

    Attributes:
        flip: Whether to flip every second image horizontally.
        shift: Largest shift, pixels, in each direction.
        scale: Largest change of the size, as a fraction of it, up or down.
        rotation: Largest rotation, degrees, either way.
        contrast: Largest change of the contrast, as a fraction of it, up or down.
        brightness: Largest change of the brightness, gray levels, up or down.
        gamma: Largest exponent of the gray levels in [0, 1], its inverse being the smallest; 1 for
            no change.
        blur: Largest standard deviation of a Gaussian blur, pixels, of every second image; 0 for
            none.
        noise: Largest standard deviation of Gaussian noise, gray levels, on every second image; 0
            for none.
        jpeg: Lowest JPEG quality, 1-100, of every second image; None for no JPEG artifacts.
        erase: Largest area of the one gray rectangle that covers a part of every second image, as a
            fraction of the image; 0 for none (random erasing, Zhong et al. 2017).
    """

    flip: bool = False
    shift: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    gamma: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    jpeg: int | None = None
    erase: float = 0.0

    def apply(self, images, generator):
        """Augment images, each on its own.

        Args:
            images: `(n, 48, 48, 1)`, 0-255.
            generator: `np.random.Generator` to draw from; its state alone decides the changes.

        Returns:
            Changed copies, of the same shape and range, float32.
        """
        changed = [self._change(image[..., 0], generator) for image in images]
        return np.clip(np.stack(changed)[..., np.newaxis], 0, 255, dtype=np.float32)

    def _change(self, image, generator):
        image = self._change_geometry(image.astype(np.float32), generator)
        image = self._change_light(image, generator)
        if self.blur and generator.random() < 0.5:
            image = cv2.GaussianBlur(image, (0, 0), generator.uniform(0.1, self.blur))
        if self.noise and generator.random() < 0.5:
            image = image + generator.normal(0, generator.uniform(0, self.noise), image.shape)
        if self.jpeg and generator.random() < 0.5:
            gray = np.clip(image, 0, 255).astype(np.uint8)
            image = compress_jpeg(gray, int(generator.integers(self.jpeg, 101))).astype(np.float32)
        if self.erase and generator.random() < 0.5:
            image = _erase(image, self.erase, generator)
        return image

    def _change_geometry(self, image, generator):
        if self.flip and generator.random() < 0.5:
            image = image[:, ::-1]
        if not (self.shift or self.scale or self.rotation):
            return image
        angle = generator.uniform(-self.rotation, self.rotation)
        scale = 1 + generator.uniform(-self.scale, self.scale)
        right, down = generator.uniform(-self.shift, self.shift, size=2)
        return move(np.ascontiguousarray(image), right, down, angle, scale)

    def _change_light(self, image, generator):
        gain = 1 + generator.uniform(-self.contrast, self.contrast)
        offset = generator.uniform(-self.brightness, self.brightness)
        image = (image - 127.5) * gain + 127.5 + offset
        if self.gamma == 1:
            return image
        return adjust_gamma(image, self.gamma ** generator.uniform(-1, 1))


def _erase(image, largest, generator):
    """Cover a rectangle of random place, shape (at most 1:3), and gray level; on a copy."""
    height, width = image.shape
    area = generator.uniform(0.02, largest) * height * width
    ratio = 3 ** generator.uniform(-1, 1)
    rows, columns = (min(round((area * side) ** 0.5), height) for side in (ratio, 1 / ratio))
    top, left = generator.integers(0, height - rows + 1), generator.integers(0, width - columns + 1)
    image = image.copy()
    image[top : top + rows, left : left + columns] = generator.uniform(0, 255)
    return image
