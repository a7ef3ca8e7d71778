"""The ascent and the ablations, from the recorded runs."""

import numpy as np
import pytest
from scipy import stats

from fer_lib import evaluation, runs
from fer_lib.analysis import ablation
from fer_lib.data import manifest
from fer_lib.labels import LABELS
from fer_lib.training import recipes


@pytest.fixture(scope="module")
def ascent():
    return ablation.ascent()


@pytest.fixture(scope="module")
def table():
    return ablation.ablations()


def test_each_step_of_the_ascent_is_compared_on_the_same_images(ascent):
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


def test_steps_of_the_ascent_say_which_step_they_add_to(ascent):
    runs_by_step = dict(zip(ascent["step"], ascent["run"], strict=True))
    bases = [runs_by_step.get(step) for step in ascent["over"].fillna(0)]
    assert bases == [base for _, _, base in ablation.ASCENT]


def test_changed_fields_are_those_of_the_recipes_without_their_names():
    assert ablation.changed_fields("paper-96px-seed0", "paper-seed0") == ["size"]
    assert ablation.changed_fields("paper-seed0", "paper-seed1") == []


def test_ablations_change_one_thing_each_but_one_and_are_evaluated_on_the_same_images(table):
    assert set(ablation.CHANGES) == {recipe.name for recipe in recipes.ABLATIONS}
    for name, change in ablation.CHANGES.items():
        regularized = name == "ablation-long-regularized"  # the one that changes several things
        changed = ablation.changed_fields("ablation-seed0", f"{name}-seed0")
        assert len(changed) == (4 if regularized else 1)
        row = table.loc[change]
        labels, probabilities = runs.load(f"{name}-seed0").usage("PublicTest")
        assert row["accuracy"] == pytest.approx(100 * evaluation.accuracy(labels, probabilities))
        difference = row["accuracy"] - table.loc[ablation.UNCHANGED, "accuracy"]
        assert row["gain"] == pytest.approx(difference)
        disgusted = labels == LABELS.index("disgust")
        named = probabilities[disgusted].argmax(axis=1) == LABELS.index("disgust")
        assert row["recall of disgust"] == pytest.approx(100 * named.mean())
    assert table["accuracy"].is_monotonic_decreasing


def test_ablations_hold_every_seed_of_the_unchanged_recipe(table):
    unchanged = table.filter(like="unchanged", axis="index")
    assert sorted(unchanged["run"]) == ["ablation-seed0", "ablation-seed1", "ablation-seed2"]
    assert unchanged["gain"].isna().sum() == 1


@pytest.fixture(scope="module")
def repetitions():
    return ablation.repetitions()


def test_repetitions_compare_means_over_seeds(table, repetitions):
    unchanged = table.filter(like="unchanged", axis="index")["accuracy"].mean()
    for name, change in ablation.CHANGES.items():
        repeated, row = runs.of_recipe(name), repetitions.loc[change]
        accuracies = [evaluation.accuracy(*run.usage("PublicTest")) for run in repeated]
        assert row["seeds"] == len(repeated)
        apart = 100 * np.ptp(accuracies)
        assert row["range"] == pytest.approx(apart)
        assert row["gain"] == pytest.approx(100 * np.mean(accuracies) - unchanged)
        assert row["high"] - row["gain"] == pytest.approx(row["gain"] - row["low"])
        assert row["images low"] < row["gain"] < row["images high"]
    assert repetitions["gain"].is_monotonic_decreasing


def test_the_interval_over_seeds_pools_their_spread(repetitions):
    groups = [
        [100 * evaluation.accuracy(*run.usage("PublicTest")) for run in runs.of_recipe(name)]
        for name in (recipes.ABLATION.name, *ablation.CHANGES)
    ]
    degrees = sum(len(group) - 1 for group in groups)
    variance = sum(np.var(group, ddof=1) * (len(group) - 1) for group in groups) / degrees
    error = np.sqrt(variance * (1 / repetitions["seeds"] + 1 / len(groups[0])))
    expected = stats.t.ppf(0.975, degrees) * error
    assert (repetitions["high"] - repetitions["gain"]).to_numpy() == pytest.approx(
        expected.to_numpy()
    )


def test_copies_are_worth_what_the_images_with_and_without_them_lose(table):
    copies = ablation.worth_of_copies(manifest.load())
    assert copies["difference"].to_numpy() == pytest.approx(
        (copies["without copies"] - copies["with copies"]).to_numpy()
    )
    parts = copies.loc[["copy in Training", "no copy"]]
    shares = parts["images"] / copies.loc["all", "images"]
    assert shares.sum() == 1
    assert copies.loc["all", "difference"] == pytest.approx((parts["difference"] * shares).sum())
    unchanged = table.filter(like="unchanged", axis="index")["accuracy"].mean()
    assert copies.loc["all", "with copies"] == pytest.approx(unchanged)
    assert (copies["low"] < copies["difference"]).all()
