"""Image bytes from a browser: decoded within limits, by their content and never by their name.

JPEG (including CMYK), PNG (including 16 bits), and WebP are accepted; of an animation, the first
frame. GIF is rejected: photographs come in the other three, and each decoder adds attack surface.
"""

import contextlib
import io
import struct
import threading
import warnings
import zlib

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from fer_lib.data.fer2013 import SIDE
from fer_lib.exceptions import Problem

FORMATS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WebP"}  # Pillow's names and the usual ones
MAX_BYTES = 8_000_000
MAX_PIXELS = 25_000_000
MAX_FRAME_PIXELS = 2_000_000  # of a camera frame; browsers send at most 640×640
LONGEST_SIDE = 1600  # of what `decode_image` returns; the face detectors use at most 640
FRAME_LONGEST_SIDE = 640  # to which browsers reduce camera frames

SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height

# What Pillow may raise on a damaged file. Mutated files raised OSError, SyntaxError, and
# ValueError; its own readers of headers and EXIF expect the others.
DAMAGE = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)


class BadImage(Problem):
    """Bytes that can't be used as an image.

    Args:
        code: Reason for programs: `"empty"`, `"too_many_bytes"`, `"too_many_pixels"`,
            `"not_an_image"`, `"damaged"`, or `"too_small"`.
        message: What is wrong and what to do, for people.

    Attributes:
        code: As given.
    """

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def decode_image(content):
    """Decode an image file upright and reduce it to `LONGEST_SIDE`; transparent parts become white.

    Args:
        content: The file's bytes: JPEG, PNG, or WebP, at most 8 MB and 25 megapixels, and at least
            48 pixels per side. The size is checked before any pixel is decoded.

    Returns:
        Tuple `(frame, size)`: the RGB frame, `(h, w, 3)` uint8, and the `(width, height)` of the
        upright image before it was reduced.

    Raises:
        BadImage: If the content is anything else, or damaged.
    """
    with _QUIET_PILLOW, _open(content, FORMATS, MAX_PIXELS) as image:
        size = image.size
        scale = max(1, max(size) / LONGEST_SIDE)
        try:
            # A JPEG is decoded at half its size, or less, where that suffices.
            image.draft(None, tuple(int(side / scale) for side in size))
            sideways = image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
            frame = _as_frame(ImageOps.exif_transpose(image))
        except DAMAGE as error:
            raise _damaged() from error
    return frame, size[::-1] if sideways else size


def decode_frame(content):
    """Decode a camera's JPEG frame, several times as fast as `decode_image`.

    Args:
        content: The JPEG's bytes, of at most 2 megapixels.

    Returns:
        The RGB frame, `(h, w, 3)` uint8.

    Raises:
        BadImage: If the content is anything else, or damaged.
    """
    with _QUIET_PILLOW:
        _open(content, ("JPEG",), MAX_FRAME_PIXELS).close()
    frame = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    if frame is None:
        raise _damaged()
    return frame


class _QuietPillow:
    """Ignore Pillow's warnings while at least one thread decodes.

    They concern odd metadata and sizes, which are checked here: other people's files must not fill
    a terminal. Threads are counted because `catch_warnings` alone isn't thread-safe: of two that
    overlap, the one that ends last would restore the other's filters.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = contextlib.ExitStack()

    def __enter__(self):
        with self._lock:
            if self._inside == 0:
                self._filters.enter_context(warnings.catch_warnings())
                warnings.filterwarnings("ignore", module="PIL")
            self._inside += 1

    def __exit__(self, *_):
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.close()


_QUIET_PILLOW = _QuietPillow()


def _open(content, formats, max_pixels):
    """Return the image after Pillow has read its header only."""
    if not content:
        raise BadImage("empty", "There is no image. Send its bytes.")
    if len(content) > MAX_BYTES:
        limit = f"{MAX_BYTES // 10**6} MB"
        raise BadImage("too_many_bytes", f"The image is larger than {limit}. Choose a smaller one.")
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(formats))
    except UnidentifiedImageError as error:
        raise _not_an_image(formats) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(max_pixels) from error
    except DAMAGE as error:
        raise _damaged() from error
    width, height = image.size
    if width * height > max_pixels:
        raise _too_many_pixels(max_pixels)
    if min(width, height) < SIDE:
        message = f"The image is {width}×{height} pixels. Choose one of at least {SIDE}×{SIDE}."
        raise BadImage("too_small", message)
    return image


def _not_an_image(formats):
    *others, last = (FORMATS[name] for name in formats)
    known = f"{', '.join(others)}, or {last}" if others else last
    return BadImage("not_an_image", f"Not a {known} image. Choose another.")


def _too_many_pixels(limit):
    message = f"The image has more than {limit // 10**6} megapixels. Choose a smaller one."
    return BadImage("too_many_pixels", message)


def _damaged():
    message = "The image is damaged or incomplete. Save it again, or choose another."
    return BadImage("damaged", message)


def _as_frame(image):
    if image.mode.startswith("I"):  # 16-bit grayscale, which Pillow would clip at 255
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    return np.array(image)
