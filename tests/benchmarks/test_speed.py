"""`fer bench model`, `live`, and `training`."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from support.small_models import small_backbone

from fer_lib import cli, data, models
from fer_lib.benchmarks import speed, timing
from fer_lib.labels import PEOPLE
from fer_lib.live import sample_video
from fer_lib.training import recipes


def test_models_are_compared_at_each_batch_size(monkeypatch):
    batches = []

    def counting(batch):
        return lambda images: batches.append(len(images))

    runtimes = {"Keras, predict": counting, "other": counting, "missing": lambda batch: None}
    monkeypatch.setattr(speed, "RUNTIMES", runtimes)
    monkeypatch.setattr(timing, "median_milliseconds", lambda function, repeats: function() or 2.0)
    table = speed.runtimes(repeats=1)
    assert sorted(batches) == [1, 1, 8, 8, 64, 64]
    assert "missing" not in table.index.get_level_values("runtime")
    assert table.loc[(8, "other"), "images per second"] == 4000
    assert (table["times as fast"] == 1).all()


@pytest.fixture(scope="module")
def faces():
    return data.load_synthetic_faces(8).images


@pytest.fixture(scope="module")
def expected(faces):
    return models.predict(models.load(), faces, PEOPLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", speed.RUNTIMES)
def test_every_runtime_gives_the_same_probabilities(name, faces, expected):
    classify = speed.RUNTIMES[name](len(faces))
    if classify is None:
        pytest.skip("needs the extra `onnx`")
    differences = np.abs(classify(faces) - expected)
    if "int8" in name:  # single faces between two expressions may differ much
        assert differences.mean() < 0.05
    else:
        assert differences.max() < (0.05 if "float16" in name else 1e-3)


class Counting:
    """Processes frames. Finding takes 1, 2, 3... ms, and a frame in total some times as long."""

    clock = 0.0  # seconds

    def __init__(self, times):
        self.times, self.milliseconds = times, {"find": 0}

    def process(self, frame):
        assert frame.shape == (480, 640, 3) and frame.dtype == np.uint8
        self.milliseconds = {"find": self.milliseconds["find"] + 1}
        Counting.clock += self.times * self.milliseconds["find"] / 1000


def test_live_ways_are_compared_on_each_image_by_stage(monkeypatch):
    ways = {
        "Haar, LiteRT": lambda: Counting(2),
        "other": lambda: Counting(3),
        "missing": lambda: None,
    }
    monkeypatch.setattr(speed, "LIVE_WAYS", ways)
    monkeypatch.setattr(timing.time, "perf_counter", lambda: Counting.clock)
    table = speed.live_demo(repeats=3)
    assert list(table.index) == [
        ("photograph", "Haar, LiteRT"),
        ("photograph", "other"),
        ("synthetic face", "Haar, LiteRT"),
        ("synthetic face", "other"),
    ]
    # The warm-up calls, the first two on each image, are in neither median.
    assert list(table["find"]) == [9, 9, 4, 4]
    np.testing.assert_allclose(table["milliseconds"], [18, 27, 8, 12])
    np.testing.assert_allclose(table["times as long"], [1, 1.5, 1, 1.5])


def test_every_live_way_finds_the_face():
    frame = sample_video.portrait()
    for name in ("Haar, LiteRT", "Haar, model.predict"):
        (face,) = speed.LIVE_WAYS[name]().process(frame)
        assert face.probabilities.sum() == pytest.approx(1, abs=0.01)


@pytest.mark.slow
def test_a_training_step_is_timed_by_part(monkeypatch):
    monkeypatch.setattr(keras.applications, "MobileNetV2", lambda **_: small_backbone())
    recipe = replace(recipes.FINETUNE_BRIEFLY, size=48, batch_size=8)
    table = speed.training_step(recipe, steps=1)
    assert list(table.index[:2]) == ["data augmentation", "fitting"]
    assert (table["milliseconds per step"] > 0).all()
    assert table["proportion"].iloc[:2].sum() == pytest.approx(1)


def test_the_command_prints_a_table(monkeypatch, capsys):
    monkeypatch.setattr(speed, "RUNTIMES", {"Keras, predict": lambda batch: len})
    assert cli.main(["bench", "model"]) == 0
    assert "times as fast" in capsys.readouterr().out
