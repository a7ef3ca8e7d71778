"""Notebook 05's figures are drawn from the tables given."""

import numpy as np
from support.figures import gains, prior_table, recall_gains, texts
from support.recorded_runs import make_run

from fer_lib.plots import better_network as drawings


def test_fine_tuning_draws_both_accuracies_and_the_paper():
    figure = drawings.fine_tuning(make_run(), "fine-tuning")
    assert "the paper" in texts(figure)
    assert len(figure.axes[0].lines) == 3


def test_ascent_writes_each_accuracy_and_its_gain():
    figure = drawings.ascent(gains(), "steps")
    words = texts(figure)
    assert "63.0 (+3.0 over 1)" in words and "59.0 (-1.0 over 1)" in words and "60.0\n" in words
    assert "better  2" in words
    assert list(figure.axes[0].lines[0].get_xdata()) == [60, 63, 59]


def test_ablations_draws_gains_with_their_intervals_over_what_another_seed_may_gain():
    figure = drawings.ablations(gains(), (-1.5, 2), "changes")
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["better", "worse"]
    segments = axis.collections[0].get_segments()
    np.testing.assert_allclose([ends[:, 0] for ends in segments], [[2, 5], [-2, 1]])
    assert axis.patches[0].get_x() == -1.5 and axis.patches[0].get_width() == 3.5


def test_ablations_tells_other_seeds_from_changes_by_their_color():
    table = gains().rename(index={"better": "unchanged, seed 1"})
    seed, change = drawings.ablations(table, (-1, 1), "changes").axes[0].collections[0].get_colors()
    assert seed.tolist() != change.tolist()


def test_recall_gains_names_both_networks_and_marks_the_gains_over_single_runs():
    figure = drawings.recall_gains(recall_gains(), "title", "A", "B")
    words = texts(figure)
    assert "recall of B minus recall of A" in words and "disgust: 30 → 50%" in words
    marks = {x for line in figure.axes[0].lines for x in line.get_xdata()}
    assert {15, 25} <= marks


def test_prior_curve_names_every_exponent_and_marks_the_chosen_one():
    axis = drawings.prior_curve(prior_table(), 0.5, "prior").axes[0]
    np.testing.assert_allclose(axis.lines[0].get_xydata(), [[85, 70], [84, 80], [80, 82]])
    weights = {text.get_text(): text.get_fontweight() for text in axis.texts}
    assert weights == {"0": "normal", "0.5": "bold", "1": "normal"}
