"""Pictures from a browser, decoded with care: what they are is decided by what is in them."""

import io

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_lib.problems import Problem

MOST_FRAME_PIXELS = 2_000_000  # of a camera's frame; the view sends at most 640 x 640
MOST_UPLOAD_PIXELS = 50_000_000  # decoded, 150 MB
LONGEST_SIDE = 1600  # of an uploaded picture when it is searched for faces
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")


def decode_frame(content):
    """The RGB frame (h, w, 3) uint8 in the bytes of a JPEG file.

    Raises Problem for bytes that are no JPEG, a damaged one, or one beyond `MOST_FRAME_PIXELS`.
    """
    picture = _open(content, ("JPEG",), "The frame")
    _require_pixels(picture, MOST_FRAME_PIXELS, "The frame")
    # Twice as fast as Pillow; at thirty frames a second that counts.
    frame = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    if frame is None:
        raise Problem("The frame is a damaged JPEG; press Stop and Start.")
    return cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def decode_upload(content):
    """An uploaded picture as (frame (h, w, 3) uint8 RGB, its (width, height) before reduction).

    It is turned upright and reduced to `LONGEST_SIDE`; of a moving picture it is the first frame.
    Raises Problem for bytes that are no picture, a damaged one, or one beyond
    `MOST_UPLOAD_PIXELS`, which is not decoded at all.
    """
    picture = _open(content, FORMATS, "This file")
    _require_pixels(picture, MOST_UPLOAD_PIXELS, "This picture")
    size = picture.size
    try:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        frame = np.array(ImageOps.exif_transpose(picture).convert("RGB"))
    except (OSError, SyntaxError, ValueError) as error:  # Pillow's for damaged files
        raise Problem("This picture is damaged; open it elsewhere and save it anew.") from error
    return frame, size


def _open(content, formats, what):
    """The picture, of which Pillow has read the header only."""
    try:
        return Image.open(io.BytesIO(content), formats=formats)
    except Image.DecompressionBombError as error:
        raise Problem(f"{what} is far too large; reduce it and try again.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        known = " or ".join(formats)
        raise Problem(
            f"{what} is no picture in {known} format, whatever its name; try another."
        ) from error


def _require_pixels(picture, most, what):
    width, height = picture.size
    if width * height > most:
        raise Problem(
            f"{what} has {width} x {height} pixels, more than {most / 1e6:.0f} million; "
            "reduce it and try again."
        )
