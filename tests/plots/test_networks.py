"""The networks' drawings name the shapes and numbers of the models given."""

import numpy as np
import pandas as pd
import pytest
from support import figures
from support.figures import texts

from fer_lib import models
from fer_lib.models import summary
from fer_lib.plots import networks as drawings


@pytest.fixture(scope="module")
def backbone():
    return figures.backbone()


def test_figure_1_names_the_shapes_of_the_network_given():
    words = texts(drawings.figure_1_cnn(figures.small_cnn(), "a CNN"))
    for expected in ("48×48×1\n", "48×48×16", "24×24×16", "dense\n20", "surprise"):
        assert expected in words


def test_figure_2_counts_what_is_frozen_and_what_is_trained(backbone):
    head = models.head((1280,), hidden_units=0)
    words = texts(drawings.figure_2_transfer_learning(backbone, head, "transfer"))
    assert "2,257,984" in words
    assert "8,967" in words


def test_figure_3_draws_a_shortcut_at_stride_1_only(backbone):
    words = texts(drawings.figure_3_residual_blocks(backbone, "blocks"))
    assert words.count("56×56×144") == 3
    assert "28×28×32" in words
    assert words.split("\n").count("shortcut") == 1
    assert "no shortcut: 56×56 in, 28×28 out" in words


def test_convolution_shows_the_face_and_each_response():
    image, response = np.zeros((48, 48)), np.ones((46, 46))
    responses = {"upright edges": response, "level edges": -response}
    figure = drawings.convolution(image, responses, "edges")
    assert "upright edges" in texts(figure)
    assert len(figure.axes) == 3


def test_feature_maps_shows_the_maps_that_vary_most():
    maps = np.zeros((1, 6, 6, 3))
    maps[0, :3, :, 1] = 1
    figure = drawings.feature_maps(np.zeros((48, 48)), {"block_5_add": maps}, "maps", columns=1)
    assert (figure.axes[1].images[0].get_array() == maps[0, ..., 1]).all()
    assert "block_5_add: 6×6" in texts(figure)


def test_feature_map_sides_draws_a_line_for_each_size(backbone):
    sides = pd.DataFrame({224: summary.blocks(backbone)["side"]})
    figure = drawings.feature_map_sides(sides, "sides")
    assert "224 px in: 7×7" in texts(figure)
