"""Effects of image quality within each class, on data made with known effects."""

import numpy as np
import pandas as pd
import pytest

from fer_lib.analysis import image_quality
from fer_lib.labels import LABELS

IMAGES = 2100


@pytest.fixture(scope="module")
def facts():
    """A manifest in which surprise is bright, with 10 copies of the last photograph."""
    generator = np.random.default_rng(0)
    classes = np.resize(np.arange(7), IMAGES)
    near_group = np.zeros(IMAGES, int)
    near_group[-10:] = 1
    return pd.DataFrame(
        {
            "label": np.array(LABELS)[classes],
            "brightness": generator.normal(100 + 10 * classes, 20),
            "contrast": generator.normal(50, 10, IMAGES),
            "sharpness": generator.lognormal(6, 1, IMAGES),
            "near_group": near_group,
        }
    )


def correct_by(facts, slope):
    """Correctness that rises with the class's brightness, and within surprise with contrast."""
    classes = pd.Categorical(facts["label"], categories=LABELS).codes
    contrast = (facts["contrast"] - 50) / 10
    return 0.1 * classes + slope * contrast * (classes == 6)


def test_a_class_effect_is_no_effect_of_brightness(facts):
    table = image_quality.quintile_recalls(facts, correct_by(facts, 0), "brightness", resamples=5)
    assert table.loc["5 - 1", "recall"] == pytest.approx(0, abs=1e-9)
    assert np.corrcoef(facts["brightness"], correct_by(facts, 0))[0, 1] > 0.5


def test_fifths_are_ordered_from_low_to_high(facts):
    table = image_quality.quintile_recalls(facts, correct_by(facts, 0.1), "contrast", resamples=20)
    recalls = table["recall"].drop("5 - 1")
    assert (recalls.diff().dropna() > 0).all()
    assert table.loc["5 - 1", "recall"] == pytest.approx(recalls[5] - recalls[1])
    assert (table["low"] < table["high"]).all()


def test_effects_find_the_measure_and_the_class(facts):
    noise = np.random.default_rng(1).normal(0, 0.01, IMAGES)
    table = image_quality.effects(facts, correct_by(facts, 0.1) + noise)
    effects = table["effect"].unstack()
    assert effects.loc["contrast", "surprise"] == pytest.approx(10, abs=0.5)
    assert effects.loc["contrast", "all classes"] == pytest.approx(10 / 7, abs=0.1)
    assert effects.drop(columns=["surprise", "all classes"]).abs().to_numpy().max() < 0.5
    assert effects.loc["brightness"].abs().max() < 0.5


def test_copies_of_a_photograph_widen_the_interval(facts):
    noise = np.random.default_rng(1).normal(0, 0.1, IMAGES)
    copied = facts.copy()
    copied["near_group"] = np.arange(IMAGES) // 21 + 1
    shared = noise + np.repeat(np.random.default_rng(2).normal(0, 0.3, IMAGES // 21), 21)
    copied["contrast"] = np.repeat(np.random.default_rng(3).normal(50, 10, IMAGES // 21), 21)
    widths = [
        np.ptp(
            image_quality.effects(rows, shared).loc[("contrast", "all classes"), ["low", "high"]]
        )
        for rows in (copied.assign(near_group=0), copied)
    ]
    assert widths[1] > 2 * widths[0]
