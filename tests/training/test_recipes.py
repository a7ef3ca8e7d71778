import json

import pytest

from fer_lib import runs
from fer_lib.exceptions import Problem
from fer_lib.training import recipes


def as_recorded(recipe):
    return json.loads(json.dumps(recipe.as_dict()))


def test_a_recipe_is_restored_from_its_record():
    for recipe in recipes.RECIPES.values():
        assert recipes.Recipe.from_dict(as_recorded(recipe)) == recipe


def test_every_recorded_run_has_the_recipe_of_its_name():
    """They were recorded under several sets of field names, the older ones with fewer fields.

    The small CNN, which isn't pretrained, is a baseline without a recipe.
    """
    names = [name for name in runs.names() if "-seed" in name and "small-cnn" not in name]
    for name in names:
        info = runs.load(name).info
        assert recipes.Recipe.from_dict(info["recipe"]) == recipes.find(info["recipe"]["name"])
    assert "finetune-seed0" in names


def test_old_field_names_are_read_and_new_ones_written():
    recipe = recipes.find("paper-96px-last-block-momentum-0.9")
    new = as_recorded(recipe)
    assert not set(new) & set(recipes.OLD_NAMES)
    assert set(recipes.OLD_NAMES.values()) <= set(new)
    former = {now: then for then, now in recipes.OLD_NAMES.items()}
    old = {former.get(field, field): value for field, value in new.items()}
    assert old["batch_normalisation_momentum"] == 0.9
    assert recipes.Recipe.from_dict(old) == recipe


def test_what_older_records_lack_was_not_done():
    info = runs.load("finetune-8-epochs-seed0").info
    assert "mixup" not in info["recipe"]
    assert recipes.Recipe.from_dict(info["recipe"]) == recipes.FINETUNE_BRIEFLY


def test_a_recipe_requires_its_starting_point_and_its_teachers():
    assert recipes.PAPER.required_runs(1) == []
    assert recipes.find("finetune").required_runs(1) == [
        *("finetune-mixed-seed1", "finetune-taught-seed0", "finetune-mixed-seed0")
    ]


def test_unknown_recipes_are_explained():
    with pytest.raises(Problem, match="No recipe 'papr'. Choose one of paper, "):
        recipes.find("papr")
