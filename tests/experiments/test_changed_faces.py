"""Changes of faces, and what a record says about their cost."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_lib import data, paths
from fer_lib.data import manifest
from fer_lib.experiments import changed_faces, records
from fer_lib.labels import ACTION_UNITS, LABELS

FACES = data.load_synthetic_faces(70)
FACES = replace(FACES, usages=np.full(len(FACES), "PublicTest"))
FACTS = pd.DataFrame({"label": np.array(LABELS)[FACES.labels], "near_group": 0})
BARS = [changed_faces.bar_name(bar) for bar in changed_faces.BARS]
MOUTH = changed_faces.bar_name("mouth")
OTHERS = (changed_faces.FINETUNED, changed_faces.TWO_ANSWERS)


@pytest.fixture(scope="module")
def record():
    """Five networks that are right, except for happy under a bar over the mouth; two that err."""
    names = list(changed_faces.changes())
    predictions = np.tile(FACES.labels[:, np.newaxis], (7, 1, len(names))).astype(np.uint8)
    happy = FACES.labels == LABELS.index("happy")
    predictions[:5, happy, names.index(MOUTH)] = LABELS.index("sad")
    predictions[5], predictions[6] = LABELS.index("sad"), LABELS.index("fear")
    occlusion = np.zeros((7, 7, 6, 6), np.float32)
    occlusion[5], occlusion[6] = 1, 2
    return {
        "changes": np.array(names),
        "networks": np.array([*(f"paper {seed}" for seed in range(5)), *OTHERS]),
        "predictions": predictions,
        "occlusion": occlusion,
    }


@pytest.mark.parametrize("name", changed_faces.changes())
def test_every_change_keeps_shape_and_type_and_changes_all_faces(name):
    changed = changed_faces.changes()[name](FACES.images)
    assert (changed.shape, changed.dtype) == (FACES.images.shape, np.uint8)
    same = (changed == FACES.images).all(axis=(1, 2, 3))
    assert same.all() if name == changed_faces.UNCHANGED else same.mean() < 0.1


def test_only_what_the_mask_covers_is_hidden():
    mask = changed_faces.masks()[MOUTH]
    hidden = changed_faces.hide(FACES.images, mask)[..., 0]
    assert (hidden[:, ~mask] == FACES.images[..., 0][:, ~mask]).all()
    assert (hidden[:, mask] == hidden[:, mask][:, :1]).all()


def test_bars_have_one_size_and_border_and_inner_face_too():
    sizes = {name: int(mask.sum()) for name, mask in changed_faces.masks().items()}
    assert len({sizes[bar] for bar in BARS}) == 1
    assert sizes["border hidden"] == pytest.approx(sizes["inner face hidden"], rel=0.01)


def test_patches_cover_every_pixel_once():
    places = np.ndindex(changed_faces.PATCHES, changed_faces.PATCHES)
    assert (np.sum([changed_faces.patch(*place) for place in places], axis=0) == 1).all()


def test_severity_grows():
    for kind, corruption in changed_faces.CORRUPTIONS.items():
        distances = [
            np.abs(changed_faces.corrupt(FACES.images, kind, severity) - FACES.images.astype(float))
            for severity in corruption.severities
        ]
        assert (np.diff([distance.mean() for distance in distances]) > 0).all(), kind


def test_borders_come_from_the_donors():
    swapped = changed_faces.swap_borders(FACES.images)
    donors = changed_faces.border_donors(len(FACES))
    assert sorted(donors) == list(range(len(FACES)))
    assert (swapped[:, 0] == FACES.images[donors][:, 0]).all()
    assert (swapped[:, 24, 24] == FACES.images[:, 24, 24]).all()


def test_accuracy_drops(record):
    table = changed_faces.accuracy_drops(record, FACTS, BARS)
    share = 100 * (FACES.labels == 3).mean()
    assert table.loc[MOUTH, "drop"] == pytest.approx(share)
    assert table.loc[MOUTH, "recall drop"] == pytest.approx(100 / 7)
    assert table.loc[MOUTH, "low"] < share < table.loc[MOUTH, "high"]
    assert (table["drop"].drop(MOUTH) == 0).all() and (table["seeds"] == 0).all()


def test_a_networks_drop_is_compared_with_anothers(record):
    """The paper's networks lose happy under the bar over the mouth; another always errs."""
    networks = changed_faces.PAPER, changed_faces.FINETUNED
    table = changed_faces.drop_differences(record, FACTS, BARS, *networks)
    drops = changed_faces.accuracy_drops(record, FACTS, BARS, changed_faces.PAPER)
    assert table.loc[MOUTH, "value"] == pytest.approx(-drops.loc[MOUTH, "drop"])
    assert table.loc[MOUTH, "low"] == pytest.approx(-drops.loc[MOUTH, "high"])
    assert (table["value"].drop(MOUTH) == 0).all()


