"""Notebook 06's figures: drawn from the data given."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from support.figures import BOX, FRAME, HAPPY, texts

from fer_lib.labels import COLORS
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


def test_examples_draw_a_box_around_what_was_found():
    tries = [("light", FRAME, [BOX], "happy 94%")] * 5 + [("tilt", FRAME, [], "no box")]
    figure = drawings.examples(tries, "harder")
    assert [boxes_drawn(axis) for axis in figure.axes] == [{BOX}] * 5 + [set()]
    assert {"light", "tilt", "happy 94%", "no box"} <= set(words(figure))


def limits_table():
    levels = [("light", 100), ("light", 3), ("kind", "flat"), ("kind", "blocks")]
    rows = [
        {"factor": factor, "level": level, "measure": measure, "percentage": 40 + 10 * place}
        for factor, level in levels
        for place, measure in enumerate(drawings.LIMIT_LOOKS)
    ]
    return pd.DataFrame(rows).assign(low=30, high=80)


def test_limits_draw_each_factor_with_its_levels_in_order():
    figure = drawings.limits(limits_table(), {"light": "light (%)", "kind": "scene"}, "limits")
    light, kind = figure.axes
    assert [label.get_text() for label in light.get_xticklabels()] == ["3", "100"]
    assert [label.get_text() for label in kind.get_xticklabels()] == ["flat", "blocks"]
    assert [line.get_ydata()[0] for line in light.lines] == [40, 50, 60]
    assert light.get_xlabel() == "light (%)"
    assert set(drawings.LIMIT_LOOKS) <= set(words(figure))


def test_limits_leave_the_place_of_a_missing_panel_empty():
    table = pd.concat([limits_table().replace("light", factor) for factor in "abcde"])
    figure = drawings.limits(table, dict.fromkeys("abcde", "light (%)"), "limits")
    assert len(figure.axes) == 6 and not figure.axes[5].axison


def test_framing_draws_each_way_and_the_detectors_boxes():
    changes = [(0, 0, 0), (10, 0, 0), (-10, 0, 0), (0, 10, 0), (0, 0, 10)]
    curve = pd.DataFrame(changes, columns=["size", "right", "down"])
    curve = curve.assign(change=[0, -1, -2, -3, -4], low=-5, high=0)
    index = pd.MultiIndex.from_product([["Haar", "YuNet"], ["size", "right", "down"]])
    offsets = pd.DataFrame({"low": -3.0, "median": 2.0, "high": 4.0}, index)
    figure = drawings.framing(curve, offsets, "framing")
    size, right, down = (axis.lines[0] for axis in figure.axes)
    assert [*size.get_xdata()] == [-10, 0, 10] and [*size.get_ydata()] == [-2, 0, -1]
    assert [*right.get_ydata()] == [0, -3] and [*down.get_ydata()] == [0, -4]
    assert {"Haar's boxes", "YuNet's boxes"} <= set(words(figure))


def test_timeline_draws_each_label_in_its_color_and_unsure_in_white():
    strips = {"shown": np.array(["happy", "sad"]), "demo": np.array(["happy", "unsure"])}
    figure = drawings.timeline(np.array([0, 0.5]), strips, "steady")
    (axis,) = figure.axes
    colors = [to_hex(bar.get_facecolor()) for bar in axis.patches]
    assert colors == [
        to_hex(COLORS["happy"]),
        to_hex(COLORS["sad"]),
        to_hex(COLORS["happy"]),
        "#ffffff",
    ]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["shown", "demo"]
