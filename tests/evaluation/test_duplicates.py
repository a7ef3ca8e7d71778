"""What duplicates do to accuracy, on a manifest made by hand."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from support.predictions import certain
from support.recorded_runs import run_of

from fer_lib import evaluation
from fer_lib.labels import LABELS

MANIFEST = pd.DataFrame(
    {
        "name": ["trained on", "exact", "near", "alone", "pair 1", "pair 2"],
        "usage": ["Training", *["PublicTest"] * 5],
        "duplicate_group": [1, 1, 0, 0, 2, 2],
        "near_group": [1, 1, 1, 0, 2, 2],
    }
)


def test_a_duplicate_counts_only_if_the_run_was_trained_on_it():
    predictions = pd.DataFrame({"name": ["alone", "exact", "near", "pair 1", "pair 2"]})
    near = evaluation.has_training_duplicate(predictions, MANIFEST)
    assert near.tolist() == [False, True, True, False, False]
    exact = evaluation.has_training_duplicate(predictions, MANIFEST, "duplicate_group")
    assert exact.tolist() == [False, True, False, False, False]


def test_test_images_are_described_by_their_duplicates():
    run = run_of(np.array([0, 0, 0, 0, 0]), certain([1, 0, 0, 0, 1]))
    run.predictions["name"] = ["alone", "exact", "near", "pair 1", "pair 2"]
    images = evaluation.describe_test_images(run, MANIFEST)
    assert images["correct"].tolist() == [False, True, True, True, False]
    assert images["duplicates"].tolist() == ["none", *["trained on"] * 2, *["not trained on"] * 2]
    assert images["copies"].tolist() == [0, 1, 1, 0, 0]
    _, near, _, pair, other = images["photograph"]
    assert near == images["photograph"][1]
    assert pair == other
    assert images["photograph"].nunique() == 3


def test_an_image_held_out_of_training_is_a_copy_that_was_not_trained_on():
    run = run_of(np.array([0, 0, 0]), certain([0, 0, 0]))
    run.predictions["name"] = ["exact", "near", "trained on"]
    run.predictions["split"] = ["test", "test", "validation"]
    images = evaluation.describe_test_images(run, MANIFEST)
    assert images[["duplicates", "copies"]].values.tolist() == [["not trained on", 1]] * 2


def two_groups(count=3000, gain=0.2):
    """Images of two groups with opposite class mixes; the first is correct more often by `gain`."""
    generator = np.random.default_rng(0)
    first = generator.random(count) < 0.4
    easy = generator.random(count) < np.where(first, 0.2, 0.8)
    correct = generator.random(count) < 0.2 + 0.5 * easy + gain * first
    label = np.where(easy, LABELS[3], LABELS[2])
    images = {"label": label, "correct": correct, "photograph": np.arange(count) // 2}
    return pd.DataFrame(images), first


def test_the_class_mix_does_not_matter_to_a_difference_within_class():
    images, first = two_groups()
    pooled = images["correct"][first].mean() - images["correct"][~first].mean()
    assert pooled < 0
    estimate = evaluation.difference_within_class(images, first, ~first)
    assert estimate.low < 0.2 < estimate.high
    assert estimate.low > 0.1


def test_a_difference_within_class_is_that_of_weighted_regression():
    images, first = two_groups()
    sizes = [images["label"][mask].value_counts() for mask in (first, ~first)]
    weights = np.where(first, 1, images["label"].map(sizes[0] / sizes[1]))
    table = images.assign(correct=images["correct"].astype(float), first=first.astype(float))
    regression = smf.wls("correct ~ first + C(label)", table, weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": images["photograph"]}
    )
    estimate = evaluation.difference_within_class(images, first, ~first)
    assert estimate.value == pytest.approx(regression.params["first"])
    low, high = regression.conf_int().loc["first"]
    assert estimate.high - estimate.low == pytest.approx(high - low, rel=0.15)


def test_copies_of_one_photograph_do_not_narrow_the_interval():
    images, first = two_groups(count=400)
    images["photograph"] = np.arange(len(images))
    tenfold = pd.concat([images] * 10, ignore_index=True)
    once = evaluation.difference_within_class(images, first, ~first)
    copied = evaluation.difference_within_class(tenfold, np.tile(first, 10), ~np.tile(first, 10))
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.01)
