"""Bytes to pixels: each kind of file that is accepted, and each that is rejected."""

import io
import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from PIL import Image
from support.example_images import BAD, GOOD, encoded, portrait, turned

from fer_lib.exceptions import Problem
from fer_lib.live.images import BadImage, decode_frame, decode_image


@pytest.mark.parametrize("name", GOOD)
def test_an_image_of_any_kind_is_decoded_upright(name):
    frame, size = decode_image(GOOD[name])
    assert size == (400, 300) and frame.shape == (300, 400, 3) and frame.dtype == np.uint8
    difference = np.abs(frame - np.asarray(portrait()).astype(float)[..., np.newaxis])
    assert difference.mean() < 3


@pytest.mark.parametrize("name", BAD)
def test_anything_else_is_rejected_with_a_code_and_a_message(name):
    content, code = BAD[name]
    with pytest.raises(BadImage) as raised:
        decode_image(content)
    assert raised.value.code == code and isinstance(raised.value, Problem)
    assert re.fullmatch(r"[A-Z].+\.", str(raised.value))


@pytest.mark.filterwarnings("error")
def test_pillow_s_warnings_are_hidden_while_decoding_and_only_then():
    with pytest.raises(BadImage):
        decode_image(BAD["a PNG bomb"][0])
    before = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(decode_image, [GOOD["JPEG"]] * 40))) == 40
    assert warnings.filters == before
    with pytest.raises(Image.DecompressionBombWarning):
        Image.open(io.BytesIO(BAD["a PNG bomb"][0]))


@pytest.mark.parametrize("orientation", [None, 6])
@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_a_large_image_is_reduced_and_its_size_returned(form, orientation):
    image = Image.fromarray(np.broadcast_to(np.uint8(90), (3648, 5472)))
    content = encoded(image, form) if orientation is None else turned(image, orientation, form)
    frame, size = decode_image(content)
    assert size == (5472, 3648)
    assert frame.shape == (1067, 1600, 3) and (frame == 90).all()


def test_sixteen_bits_are_scaled_and_not_clipped():
    frame, _ = decode_image(GOOD["PNG of 16 bits"])
    np.testing.assert_array_equal(frame[..., 0], np.asarray(portrait()))


def test_transparent_parts_become_white():
    frame, _ = decode_image(encoded(Image.new("RGBA", (60, 60), (0, 0, 0, 0)), "PNG"))
    assert (frame == 255).all()


@pytest.mark.parametrize("decoder", [decode_image, decode_frame])
def test_damaged_files_give_an_image_or_an_error(decoder):
    generator = np.random.default_rng(0)
    for name in ("JPEG", "PNG", "WebP", "JPEG turned by EXIF 6", "PNG with a palette"):
        for _ in range(40):
            content = bytearray(GOOD[name])
            for place in generator.integers(0, min(len(content), 600), 4):
                content[place] = generator.integers(256)
            try:
                decoded = decoder(bytes(content))
            except BadImage:
                continue
            frame = decoded if decoder is decode_frame else decoded[0]
            assert frame.dtype == np.uint8 and frame.ndim == 3


def test_a_camera_s_frame_is_as_opencv_decodes_it():
    across = np.linspace(0, 255, 64, dtype=np.uint8)
    colors = np.stack(np.broadcast_arrays(across, across[::-1], across[:48, None]), axis=-1)
    content = encoded(Image.fromarray(colors), quality=95)
    expected = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    assert np.array_equal(decode_frame(content), expected)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (GOOD["PNG"], "not_an_image"),
        (BAD["JPEG cut off"][0], "damaged"),
        (encoded(Image.new("L", (2000, 1001))), "too_many_pixels"),
    ],
    ids=["PNG", "cut off", "too large"],
)
def test_a_camera_s_frame_is_a_complete_jpeg_of_moderate_size(content, code):
    with pytest.raises(BadImage) as raised:
        decode_frame(content)
    assert raised.value.code == code
