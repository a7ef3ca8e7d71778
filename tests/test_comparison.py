"""Recorded runs beside the paper's figures."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_lib import comparison, paper, recipes, runs
from fer_lib.augmentation import Augmentation
from fer_lib.labels import LABELS


def make_run(
    recipe=recipes.PAPER, seed=0, accuracy=0.57, validation_accuracy=0.51, validation_loss=1.3168
):
    """A run of two epochs that ends as told and recognises all test images but one."""
    history = pd.DataFrame(
        {
            "epoch": [1, 2],
            "accuracy": [0.4, accuracy],
            "loss": [1.6, 1.2],
            "validation_accuracy": [0.4, validation_accuracy],
            "validation_loss": [1.5, validation_loss],
        }
    )
    labels = ["angry", "disgust", "disgust", "happy"]
    probabilities = np.full((4, 7), 0.05)
    probabilities[[0, 1, 2, 3], [0, 0, 1, 3]] = 0.7
    predictions = pd.DataFrame(probabilities, columns=list(LABELS)).assign(
        name=["a", "b", "c", "d"], split="test", usage="PublicTest", label=labels
    )
    info = {"recipe": json.loads(json.dumps(recipe.as_dict())), "seed": seed}
    return runs.Run(f"{recipe.name}-seed{seed}", info, history, predictions)


def test_facts_are_of_the_last_epoch_and_of_the_test_images():
    facts = comparison.facts(make_run())
    assert facts["training accuracy"] == pytest.approx(57)
    assert facts["training loss"] == pytest.approx(1.2)
    assert facts["test accuracy"] == pytest.approx(75)
    assert facts["disgust recall"] == pytest.approx(50)
    assert facts["epochs"] == 2
    ours = pd.Series(dict(zip(LABELS, (2 / 3, 2 / 3, 0, 1, 0, 0, 0), strict=True)))
    assert facts["F difference"] == pytest.approx((ours - paper.table_1()["F"]).abs().mean())


def test_the_papers_own_figures_are_at_distance_nothing():
    assert comparison.distance_to_paper(make_run()) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "change", [{"accuracy": 0.60}, {"validation_accuracy": 0.48}, {"validation_loss": 1.3468}]
)
def test_three_points_off_in_one_figure_of_three(change):
    assert comparison.distance_to_paper(make_run(**change)) == pytest.approx(3 / np.sqrt(3))


def test_setting_names_what_differs_from_the_paper_recipe():
    assert comparison.setting(make_run()) == ""
    flip = Augmentation(flip=True)
    changed = replace(recipes.PAPER, name="other", size=96, pixel_range=(0, 1), augmentation=flip)
    assert comparison.setting(make_run(changed)) == "size 96, pixel range [0, 1], augmentation flip"


def test_variants_averages_seeds_and_sorts_by_distance():
    small = replace(recipes.PAPER, name="paper-48px", size=48)
    recorded = [
        make_run(small, accuracy=0.47),
        make_run(seed=0, accuracy=0.56),
        make_run(seed=1, accuracy=0.58),
    ]
    table = comparison.variants(recorded)
    assert list(table.index) == ["paper", "paper-48px"]
    assert table.loc["paper", "seeds"] == 2
    assert table.loc["paper", "training accuracy"] == pytest.approx(57)
    assert table.loc["paper", "distance"] == pytest.approx(1 / np.sqrt(3))
    assert list(table["setting"]) == ["as chosen", "size 48"]


def test_epochs_has_a_row_for_each_epoch_and_part():
    table = comparison.epochs([make_run(seed=0), make_run(seed=1)])
    assert len(table) == 8
    last = table.query("split == 'validation' and epoch == 2").iloc[0]
    assert (last["accuracy"], last["loss"]) == pytest.approx((51, 1.3168))


def test_flattening_keeps_the_ranking_and_raises_a_good_loss():
    probabilities = np.array([[0.9, *[0.1 / 6] * 6], [0.02, 0.88, *[0.02] * 5]])
    labels = np.array([0, 1])
    flat = comparison.flattened(probabilities, 3.0)
    assert flat.sum(axis=1) == pytest.approx(1)
    assert (flat.argmax(axis=1) == labels).all()
    assert comparison.cross_entropy(labels, flat) > comparison.cross_entropy(labels, probabilities)
    assert comparison.flattened(probabilities, 1.0) == pytest.approx(probabilities)


def test_cross_entropy_of_knowing_nothing_is_the_logarithm_of_seven():
    loss = comparison.cross_entropy(np.array([3, 6]), np.full((2, 7), 1 / 7))
    assert loss == pytest.approx(np.log(7))


@pytest.mark.parametrize("name", runs.names())
def test_recorded_runs_have_facts(name):
    facts = comparison.facts(runs.load(name))
    assert facts.notna().all()
    assert 0 < facts["test accuracy"] < 100
