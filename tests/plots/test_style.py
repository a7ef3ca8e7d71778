"""One style for all figures, set on each figure and nowhere else."""

import re
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from support import figures

from fer_lib import plots
from fer_lib.labels import COLORS, LABELS
from fer_lib.plots import style


@pytest.fixture(scope="module")
def settings_and_figures():
    """Matplotlib's settings before and after every figure is drawn, and the figures."""
    before = dict(matplotlib.rcParams)
    drawn = figures.draw_all()
    for figure in drawn.values():
        plots.to_png(figure)
    return before, dict(matplotlib.rcParams), drawn


def test_every_figure_function_is_drawn_here(settings_and_figures):
    assert sorted(settings_and_figures[2]) == figures.functions()


def test_figures_leave_matplotlibs_settings_alone(settings_and_figures, monkeypatch):
    before, after, drawn = settings_and_figures
    assert before == after
    monkeypatch.setattr("IPython.display.display", lambda shown: None)
    plots.show(drawn["evaluation.field"], "dots")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", figures.functions())
def test_titles_are_the_callers(settings_and_figures, name):
    figure = settings_and_figures[2][name]
    assert figure.get_suptitle() == figures.TITLE
    (title,) = (text for text in figure.texts if text.get_text() == figures.TITLE)
    assert (title.get_weight(), title.get_ha()) == ("bold", "left")


def test_figures_have_the_style_whatever_the_settings():
    with matplotlib.rc_context({"savefig.dpi": 30, "axes.spines.top": True}):
        figure, axis = plots.new_figure(4, 3)
        picture = plots.to_png(figure)
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width, height) == (400, 300)
    assert not axis.spines["top"].get_visible()


def test_new_figure_passes_options_on():
    _, axes = plots.new_figure(4, 3, 2, 3, sharex=True)
    assert axes.shape == (2, 3)


def test_colors_are_those_of_the_palette():
    palette = {style.BLUE, style.GREEN, style.ORANGE, style.PURPLE, style.SKY_BLUE, style.VERMILION}
    assert set(COLORS.values()) <= palette | {style.GRAY}
    roles = [style.OURS, style.PAPER, style.BASELINE, style.TRAINING, style.VALIDATION, style.TEST]
    assert len(set(roles)) == len(roles)
    assert set(roles) | {*style.SERIES, style.PEOPLE} <= palette | {style.GRAY, style.INK}


def test_no_module_but_style_has_colors_of_its_own():
    for module in figures.MODULES:
        assert not re.search("#[0-9A-Fa-f]{6}", Path(module.__file__).read_text())


def test_reference_lines_have_their_text_at_the_end():
    _, axis = plots.new_figure()
    style.reference_line(axis, "guessing", style.GRAY, x=14)
    style.paper_line(axis, y=51)
    upright, level = axis.lines
    assert list(upright.get_xdata()) == [14, 14] and list(level.get_ydata()) == [51, 51]
    assert [text.get_text() for text in axis.texts] == ["guessing", "the paper"]
    assert [text.xy for text in axis.texts] == [(14, 1), (1, 51)]
    assert level.get_color() == axis.texts[1].get_color() == style.PAPER


def test_name_rows_goes_from_top_to_bottom():
    _, axis = plots.new_figure()
    style.name_rows(axis, ["a", "b"])
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a", "b"]
    bottom, top = axis.get_ylim()
    assert bottom > top


def test_class_matrix_names_both_axes_and_writes_on_dark_in_white():
    figure, axis = plots.new_figure()
    percent = np.eye(len(LABELS)) * 100
    style.class_matrix(axis, percent, np.full(percent.shape, "x"), "percent")
    for ticks in (axis.get_xticklabels(), axis.get_yticklabels()):
        assert [label.get_text() for label in ticks] == list(LABELS)
    colors = np.reshape([text.get_color() for text in axis.texts], percent.shape)
    assert ((colors == "white") == (percent == 100)).all()
    assert figure.axes[1].get_ylabel() == "percent"


def test_dots_with_ci_draws_a_line_from_low_to_high():
    _, axis = plots.new_figure()
    style.dots_with_ci(axis, [2, 5], [1, 4], [3, 6])
    intervals, dots = axis.collections
    np.testing.assert_allclose(
        [ends.tolist() for ends in intervals.get_segments()], [[[1, 0], [3, 0]], [[4, 1], [6, 1]]]
    )
    assert dots.get_offsets().tolist() == [[2, 0], [5, 1]]
