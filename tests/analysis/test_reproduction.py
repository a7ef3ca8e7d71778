"""Recorded runs beside the paper's numbers."""

import numpy as np
import pandas as pd
import pytest
from support.predictions import random_predictions
from support.recorded_runs import make_run, run_of

from fer_lib import evaluation, paper, paths, runs
from fer_lib.analysis import confusions, reproduction
from fer_lib.labels import LABELS
from fer_lib.models import shipped
from fer_lib.training import recipes


def test_facts_are_of_the_last_epoch_and_of_the_test_images():
    facts = reproduction.facts(make_run())
    assert facts["training accuracy"] == pytest.approx(57)
    assert facts["training loss"] == pytest.approx(1.2)
    assert facts["test accuracy"] == pytest.approx(75)
    assert facts["recall of disgust"] == pytest.approx(50)
    assert facts["epochs"] == 2
    ours = pd.Series(dict(zip(LABELS, (2 / 3, 2 / 3, 0, 1, 0, 0, 0), strict=True)))
    assert facts["F1 difference"] == pytest.approx((ours - paper.table_1()["F1"]).abs().mean())


def test_the_papers_own_numbers_are_at_distance_zero():
    assert reproduction.distance_to_paper(make_run()) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    "change", [{"accuracy": 0.60}, {"validation_accuracy": 0.48}, {"validation_loss": 1.3468}]
)
def test_three_percentage_points_off_in_one_number_of_three(change):
    assert reproduction.distance_to_paper(make_run(**change)) == pytest.approx(3 / np.sqrt(3))


def test_the_distance_can_take_the_training_accuracy_after_training():
    assert reproduction.distance_to_paper(make_run(), "evaluated") == pytest.approx(3 / np.sqrt(3))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paper", "224 px, 128 units"),
        ("paper-96px-softmax", "96 px, no hidden layer"),
        ("paper-224px-32-units-no-dropout", "224 px, 32 units, no dropout"),
        ("paper-96px-flatten", "96 px, 128 units, no pooling"),
        ("paper-96px-range-0-1", "96 px, 128 units, pixels in [0, 1]"),
        ("paper-96px-flip", "96 px, 128 units, flips"),
        ("paper-224px-balanced", "224 px, 128 units, balanced classes"),
    ],
)
def test_a_setting_names_what_the_paper_leaves_open(name, expected):
    assert reproduction.setting(recipes.find(name)) == expected


def test_no_two_recipes_share_a_setting():
    tried = [recipes.PAPER, *recipes.PAPER_VARIANTS]
    assert len({reproduction.setting(recipe) for recipe in tried}) == len(tried)


def test_by_seed_has_the_nearest_settings_first_and_keeps_their_seeds_together():
    small = recipes.find("paper-48px")
    recorded = [
        make_run(small, accuracy=0.47),
        make_run(seed=0, accuracy=0.57),
        make_run(small, seed=1, accuracy=0.56),
        make_run(seed=1, accuracy=0.60),
    ]
    table = reproduction.by_seed(recorded)
    assert list(table["setting"]) == 2 * ["224 px, 128 units"] + 2 * ["48 px, 128 units"]
    assert list(table["training accuracy"]) == pytest.approx([57, 60, 47, 56])


def test_variants_averages_the_seeds_of_each_setting():
    recorded = [
        make_run(recipes.find("paper-48px"), accuracy=0.47),
        make_run(seed=0, accuracy=0.56),
        make_run(seed=1, accuracy=0.58),
    ]
    table = reproduction.variants(recorded)
    assert list(table.index) == ["224 px, 128 units", "48 px, 128 units"]
    nearest = table.loc["224 px, 128 units"]
    assert nearest["seeds"] == 2
    assert nearest["training accuracy"] == pytest.approx(57)
    assert nearest["distance"] == pytest.approx(1 / np.sqrt(3))


def test_epochs_has_a_row_for_each_epoch_and_part():
    table = reproduction.epochs([make_run(seed=0), make_run(seed=1)])
    assert len(table) == 8
    last = table.query("split == 'validation' and epoch == 2").iloc[0]
    assert (last["accuracy"], last["loss"]) == pytest.approx((51, 1.3168))


