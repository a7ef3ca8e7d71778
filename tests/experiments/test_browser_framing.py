"""The rule that makes crops of BlazeFace's boxes, and the record that it was selected by."""

import numpy as np
import pytest

from fer_lib import experiments, paths
from fer_lib.experiments import browser_framing as framing
from fer_lib.experiments import records
from fer_lib.labels import LABELS
from fer_lib.live import blazeface, detection, sample_video


@pytest.fixture
def record(monkeypatch):
    monkeypatch.setattr(records, "FOLDER", paths.DATA / "experiments")
    return experiments.load("browser_framing")


def test_the_detector_has_the_selected_rule(record):
    assert framing.selected(record) == (blazeface.SIDE, blazeface.SHIFT)


def test_the_accuracy_depends_little_on_the_rule(record):
    accuracies = framing.accuracies(record)
    assert max(accuracies.values()) - accuracies[framing.selected(record)] < 0.02
    for box in (framing.TRUE_BOX, framing.HAAR):
        difference = framing.difference(record, box)
        assert difference.low < 0 < difference.high


def test_the_website_s_readme_tells_what_was_measured(record):
    readme = (paths.REPOSITORY / "fer_lib" / "web" / "README.md").read_text(encoding="utf-8")
    assert framing.describe(record) in " ".join(readme.split())


class Fixed:
    """A detector that finds the same box in each frame, or none."""

    def __init__(self, *boxes):
        self.boxes = boxes

    def find(self, frame):
        return np.array(self.boxes, float).reshape(-1, 4)

    def detect(self, frame):
        return list(self.boxes)


def observe(number, *boxes):
    image = sample_video.portrait(160)[160:320, 240:400, 0]
    face = np.ascontiguousarray(image[::3, ::3][:48, :48])
    classify = lambda crops: np.eye(7)[np.full(len(crops), 3)]  # noqa: E731
    blaze = [(box.x, box.y, box.width, box.height) for box in boxes]
    detectors = Fixed(*blaze), Fixed(*boxes)
    return framing.observe(number, face, "a", "happy", classify, detectors)


def test_a_face_that_is_found_gets_a_class_by_each_rule():
    from fer_lib.live import stress

    center = stress.Scene(0).center
    box = detection.Box(*(int(place) - 80 for place in center), 160, 160)
    table = observe(0, box).set_index("side")
    assert set(table.loc[160, [framing.column(rule) for rule in framing.RULES]]) == {"happy"}
    assert table.loc[160, "size"] == pytest.approx(1, abs=0.01)
    assert table.loc[160, "down"] == pytest.approx(0, abs=0.01)
    assert (table["half"] == framing.CHOOSE).all()


def test_a_face_that_is_not_found_has_the_true_box_only():
    table = observe(1)
    assert (table["half"] == framing.CHECK).all()
    assert table["size"].isna().all() and table[framing.HAAR].isna().all()
    assert set(table[framing.TRUE_BOX]) == {"happy"} and "happy" in LABELS
