"""The data set's figures: drawn from the data given."""

import numpy as np
import pandas as pd
from support import figures
from support.figures import texts

from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import data_exploration as drawings


def test_class_counts_stacks_the_usages_and_writes_the_total():
    figure = drawings.class_counts(figures.counts(), "counts")
    bars = figure.axes[0].patches
    assert len(bars) == 3 * len(LABELS)
    assert {bar.get_x() for bar in bars} == {0, 10, 20}
    assert texts(figure).split("\n").count("30") >= len(LABELS)


def test_face_grid_draws_every_face_and_hides_the_rest():
    figure = drawings.face_grid(figures.FACES, "abcdefghi", "faces", columns=5)
    assert len([axis for axis in figure.axes if axis.images]) == 9
    assert [axis.axison for axis in figure.axes] == [True] * 9 + [False]


def test_mean_faces_shows_differences_once_brightness_is_equal():
    brighter = np.arange(7)[:, np.newaxis, np.newaxis]
    faces = np.full((7, 48, 48), 90.0) + brighter
    figure = drawings.mean_faces({"some": faces}, "means")
    upper, lower = figure.axes[:7], figure.axes[7:14]
    assert (upper[6].images[0].get_array() == 96).all()
    assert all(np.allclose(axis.images[0].get_array(), 0) for axis in lower)


def test_light_draws_a_box_for_each_class_and_measure():
    figure = drawings.light(figures.facts(), "light")
    for axis in figure.axes:
        boxes = [box.get_facecolor() for box in axis.patches]
        assert len(boxes) == len(LABELS)
    assert [axis.get_xlabel().split()[0] for axis in figure.axes] == [
        "brightness", "contrast", "sharpness",
    ]  # fmt: skip
    assert len(set(boxes)) == len(set(COLORS.values()))


def test_duplicates_by_class_draws_a_bar_for_each_class_and_kind():
    table = pd.DataFrame({"equal pixels": range(7), "near": range(7, 14)}, index=LABELS)
    bars = drawings.duplicates_by_class(table, "duplicates").axes[0].patches
    assert [bar.get_height() for bar in bars] == list(range(14))


def test_label_agreement_leaves_out_what_rounds_to_zero():
    percentages = pd.DataFrame(np.eye(7) * 99.6 + 0.4, LABELS, LABELS)
    cells = [
        text.get_text() for text in drawings.label_agreement(percentages, "labels").axes[0].texts
    ]
    assert sorted(set(cells)) == ["", "100"] and cells.count("100") == 7


def test_agreement_by_class_draws_the_highest_first_with_its_interval():
    table = pd.DataFrame({"agreement": range(10, 80, 10)}, index=LABELS)
    table = table.assign(low=table["agreement"] - 5, high=table["agreement"] + 6)
    axis = drawings.agreement_by_class(table, "agreement").axes[0]
    assert [text.get_text() for text in axis.get_yticklabels()] == list(LABELS)[::-1]
    lines, dots = axis.collections
    assert list(dots.get_offsets()[:, 0]) == list(range(70, 0, -10))
    assert [list(line[:, 0]) for line in lines.get_segments()][0] == [65, 76]


def test_votes_draws_labels_on_the_left_and_voters_on_the_right():
    by_label, by_voter = (pd.DataFrame(value, LABELS, LABELS) for value in (10.4, 20.0))
    left, right = drawings.votes(by_label, by_voter, "votes").axes[:2]
    assert left.get_ylabel() == "FER2013's label" and right.get_ylabel() == "vote of one person"
    assert {text.get_text() for text in left.texts} == {"10"}
    assert {text.get_text() for text in right.texts} == {"20"}