def test_losses_gathers_what_each_run_could_report():
    first, second = make_run(validation_loss=1.3), make_run(seed=1, validation_loss=1.4)
    table = reproduction.losses([first, second])
    row = table.loc["validation, last epoch"]
    assert list(row) == pytest.approx([1.3, 1.35, 1.4, 51])
    assert table.loc["training, first epoch", "mean loss"] == pytest.approx(1.6)
    assert table.loc["test, evaluated", "accuracy"] == pytest.approx(50)


def test_by_size_takes_runs_that_differ_in_size_and_head_alone():
    changed = [
        recipes.find(name) for name in ("paper-96px", "paper-96px-flip", "paper-48px-softmax")
    ]
    recorded = [make_run(recipe) for recipe in (recipes.PAPER, *changed)]
    table = reproduction.by_size([*recorded, make_run(seed=1)])
    assert list(table["size"]) == [96, 224, 224, 48]
    assert list(table["head"]) == 3 * ["one hidden layer"] + ["no hidden layer"]


def test_costs_counts_features_once_or_in_each_epoch():
    row = reproduction.costs([make_run()]).loc["224 px, 128 units"]
    assert row["total (min)"] == pytest.approx(2.5)
    assert row["total, features each epoch (min)"] == pytest.approx(2.5 + 0.8 * 2)


def test_costs_leaves_out_runs_that_found_their_features_in_the_cache():
    cached = make_run(seed=1)
    cached.info["seconds"]["features"] = 0.3
    assert len(reproduction.costs([make_run(), cached])) == 1


def test_f1_difference_from_paper_is_zero_for_the_paper_itself():
    assert reproduction.f1_difference_from_paper(paper.table_1()) == 0
    shifted = paper.table_1().assign(F1=lambda table: table["F1"] + 0.1)
    assert reproduction.f1_difference_from_paper(shifted) == pytest.approx(0.1)


def test_table_1_stands_beside_the_papers():
    table = reproduction.table_1([run_of(*random_predictions(seed=seed)) for seed in (0, 1)])
    assert table.index.tolist() == [*LABELS, "macro average", "weighted average"]
    assert table.loc["happy", "recall, paper"] == "0.80"
    assert table.loc["macro average", "F, paper"] == "0.46"
    assert " ± " in table.loc["angry", "precision, ours"]
    assert table.loc["weighted average", "images"] == 500


def test_recorded_runs_are_of_one_split_and_of_known_recipes(monkeypatch):
    names = ["baseline", "finetune-seed0", "paper-seed0", "paper-seed10"]
    monkeypatch.setattr(runs, "names", lambda: names)
    monkeypatch.setattr(runs, "load", lambda name: name)
    assert reproduction.recorded_runs("paper") == ["paper-seed0", "paper-seed10"]
    assert reproduction.recorded_runs("official") == ["finetune-seed0"]


def test_the_selected_recipe_is_nearest_to_the_paper_and_gives_its_accuracies():
    recorded = reproduction.recorded_runs("paper")
    variants = reproduction.variants(recorded)
    nearest = variants.iloc[0]
    assert nearest.name == reproduction.setting(recipes.PAPER)
    assert nearest["seeds"] == 5
    assert nearest["test accuracy"] == pytest.approx(51, abs=1)
    assert nearest["F1 difference"] <= 0.05


def test_committed_tables_are_those_of_the_recorded_runs():
    recorded = runs.of_recipe("paper")
    labels, _ = recorded[0].split("test")
    labels, _ = recorded[0].split("test")
    tests = [run.split("test")[1] for run in recorded]
    finetuned = evaluation.calibrated(runs.load("finetune-seed0"))
    tables = {
        "table_1": reproduction.table_1(recorded),
        "table_2": confusions.table_2(labels, tests),
        "results": reproduction.results(
            recorded, {"fine-tuned, 1 seed": finetuned, "two answers, 1 seed": shipped.run()}
        ),
    }
    for name, table in tables.items():
        expected = (paths.FIGURES / f"{name}.csv").read_text(encoding="utf-8")
        assert table.to_csv(lineterminator="\n") == expected
