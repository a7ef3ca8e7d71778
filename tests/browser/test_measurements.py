"""`fer bench live-view` and `fer bench recorder`, for a few seconds."""

import pytest

pytest.importorskip("playwright")
pytest.importorskip("psutil")

from fer_lib.benchmarks import image_recorder, live_view_speed


def test_the_live_view_is_measured(chromium):
    table = live_view_speed.measure(minutes=1, seconds=3)
    assert list(table.index) == [1]
    (row,) = table.to_dict("records")
    assert 0 < row["results per second"] <= 31
    assert 0 < row["latency"] <= row["95%"]
    assert all(row[stage] >= 0 for stage in live_view_speed.STAGES)
    assert min(row["kernel"], row["tab"]) > row["JavaScript"] > 1


def test_the_recorder_is_measured_in_both_formats(chromium):
    table = image_recorder.measure(seconds=5)
    assert list(table.index) == ["png", "jpeg"]
    assert (table["images per second"] > 0).all()
    assert (table["times as long as LiveClassifier"] > 1).all()
