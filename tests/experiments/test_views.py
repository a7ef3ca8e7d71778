"""The views of each face, and what the record of the answers to them tells."""

import numpy as np
import pytest

from fer_lib import experiments, paths, runs
from fer_lib.data import manifest
from fer_lib.experiments import records, views
from fer_lib.labels import LABEL, PEOPLE


@pytest.fixture
def record(monkeypatch):
    monkeypatch.setattr(records, "FOLDER", paths.DATA / "experiments")
    return experiments.load("views")


@pytest.fixture(scope="module")
def faces():
    facts = manifest.load()
    return facts[facts["usage"] == "PublicTest"]


@pytest.fixture
def dot():
    """A white dot at row 20, column 10 of a black image."""
    image = np.zeros((1, 48, 48, 1), np.uint8)
    image[0, 20, 10] = 255
    return image


def center(image):
    """Row and column of the mean of an image's light."""
    light = image[0, ..., 0] / image.sum()
    return (light * np.indices(light.shape)).sum(axis=(1, 2))


@pytest.mark.parametrize(
    ("view", "row", "column"),
    [
        (views.AS_IT_IS, 20, 10),
        ("mirrored", 20, 37),
        ("10% larger", 23.5 - 3.5 * 1.1, 23.5 - 13.5 * 1.1),
        ("10% smaller", 23.5 - 3.5 / 1.1, 23.5 - 13.5 / 1.1),
        ("10% to the left", 20, 5.2),
        ("10% to the right", 20, 14.8),
        ("10% up", 15.2, 10),
        ("10% down", 24.8, 10),
    ],
)
def test_a_view_moves_a_dot_to_its_place(dot, view, row, column):
    changed = views.show(dot, view)
    assert changed.shape == dot.shape and changed.dtype == np.uint8
    assert center(changed) == pytest.approx((row, column), abs=0.1)


def test_the_view_as_it_is_repeats_the_recorded_predictions(record, faces):
    for number, run in enumerate(views.RUNS):
        predictions = runs.load(run).predictions.set_index("name").loc[faces["name"]]
        for answer in (LABEL, PEOPLE):
            recorded = runs.arrays(predictions, answer)[1].argmax(axis=1)
            shown = record[answer][number, 0]
            shown = shown if answer == LABEL else shown[0]
            assert np.mean(recorded == shown) > 0.995


def test_accuracies_and_gains_are_of_the_same_predictions(record, faces):
    table = views.accuracies(record, faces)
    first, second = views.RUNS[:2]
    for answer in (LABEL, PEOPLE):
        means = table[answer].mean(axis=1)
        gain = views.gain(record, faces, answer, first, second)
        assert 100 * gain.value == pytest.approx(means[second] - means[first])
        assert gain.low < gain.value < gain.high
    exponents = views.by_exponent(record, faces, first)
    assert 100 * exponents.loc[0, "agreement"] == pytest.approx(table[PEOPLE].loc[first].mean())


def test_a_larger_exponent_trades_agreement_for_mean_recall(record, faces):
    table = views.by_exponent(record, faces, views.RUNS[0])
    assert table["agreement"].is_monotonic_decreasing
    assert table.loc[1, "mean recall"] > table.loc[0, "mean recall"]
