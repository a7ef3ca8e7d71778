"""A stress test of the live demo: faces pasted into scenes that are made harder, or that move.

`Scene.render` shows a face in a scene as a `Setting` says, and `path` gives the settings of a face
in motion. `blur`, `change_light`, `add_noise`, and `cover` change any frame. `find` tells whether a
detector finds the face. `from_camera` gives clean frames the noise and the shake of a camera.
"""

from typing import NamedTuple

import cv2
import numpy as np

from fer_lib.live import detection
from fer_lib.live.sample_video import HEIGHT, WIDTH

SEED = 0
MARGIN = 140  # pixels from the frame's edges to the center of a face, at least
SURROUND = 0.25  # of the face's side, over which the pasted face fades into the background
MOVING_NOISE = 8  # gray levels
MIN_IOU = 0.5  # of a box that counts as found, and the true one

# Centers and gray levels of the bars that cover a face; heights and widths in sides of its square.
COVERS = {"eyes": (0.385, 20), "mouth": (0.78, 200)}
COVER_WIDTH = 0.8


class Setting(NamedTuple):
    """How a face is shown to the camera. The defaults are the baseline.

    Attributes:
        side: Side of the face's square, in pixels of a frame of 640×480.
        tilt: Clockwise tilt of the head, in degrees.
        light: Light, in percent of the original gray levels; they are clipped at white.
        blur: Standard deviation of the Gaussian blur, in pixels.
        noise: Standard deviation of the camera's noise in each pixel, in gray levels.
        eyes: Height of a dark bar over the eyes, in percent of the face's.
        mouth: Height of a light bar over the mouth, in percent of the face's.
        background: A key of `BACKGROUNDS`; None for the scene's own.
        shift: How far the face is moved right and down, in pixels.
    """

    side: float = 160
    tilt: float = 0
    light: float = 100
    blur: float = 0
    noise: float = 4
    eyes: float = 0
    mouth: float = 0
    background: str | None = None
    shift: tuple = (0, 0)


class Scene:
    """What stays the same while a face's setting changes: its place, its backgrounds, its noise.

    Args:
        number: Number of the scene, 0 and up; it seeds all that is random.

    Attributes:
        kind: The scene's own background, a key of `BACKGROUNDS`; all kinds take turns.
        center: `(x, y)` of the face, in pixels.
    """

    def __init__(self, number):
        generator = np.random.default_rng([SEED, number])
        self.kind = list(BACKGROUNDS)[number % len(BACKGROUNDS)]
        self.center = generator.integers(MARGIN, (WIDTH - MARGIN, HEIGHT - MARGIN))
        self.backgrounds = {kind: draw(generator) for kind, draw in BACKGROUNDS.items()}
        self._noise = generator.standard_normal((HEIGHT, WIDTH), np.float32)

    def render(self, face, setting, moment=0):
        """Show a face in the scene.

        Args:
            face: Gray face, `(48, 48)` uint8.
            setting: The `Setting`.
            moment: Number of the frame; each has noise of its own.

        Returns:
            The RGB frame, `(480, 640, 3)` uint8, and the true `Box` of the face.
        """
        center = self.center + np.array(setting.shift)
        box = detection.Box(
            *np.rint(center - setting.side / 2).astype(int).tolist(), *2 * [round(setting.side)]
        )
        background = self.backgrounds[setting.background or self.kind]
        frame = paste(face, background, box, setting.tilt)
        for part, percent in (("eyes", setting.eyes), ("mouth", setting.mouth)):
            frame = cover(frame, part, percent, box)
        frame = change_light(blur(frame, setting.blur), setting.light)
        noise = np.roll(self._noise, 1009 * moment)
        frame = np.clip(np.rint(frame + setting.noise * noise), 0, 255).astype(np.uint8)
        return cv2.cvtColor(frame, cv2.COLOR_GRAY2RGB), box


def paste(face, background, box, tilt=0):
    """Paste a face into a background. Around its square, its border fades into the background.

    Args:
        face: Gray face, a square of any size, uint8.
        background: Gray levels, `(h, w)`.
        box: Where the face's square goes, a `Box` inside the background.
        tilt: Clockwise tilt, in degrees, about the box's center.

    Returns:
        The gray frame, `(h, w)` float32.
    """
    edge = round(SURROUND * box.width)
    method = cv2.INTER_AREA if box.width < len(face) else cv2.INTER_CUBIC
    patch = cv2.resize(face, (box.width, box.height), interpolation=method)
    patch = cv2.copyMakeBorder(patch, *4 * [edge], cv2.BORDER_REPLICATE)
    rows = np.abs(np.arange(len(patch)) - (len(patch) - 1) / 2) - box.width / 2
    outside = np.clip(np.maximum(*np.meshgrid(rows, rows)) / edge, 0, 1)
    opacity = ((1 + np.cos(np.pi * outside)) / 2).astype(np.float32)
    middle = (len(patch) - 1) / 2
    change = cv2.getRotationMatrix2D((middle, middle), -tilt, 1)
    change[:, 2] += box.x - edge, box.y - edge
    size = background.shape[::-1]
    opacity = cv2.warpAffine(opacity, change, size)
    pasted = cv2.warpAffine(patch.astype(np.float32), change, size, borderMode=cv2.BORDER_REPLICATE)
    return opacity * pasted + (1 - opacity) * background


def blur(frame, sigma):
    """Blur a frame by a Gaussian whose standard deviation is `sigma` pixels; 0 changes nothing."""
    return cv2.GaussianBlur(frame, (0, 0), sigma) if sigma else frame


def change_light(frame, percent):
    """Multiply the gray levels of a frame.

    Args:
        frame: Frame, any shape, 0-255.
        percent: Light, in percent of the frame's; levels above white are clipped.

    Returns:
        The frame, of the same shape, float32.
    """
    return np.clip(np.float32(percent / 100) * frame, 0, 255).astype(np.float32)


