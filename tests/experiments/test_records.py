"""Records of experiments: written whole, resumed part by part, read back."""

import sys
import types

import numpy as np
import pandas as pd
import pytest

from fer_lib import cli, data, experiments, paths
from fer_lib.exceptions import Problem
from fer_lib.experiments import records

TABLE = pd.DataFrame({"seed": [0, 1], "accuracy": [0.5, 0.25]})
FACES = data.load_synthetic_faces(7)


@pytest.fixture
def experiment(monkeypatch):
    """A function that makes another function every experiment's `compute`."""

    def use(compute):
        module = types.SimpleNamespace(compute=compute)
        for name in records.EXPERIMENTS:
            monkeypatch.setitem(sys.modules, f"fer_lib.experiments.{name}", module)

    return use


def test_a_record_is_read_back(experiment):
    experiment(lambda dataset, keep: TABLE)
    assert records.record("label_errors", FACES).name == "label_errors.csv.gz"
    pd.testing.assert_frame_equal(experiments.load("label_errors"), TABLE)


def test_arrays_are_read_back(experiment):
    experiment(lambda dataset, keep: {"maps": np.eye(3, dtype=np.float32)})
    path = records.record("saliency_maps", FACES)
    first = path.read_bytes()
    assert experiments.load("saliency_maps")["maps"].dtype == np.float32
    records.record("saliency_maps", FACES)
    assert path.read_bytes() == first


def test_finished_parts_survive_an_interruption_and_no_longer(experiment):
    computed = []

    def part(name):
        computed.append(name)
        return TABLE

    def interrupted(dataset, keep):
        keep("first", part, "first")
        raise KeyboardInterrupt

    def whole(dataset, keep):
        return pd.concat([keep(name, part, name) for name in ("first", "second")])

    experiment(interrupted)
    with pytest.raises(KeyboardInterrupt):
        records.record("depth", FACES)
    assert not records.FOLDER.exists()
    experiment(whole)
    records.record("depth", FACES)
    assert computed == ["first", "second"]
    records.record("depth", FACES)
    assert computed == ["first", "second", "first", "second"]


def test_parts_of_other_data_are_not_taken(experiment):
    experiment(lambda dataset, keep: keep("n", lambda: pd.DataFrame({"n": [len(dataset)]})))
    records.record("depth", FACES)
    records.record("depth", FACES.select(slice(3)))
    assert experiments.load("depth")["n"].tolist() == [3]


def test_a_missing_record_names_the_command_and_a_damaged_one_git():
    with pytest.raises(Problem, match="run `fer experiment depth`"):
        experiments.load("depth")
    records.FOLDER.mkdir()
    (records.FOLDER / "saliency_maps.npz").write_bytes(b"PK no archive")
    with pytest.raises(Problem, match="damaged .* Restore it with git"):
        experiments.load("saliency_maps")


def test_a_truncated_record_is_damaged_too():
    whole = paths.DATA / "experiments" / "saliency_maps.npz"
    records.FOLDER.mkdir()
    (records.FOLDER / whole.name).write_bytes(whole.read_bytes()[:-100])
    with pytest.raises(Problem, match="damaged .* Restore it with git"):
        experiments.load("saliency_maps")


def test_the_command_lists_the_experiments_and_needs_fer2013(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        cli.main(["experiment", "--help"])
    text = capsys.readouterr().out
    assert all(name in text for name in records.EXPERIMENTS)
    with pytest.raises(SystemExit):
        cli.main(["experiment", "dept"])
    monkeypatch.setattr(data, "load", lambda: FACES)
    assert cli.main(["experiment", "depth"]) == 1
    assert "Experiments need FER2013" in capsys.readouterr().err


def test_committed_records_belong_to_an_experiment():
    files = {path.name for path in (paths.DATA / "experiments").glob("*")}
    assert files <= {experiment.file for experiment in records.EXPERIMENTS.values()}