def test_corruption_curves_start_at_the_unchanged_images(record):
    severe = changed_faces.corruption_name("blurred", 3)
    wrong = {**record, "predictions": record["predictions"].copy()}
    column = record["changes"].tolist().index(severe)
    wrong["predictions"][..., column] = (FACES.labels + 1) % 7
    curves = changed_faces.corruption_curves(wrong, FACTS)
    assert list(curves) == list(changed_faces.CORRUPTIONS)
    assert curves["blurred"].tolist() == [100, 100, 100, 0]
    assert curves["noisy"].tolist() == [100] * 4


def test_a_class_that_is_predicted_more_often_is_no_better(record):
    table = changed_faces.class_drops(record, FACTS, BARS)
    happy = table.loc[(MOUTH, "happy"), ["recall drop", "J drop"]]
    assert happy.tolist() == pytest.approx([100, 100])
    sad = table.loc[(MOUTH, "sad")]
    assert sad["recall drop"] == 0 and sad["J drop"] > 0 and sad["predicted drop"] < 0


def test_every_network_is_kept_apart(record):
    for network, label in zip(OTHERS, ("sad", "fear"), strict=True):
        said = changed_faces.predicted(record, [MOUTH], network)
        assert (said[..., LABELS.index(label)] == 1).all()


def test_the_record_of_the_course_has_all_networks(monkeypatch):
    monkeypatch.setattr(records, "FOLDER", paths.DATA / "experiments")
    record = records.load("changed_faces")
    facts = manifest.load()
    public = facts[facts["usage"] == "PublicTest"]
    accuracies = [
        changed_faces.accuracy_drops(record, public, [changed_faces.UNCHANGED], network)["accuracy"]
        for network in (changed_faces.PAPER, *OTHERS)
    ]
    assert np.concatenate(accuracies) == pytest.approx([51, 70, 70], abs=2)


def test_expected_regions_hold_every_unit_of_the_classes():
    expected = changed_faces.expected_regions()
    assert set(expected.index) == set(LABELS) - {"neutral"}
    assert expected.loc["happy"].tolist() == [False, True, False, True]
    covered = set().union(*changed_faces.REGION_UNITS.values())
    assert set().union(*ACTION_UNITS.values()) == covered


def test_region_test_finds_drops_where_expected_and_none_elsewhere():
    expected = changed_faces.expected_regions()
    found = changed_faces.region_test(10.0 * expected)
    assert found.difference > max(3, found.threshold) and found.p < 0.05
    noise = np.random.default_rng(0).normal(size=(20, *expected.shape))
    values = [changed_faces.region_test(0 * expected + drops).p for drops in noise]
    assert 0.3 < np.mean(values) < 0.7


def test_occlusion_maps_keep_every_network_apart(record):
    for value, network in enumerate((changed_faces.PAPER, *OTHERS)):
        assert (changed_faces.occlusion_maps(record, network) == value).all()


class Network:
    """The more one place of a face differs from its mean, the surer is the first class."""

    names = ["paper 0", "fine-tuned"]

    def __init__(self, dataset):
        pass

    def __call__(self, images):
        place = images[:, 8:16, 16:24].astype(float)
        surprise = np.abs(place - images.mean(axis=(1, 2, 3), keepdims=True)).mean(axis=(1, 2))
        logits = np.eye(7)[0] * surprise / 50
        return np.stack([np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)] * 2)


def test_compute_records_every_change_and_finds_the_place(monkeypatch, keep):
    monkeypatch.setattr(changed_faces, "_Networks", Network)
    found = changed_faces.compute(FACES, keep)
    assert found["predictions"].shape == (2, len(FACES), len(changed_faces.changes()))
    drops = found["occlusion"][0, 0]
    assert drops.shape == (6, 6)
    assert drops[1, 2] > 0.1
    assert np.abs(np.delete(drops.ravel(), 8)).max() < 0.1 * drops[1, 2]
