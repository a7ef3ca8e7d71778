import os

import numpy as np
import pandas as pd
import pytest

from fer_lib import data, paths, runs
from fer_lib.analysis import test_set
from fer_lib.data import fer2013
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS


@pytest.mark.parametrize(
    ("text", "recipe", "seed"),
    [
        ("paper-seed0", "paper", 0),
        ("finetune-8-epochs-seed12", "finetune-8-epochs", 12),
        ("odd-seed3-seed4", "odd-seed3", 4),
    ],
)
def test_a_runs_name_is_parsed_and_formatted_back(text, recipe, seed):
    name = runs.RunName.parse(text)
    assert name == (recipe, seed)
    assert str(name) == f"{name}" == text


@pytest.mark.parametrize(
    "text",
    ["", "paper", "-seed0", "paper-seed", "paper-seed-1", "paper-seed01", "paper-seed0.keras"],
)
def test_what_is_no_runs_name_is_a_problem(text):
    with pytest.raises(Problem, match="is not a run's name. Name a run like paper-seed0"):
        runs.RunName.parse(text)


@pytest.fixture
def run():
    faces = data.load_synthetic_faces(40)
    split = data.official_split(faces)
    generator = np.random.default_rng(0)
    probabilities = [generator.dirichlet(np.ones(7), len(part)) for part in split[1:]]
    parts = zip(("validation", "test"), split[1:], probabilities, strict=True)
    history = pd.DataFrame({"epoch": [1, 2], "loss": [1.5, 1.25]})
    return runs.Run("small", {"seed": 3}, history, runs.predictions_table(list(parts)))


def test_a_saved_run_is_read_back(run, tmp_path):
    runs.save(run, tmp_path)
    again = runs.load("small", tmp_path)
    assert again.info == run.info
    pd.testing.assert_frame_equal(again.history, run.history)
    pd.testing.assert_frame_equal(again.predictions, run.predictions)


def test_the_same_run_makes_the_same_bytes(run, tmp_path):
    for folder in ("a", "b"):
        runs.save(run, tmp_path / folder)
    for file in ("run.json", "history.csv", "predictions.csv.gz"):
        first, second = (tmp_path / folder / "small" / file for folder in ("a", "b"))
        assert first.read_bytes() == second.read_bytes()


def test_saving_replaces_the_run_of_that_name_and_leaves_nothing_behind(run, tmp_path):
    runs.save(run, tmp_path)
    runs.save(runs.Run("small", {"seed": 4}, run.history, run.predictions), tmp_path)
    assert runs.load("small", tmp_path).info == {"seed": 4}
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_an_interrupted_save_keeps_the_old_run(run, tmp_path, monkeypatch):
    runs.save(run, tmp_path)

    def full_disk(*arguments, **options):
        raise OSError("No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full_disk)
    with pytest.raises(OSError, match="No space"):
        runs.save(runs.Run("small", {"seed": 4}, run.history, run.predictions), tmp_path)
    assert runs.load("small", tmp_path).info == {"seed": 3}
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_parts_of_a_run(run):
    labels, probabilities = run.split("test")
    assert labels.shape == (4,) and probabilities.shape == (4, 7)
    again, _ = run.usage("PrivateTest")
    np.testing.assert_array_equal(labels, again)
    with pytest.raises(ValueError, match="no predictions"):
        run.usage("Training")


def test_missing_and_damaged_runs_are_explained(run, tmp_path):
    with pytest.raises(Problem, match="no such run"):
        runs.load("nothing", tmp_path)
    runs.save(run, tmp_path)
    (tmp_path / "small" / "predictions.csv.gz").write_bytes(b"\x1f\x8b broken")
    with pytest.raises(Problem, match="incomplete run.*git"):
        runs.load("small", tmp_path)


@pytest.mark.parametrize("name", runs.names())
def test_recorded_runs_are_of_fer2013_and_complete(name):
    run = runs.load(name)
    assert run.info["data"]["source"] == data.FER2013
    predictions = run.predictions
    np.testing.assert_allclose(predictions[list(LABELS)].sum(axis=1), 1, atol=1e-4)
    assert not predictions["name"].duplicated().any()
    images = predictions["split"].value_counts()
    if run.info["recipe"]["split"] == "paper":
        assert images["test"] == 7178
    else:
        assert images["validation"] == 3589
        assert images.get("test", 3589) == 3589
    for part in images.index:
        recorded = run.info["results"][part]["accuracy"]
        labels, probabilities = run.split(part)
        assert (probabilities.argmax(axis=1) == labels).mean() == pytest.approx(recorded, abs=3e-4)


def test_of_recipe_finds_every_seed_of_its_recipes(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    for name in ("paper-seed0", "paper-seed12", "paper-96px-seed0", "baseline"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.json").write_text("{}")
    monkeypatch.setattr(runs, "load", lambda name: name)
    assert runs.of_recipe("paper") == ["paper-seed0", "paper-seed12"]
    every = ["paper-96px-seed0", "paper-seed0", "paper-seed12"]
    assert runs.of_recipe("paper", "paper-96px") == every
    assert runs.of_recipe("baseline") == []  # its name has no seed


def test_hours_are_those_of_the_first_seeds_and_unknown_without_them():
    names = ["finetune-seed0", "paper-seed3"]
    seconds = [runs.load(name).info["seconds"] for name in ("finetune-seed0", "paper-seed0")]
    expected = sum(sum(each.values()) for each in seconds) / 3600
    assert runs.hours(names) == pytest.approx(expected) and expected > 1
    assert runs.hours([*names, "unheard-of-seed0"]) is None


def test_machines_are_gpus_or_else_processors():
    names = ["two-stages-10-epochs-seed2", "teacher-seed1"]
    assert runs.machines(names) == ["NVIDIA H100 80GB HBM3"]
    assert runs.machines(["two-stages-seed2", *names]) == ["NVIDIA H100 80GB HBM3", "NVIDIA H200"]
    (machine,) = runs.machines(["finetune-seed0"])
    assert machine.startswith("2 cores of ")


@pytest.mark.parametrize(
    ("told", "gpu"), [("NVIDIA H100 80GB HBM3\nNVIDIA T4\n", "NVIDIA H100 80GB HBM3"), ("", None)]
)
def test_the_hardware_names_the_first_gpu(tmp_path, monkeypatch, told, gpu):
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\nprintf '{told}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert runs.hardware()["gpu"] == gpu


def test_the_hardware_names_no_gpu_without_nvidias_tool(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda tool: None)
    assert runs.hardware()["gpu"] is None


def test_every_evaluation_on_private_test_is_logged():
    """Except for runs on the paper's split, whose test set is PublicTest and PrivateTest."""
    logged = set(test_set.evaluations()["model"])
    for run in map(runs.load, runs.names()):
        if run.info["recipe"]["split"] == "official" and "test" in set(run.predictions["split"]):
            assert f"{run.name}.keras" in logged


@pytest.mark.skipif(fer2013.locate() is None, reason="needs FER2013")
def test_recorded_runs_used_this_data():
    digests = {runs.load(name).info["data"]["digest"] for name in runs.names()}
    assert digests == {data.load().digest()}
