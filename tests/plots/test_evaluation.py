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
        drawings.field(figures.systems(), "title"),
    ]
    for figure in drawn:
        assert all(axis.get_xlabel() for axis in figure.axes)
        assert figure.get_suptitle() == "title"


def test_field_marks_ours():
    labels = drawings.field(figures.systems(), "title").axes[0].get_yticklabels()
    assert [label.get_color() == style.OURS for label in labels] == [True, False]


def test_field_has_the_paper_in_its_color():
    systems = figures.systems().rename(index={"b": "the paper's MobileNetV2"})
    (dots,) = drawings.field(systems, "title").axes[0].collections
    colors = [style.OURS, style.PAPER]
    assert dots.get_facecolor().tolist() == matplotlib_colors(colors)


def matplotlib_colors(names):
    from matplotlib.colors import to_rgba

    return [list(to_rgba(name)) for name in names]
