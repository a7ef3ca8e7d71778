"""Pictures from strangers: decoded with limits, by their content and never by their name.

JPEG (CMYK too), PNG (16 bits too) and WebP are read, of an animation the first frame. A GIF is
refused: photographs come in the other three, and each decoder less is one less to attack.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_lib.fer2013 import SIDE
from fer_lib.web.refusal import Refusal

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_BYTES = 8_000_000
LARGEST_PIXELS = 25_000_000

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


def decode(content):
    """The picture in a file's bytes as a frame (h, w, 3) uint8, turned as its EXIF says.

    Transparent pictures lie on white. Raises Refusal for anything but a whole picture of at most
    8 MB and 25 megapixels, and at least 48 pixels a side; it looks at the size before the pixels.
    """
    if not content:
        raise Refusal(400, "empty", "There is no picture in the request: send its bytes.")
    if len(content) > LARGEST_BYTES:
        raise Refusal(413, "too_many_bytes", "The picture is larger than 8 MB: send a smaller one.")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _check_size(*image.size)
            return _as_frame(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        sentence = "That is not a JPEG, PNG or WebP picture: save it as one of these."
        raise Refusal(415, "not_a_picture", sentence) from error
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except DAMAGE as error:
        sentence = "The picture is damaged or not whole: save it again, or send another."
        raise Refusal(422, "damaged", sentence) from error


def _check_size(width, height):
    if width * height > LARGEST_PIXELS:
        raise _too_many_pixels()
    if min(width, height) < SIDE:
        sentence = f"The picture is {width}x{height}: send one of at least {SIDE} pixels a side."
        raise Refusal(422, "too_small", sentence)


def _too_many_pixels():
    sentence = "The picture has more than 25 megapixels: send a smaller one."
    return Refusal(413, "too_many_pixels", sentence)


def _as_frame(image):
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip at 255
        grey = (np.asarray(image) >> 8).astype(np.uint8)
        return np.repeat(grey[..., np.newaxis], 3, axis=2)
    if image.has_transparency_data:
        background = Image.new("RGBA", image.size, "white")
        background.alpha_composite(image.convert("RGBA"))
        image = background
    return np.array(image.convert("RGB"))
