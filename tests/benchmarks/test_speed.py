from dataclasses import replace

import numpy as np
import pytest

from fer_lib import benchmarks, cli, data, models
from fer_lib.benchmarks import speed
from fer_lib.live import sample_video
from fer_lib.training import recipes


def test_time_is_the_median_after_warming_up(monkeypatch):
    clock = iter([0, 0.002, 1, 1.5, 2, 2.004])
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(clock))
    calls = []
    assert benchmarks.median_milliseconds(lambda: calls.append(1), repeats=3) == pytest.approx(4)
    assert len(calls) == 5


def test_models_are_compared_at_each_batch_size(monkeypatch):
    batches = []

    def counting(batch):
        return lambda images: batches.append(len(images))

    runtimes = {"Keras, predict": counting, "other": counting, "missing": lambda batch: None}
    monkeypatch.setattr(speed, "RUNTIMES", runtimes)
    monkeypatch.setattr(speed, "milliseconds", lambda function, repeats: function() or 2.0)
    table = speed.runtimes(repeats=1)
    assert sorted(batches) == [1, 1, 8, 8, 64, 64]
    assert "missing" not in table.index.get_level_values("runtime")
    assert table.loc[(8, "other"), "images a second"] == 4000
    assert (table["times as fast"] == 1).all()


@pytest.mark.parametrize("name", speed.RUNTIMES)
def test_every_runtime_gives_the_same_probabilities(name):
    faces = data.load_drawn_faces(8).images
    classify = speed.RUNTIMES[name](len(faces))
    if classify is None:
        pytest.skip("needs the extra `onnx`")
    expected = models.load().predict(faces, verbose=0)
    tolerance = 0.3 if "int8" in name else 0.05 if "float16" in name else 1e-4
    np.testing.assert_allclose(classify(faces), expected, atol=tolerance)


class Counting:
    """A way to process a frame whose finding takes 1, 2, 3 ... milliseconds."""

    def __init__(self):
        self.milliseconds = {"find": 0}

    def process(self, frame):
        assert frame.shape == (480, 640, 3) and frame.dtype == np.uint8
        self.milliseconds = {"find": self.milliseconds["find"] + 1}


def test_live_ways_are_compared_on_each_picture_by_stage(monkeypatch):
    ways = {"Haar, LiteRT": Counting, "other": Counting, "missing": lambda: None}
    monkeypatch.setattr(speed, "LIVE_WAYS", ways)
    spent = iter([10.0, 20.0, 15.0, 80.0])
    monkeypatch.setattr(
        speed, "milliseconds", lambda call, repeats: [call() for _ in "123"] and next(spent)
    )
    table = speed.live_demo(repeats=1)
    assert list(table.index) == [
        ("drawn face", "Haar, LiteRT"),
        ("drawn face", "other"),
        ("photograph", "Haar, LiteRT"),
        ("photograph", "other"),
    ]
    assert list(table["times as long"]) == [1, 1.5, 1, 4]
    assert list(table["find"]) == [2, 2, 5, 5]


def test_every_live_way_finds_the_face():
    frame = sample_video.portrait()
    for name in ("Haar, LiteRT", "Haar, model.predict"):
        (face,) = speed.LIVE_WAYS[name]().process(frame)
        assert face.probabilities.sum() == pytest.approx(1, abs=0.01)


def test_a_training_step_is_taken_apart():
    recipe = replace(recipes.FINETUNE_BRIEFLY, size=48, batch_size=8)
    table = speed.training_step(recipe, steps=1)
    assert list(table.index[:2]) == ["changing the images", "fitting"]
    assert (table["milliseconds a step"] > 0).all()
    assert table["share"].iloc[:2].sum() == pytest.approx(1)


def test_the_command_prints_a_table(monkeypatch, capsys):
    monkeypatch.setattr(speed, "RUNTIMES", {"Keras, predict": lambda batch: len})
    assert cli.main(["bench", "model"]) == 0
    assert "times as fast" in capsys.readouterr().out
