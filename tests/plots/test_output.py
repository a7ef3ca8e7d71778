"""Figures are shown with alt text; files have the same bytes each time."""

import base64
import html

import pandas as pd
import pytest
from support.recorded_runs import make_run

from fer_lib import paths, plots
from fer_lib.plots import transfer_learning as drawings


@pytest.fixture
def displayed(monkeypatch, tmp_path):
    """What `plots.show` displays; figures are saved under tmp_path."""
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setattr(paths, "FIGURES", tmp_path)
    return shown


def test_show_displays_the_picture_with_its_alt_text_escaped(displayed, tmp_path):
    figure, axis = plots.new_figure(4, 3)
    axis.plot([1, 2])
    plots.show(figure, 'a "rising" line < 3', name="line")
    (shown,) = displayed
    assert html.escape('a "rising" line < 3') in shown.data
    assert 'width="400"' in shown.data
    assert (tmp_path / "line.png").read_bytes() == plots.to_png(figure)


def test_show_saves_nothing_without_a_name(displayed, tmp_path):
    plots.show(plots.new_figure(2, 2)[0], "an empty figure")
    assert not list(tmp_path.iterdir())


def test_show_writes_where_the_data_come_from_below_the_picture(displayed):
    figure = plots.new_figure(2, 2)[0]
    for source in (plots.RECORDED, plots.live("synthetic faces <"), None):
        plots.show(figure, "a figure", source=source)
    recorded, live, without = [shown.data for shown in displayed]
    assert "<figcaption>Recorded on FER2013.</figcaption>" in recorded
    assert "<figcaption>Live on synthetic faces &lt;.</figcaption>" in live
    assert "figcaption" not in without


def test_pictures_and_tables_are_the_same_bytes_each_time(displayed, tmp_path):
    def make():
        figure = drawings.training_curves([make_run().history], "curves")
        plots.show(figure, "curves", name="curves")
        table = pd.DataFrame({"ours": [0.5]}, index=["accuracy"])
        assert plots.save_table(table, "table") is table
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    first, second = make(), make()
    assert set(first) == {"curves.png", "table.csv", "table.md"}
    assert first == second
    assert first["table.csv"] == b",ours\naccuracy,0.5\n"


def test_a_screenshot_is_shown_with_its_alt_text(displayed, tmp_path):
    (tmp_path / "view.png").write_bytes(b"a picture")
    plots.show_saved("view", 'a "face"', width=300, source="Live on a <clip>")
    (tag,) = [each.data for each in displayed]
    assert base64.b64encode(b"a picture").decode() in tag
    assert 'alt="a &quot;face&quot;"' in tag and 'width="300"' in tag
    assert "<figcaption>Live on a &lt;clip&gt;.</figcaption>" in tag
