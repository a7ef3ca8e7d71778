from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_lib import data, paths, runs
from fer_lib.evaluation import robustness
from fer_lib.exceptions import Problem


@pytest.fixture(scope="module")
def faces():
    return replace(data.load_drawn_faces(400), source=data.FER2013)


def brightness_classifier(images):
    """Names the class by how bright the image is, so only other light can change its mind."""
    levels = images.reshape(len(images), -1).mean(axis=1)
    return np.eye(7)[np.clip(levels / 256 * 7, 0, 6).astype(int)]


@pytest.mark.parametrize("name", robustness.CORRUPTIONS)
def test_every_disturbance_changes_images_and_keeps_their_form(faces, name):
    images = faces.images[:20]
    changed = robustness.corrupt(images, name)
    assert changed.shape == images.shape and changed.dtype == np.uint8
    difference = np.abs(changed.astype(int) - images).mean()
    assert 0.5 < difference < 80


def test_shifts_go_where_they_say():
    image = np.zeros((1, 48, 48, 1), np.uint8)
    image[0, 20, 30] = 255
    for name, place in [
        ("4 px to the right", (20, 34)),
        ("4 px to the left", (20, 26)),
        ("4 px down", (24, 30)),
        ("4 px up", (16, 30)),
    ]:
        moved = robustness.corrupt(image, name)[0, :, :, 0]
        assert np.unravel_index(moved.argmax(), moved.shape) == place


def test_light_changes_are_seen_and_others_are_not(faces):
    table = robustness.measure(brightness_classifier, faces)
    public = faces.usage("PublicTest")
    right = brightness_classifier(public.images).argmax(axis=1) == public.labels
    assert table.loc["none", "accuracy"] == pytest.approx(right.mean())
    assert list(table.index) == ["none", *robustness.CORRUPTIONS]
    assert ((table["low"] <= table["lost"]) & (table["lost"] <= table["high"])).all()
    losses = 100 * (table.loc["none", "accuracy"] - table["accuracy"])
    np.testing.assert_allclose(table["lost"], losses)
    assert robustness.mean_accuracy_drop(table) == pytest.approx(losses.iloc[1:].mean())
    assert (
        robustness.measure(lambda images: np.eye(7)[[3] * len(images)], faces)["lost"].eq(0).all()
    )


def test_it_needs_fer2013():
    with pytest.raises(Problem, match="measured on FER2013"):
        robustness.measure(brightness_classifier, data.load_drawn_faces(70))


def test_the_table_is_kept_with_its_run(faces, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    public = faces.usage("PublicTest")
    predictions = runs.predictions_table(
        [("validation", public, brightness_classifier(public.images))]
    )
    runs.save(runs.Run("bright-seed0", {"seed": 0}, pd.DataFrame({"epoch": [1]}), predictions))
    table = robustness.measure(brightness_classifier, faces)
    robustness.record("bright-seed0", table)
    info = runs.load("bright-seed0").info
    assert info["seed"] == 0
    kept = pd.DataFrame.from_dict(info["robustness"], orient="index")
    pd.testing.assert_frame_equal(kept, table.round(4), check_names=False)
