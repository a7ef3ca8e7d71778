"""Recorded runs are drawn beside the paper's numbers."""

from support import figures
from support.figures import texts
from support.recorded_runs import make_run

from fer_lib.analysis import reproduction
from fer_lib.plots import style
from fer_lib.plots import transfer_learning as drawings


def test_training_curves_draws_each_run_and_names_each_split_once():
    figure = drawings.training_curves([make_run(seed=0), make_run(seed=1)], "curves")
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


def test_variants_lists_recipes_nearest_on_top():
    table = reproduction.variants([make_run(), make_run(seed=1)])
    figure = drawings.variants(table, "recipes")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["paper"]
    bottom, top = figure.axes[0].get_ylim()
    assert bottom > top


def test_variants_writes_losses_that_are_too_high_at_the_border():
    table = reproduction.variants([make_run(validation_loss=9.0)])
    figure = drawings.variants(table, "recipes", highest_loss=2)
    assert list(figure.axes[2].lines[0].get_xdata()) == [2]
    assert "9.0" in texts(figure)


def test_disgust_recall_draws_a_dot_for_each_run():
    table = reproduction.by_seed([make_run(), make_run(seed=1)])
    figure = drawings.disgust_recall(table, "disgust")
    assert list(figure.axes[0].lines[0].get_xdata()) == [50, 50]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["paper"]


def test_losses_shows_every_epoch_and_the_papers_two():
    figure = drawings.losses(reproduction.epochs([make_run()]), "losses")
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [2, 1, 2, 1]


def test_accuracy_by_size_draws_a_line_for_each_head():
    figure = drawings.accuracy_by_size(figures.sizes(), "sizes")
    assert list(figure.axes[0].lines[0].get_xdata()) == [48, 96]
