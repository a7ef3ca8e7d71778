import numpy as np
import pytest

from fer_lib.training.augmentation import Augmentation


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (40, 48, 48, 1), dtype=np.uint8)


def test_without_augmentation_nothing_changes(images):
    changed = Augmentation().apply(images, np.random.default_rng(1))
    assert changed.dtype == np.float32
    np.testing.assert_allclose(changed, images, atol=1e-4)


def test_flip_flips_about_half_of_the_images(images):
    changed = Augmentation(flip=True).apply(images, np.random.default_rng(1))
    flipped = [np.allclose(c, i[:, ::-1], atol=1e-4) for c, i in zip(changed, images, strict=True)]
    same = [np.allclose(c, i, atol=1e-4) for c, i in zip(changed, images, strict=True)]
    assert all(f != s for f, s in zip(flipped, same, strict=True))
    assert 8 <= sum(flipped) <= 32


def test_shift_stays_within_its_bound():
    """A bright dot at the center moves by at most the given shift, in both directions."""
    image = np.zeros((200, 48, 48, 1), np.uint8)
    image[:, 24, 24] = 255
    changed = Augmentation(shift=3).apply(image, np.random.default_rng(0))[..., 0]
    brightest = np.array([np.unravel_index(one.argmax(), one.shape) for one in changed]) - 24
    assert np.abs(brightest).max() == 3
    assert len(np.unique(brightest[:, 0])) > 4 and len(np.unique(brightest[:, 1])) > 4


def test_brightness_and_contrast_stay_in_range(images):
    changed = Augmentation(contrast=0.5, brightness=60).apply(images, np.random.default_rng(0))
    assert changed.min() >= 0 and changed.max() <= 255
    assert np.abs(changed - images).max() > 20


def test_the_same_generator_gives_the_same_images(images):
    every = Augmentation(flip=True, shift=4, scale=0.1, rotation=10, contrast=0.2, brightness=20)
    first, second = (every.apply(images, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "change", [{"gamma": 1.6}, {"blur": 1.0}, {"noise": 10}, {"jpeg": 30}, {"erase": 0.2}], ids=str
)
def test_each_change_shows_and_stays_in_range(images, change):
    changed = Augmentation(**change).apply(images, np.random.default_rng(0))
    assert changed.min() >= 0 and changed.max() <= 255
    touched = np.abs(changed - images).max(axis=(1, 2, 3)) > 1
    assert touched.sum() >= (30 if "gamma" in change else 10)
    assert touched.sum() <= (40 if "gamma" in change else 30)


def test_an_erased_rectangle_is_uniform_and_no_larger_than_its_bound():
    image = np.tile(np.arange(48, dtype=np.uint8) * 5, (48, 1))[np.newaxis, ..., np.newaxis]
    for seed in range(20):
        changed = Augmentation(erase=0.2).apply(image, np.random.default_rng(seed))[0, ..., 0]
        rows, columns = np.nonzero(changed != image[0, ..., 0])
        if len(rows) == 0:
            continue
        patch = changed[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert np.ptp(patch) < 5.1  # one column may have the patch's own gray already
        assert patch.size <= 0.21 * image.size
