"""Images of a synthetic face in every kind of file accepted, and files that are rejected."""

import io
import struct
import zlib

import cv2
import numpy as np
from PIL import Image

from fer_lib.data.synthetic_faces import draw_face

CENTER = (250, 150)  # of the face in `portrait`


def portrait(width=400, height=300):
    """A synthetic face slightly right of the center, as a grayscale Pillow image."""
    frame = np.full((height, width), 105, np.uint8)
    frame[50:250, 150:350] = draw_face({6: 1.0, 12: 1.0}, size=200)
    return Image.fromarray(frame)


def encoded(image, form="JPEG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def boasting(width, height):
    """A small PNG whose header claims that size."""
    content = encoded(portrait(), "PNG")
    header = content[12:16] + struct.pack(">II", width, height) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


def bomb(side):
    """A PNG of few bytes that really holds that many black pixels per side."""
    return encoded(Image.new("1", (side, side)), "PNG")


def sixteen_bits(image):
    return cv2.imencode(".png", np.asarray(image).astype(np.uint16) * 257)[1].tobytes()


def transparent(image):
    pixels = np.asarray(image)
    return Image.fromarray(np.dstack([pixels, np.full_like(pixels, 255)]), "LA")


UNTURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def turned(image, orientation, form="JPEG"):
    """The image as a rotated camera saves it, with the EXIF orientation that turns it upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(image.transpose(UNTURN[orientation]), form, exif=exif)


GOOD = {
    "JPEG": encoded(portrait()),
    "PNG": encoded(portrait(), "PNG"),
    "WebP": encoded(portrait(), "WEBP"),
    "CMYK JPEG": encoded(portrait().convert("CMYK")),
    "progressive JPEG": encoded(portrait(), progressive=True),
    "PNG of 16 bits": sixteen_bits(portrait()),
    "PNG with transparency": encoded(transparent(portrait()), "PNG"),
    "PNG with a palette": encoded(portrait().convert("P"), "PNG"),
    "animated PNG": encoded(portrait(), "PNG", save_all=True, append_images=[portrait()]),
    **{f"JPEG turned by EXIF {number}": turned(portrait(), number) for number in UNTURN},
    "PNG turned by EXIF": turned(portrait(), 6, "PNG"),
    "WebP turned by EXIF": turned(portrait(), 6, "WEBP"),
}
# The bytes, and the code of why they are rejected.
BAD = {
    "nothing": (b"", "empty"),
    "text": (b"Dear diary, today I named a text file .jpg.", "not_an_image"),
    "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not_an_image"),
    "GIF": (encoded(portrait(), "GIF"), "not_an_image"),
    "animated GIF": (
        encoded(portrait(), "GIF", save_all=True, append_images=[Image.new("L", (400, 300))]),
        "not_an_image",
    ),
    "TIFF": (encoded(portrait(), "TIFF"), "not_an_image"),
    "JPEG cut off": (GOOD["JPEG"][:-2000], "damaged"),
    "PNG cut off": (GOOD["PNG"][:-2000], "damaged"),
    "WebP cut off": (GOOD["WebP"][:-500], "damaged"),
    "one pixel": (encoded(Image.new("RGB", (1, 1))), "too_small"),
    "a thin line": (encoded(Image.new("L", (60_000, 2)), "PNG"), "too_small"),
    "26 megapixels": (boasting(26_000, 1_000), "too_many_pixels"),
    "900 megapixels": (boasting(30_000, 30_000), "too_many_pixels"),
    "a PNG bomb": (bomb(10_000), "too_many_pixels"),
    "too many bytes": (bytes(8_000_001), "too_many_bytes"),
}
