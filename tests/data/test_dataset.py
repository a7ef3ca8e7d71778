"""The data set, its splits, and FER2013's published counts where it is available."""

import numpy as np
import pandas as pd
import pytest

from fer_lib import data
from fer_lib.data import dataset, fer2013, manifest
from fer_lib.labels import LABELS

needs_fer2013 = pytest.mark.skipif(
    fer2013.locate() is None or fer2013.locate().suffix == ".csv",
    reason="needs Kaggle's FER2013",
)


@pytest.fixture(scope="module")
def drawn():
    return data.load_synthetic_faces(count=200)


@pytest.fixture(scope="module")
def complete():
    return data.load()


def test_synthetic_faces_have_the_documented_shapes(drawn):
    assert drawn.images.shape == (200, 48, 48, 1) and drawn.images.dtype == np.uint8
    assert drawn.labels.shape == (200,) and drawn.labels.dtype == np.int64
    assert set(drawn.labels) == set(range(7))
    assert len(set(drawn.names)) == 200
    assert drawn.source == "synthetic faces"
    assert str(drawn) == "200 images of synthetic faces"


def test_synthetic_faces_replace_fer2013_where_there_is_none(drawn, monkeypatch):
    monkeypatch.setattr(fer2013, "locate", lambda: None)
    monkeypatch.setattr(dataset, "load_synthetic_faces", lambda: drawn)
    assert data.load() is drawn


def test_official_split_keeps_every_image_once(drawn):
    split = data.official_split(drawn)
    assert [len(part) for part in split] == [160, 20, 20]
    assert sorted(name for part in split for name in part.names) == sorted(drawn.names)


def test_training_images_with_copies_in_a_test_set_can_be_left_out():
    facts = manifest.load()
    grouped = facts[facts["near_group"] > 0]
    across = grouped.groupby("near_group").filter(lambda group: group["usage"].nunique() == 3)
    alone = facts[(facts["near_group"] == 0) & (facts["usage"] == "Training")].head(3)
    some = pd.concat([across, alone])
    images, labels = np.zeros((len(some), 48, 48, 1), np.uint8), np.zeros(len(some), int)
    names, usages = some["name"].to_numpy(str), some["usage"].to_numpy(str)
    split = data.official_split(data.Dataset(images, labels, names, usages, data.FER2013))
    assert len(split.training) > 3
    kept = data.without_copies(split)
    assert sorted(kept.training.names) == sorted(alone["name"])
    assert len(kept.test) == len(split.test)


def test_paper_split_validates_on_the_first_quarter_of_each_class_by_name():
    names = np.array(["b", "a", "d", "c", "e", "x", "y", "z"])
    usages = np.array(["Training"] * 5 + ["PublicTest", "PrivateTest", "Training"])
    labels = np.array([0, 0, 0, 0, 0, 0, 0, 1])
    images = np.zeros((8, 48, 48, 1), np.uint8)
    split = data.paper_split(data.Dataset(images, labels, names, usages, "a test"))
    assert list(split.validation.names) == ["a"]
    assert list(split.training.names) == ["b", "d", "c", "e", "z"]
    assert list(split.test.names) == ["x", "y"]


def test_select_takes_masks_and_indices(drawn):
    assert np.array_equal(drawn.select([5, 3]).names, drawn.names[[5, 3]])
    happy = drawn.select(drawn.labels == LABELS.index("happy"))
    assert happy.class_counts()["happy"] == len(happy) > 0
    assert happy.source == drawn.source


def test_usage_rejects_an_unknown_name(drawn):
    with pytest.raises(ValueError, match="Test"):
        drawn.usage("Test")


def test_digest_distinguishes_data_sets(drawn):
    assert drawn.digest() == data.load_synthetic_faces(count=200).digest()
    assert drawn.digest() != data.load_synthetic_faces(count=200, seed=1).digest()
    assert drawn.digest() != drawn.select(slice(1, None)).digest()


@needs_fer2013
def test_fer2013_is_what_was_published(complete):
    assert str(complete) == "35,887 images of FER2013"
    assert complete.images.shape == (35887, 48, 48, 1) and complete.images.dtype == np.uint8
    assert len(set(complete.names)) == 35887
    assert [len(part) for part in data.official_split(complete)] == [28709, 3589, 3589]
    for usage, counts in fer2013.COUNTS.items():
        assert tuple(complete.usage(usage).class_counts().values()) == counts


@needs_fer2013
def test_fer2013_in_the_papers_split(complete):
    split = data.paper_split(complete)
    assert [len(part) for part in split] == [21535, 7174, 7178]
    validation = (998, 109, 1024, 1803, 1241, 1207, 792)
    assert tuple(split.validation.class_counts().values()) == validation
    paper_table_1 = (958, 111, 1024, 1774, 1233, 1247, 831)
    assert tuple(split.test.class_counts().values()) == paper_table_1
