"""Notebook 03's figures: drawn from the data given."""

import re

import numpy as np
import pandas as pd
from support import figures
from support.predictions import random_predictions

from fer_lib import evaluation
from fer_lib.plots import evaluation as drawings
from fer_lib.plots import style


def test_figure_5_writes_number_and_percentage_into_each_cell():
    matrix = evaluation.confusion_matrix(*random_predictions(2000))
    figure = drawings.figure_5_confusion_matrix(matrix, "title")
    cells = [text.get_text() for text in figure.axes[0].texts]
    assert len(cells) == 49
    assert all(re.fullmatch(r"[\d,]+\n\d+%", cell) for cell in cells)


def test_table_1_draws_each_margin_on_both_sides_of_the_mean():
    table = evaluation.class_table(*random_predictions(2000))
    axes = drawings.table_1(table, table / 10, "title").axes
    for axis, score in zip(axes, evaluation.SCORES, strict=True):
        ends = np.array([bar[:, 0] for bar in axis.collections[0].get_segments()])
        assert np.allclose(ends, np.outer(table[score], [0.9, 1.1]))


def test_every_figure_names_its_axes():
    labels, probabilities = random_predictions(2000)
    table = evaluation.class_table(labels, probabilities)
    estimate = evaluation.interval(evaluation.accuracy, labels, probabilities, resamples=20)
    rows = pd.DataFrame([estimate._asdict()], index=["ours"])
    reliability = evaluation.reliability_table(labels, probabilities)
    drawn = [
        drawings.accuracies(rows, "title"),
        drawings.precision_and_recall(table, "title"),
        drawings.table_1(table, table, "title"),
        drawings.resampled(np.array([0.4, 0.5]), estimate, "title"),
        drawings.reliability({"before": reliability, "after": reliability}, "title"),
        drawings.estimates(100 * rows, "accuracy (%)", ("the paper", 51), "title"),
        drawings.two_judges(pd.DataFrame({"label": [60], "crowd": [80]}), 68, "title"),
        drawings.recall_by_crowd(100 * table[list(evaluation.SCORES)], "title"),
        drawings.accuracy_by_agreement({n: figures.by_agreement() for n in "abc"}, "title"),
    ]
    for figure in drawn:
        assert all(axis.get_xlabel() for axis in figure.axes)
        assert figure.get_suptitle() == "title"


def test_field_has_a_panel_per_protocol_and_marks_ours():
    axes = drawings.field(figures.systems(), "title").axes
    assert [axis.get_title(loc="left") for axis in axes] == ["one", "other"]
    assert axes[1].get_xlabel()
    colors = [axis.get_yticklabels()[0].get_color() for axis in axes]
    assert [color == style.OURS for color in colors] == [True, False]


def test_field_sorts_within_a_protocol_only():
    systems = pd.concat([figures.systems(), figures.systems().rename(index=str.upper)])
    systems["accuracy (%)"] = [51, 50, 52, 49]
    axes = drawings.field(systems, "title").axes
    rows = [[text.get_text() for text in axis.get_yticklabels()] for axis in axes]
    assert rows == [["A", "a"], ["b", "B"]]


def test_field_has_the_paper_in_its_color():
    systems = figures.systems().rename(index={"b": "the paper's MobileNetV2"})
    systems["protocol"] = "one"
    (dots,) = drawings.field(systems, "title").axes[0].collections
    colors = [style.PAPER, style.OURS]
    assert dots.get_facecolor().tolist() == matplotlib_colors(colors)


def matplotlib_colors(names):
    from matplotlib.colors import to_rgba

    return [list(to_rgba(name)) for name in names]
