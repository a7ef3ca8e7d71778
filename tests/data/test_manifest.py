"""The manifest: made from small images here, and from FER2013 itself where it is available."""

import cv2
import numpy as np
import pandas as pd
import pytest

from fer_lib import data, paths
from fer_lib.data import fer2013, ferplus, manifest
from fer_lib.exceptions import Problem

needs_fer2013 = pytest.mark.skipif(
    fer2013.locate() is None or fer2013.locate().suffix == ".csv",
    reason="needs Kaggle's FER2013",
)


@pytest.fixture(scope="module")
def recorded():
    return manifest.load()


def smooth_image(seed):
    """A random image with large structures, as a photograph has them."""
    noise = np.random.default_rng(seed).normal(size=(64, 64))
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 255, cv2.NORM_MINMAX)


def crop(image, x=8, y=8, gain=1.0):
    return (gain * image[y : y + 48, x : x + 48]).astype(np.uint8)


@pytest.fixture
def small():
    """Nine images: four of one scene (two equal), two of another, two blank, one on its own."""
    one, two, alone = (smooth_image(seed) for seed in range(3))
    blank = np.zeros((48, 48), np.uint8)
    images = [crop(one), crop(two), crop(one), crop(one, x=10, gain=0.7), crop(alone)]
    images += [crop(one, y=9), blank, crop(two, x=7), blank]
    labels = np.array([0, 1, 3, 0, 2, 0, 4, 1, 4])
    usages = np.array(["Training"] * 5 + ["PublicTest"] * 2 + ["PrivateTest"] * 2)
    names = np.array([f"angry/{usage}_{number}.jpg" for number, usage in enumerate(usages)])
    return data.Dataset(np.stack(images)[..., np.newaxis], labels, names, usages, "a test")


def test_facts_of_an_image_with_two_halves():
    image = np.zeros((48, 48), np.uint8)
    image[:, 24:] = 200
    facts = manifest._facts(image)
    assert facts["brightness"] == 100 and facts["contrast"] == 100
    # The Laplacian is 200 and -200 on the two columns at the edge, 0 elsewhere.
    assert facts["sharpness"] == round(200**2 * 2 / 48)
    assert facts["pixels"] == fer2013.pixel_hash(image)


def test_blank_image_has_no_contrast_and_no_sharpness():
    facts = manifest._facts(np.full((48, 48), 7, np.uint8))
    assert (facts["brightness"], facts["contrast"], facts["sharpness"]) == (7, 0, 0)


def test_groups_of_equal_and_of_near_images(small):
    frame = manifest.make(small)
    assert list(frame["duplicate_group"]) == [1, 0, 1, 0, 0, 0, 2, 0, 2]
    assert list(frame["near_group"]) == [1, 2, 1, 1, 0, 1, 3, 2, 3]
    assert list(frame["label"][:3]) == ["angry", "disgust", "happy"]


def test_flipped_and_rotated_images_are_not_near_duplicates():
    image = crop(smooth_image(0))
    others = [image[:, ::-1], image[::-1], image.T]
    assert manifest.near_duplicates(np.stack([image, *others])).shape == (0, 2)


def test_best_correlation_finds_the_shift():
    scene = smooth_image(0)
    assert manifest.best_correlation(crop(scene), crop(scene, x=12, y=5)) > 0.99
    assert manifest.best_correlation(crop(scene), crop(smooth_image(1))) < 0.7


def test_duplicates_in_training_and_their_summary(small):
    frame = manifest.make(small)
    training = frame["usage"] == "Training"
    assert not manifest.has_duplicate_in(frame, training).any()
    near = manifest.has_duplicate_in(frame, training, "near_group")
    assert list(np.flatnonzero(near)) == [5, 7]
    summary = manifest.duplicate_summary(frame)
    assert list(summary.loc["exact"]) == [2, 4, 2, 1, 1, 0, 0]
    assert list(summary.loc["near"]) == [3, 8, 5, 1, 3, 1, 1]


def test_images_of_the_subset_itself_are_no_duplicates_in_it(small):
    frame = manifest.make(small)
    among = np.array([True] + [False] * 8)
    assert list(np.flatnonzero(manifest.has_duplicate_in(frame, among))) == [2]
    assert list(np.flatnonzero(manifest.has_duplicate_in(frame, among, "near_group"))) == [2, 3, 5]


def test_photographs_are_numbered_by_near_groups(small):
    numbers = manifest.photographs(manifest.make(small))
    assert numbers.tolist() == [0, 1, 0, 0, 2, 0, 3, 1, 3]


