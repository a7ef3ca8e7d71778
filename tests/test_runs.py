import numpy as np
import pandas as pd
import pytest

from fer_lib import data, runs
from fer_lib.analysis import test_set
from fer_lib.data import fer2013
from fer_lib.exceptions import Problem
from fer_lib.labels import LABELS


@pytest.fixture
def run():
    faces = data.load_drawn_faces(40)
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
    with pytest.raises(Problem, match="not a whole run.*git"):
        runs.load("small", tmp_path)


@pytest.mark.parametrize("name", runs.names())
def test_recorded_runs_are_of_fer2013_and_whole(name):
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


def test_whoever_met_private_test_is_on_the_list_of_looks():
    """But for runs on the paper's split, whose test set holds both."""
    looks = set(pd.read_csv(test_set.LOOKS)["model"])
    for run in map(runs.load, runs.names()):
        if run.info["recipe"]["split"] == "official" and "test" in set(run.predictions["split"]):
            assert f"{run.name}.keras" in looks


@pytest.mark.skipif(fer2013.locate() is None, reason="needs FER2013")
def test_recorded_runs_used_this_data():
    digests = {runs.load(name).info["data"]["digest"] for name in runs.names()}
    assert digests == {data.load().digest()}
