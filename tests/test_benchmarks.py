from dataclasses import replace

import numpy as np
import pytest

from fer_lib import benchmarks, cli, data, model, recipes


def test_time_is_the_median_after_warming_up(monkeypatch):
    clock = iter([0, 0.002, 1, 1.5, 2, 2.004])
    monkeypatch.setattr(benchmarks.time, "perf_counter", lambda: next(clock))
    calls = []
    assert benchmarks.milliseconds(lambda: calls.append(1), repeats=3) == pytest.approx(4)
    assert len(calls) == 5


def test_models_are_compared_at_each_batch_size(monkeypatch):
    batches = []

    def counting(batch):
        return lambda images: batches.append(len(images))

    runtimes = {"Keras, predict": counting, "other": counting, "missing": lambda batch: None}
    monkeypatch.setattr(benchmarks, "RUNTIMES", runtimes)
    monkeypatch.setattr(benchmarks, "milliseconds", lambda function, repeats: function() or 2.0)
    table = benchmarks.models(repeats=1)
    assert sorted(batches) == [1, 1, 8, 8, 64, 64]
    assert "missing" not in table.index.get_level_values("runtime")
    assert table.loc[(8, "other"), "images a second"] == 4000
    assert (table["times as fast"] == 1).all()


@pytest.mark.parametrize("name", benchmarks.RUNTIMES)
def test_every_runtime_gives_the_same_probabilities(name):
    faces = data.drawn_faces(8).images
    classify = benchmarks.RUNTIMES[name](len(faces))
    if classify is None:
        pytest.skip("needs the extra `onnx`")
    expected = model.load_pretrained().predict(faces, verbose=0)
    tolerance = 0.3 if "int8" in name else 0.05 if "float16" in name else 1e-4
    np.testing.assert_allclose(classify(faces), expected, atol=tolerance)


def test_a_training_step_is_taken_apart():
    recipe = replace(recipes.FINETUNE_BRIEFLY, size=48, batch_size=8)
    table = benchmarks.fitting(recipe, steps=1)
    assert list(table.index[:2]) == ["changing the images", "fitting"]
    assert (table["milliseconds a step"] > 0).all()
    assert table["share"].iloc[:2].sum() == pytest.approx(1)


def test_the_command_prints_a_table(monkeypatch, capsys):
    monkeypatch.setattr(benchmarks, "RUNTIMES", {"Keras, predict": lambda batch: len})
    assert cli.main(["bench", "model"]) == 0
    assert "times as fast" in capsys.readouterr().out
