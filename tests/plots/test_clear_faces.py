"""Figures on unclear faces and on where the network looks: drawn from the data given."""

import numpy as np
import pandas as pd
from support.figures import texts

from fer_lib.experiments import changed_faces
from fer_lib.labels import LABELS
from fer_lib.plots import clear_faces as drawings


def test_fifths_draws_one_panel_per_measure():
    rates = {"recall": 40.0, "low": 38.0, "high": 42.0}
    table = pd.DataFrame(rates, index=[1, 2, 3, 4, 5, "5 - 1"])
    figure = drawings.fifths({"brightness": table, "contrast": table}, "title")
    assert len(figure.axes) == 2
    assert "fifth of each class by contrast" in texts(figure)
    assert "high" in texts(figure).split("\n")


def test_hidden_parts_names_every_face():
    faces = {name: np.full((48, 48), 90) for name in ("unchanged", "bar over nose", "border")}
    figure = drawings.hidden_parts(faces, "title")
    assert [len(axis.images) for axis in figure.axes] == [1, 1, 1, 0]
    assert "bar over nose" in texts(figure)


def test_drops_draws_a_dot_per_network_and_change():
    table = pd.DataFrame({"drop": [5.0, 9.0], "low": 4.0, "high": 10.0}, index=["one", "other"])
    panels = {"hidden": {"paper": table, "fine-tuned": table / 2}, "corrupted": {"paper": table}}
    axis, other = drawings.drops(panels, "title").axes
    dots = [part.get_offsets()[:, 0].tolist() for part in axis.collections[1::2]]
    assert dots == [[5, 9], [2.5, 4.5]]
    assert [tick.get_text() for tick in other.get_yticklabels()] == ["one", "other"]


def test_bars_outlines_what_is_expected_and_bolds_what_is_above_zero():
    drops = pd.DataFrame(1.0, LABELS, list(changed_faces.BARS))
    drops.loc["happy", "mouth"] = 30
    figure = drawings.bars(drops, drops - 5, changed_faces.expected_regions(), "title")
    axis = figure.axes[0]
    assert len(axis.patches) == changed_faces.expected_regions().to_numpy().sum()
    bold = [text.get_text() for text in axis.texts if text.get_weight() == "bold"]
    assert bold == ["30"]


def test_corruption_curves_draws_every_corruption_for_every_network():
    ticks = {"blurred": ([0, 1, 2], "px"), "noisy": ([0, 5, 10], "gray levels")}
    panels = {kind: [50, 40, 30] for kind in ticks}
    curves = {"the paper's": panels, "fine-tuned": panels}
    figure = drawings.corruption_curves(curves, ticks, "title")
    assert [len(axis.lines) for axis in figure.axes if axis.lines] == [2, 2]
    assert "gray levels" in texts(figure)


def test_place_maps_gives_a_row_one_scale():
    maps = np.zeros((7, 6, 6))
    maps[2, 0, 0] = -4
    faces = np.add.outer(np.zeros((7, 48)), np.arange(48.0))
    figure = drawings.place_maps({"evidence": maps, "occlusion": maps / 2}, faces, "title")
    limits = [axis.images[0].get_clim() for axis in figure.axes if axis.images]
    assert limits[:7] == [(-4, 4)] * 7
    assert (-2, 2) in limits
