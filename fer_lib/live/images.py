"""Pictures from a browser: decoded with limits, by their content and never by their name.

JPEG (CMYK too), PNG (16 bits too) and WebP are read, of an animation the first frame. A GIF is
refused: photographs come in the other three, and each decoder less is one less to attack.
"""

import io
import struct
import warnings
import zlib

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from fer_lib.data.fer2013 import SIDE
from fer_lib.exceptions import Problem

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 8_000_000
MAX_PIXELS = 25_000_000
MAX_FRAME_PIXELS = 2_000_000  # of a camera's frame; the pages send at most 640x640
LONGEST_SIDE = 1600  # of what `decode` gives; the face detectors look at no more than 640

SIDEWAYS = (5, 6, 7, 8)  # EXIF's orientations of pictures that lie on a side

# What Pillow may raise on a damaged file. Mutated ones gave OSError, SyntaxError and ValueError;
# the others are those that its readers of headers and EXIF expect of themselves.
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

# Of odd metadata and of sizes, which are checked here: strangers' files must not fill a terminal.
warnings.filterwarnings("ignore", module="PIL")


class BadImage(Problem):
    """Bytes that are no picture to work on; the message is a sentence for people.

    code: for programs, one of "empty", "too_many_bytes", "too_many_pixels", "not_a_picture",
    "damaged" and "too_small".
    """

    def __init__(self, code, sentence):
        super().__init__(sentence)
        self.code = code


def decode_image(content):
    """The picture in a file's bytes, upright, as (frame (h, w, 3) uint8, its (width, height)).

    The frame is reduced to `LONGEST_SIDE`; the size is that before. Transparent pictures lie on
    white. Raises BadPicture for anything but a whole picture of at most 8 MB and 25 megapixels,
    and at least 48 pixels a side; it looks at the size before the pixels.
    """
    with _open(content, FORMATS, MAX_PIXELS) as image:
        size = image.size
        scale = max(1, max(size) / LONGEST_SIDE)
        try:
            # A JPEG is read at half its size, or less, where that is still enough.
            image.draft(None, tuple(int(side / scale) for side in size))
            turned = image.getexif().get(ExifTags.Base.Orientation) in SIDEWAYS
            frame = _as_frame(ImageOps.exif_transpose(image))
        except DAMAGE as error:
            raise _damaged() from error
    return frame, size[::-1] if turned else size


def decode_frame(content):
    """The frame (h, w, 3) uint8 in the bytes of a camera's JPEG, several times as fast as `decode`.

    Raises BadPicture for bytes that are no JPEG, a damaged one, or one of more than 2 megapixels.
    """
    _open(content, ("JPEG",), MAX_FRAME_PIXELS).close()
    frame = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    if frame is None:
        raise _damaged()
    return frame


def _open(content, formats, most_pixels):
    """The picture, of which Pillow has read the header only."""
    if not content:
        raise BadImage("empty", "There is no picture: send its bytes.")
    if len(content) > MAX_BYTES:
        raise BadImage("too_many_bytes", "The picture is larger than 8 MB: take a smaller one.")
    try:
        image = Image.open(io.BytesIO(content), formats=formats)
    except UnidentifiedImageError as error:
        known = " or ".join(formats)
        sentence = f"That is no picture in {known} format, whatever its name: take another."
        raise BadImage("not_a_picture", sentence) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(most_pixels) from error
    except DAMAGE as error:
        raise _damaged() from error
    width, height = image.size
    if width * height > most_pixels:
        raise _too_many_pixels(most_pixels)
    if min(width, height) < SIDE:
        sentence = f"The picture is {width}x{height}: take one of at least {SIDE} pixels a side."
        raise BadImage("too_small", sentence)
    return image


def _too_many_pixels(most):
    sentence = f"The picture has more than {most // 10**6} megapixels: take a smaller one."
    return BadImage("too_many_pixels", sentence)


def _damaged():
    sentence = "The picture is damaged or not whole: save it anew, or take another."
    return BadImage("damaged", sentence)


def _as_frame(image):
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip at 255
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    return np.array(image)
