"""Maps of evidence: their means, and their comparison with occlusion."""

import numpy as np
import pytest

from fer_lib import data, models
from fer_lib.experiments import paper_networks, saliency_maps

PLACES = saliency_maps.PATCHES


@pytest.fixture(scope="module")
def distinct():
    """One random map per class, the same for all networks up to noise: `(5, 7, 6, 6)`."""
    generator = np.random.default_rng(0)
    maps = generator.normal(size=(1, 7, PLACES, PLACES))
    return maps + 0.1 * generator.normal(size=(5, 7, PLACES, PLACES))


def test_equal_maps_agree(distinct):
    table = saliency_maps.agreement(distinct, distinct)
    assert table["same class"].tolist() == pytest.approx([1] * 7)
    assert (table["other classes"].abs() < 0.4).all()
    assert table["p, shifted"].tolist() == pytest.approx([1 / 36] * 7)
    assert (table["between seeds, evidence"] > 0.8).all()


def test_maps_of_the_wrong_class_do_not_match(distinct):
    difference, p = saliency_maps.match_test(distinct, distinct)
    assert difference > 0.5 and p == pytest.approx(1 / 5040)
    assert saliency_maps.match_test(distinct, np.roll(distinct, 1, axis=1))[1] > 0.2


def test_on_patches_keeps_means():
    maps = np.random.default_rng(0).normal(size=(2, 7, 7))
    np.testing.assert_allclose(
        saliency_maps.on_patches(maps).mean(axis=(1, 2)), maps.mean(axis=(1, 2)), atol=1e-6
    )


def test_own_place_is_one_where_change_stays_and_even_where_it_spreads():
    assert saliency_maps.own_place(np.ones((6, 6, 7, 7))) == pytest.approx(1 / 36)
    local = np.zeros((6, 6, 6, 6))
    rows, columns = np.indices((6, 6))
    local[rows, columns, rows, columns] = 2
    assert saliency_maps.own_place(local) == pytest.approx(1)


def test_samples_hold_the_same_number_of_every_class_that_has_enough():
    labels = np.array([0] * 5 + [1] * 2 + [2] * 9)
    chosen = saliency_maps.sample_by_class(labels, 4)
    assert np.bincount(labels[chosen]).tolist() == [4, 2, 4]
    assert len(set(chosen)) == 10


def test_own_class_takes_the_diagonal():
    evidence = np.arange(49).reshape(1, 7, 7, 1, 1)
    assert saliency_maps.own_class(evidence).ravel().tolist() == [0, 8, 16, 24, 32, 40, 48]


def test_compute_averages_by_class(monkeypatch, keep):
    """Images of one gray level per class; feature maps with a mark at the place of its number."""
    heads = [models.head((7,), hidden_units=0) for _ in range(5)]
    for head in heads:
        head.set_weights([np.eye(7), np.zeros(7)])

    def maps_of(images):
        maps = np.zeros((len(images), 7, 7, 7), np.float32)
        labels = images[:, 0, 0, 0].astype(int)
        maps[np.arange(len(images)), labels, 0, labels] = 49
        return maps

    monkeypatch.setattr(saliency_maps, "FEW", 3)
    monkeypatch.setattr(saliency_maps, "CHUNK", 8)
    monkeypatch.setattr(saliency_maps, "_reach", lambda *_: {"reach": np.ones(1)})
    monkeypatch.setattr(paper_networks, "heads", lambda dataset: heads)
    monkeypatch.setattr(paper_networks, "Backbone", lambda: maps_of)
    monkeypatch.setattr(paper_networks, "mirrored_maps", maps_of)
    labels = np.resize(np.arange(7), 35)
    images = np.zeros((35, 48, 48, 1), np.uint8) + labels[:, None, None, None].astype(np.uint8)
    names, usages = np.arange(35).astype(str), np.full(35, "PublicTest")
    found = saliency_maps.compute(data.Dataset(images, labels, names, usages, "faces"), keep)
    own = saliency_maps.own_class(found["evidence"])
    expected = np.zeros((7, 7, 7))
    expected[np.arange(7), np.arange(7), 0] = 6 / 7
    np.testing.assert_allclose(own, [expected] * 5, rtol=1e-5)
    np.testing.assert_allclose(found["mirrored"], found["sampled"])


def test_reach_is_largest_where_the_patch_is():
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1), np.uint8)

    def pixels(images):
        return images.reshape(len(images), 6, 8, 6, 8).mean(axis=(2, 4))[..., np.newaxis]

    assert saliency_maps.own_place(saliency_maps._reach(pixels, images)["reach"]).min() > 0.99
