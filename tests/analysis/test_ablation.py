"""The ascent and the ablations, from the recorded runs."""

import numpy as np
import pytest

from fer_lib import evaluation, runs
from fer_lib.analysis import ablation
from fer_lib.labels import LABELS
from fer_lib.training import recipes


def test_each_step_of_the_ascent_is_compared_on_the_same_images():
    ascent = ablation.ascent()
    assert list(ascent["run"]) == [run for _, run, _ in ablation.ASCENT]
    for change, run, base in ablation.ASCENT:
        row = ascent.loc[change]
        assert row["accuracy"] == pytest.approx(
            100 * evaluation.accuracy(*runs.load(run).usage("PublicTest"))
        )
        if base is None:
            assert np.isnan(row["gain"])
        else:
            former = 100 * evaluation.accuracy(*runs.load(base).usage("PublicTest"))
            assert row["gain"] == pytest.approx(row["accuracy"] - former)
            assert row["low"] <= row["gain"] <= row["high"]


def test_ablations_change_one_thing_each_and_are_evaluated_on_the_same_images():
    table = ablation.ablations()
    base = recipes.ABLATION.as_dict()
    for recipe in recipes.ABLATIONS:
        run = runs.load(f"{recipe.name}-seed0")
        recorded = recipes.Recipe.from_dict(run.info["recipe"]).as_dict()
        assert len({field for field in base if recorded[field] != base[field]} - {"name"}) == 1
        row = table.loc[recipe.name.removeprefix("ablation-")]
        labels, probabilities = run.usage("PublicTest")
        assert row["accuracy"] == pytest.approx(100 * evaluation.accuracy(labels, probabilities))
        assert row["gain"] == pytest.approx(row["accuracy"] - table.loc["nothing", "accuracy"])
        disgusted = labels == LABELS.index("disgust")
        named = probabilities[disgusted].argmax(axis=1) == LABELS.index("disgust")
        assert row["recall of disgust"] == pytest.approx(100 * named.mean())
    assert table["accuracy"].is_monotonic_decreasing
    assert len(table) == len(recipes.ABLATIONS) + 1
