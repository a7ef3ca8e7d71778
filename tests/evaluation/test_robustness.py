"""Corruptions of images, the accuracy that they cost, and the table recorded with a run."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_lib import data, paths, runs
from fer_lib.evaluation import robustness
from fer_lib.exceptions import Problem


@pytest.fixture(scope="module")
def faces():
    return replace(data.load_synthetic_faces(400), source=data.FER2013)


def brightness_classifier(images):
    """Choose the class by the image's brightness, so that only a change of light matters."""
    levels = images.reshape(len(images), -1).mean(axis=1)
    return np.eye(7)[np.clip(levels / 256 * 7, 0, 6).astype(int)]


@pytest.mark.parametrize("name", robustness.CORRUPTIONS)
def test_every_corruption_changes_images_and_keeps_shape_and_type(faces, name):
    images = faces.images[:20]
    corrupted = robustness.corrupt(images, name)
    assert corrupted.shape == images.shape and corrupted.dtype == np.uint8
    difference = np.abs(corrupted.astype(int) - images).mean()
    assert 0.5 < difference < 80


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shifted 4 px right", (20, 34)),
        ("shifted 4 px left", (20, 26)),
        ("shifted 4 px down", (24, 30)),
        ("shifted 4 px up", (16, 30)),
    ],
)
def test_shifts_move_a_pixel_where_their_name_says(name, expected):
    image = np.zeros((1, 48, 48, 1), np.uint8)
    image[0, 20, 30] = 255
    moved = robustness.corrupt(image, name)[0, :, :, 0]
    assert np.unravel_index(moved.argmax(), moved.shape) == expected


@pytest.mark.parametrize(
    ("name", "left"), [("rotated 15° counterclockwise", True), ("rotated 15° clockwise", False)]
)
def test_rotations_move_the_top_where_their_name_says(name, left):
    image = np.zeros((1, 48, 48, 1), np.uint8)
    image[0, 2:6, 22:26] = 255
    rotated = robustness.corrupt(image, name)[0, :, :, 0]
    assert (np.unravel_index(rotated.argmax(), rotated.shape)[1] < 22) == left


def test_accuracy_drops_with_light_and_only_where_the_classifier_uses_it(faces):
    table = robustness.measure(brightness_classifier, faces)
    public = faces.usage("PublicTest")
    correct = brightness_classifier(public.images).argmax(axis=1) == public.labels
    assert table.loc["none", "accuracy"] == pytest.approx(correct.mean())
    assert list(table.index) == ["none", *robustness.CORRUPTIONS]
    drop = table["accuracy drop"]
    assert ((table["low"] <= drop) & (drop <= table["high"])).all()
    expected = 100 * (table.loc["none", "accuracy"] - table["accuracy"])
    np.testing.assert_allclose(drop, expected)
    assert robustness.mean_accuracy_drop(table) == pytest.approx(expected.iloc[1:].mean())
    constant = robustness.measure(lambda images: np.eye(7)[[3] * len(images)], faces)
    assert constant["accuracy drop"].eq(0).all()


def test_it_needs_fer2013():
    with pytest.raises(Problem, match="Robustness needs FER2013"):
        robustness.measure(brightness_classifier, data.load_synthetic_faces(70))


def test_the_table_is_kept_with_its_run(faces, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    public = faces.usage("PublicTest")
    predictions = runs.predictions_table(
        [("validation", public, brightness_classifier(public.images))]
    )
    runs.save(runs.Run("bright-seed0", {"seed": 0}, pd.DataFrame({"epoch": [1]}), predictions))
    with pytest.raises(Problem, match="bright-seed0 has no robustness table"):
        robustness.recorded(runs.load("bright-seed0"))
    table = robustness.measure(brightness_classifier, faces)
    robustness.record("bright-seed0", table)
    run = runs.load("bright-seed0")
    assert run.info["seed"] == 0
    pd.testing.assert_frame_equal(robustness.recorded(run), table.round(4))


@pytest.mark.parametrize("recipe", ["finetune-taught", "finetune-mixed", "finetune"])
def test_tables_recorded_under_old_names_are_read_under_current_ones(recipe):
    run = runs.load(f"{recipe}-seed0")
    old = pd.DataFrame.from_dict(run.info["robustness"], orient="index")
    assert "lost" in old and "4 px up" in old.index
    table = robustness.recorded(run)
    assert list(table.index) == ["none", *robustness.CORRUPTIONS]
    assert list(table.columns) == robustness.COLUMNS
    np.testing.assert_array_equal(table, old)
