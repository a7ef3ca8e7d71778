"""Fine-tuning, the ascent, and the ablations are drawn from the tables given."""

import numpy as np
from support.figures import gains, texts
from support.recorded_runs import make_run

from fer_lib.plots import better_network as drawings


def test_fine_tuning_draws_both_accuracies_and_the_paper():
    figure = drawings.fine_tuning(make_run(), "fine-tuning")
    assert "the paper" in texts(figure)
    assert len(figure.axes[0].lines) == 3


def test_ascent_writes_each_accuracy_and_its_gain():
    figure = drawings.ascent(gains(), "steps")
    words = texts(figure)
    assert "63.0 (+3.0)" in words and "59.0 (-1.0)" in words and "60.0\n" in words
    assert list(figure.axes[0].lines[0].get_xdata()) == [60, 63, 59]


def test_ablations_draws_gains_with_their_intervals():
    figure = drawings.ablations(gains(), "changes")
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["better", "worse"]
    segments = axis.collections[0].get_segments()
    np.testing.assert_allclose([ends[:, 0] for ends in segments], [[2, 5], [-2, 1]])
