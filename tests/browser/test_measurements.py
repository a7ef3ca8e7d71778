"""`fer bench live-view`, `recorder`, and `demo`, for a few seconds."""

import pandas as pd
import pytest

pytest.importorskip("playwright")
pytest.importorskip("psutil")

from fer_lib import cli
from fer_lib.benchmarks import demo_speed, image_recorder, live_view_speed
from fer_lib.exceptions import Problem


def test_the_live_view_is_measured(chromium):
    table = live_view_speed.measure(minutes=1, seconds=2)
    assert list(table.index) == [1]
    (row,) = table.to_dict("records")
    assert 0 < row["results per second"] <= 31
    assert 0 < row["latency"] <= row["95%"]
    assert all(row[stage] >= 0 for stage in live_view_speed.STAGES)
    assert min(row["kernel"], row["tab"]) > row["JavaScript"] > 1


def test_the_recorder_is_measured_in_both_formats(chromium):
    table = image_recorder.measure(seconds=2)
    assert list(table.index) == ["png", "jpeg"]
    assert (table["images per second"] > 0).all()
    assert (table["times as long as LiveClassifier"] > 1).all()


def test_the_demo_in_the_browser_is_measured_beside_another(chromium, demo, monkeypatch):
    monkeypatch.setattr(demo_speed, "WARM_UP", 0)
    try:
        table = demo_speed.measure(demo, seconds=2)
    except Problem as problem:
        pytest.skip(f"needs npm's packages: {problem}")
    assert list(table.index) == ["ours", "face-api"]
    for row in table.to_dict("records"):
        assert 0 < row["results per second"] <= 31
        assert row["with the face (%)"] > 50
        assert 0 < row["latency (ms)"] <= row["95%"]
        assert row["first result (s)"] > 0
    assert table.loc["ours", "find (ms)"] > 0 and table.loc["ours", "classify (ms)"] > 0


def test_the_demo_s_memory_is_measured(chromium, demo):
    table = demo_speed.memory(demo, minutes=1, seconds=2)
    assert list(table.index) == [1]
    assert table["tab"][1] > table["JavaScript"][1] > 0.5


def test_the_commands_print_what_was_measured(monkeypatch, capsys, tmp_path):
    from fer_lib.benchmarks import parity
    from fer_lib.web.browser import build

    speeds = pd.DataFrame({"results per second": [30.0, 10.0]}, index=["ours", "face-api"])
    sizes = pd.DataFrame({"tab": [150.0], "JavaScript": [5.0]}, index=[1])
    monkeypatch.setattr(build, "build", lambda: tmp_path)
    monkeypatch.setattr(demo_speed, "measure", lambda folder: speeds)
    monkeypatch.setattr(demo_speed, "memory", lambda folder, minutes: sizes)
    assert cli.main(["bench", "demo", "1"]) == 0
    assert "Ours gives 3.0 times as many results as face-api." in capsys.readouterr().out
    monkeypatch.setattr(parity, "measure", lambda folder: sizes)
    assert cli.main(["bench", "parity"]) == 0
    assert "150.0" in capsys.readouterr().out