def test_label_pairs_leave_out_blank_images(small):
    frame = manifest.make(small)
    equal = manifest.label_pairs(frame)
    assert equal.to_numpy().tolist() == [[1, "angry", "happy", 1], [1, "happy", "angry", 1]]
    near = manifest.label_pairs(frame, "near_group")
    assert near["group"].value_counts().to_dict() == {1: 4 * 3, 2: 2}
    assert (near.loc[near["group"] == 2, "label"] == "disgust").all()
    assert near["weight"].sum() == pytest.approx(4 + 2)


def test_written_twice_it_has_the_same_bytes(small, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "MANIFEST", tmp_path / "manifest.csv.gz")
    frame = manifest.make(small)
    manifest.write(frame)
    first = paths.MANIFEST.read_bytes()
    manifest.write(manifest.load())
    assert paths.MANIFEST.read_bytes() == first
    pd.testing.assert_frame_equal(manifest.load(), frame)


def test_it_is_not_overwritten_with_other_data():
    before = paths.MANIFEST.read_bytes()
    with pytest.raises(Problem, match="Set FER2013="):
        manifest.write(manifest.make(data.load_synthetic_faces(count=20)))
    assert paths.MANIFEST.read_bytes() == before


def test_recorded_manifest_is_fer2013s(recorded):
    assert len(recorded) == 35887 and recorded["name"].is_unique
    counts = recorded.groupby("usage")["label"].value_counts()
    for usage, expected in fer2013.COUNTS.items():
        assert tuple(counts[usage].sort_index()) == expected
    order = recorded["usage"].map(fer2013.USAGES.index)
    assert recorded.assign(order=order).equals(
        recorded.assign(order=order).sort_values(["order", "label", "name"])
    )
    by_people = ["crowd", "crowd_share", "label_share", "entropy"]
    assert not recorded.drop(columns=[*by_people, "ferplus_class"]).isna().any().any()
    assert (recorded[by_people[1:]].isna().any(axis=1) == (recorded["votes"] == 0)).all()
    assert recorded["brightness"].between(0, 255).all()
    assert recorded["contrast"].between(0, 127.5).all()
    assert (recorded["contrast"] < manifest.BLANK_CONTRAST).sum() == 13


def test_recorded_duplicates(recorded):
    exact = manifest.duplicate_summary(recorded).loc["exact"]
    assert list(exact) == [1516, 3369, 1853, 57, 557, 280, 288]
    by_pixels = recorded.groupby("pixels")
    assert (by_pixels["duplicate_group"].nunique() == 1).all()
    assert ((by_pixels["name"].transform("size") > 1) == (recorded["duplicate_group"] > 0)).all()
    duplicates = recorded[recorded["duplicate_group"] > 0]
    assert (duplicates.groupby("duplicate_group")["near_group"].nunique() == 1).all()
    assert (duplicates["near_group"] > 0).all()


def test_recorded_rows_of_ferplus(recorded):
    rows = recorded["ferplus_row"]
    assert (rows < 0).sum() == 175 and rows.max() < len(recorded)
    shared = recorded[(rows >= 0) & rows.duplicated(keep=False)]
    assert len(shared) == 4  # exact duplicates, which share their votes anyway
    assert (shared.groupby("ferplus_row")["pixels"].nunique() == 1).all()


def test_recorded_votes(recorded):
    decided = recorded["crowd"].notna()
    assert (recorded.loc[decided, "votes"] >= 5).all()
    assert (recorded.loc[decided, "crowd_share"] > 0.5).all()
    agrees = recorded["crowd"] == recorded["label"]
    assert (recorded.loc[agrees, "crowd_share"] == recorded.loc[agrees, "label_share"]).all()
    assert (recorded["entropy"].dropna().between(0, np.log2(7))).all()
    copies = recorded[recorded["duplicate_group"] > 0].groupby("duplicate_group")
    assert (copies[["votes", "crowd", "entropy"]].nunique(dropna=False) == 1).all(axis=None)


def test_votes_are_joined_by_the_recorded_row(recorded):
    names = recorded["name"][[35000, 3, 77]]
    frame = recorded.loc[names.index, :"near_group"].reset_index(drop=True)
    votes = np.zeros((len(recorded), 10), int)
    votes[recorded.loc[35000, "ferplus_row"], ferplus.OPTIONS.index("fear")] = 9
    table = manifest.with_votes(frame, votes)
    assert list(table["ferplus_row"]) == list(recorded.loc[names.index, "ferplus_row"])
    assert list(table["votes"]) == [9, 0, 0] and table.loc[0, "crowd"] == "fear"


@needs_fer2013
@pytest.mark.slow
def test_remade_from_fer2013_it_is_the_recorded_one(recorded):
    made = manifest.make(data.load())
    pd.testing.assert_frame_equal(made, recorded.loc[:, :"near_group"])


@needs_fer2013
def test_mean_faces_remade_are_the_recorded_ones():
    remade = manifest.mean_faces(data.load())
    assert remade.shape == (7, 48, 48)
    assert np.array_equal(remade, manifest.load_mean_faces())