def add_noise(frame, deviation):
    """Add the noise of a sensor.

    Args:
        frame: Frame, any shape, 0-255.
        deviation: Standard deviation of the noise in each value, in gray levels.

    Returns:
        The frame, of the same shape, uint8. The noise is the same in every call, up to a factor.
    """
    noise = np.random.default_rng(SEED).normal(0, deviation, frame.shape)
    return np.clip(np.rint(frame + noise), 0, 255).astype(np.uint8)


def cover(frame, part, percent, face):
    """Put a bar over a part of a face: dark over the eyes, light over the mouth.

    Args:
        frame: Frame, `(h, w)` or `(h, w, 3)`.
        part: A key of `COVERS`.
        percent: Height of the bar, in percent of the face's; 0 changes nothing.
        face: `Box` of the face.

    Returns:
        The frame with the bar, of the same shape and type.
    """
    center, level = COVERS[part]
    half = round(face.height * percent / 200)
    if not half:
        return frame
    middle, edge = face.y + round(center * face.height), round((1 - COVER_WIDTH) / 2 * face.width)
    left, right = face.x + edge, face.x + face.width - edge
    corners = (left, middle - half), (right, min(middle + half, face.y + face.height))
    return cv2.rectangle(frame.copy(), *corners, 3 * [level], cv2.FILLED)


def find(detector, frame, face):
    """Look for a face whose place is known.

    Args:
        detector: Has `detect(frame)`, which returns boxes.
        frame: RGB frame, `(h, w, 3)` uint8.
        face: The true `Box`.

    Returns:
        The `Box` that overlaps the true one most, or None if none does by `MIN_IOU`; and how many
        other boxes were found.
    """
    boxes = detector.detect(frame)
    best = max(boxes, key=lambda box: detection.iou(box, face), default=None)
    if best is None or detection.iou(best, face) < MIN_IOU:
        return None, len(boxes)
    return best, len(boxes) - 1


def path(number, frames, fps):
    """Let a face sway, come and go, and tilt, smoothly, before a noisy camera.

    Args:
        number: Number of the scene; it seeds the path.
        frames: Number of frames.
        fps: Frames per second.

    Returns:
        List of `Setting`, one per frame.
    """
    generator = np.random.default_rng([SEED, number, 1])
    moments = np.arange(frames) / fps
    periods, starts = generator.uniform(1, 3, 4), generator.uniform(0, 2 * np.pi, 4)
    waves = np.sin(2 * np.pi * moments[:, np.newaxis] / periods + starts)
    return [
        Setting(side=160 + 30 * size, tilt=10 * tilt, noise=MOVING_NOISE, shift=(30 * x, 15 * y))
        for size, tilt, x, y in waves
    ]


def from_camera(frames, noise=8, shake=2):
    """Give clean frames the noise and the shake of a camera.

    Args:
        frames: Iterable of RGB frames, `(h, w, 3)` uint8.
        noise: Standard deviation of the noise in each pixel, in gray levels.
        shake: Standard deviation of each frame's shift, in pixels, across and down.

    Yields:
        The changed frames, the same in every call.
    """
    generator = np.random.default_rng(0)
    for frame in frames:
        height, width = frame.shape[:2]
        shift = np.float32([[1, 0, 0], [0, 1, 0]])
        shift[:, 2] = generator.normal(0, shake, 2)
        moved = cv2.warpAffine(frame, shift, (width, height), borderMode=cv2.BORDER_REPLICATE)
        grain = np.floor(generator.normal(0, noise, (height, width))).astype(np.int16)
        yield cv2.add(moved, cv2.merge([grain] * 3), dtype=cv2.CV_8U)  # which clips


def _flat(generator):
    return np.full((HEIGHT, WIDTH), generator.uniform(50, 200), np.float32)


def _gradient(generator):
    """A straight ramp between two gray levels, in any direction."""
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    angle = generator.uniform(0, 2 * np.pi)
    ramp = (1 + (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(2)) / 2
    low, high = generator.uniform(20, 110), generator.uniform(140, 230)
    return (low + ramp * (high - low)).astype(np.float32)


def _texture(generator):
    """Noise whose contrasts grow with their size, as in foliage or clouds."""
    total = np.zeros((HEIGHT, WIDTH), np.float32)
    for cells in (4, 8, 16, 32, 64):
        grid = generator.standard_normal((cells, cells), np.float32) / np.sqrt(cells)
        total += cv2.resize(grid, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return 120 + 45 * (total - total.mean()) / total.std()


def _blocks(generator):
    """Square patches of hard contrast."""
    grid = generator.normal(120, 60, (HEIGHT // 20, WIDTH // 20)).astype(np.float32)
    return cv2.resize(grid, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)


def _shapes(generator):
    """Bars, boxes, and disks in front of each other, as of things on a shelf."""
    frame = _flat(generator)
    for _ in range(40):
        (x, y), (width, height) = (
            generator.integers((WIDTH, HEIGHT)),
            generator.integers(10, 120, 2),
        )
        level = generator.uniform(0, 255)
        if generator.random() < 0.5:
            cv2.rectangle(frame, (x, y), (x + width, y + height), level, cv2.FILLED)
        else:
            cv2.ellipse(frame, (x, y), (width // 2, height // 2), 0, 0, 360, level, cv2.FILLED)
    return cv2.GaussianBlur(frame, (0, 0), 1)


# Each draws gray levels, float32 (480, 640).
BACKGROUNDS = {
    "flat": _flat,
    "gradient": _gradient,
    "texture": _texture,
    "shapes": _shapes,
    "blocks": _blocks,
}
