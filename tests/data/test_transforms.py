import numpy as np
import pytest

from fer_lib.data import transforms


@pytest.fixture
def dot():
    """A black image with one white pixel above its center."""
    image = np.zeros((48, 48), np.uint8)
    image[14, 24] = 255
    return image


def brightest(image):
    return tuple(int(index) for index in np.unravel_index(image.argmax(), image.shape))


def test_by_default_nothing_moves(dot):
    moved = transforms.move(dot)
    assert moved.dtype == np.uint8
    np.testing.assert_array_equal(moved, dot)


def test_images_move_right_and_down(dot):
    assert brightest(transforms.move(dot, right=5)) == (14, 29)
    assert brightest(transforms.move(dot, down=-3)) == (11, 24)


def test_images_rotate_counterclockwise_about_their_center(dot):
    row, column = brightest(transforms.move(dot.astype(np.float32), angle=90))
    assert abs(row - 23) <= 1 and column == 14


def test_images_are_scaled_about_their_center(dot):
    row, column = brightest(transforms.move(dot.astype(np.float32), scale=2))
    assert abs(row - 5) <= 1 and abs(column - 24) <= 1


def test_outside_of_an_image_its_border_is_repeated():
    image = np.tile(np.arange(48, dtype=np.float32), (48, 1))
    moved = transforms.move(image, right=4)
    np.testing.assert_array_equal(moved[:, :5], 0)
    np.testing.assert_array_equal(moved[:, 5:], image[:, 1:-4])


def test_gamma_keeps_black_and_white_and_changes_what_is_between():
    image = np.array([[0, 64, 255]], np.uint8)
    for exponent, compare in ((0.6, np.greater), (1.6, np.less)):
        adjusted = transforms.adjust_gamma(image, exponent)
        np.testing.assert_allclose(adjusted[0, [0, 2]], [0, 255])
        assert compare(adjusted[0, 1], 64)
    np.testing.assert_allclose(transforms.adjust_gamma([[-10.0, 300.0]], 2), [[0, 255]])


def test_lower_jpeg_quality_leaves_more_artifacts():
    image = np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8)
    errors = []
    for quality in (100, 80, 20):
        compressed = transforms.compress_jpeg(image, quality)
        assert compressed.shape == (48, 48) and compressed.dtype == np.uint8
        errors.append(np.abs(compressed.astype(float) - image).mean())
    assert errors[0] < 2 and errors == sorted(errors)
