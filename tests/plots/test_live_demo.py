"""Notebook 06's figures: drawn from the data given."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from support.figures import BOX, FRAME, HAPPY, texts

from fer_lib.labels import LABELS
from fer_lib.plots import live_demo as drawings


def words(figure):
    return texts(figure).split("\n")


def boxes_drawn(axis):
    found = [patch for patch in axis.patches if isinstance(patch, Rectangle)]
    return {(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in found}


def test_stages_shows_the_box_the_crop_and_the_seven_probabilities():
    crop = np.full((48, 48, 1), 90, np.uint8)
    figure = drawings.stages(FRAME, BOX, crop, HAPPY, "on its way")
    image, face, bars = figure.axes
    assert boxes_drawn(image) == {BOX}
    assert face.images[0].get_array().shape == (48, 48)
    assert [bar.get_width() for bar in bars.patches] == pytest.approx(100 * HAPPY)
    assert "94" in words(figure)


def test_trials_draws_a_box_around_what_was_found_and_shows_what_was_not():
    rows = {"light": [("1", FRAME, [BOX], "happy 94%"), ("0", FRAME, [], "not found")]}
    figure = drawings.trials(rows, "harder")
    assert [boxes_drawn(axis) for axis in figure.axes] == [{BOX}, set()]
    assert {"light", "1", "0", "happy 94%", "not found"} <= set(words(figure))


def test_over_time_draws_seven_lines_and_no_color_where_it_is_unsure():
    flat = np.full(7, 1 / 7)
    series = {"alone": np.array([HAPPY, flat, HAPPY]), "smoothed": np.array([flat] * 3)}
    figure = drawings.over_time(np.arange(3), series, [(0, "happy")], "steadier")
    upper, lower = figure.axes
    named = [line for line in upper.lines if line.get_label() in LABELS]
    assert [line.get_label() for line in named] == list(LABELS)
    strips = [axis.collections[0].get_colors() for axis in (upper, lower)]
    assert [(strip == 1).all(axis=1).tolist() for strip in strips] == [
        [False, True, False],
        [True, True, True],
    ]
    assert "happy" in words(figure)
