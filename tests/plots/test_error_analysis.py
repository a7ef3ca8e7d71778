"""The figures of notebooks 04 and 08 on confusions: drawn from the data given."""

import numpy as np
from support.figures import texts
from support.predictions import random_predictions

from fer_lib import paper
from fer_lib.evaluation import Estimate
from fer_lib.labels import LABELS
from fer_lib.plots import error_analysis as drawings
from fer_lib.plots import style


def ratios():
    """As often as expected, but for fear taken for surprise; no cell is certain but this one."""
    values = np.where(np.eye(7) == 1, np.nan, 1.1)
    values[2, 6] = 2.5
    low = np.where(values > 2, 2.0, 0.5)
    return Estimate(values, low, np.full((7, 7), 3.0))


def panels():
    """The two panels of `excesses`: the network's and people's."""
    return drawings.excesses(ratios(), ratios().value, "title").axes[:2]


def test_excesses_frame_the_papers_pairs_in_both_panels():
    for axis in panels():
        corners = {
            (round(frame.get_y() + 0.46), round(frame.get_x() + 0.46)) for frame in axis.patches
        }
        directions = [*paper.CONFUSED_PAIRS, *(pair[::-1] for pair in paper.CONFUSED_PAIRS)]
        assert corners == {(LABELS.index(one), LABELS.index(other)) for one, other in directions}
        assert len(axis.texts) == 42


def test_excesses_are_bold_if_their_interval_excludes_1():
    bold = [
        [text.get_text() for text in axis.texts if text.get_weight() == "bold"] for axis in panels()
    ]
    assert bold == [["2.5"], []]


def test_excesses_are_written_white_on_dark_cells_and_dark_on_light_ones():
    values = np.where(np.eye(7) == 1, np.nan, 1.0)
    values[0, 1], values[1, 0], values[2, 6] = 4.0, 0.25, 2.0
    figure = drawings.excesses(Estimate(values, values, values), values, "title")
    colors = {text.get_text(): text.get_color() for text in figure.axes[0].texts}
    assert colors == {"4.0": "white", "0.2": "white", "2.0": style.INK, "1.0": style.INK}


def test_class_maps_are_aligned_to_the_first():
    positions = np.random.default_rng(0).random((7, 2))
    turned = 5 + 3 * positions[:, ::-1]
    figure = drawings.class_maps({"one": (positions, 0.1), "other": (turned, 0.2)}, "title")
    one, other = (axis.collections[0].get_offsets() for axis in figure.axes)
    assert np.allclose(one, other)
    assert "other (stress 0.20)" in texts(figure)


def test_perfect_recall_shows_both_scores_and_every_run():
    by_run = np.random.default_rng(0).random((3, 8, 2)) / 10
    mean = by_run.mean(axis=0)
    figure = drawings.perfect_recall(Estimate(mean, mean - 0.01, mean + 0.01), by_run, "title")
    assert len(figure.axes) == 2
    for column, axis in enumerate(figure.axes):
        assert np.allclose(axis.collections[1].get_offsets()[:, 0], 100 * mean[:, column])
        assert len(axis.lines) == 3
    assert "disgust and fear" in texts(figure)


def test_table_2_places_the_papers_image_among_those_of_its_class():
    labels, probabilities = random_predictions()
    axis = drawings.table_2(labels, [probabilities, probabilities], "title").axes[0]
    medians, examples = axis.lines[:7], axis.lines[7]
    happy = 100 * np.median(probabilities[labels == 3, 3])
    assert np.allclose(medians[3].get_xdata(), happy)
    assert list(examples.get_xdata()) == [paper.TABLE_2[label][label] for label in LABELS]
