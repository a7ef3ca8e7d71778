"""The figures of the experiments on frozen features: drawn from the data given."""

import numpy as np
import pandas as pd
from support.figures import texts

from fer_lib.plots import experiments as drawings


def test_balance_curves_have_a_line_of_means_per_method():
    table = pd.DataFrame(
        {
            "method": ["unchanged"] * 2 + ["class weights"] * 4,
            "strength": [0, 0, 0.5, 0.5, 1, 1],
            "seed": [0, 1] * 3,
            "accuracy": [0.5, 0.52, 0.5, 0.5, 0.4, 0.42],
            "mean recall": [0.4, 0.4, 0.45, 0.47, 0.5, 0.5],
        }
    )
    panels = {"all images": table, "some": table[:4]}
    axis = drawings.balance_curves(panels, "title").axes[0]
    means = [line for line in axis.lines if line.get_label() == "class weights"][0]
    np.testing.assert_allclose(means.get_xdata(), [50, 41])
    np.testing.assert_allclose(means.get_ydata(), [46, 50])


def test_learning_curves_draw_every_run_and_the_means():
    runs = pd.DataFrame(
        {"images": [100, 100, 1000], "training": [1, 0.8, 0.7], "validation": [0.3, 0.5, 0.6]}
    )
    axes = drawings.learning_curves({"frozen": runs, "trained": runs}, "title").axes
    assert [axis.get_title() for axis in axes] == ["frozen", "trained"]
    dots, means = axes[0].lines[2:]
    assert len(dots.get_ydata()) == 3
    np.testing.assert_allclose(means.get_ydata(), [40, 60])


def test_accuracy_by_depth_names_its_lines_and_marks_where_maps_shrink():
    rows = pd.DataFrame({"number": np.arange(19.0), "side": [24] * 9 + [3] * 10, "accuracy": 0.4})
    figure = drawings.accuracy_by_depth({"48 px": rows}, {"48 px": 0.5}, "title")
    assert "48 px" in texts(figure)
    curve, star, halving = figure.axes[0].lines
    assert list(curve.get_ydata()) == [40] * 19 and list(star.get_ydata()) == [50]
    assert list(halving.get_xdata()) == [8.5, 8.5]
