"""Parameters and multiply-adds are counted from the model, and match what was published."""

import keras
import pytest
from keras import layers

from fer_lib import models
from fer_lib.models import summary


def mobilenet(size, **options):
    return keras.applications.MobileNetV2(input_shape=(size, size, 3), weights=None, **options)


@pytest.fixture(scope="module")
def backbone():
    return mobilenet(96, include_top=False)


def test_mobilenet_v2_at_224_matches_its_authors_count():
    totals = summary.totals(mobilenet(224))
    assert totals["multiply-adds"] == 300_774_272  # Sandler et al. 2018, Table 4: 300 M
    assert totals["parameters"] == 3_538_984  # there 3.4 M: Keras counts moving averages too


def test_backbone_has_the_known_number_of_parameters(backbone):
    assert summary.totals(backbone)["parameters"] == backbone.count_params() == 2_257_984


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (layers.Conv2D(5, 3, padding="same"), 8 * 8 * 9 * 4 * 5),
        (layers.Conv2D(5, 3, strides=2, padding="same"), 4 * 4 * 9 * 4 * 5),
        (layers.Conv2D(5, 1), 8 * 8 * 4 * 5),
        (layers.DepthwiseConv2D(3, padding="same"), 8 * 8 * 9 * 4),
        (layers.Dense(6), 4 * 6),
        (layers.BatchNormalization(), 0),
    ],
)
def test_multiply_adds_of_a_layer(layer, expected):
    keras.Sequential([keras.Input((8, 8, 4)), layer])
    assert summary.multiply_adds(layer) == expected


def test_separable_convolution_costs_the_fraction_that_its_authors_give():
    ordinary = summary.convolution_cost(14, 3, 64, 96)
    separable = summary.separable_cost(14, 3, 64, 96)
    assert separable / ordinary == pytest.approx(1 / 96 + 1 / 9)


def test_separable_cost_is_what_the_two_layers_do():
    depthwise, pointwise = layers.DepthwiseConv2D(3, padding="same"), layers.Conv2D(96, 1)
    keras.Sequential([keras.Input((14, 14, 64)), depthwise, pointwise])
    done = summary.multiply_adds(depthwise) + summary.multiply_adds(pointwise)
    assert done == summary.separable_cost(14, 3, 64, 96)


def test_a_complete_classifier_counts_the_layers_inside_its_parts(backbone):
    classifier = models.build(backbone, 96)
    table = summary.table(classifier)
    assert table["parameters"].sum() == classifier.count_params()
    assert table.loc["probabilities", "multiply-adds"] == 128 * 7


def test_blocks_are_seventeen_residuals_between_two_convolutions(backbone):
    table = summary.blocks(backbone)
    assert list(table.index) == [
        "first convolution",
        *(f"block {number}" for number in range(17)),
        "last convolution",
    ]
    assert table["parameters"].sum() == backbone.count_params()
    assert (table["stride"] == 2).sum() == 5
    assert list(table["side"])[-1] == 3
    assert (table["shortcut"] == "yes").sum() == 10


def test_a_shortcut_stands_only_where_stride_and_channels_stay(backbone):
    table = summary.blocks(backbone).filter(like="block", axis=0)
    for before, block in zip(table.index, table.index[1:], strict=False):
        same = table.loc[before, "channels"] == table.loc[block, "channels"]
        stays = same and table.loc[block, "stride"] == 1
        assert (table.loc[block, "shortcut"] == "yes") == stays


def test_small_images_leave_two_by_two_maps():
    assert summary.blocks(mobilenet(48, include_top=False))["side"].iloc[-1] == 2
