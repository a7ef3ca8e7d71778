"""The figures of notebooks 04 and 08 on labels: drawn from the data given."""

import numpy as np
import pandas as pd
from support.figures import texts

from fer_lib.analysis.label_noise import SOURCES
from fer_lib.evaluation import Estimate
from fer_lib.plots import label_quality as drawings


def test_error_sources_stacks_the_shares_in_their_order():
    shares = np.array([0.2, 0.1, 0.1, 0.05])
    figure = drawings.error_sources(Estimate(shares, shares - 0.01, shares + 0.01), "title")
    bars = figure.axes[0].patches
    assert np.allclose([bar.get_width() for bar in bars], 100 * shares)
    assert np.allclose([bar.get_x() for bar in bars], [0, 20, 30, 40])
    assert texts(figure).replace("\n", " ").count("20.0 [19.0, 21.0]") == 1
    assert all(source in texts(figure).replace("\n", " ") for source in SOURCES)


def test_precision_at_draws_each_ranking_beside_its_chance():
    columns = {"precision": [0.8, 0.6], "low": 0.5, "high": 0.9, "expected": [0.4, 0.3]}
    table = pd.DataFrame(columns, index=[100, 1000])
    axis = drawings.precision_at({"one": table, "other": table / 2}, "title").axes[0]
    heights = [line.get_ydata().tolist() for line in axis.lines]
    assert np.allclose(heights, [[80, 60], [40, 30], [40, 30], [20, 15]])
    assert [line.get_label() for line in axis.lines][1] == "one: chance, same class mix"
