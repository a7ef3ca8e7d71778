"""Recorded runs are drawn beside the paper's numbers."""

import pandas as pd
from support import figures
from support.figures import texts
from support.recorded_runs import make_run

from fer_lib.analysis import reproduction
from fer_lib.plots import style
from fer_lib.plots import transfer_learning as drawings
from fer_lib.training import recipes


def test_training_curves_draws_each_run_and_names_each_split_once():
    histories = [make_run(seed=seed).history for seed in (0, 1)]
    figure = drawings.training_curves(histories, "curves")
    assert [len(axis.lines) for axis in figure.axes] == [4, 4]
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert legend == ["training", "validation"]
    assert [axis.get_ylabel() for axis in figure.axes] == ["accuracy (%)", "loss (cross-entropy)"]


def test_figure_4_marks_the_papers_ends():
    figure = drawings.figure_4_training_curves([make_run(seed=0), make_run(seed=1)], "curves")
    words = texts(figure)
    for expected in ("training: 57", "validation: 51", "1.4711", "1.3168"):
        assert expected in words
    ends = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert [line.get_color() for line in ends] == [style.PAPER] * 2


def test_variants_has_a_row_per_setting_and_a_dot_per_run_the_nearest_on_top():
    far = make_run(recipes.find("paper-48px"), accuracy=0.5)
    table = reproduction.by_seed([far, make_run(), make_run(seed=1)])
    axis = drawings.variants(table, "settings").axes[0]
    names = [label.get_text() for label in axis.get_yticklabels()]
    assert names == ["224 px, 128 units", "48 px, 128 units"]
    assert list(axis.lines[0].get_ydata()) == [0, 0, 1]
    bottom, top = axis.get_ylim()
    assert bottom > top


def test_variants_writes_losses_that_are_too_high_at_the_border():
    table = reproduction.by_seed([make_run(validation_loss=9.0)])
    figure = drawings.variants(table, "settings", highest_loss=2)
    assert list(figure.axes[2].lines[0].get_xdata()) == [2]
    assert "9.0" in texts(figure)


def test_disgust_recall_draws_a_dot_for_each_run():
    table = reproduction.by_seed([make_run(), make_run(seed=1)])
    figure = drawings.disgust_recall(table, "disgust")
    assert list(figure.axes[0].lines[0].get_xdata()) == [50, 50]
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == ["224 px, 128 units"]


def test_losses_shows_every_epoch_and_the_papers_two():
    figure = drawings.losses(reproduction.epochs([make_run()]), "losses")
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [2, 1, 2, 1]


def test_accuracy_by_size_draws_a_dot_per_run_and_a_line_through_each_heads_means():
    dots, line = drawings.accuracy_by_size(figures.sizes(), "sizes").axes[0].lines[:2]
    assert list(dots.get_xdata()) == [96, 96, 48]
    assert list(line.get_xdata()) == [48, 96]
    assert list(line.get_ydata()) == [42, 48]


def test_gradient_descent_names_the_learning_rate_of_each_line():
    figure = drawings.gradient_descent({0.1: [2.0, 1.5], 1.0: [2.0, 3.0]}, "steps")
    lines = {line.get_label(): list(line.get_ydata()) for line in figure.axes[0].lines[:2]}
    assert lines == {"learning rate 0.1": [2.0, 1.5], "learning rate 1": [2.0, 3.0]}


def test_accuracies_marks_the_majority_class():
    table = pd.DataFrame({"value": [0.5, 0.9], "low": [0.4, 0.8], "high": [0.6, 1.0]})
    figure = drawings.accuracies(table, 0.25, "networks")
    assert list(figure.axes[0].lines[0].get_xdata()) == [25, 25]
    assert "50\n90\nmajority class" in texts(figure)


def test_accuracies_by_seed_draws_a_dot_per_run_and_writes_each_networks_mean():
    figure = drawings.accuracies_by_seed(figures.by_network(), 25, "networks")
    dots = figure.axes[0].lines[0]
    assert list(zip(dots.get_xdata(), dots.get_ydata(), strict=True)) == [(40, 0), (42, 0), (50, 1)]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["one", "two"]
    assert "41\n50\nmajority class\nthe paper" in texts(figure)
