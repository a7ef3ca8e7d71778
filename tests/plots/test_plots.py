"""Figures: shown with alt text, the same bytes each time, drawn from the data given."""

import html

import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from support.recorded_runs import make_run

from fer_lib import models, paths, plots
from fer_lib.analysis import reproduction
from fer_lib.models import summary
from fer_lib.plots import networks as drawings
from fer_lib.plots import transfer_learning as training


@pytest.fixture(scope="module")
def backbone():
    return keras.applications.MobileNetV2(
        input_shape=(224, 224, 3), include_top=False, weights=None, name="backbone"
    )


@pytest.fixture
def displayed(monkeypatch, tmp_path):
    """What `plots.show` displays; figures are saved under tmp_path."""
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setattr(paths, "FIGURES", tmp_path)
    return shown


def texts(figure):
    """All words of a figure, in one string."""
    found = [text.get_text() for text in figure.findobj(lambda part: hasattr(part, "get_text"))]
    return "\n".join(found)


def test_show_displays_the_picture_with_its_alt_text_escaped(displayed, tmp_path):
    figure, axis = plots.new_figure(4, 3)
    axis.plot([1, 2])
    plots.show(figure, 'a "rising" line < 3', name="line")
    (shown,) = displayed
    assert html.escape('a "rising" line < 3') in shown.data
    assert 'width="400"' in shown.data
    assert (tmp_path / "line.png").read_bytes() == plots.to_png(figure)


def test_show_saves_nothing_without_a_name(displayed, tmp_path):
    plots.show(plots.new_figure(2, 2)[0], "an empty figure")
    assert not list(tmp_path.iterdir())


def test_pictures_and_tables_are_the_same_bytes_each_time(displayed, tmp_path):
    def make():
        plots.show(training.training_curves([make_run()], "curves"), "curves", name="curves")
        table = pd.DataFrame({"ours": [0.5]}, index=["accuracy"])
        assert plots.save_table(table, "table") is table
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    first, second = make(), make()
    assert set(first) == {"curves.png", "table.csv", "table.md"}
    assert first == second
    assert first["table.csv"] == b",ours\naccuracy,0.5\n"


def test_figure_1_names_the_shapes_of_the_network_given():
    network = keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Conv2D(16, 3, padding="same"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(20),
            layers.Dense(7, activation="softmax"),
        ]
    )
    words = texts(drawings.figure_1_cnn(network))
    for expected in ("48 x 48 x 1\n", "48 x 48 x 16", "24 x 24 x 16", "dense\n20", "surprise"):
        assert expected in words


def test_figure_2_counts_what_is_frozen_and_what_is_trained(backbone):
    head = models.head((1280,), hidden_units=0)
    words = texts(drawings.figure_2_transfer_learning(backbone, head))
    assert "2,257,984" in words
    assert "8,967" in words


def test_figure_3_draws_a_shortcut_at_stride_1_only(backbone):
    words = texts(drawings.figure_3_residual_blocks(backbone))
    assert words.count("56 x 56 x 144") == 3
    assert "28 x 28 x 32" in words
    assert words.split("\n").count("shortcut") == 1
    assert "no shortcut: 56 x 56 in, 28 x 28 out" in words


def test_convolution_shows_the_face_and_each_response():
    image, response = np.zeros((48, 48)), np.ones((46, 46))
    figure = drawings.convolution(image, {"upright edges": response, "level edges": -response})
    assert "upright edges" in texts(figure)
    assert len(figure.axes) == 3


def test_feature_maps_shows_the_maps_that_vary_most():
    maps = np.zeros((1, 6, 6, 3))
    maps[0, :3, :, 1] = 1
    figure = drawings.feature_maps(np.zeros((48, 48)), {"block_5_add": maps}, columns=1)
    assert (figure.axes[1].images[0].get_array() == maps[0, ..., 1]).all()
    assert "block_5_add: 6 x 6" in texts(figure)


def test_feature_map_sides_draws_a_line_for_each_size(backbone):
    sides = pd.DataFrame({224: summary.blocks(backbone)["side"]})
    figure = drawings.feature_map_sides(sides)
    assert "224 px in: 7 x 7" in texts(figure)


def test_figure_4_marks_the_papers_ends():
    figure = training.figure_4_training_curves([make_run(seed=0), make_run(seed=1)])
    words = texts(figure)
    for expected in ("training: 57", "validation: 51", "1.4711", "1.3168"):
        assert f"{expected}" in words
    assert len([line for line in figure.axes[0].lines if line.get_marker() == "D"]) == 2


def test_variants_lists_recipes_nearest_on_top():
    table = reproduction.variants([make_run(), make_run(seed=1)])
    figure = training.variants(table)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["paper"]
    bottom, top = figure.axes[0].get_ylim()
    assert bottom > top


def test_disgust_recall_draws_a_dot_for_each_run():
    table = reproduction.by_seed([make_run(), make_run(seed=1)])
    figure = training.disgust_recall(table)
    assert list(figure.axes[0].lines[0].get_xdata()) == [50, 50]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["paper"]


def test_losses_shows_every_epoch_and_the_papers_two():
    figure = training.losses(reproduction.epochs([make_run()]))
    assert [len(line.get_xdata()) for line in figure.axes[0].lines] == [2, 1, 2, 1]


def test_accuracy_by_size_draws_a_line_for_each_head():
    table = pd.DataFrame(
        {
            "size": [96, 48, 96],
            "accuracy": [47.0, 42.0, 46.0],
            "head": ["hidden", "hidden", "softmax"],
        }
    )
    figure = training.accuracy_by_size(table)
    assert list(figure.axes[0].lines[0].get_xdata()) == [48, 96]


def test_fine_tuning_draws_both_accuracies_and_the_paper():
    figure = training.fine_tuning(make_run())
    assert "the paper" in texts(figure)
    assert len(figure.axes[0].lines) == 3


def gains():
    changes = {"start": [60.0, np.nan], "better": [63.0, 3.0], "worse": [59.0, -1.0]}
    table = pd.DataFrame.from_dict(changes, orient="index", columns=["accuracy", "gain"])
    return table.assign(low=table["gain"] - 1, high=table["gain"] + 2)


def test_ascent_writes_each_accuracy_and_its_gain():
    figure = training.ascent(gains())
    words = texts(figure)
    assert "63.0 (+3.0)" in words and "59.0 (-1.0)" in words and "60.0\n" in words
    assert list(figure.axes[0].lines[0].get_xdata()) == [60, 63, 59]


def test_ablations_draws_gains_with_their_intervals():
    figure = training.ablations(gains())
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["better", "worse"]
    segments = axis.collections[0].get_segments()
    np.testing.assert_allclose([ends[:, 0] for ends in segments], [[2, 5], [-2, 1]])
