"""The live demo's limits: which faces are shown, what is recorded, and what a record says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer_lib import data, evaluation, live
from fer_lib.exceptions import Problem
from fer_lib.experiments import live_limits
from fer_lib.labels import LABEL, LABELS, PEOPLE
from fer_lib.live import detection, stress
from fer_lib.live.detection import Box

HAPPY, SAD = LABELS.index("happy"), LABELS.index("sad")
FACES = replace(data.load_synthetic_faces(21), labels=np.arange(21) % 7)
SOME_LEVELS = {
    "side": (80, 240),
    "light": (50,),
    "background": ("flat", "blocks"),
    live_limits.SMALL_FACES: (80,),
}


@pytest.fixture(autouse=True)
def few_levels(monkeypatch):
    monkeypatch.setattr(live_limits, "LEVELS", SOME_LEVELS)


def sure(classes, confidence=0.94):
    """Probabilities `(n, 7)`, one row per class index."""
    rest = (1 - confidence) / 6
    return np.where(np.arange(7) == np.array(classes)[..., np.newaxis], confidence, rest)


def bright_is_happy(crops):
    return sure(np.where(crops.mean(axis=(1, 2, 3)) > 100, HAPPY, SAD))


class Finds:
    """A detector that always finds these boxes."""

    def __init__(self, *boxes):
        self.boxes = list(boxes)

    def detect(self, frame):
        return self.boxes


def manifest(faces, **columns):
    names = np.array(LABELS)[faces.labels]
    table = {"name": faces.names, "label": names, "usage": "PublicTest", "near_group": 0}
    return pd.DataFrame(table | columns)


def test_the_sample_holds_no_copies_and_the_same_number_of_each_class():
    usages, groups = np.full(21, "PublicTest"), np.zeros(21, int)
    usages[0], groups[[0, 7]] = "Training", 1  # a copy in Training
    groups[[1, 8]] = 2  # two copies of one photograph
    table = manifest(FACES, usage=usages, near_group=groups)
    chosen, truth = live_limits.sample(FACES, table, LABEL, per_class=2)
    np.testing.assert_array_equal(truth, chosen.labels)
    assert np.bincount(truth).tolist() == [1, 2, 2, 2, 2, 2, 2]
    assert not {FACES.names[0], FACES.names[7]} & set(chosen.names)
    assert not {FACES.names[1], FACES.names[8]} <= set(chosen.names)
    again, _ = live_limits.sample(FACES, table, LABEL, per_class=2)
    np.testing.assert_array_equal(chosen.names, again.names)


def test_what_people_would_say_is_judged_by_the_crowd():
    crowd = np.array([None, *["sad"] * 5, *["happy"] * 15])
    chosen, truth = live_limits.sample(FACES, manifest(FACES, crowd=crowd), PEOPLE)
    assert FACES.names[0] not in chosen.names
    assert np.bincount(truth, minlength=7)[[SAD, HAPPY]].tolist() == [5, 15]
    assert set(chosen.names[truth == SAD]) == set(FACES.names[1:6])


def test_each_face_is_shown_to_detectors_and_classifier_separately():
    frames = []

    class Haar:
        """Finds the true box in frames of the usual size only."""

        def detect(self, frame):
            frames.append(frame)
            return []

    scene = stress.Scene(4)
    _, face = scene.render(FACES.images[0, ..., 0], stress.Setting())
    detectors = {"Haar": Haar(), "YuNet": Finds(face, Box(0, 0, 20, 20))}
    found = live_limits.observe(FACES.images[:2, ..., 0], 4, bright_is_happy, [detectors] * 2)
    conditions = live_limits.conditions()
    assert len(frames) == 2 * len(conditions)
    assert found["predicted"].shape == found["confidence"].shape == (3, len(conditions), 2)
    assert (found["predicted"][1] == live_limits.NOT_FOUND).all()
    assert (found["confidence"][1] == 0).all()
    at = {condition: found["predicted"][:, place, 0] for place, condition in enumerate(conditions)}
    assert at[live_limits.BASELINE, ""][2] == at[live_limits.BASELINE, ""][0]
    assert at["side", 80][2] == live_limits.NOT_FOUND
    assert (found["others"][0] == 0).all()
    assert (
        found["others"][1, 0, 0] == 1 and found["others"][1, conditions.index(("side", 80)), 0] == 2
    )
    assert np.isnan(found["offsets"][0]).all()
    assert found["offsets"][1, 0].tolist() == [1, 0, 0]
    assert found["framings"].shape == (len(live_limits.FRAMINGS), 2)


def test_small_faces_get_the_detector_that_looks_for_them():
    _, face = stress.Scene(0).render(FACES.images[0, ..., 0], stress.Setting(side=80))
    usual = {"Haar": Finds(), "YuNet": Finds()}
    found = live_limits.observe(
        FACES.images[:1, ..., 0], 0, bright_is_happy, (usual, usual | {"Haar": Finds(face)})
    )["predicted"][1, :, 0]
    small = live_limits.conditions().index((live_limits.SMALL_FACES, 80))
    assert [*np.flatnonzero(found != live_limits.NOT_FOUND)] == [small]


def test_a_face_in_motion_is_classified_twice_per_box():
    width = 48

    def left_is_happy(crops):
        left, right = crops[:, :, : width // 2], crops[:, :, width // 2 :]
        happy = left.mean(axis=(1, 2, 3)) > right.mean(axis=(1, 2, 3))
        return sure(np.where(happy, HAPPY, SAD))

    image = np.full((1, 48, 48), 40, np.uint8)
    image[..., :24] = 220
    detectors = [{"Haar": Finds()}]
    moving = live_limits.observe_motion(image, 0, left_is_happy, detectors)["moving"]
    assert moving.shape == (2, 1, live_limits.FRAMES, 2, 7)
    assert np.isnan(moving[1]).all()
    assert (moving[0, 0, :, 0].argmax(axis=-1) == HAPPY).all()
    assert (moving[0, 0, :, 1].argmax(axis=-1) == SAD).all()


def test_the_arrays_of_all_parts_are_joined(monkeypatch, keep):
    monkeypatch.setattr(live_limits, "CHUNK", 2)
    detectors = [{"Haar": Finds(), "YuNet": Finds()}] * 2
    monkeypatch.setattr(live_limits, "_detectors", lambda: detectors)
    monkeypatch.setattr(live_limits, "MOVING_PER_CLASS", 1)
    monkeypatch.setattr(live_limits, "FRAMES", 2)
    monkeypatch.setattr(bright_is_happy, "answers", (LABEL,), raising=False)
    monkeypatch.setattr("fer_lib.models.load", lambda *file, threads: bright_is_happy)
    faces = replace(FACES.select(slice(3)), usages=np.full(3, "PublicTest"))
    monkeypatch.setattr(data.manifest, "load", lambda: manifest(faces))
    found = live_limits.compute(faces, keep)
    assert sorted(found["names"]) == sorted(faces.names)
    assert found["answer"] == LABEL
    assert found["original"].shape == found["truth"].shape == (3,)
    assert found["predicted"].shape == (3, len(live_limits.conditions()), 3)
    assert found["offsets"].shape == (2, 3, 3)
    assert found["moving"].shape == (2, 3, 2, 2, 7) and len(found["moving_truth"]) == 3


def test_yunet_is_needed(monkeypatch):
    monkeypatch.setattr(live, "detector", lambda: detection.HaarDetector())
    with pytest.raises(Problem, match="needs YuNet"):
        live_limits._detectors()


@pytest.fixture
def record():
    """Four faces, two happy and two sad. All are right in the baseline, and found by both."""
    classes = np.array([HAPPY, HAPPY, SAD, SAD])
    count = len(live_limits.conditions())
    framings = np.tile(classes, (len(live_limits.FRAMINGS), 1))
    framings[live_limits.FRAMINGS.index((20, 0, 0)), :2] = SAD
    return {
        "truth": classes,
        "predicted": np.tile(classes, (3, count, 1)).astype(np.uint8),
        "confidence": np.full((3, count, 4), 0.75, np.float16),
        "others": np.zeros((2, count, 4), np.uint8),
        "offsets": np.array([[[1.1, 0, 0.02]] * 4, [[np.nan] * 3] + [[1, 0, -0.02]] * 3]),
        "framings": framings,
    }


def change(record, key, box, condition, values):
    """Change what is recorded of one box in one condition."""
    record[key][live_limits.BOXES.index(box), live_limits.conditions().index(condition)] = values


def test_curves_hold_the_baseline_at_its_level(record):
    change(record, "predicted", "Haar", ("light", 50), [HAPPY, *[live_limits.NOT_FOUND] * 3])
    table = live_limits.curves(record).set_index(["factor", "level", "measure"])
    assert table.loc[("light", 50, "found by Haar"), "percentage"] == 25
    assert table.loc[("light", 100, "found by Haar"), "percentage"] == 100
    assert table.loc[("side", 160, "found by YuNet"), "percentage"] == 100
    low, high = table.loc[("light", 50, "found by Haar"), ["low", "high"]]
    assert 0 < low < 25 < high < 100
    levels = table.loc["background"].index.get_level_values("level")
    assert set(levels) == {"flat", "blocks"}


def test_drops_are_paired_and_the_halves_compared(record):
    lost = [live_limits.NOT_FOUND] * 4
    change(record, "predicted", "Haar", ("light", 50), lost)
    change(record, "predicted", "true box", ("light", 50), [SAD, SAD, SAD, SAD])
    table = live_limits.drops(record)
    assert table.loc[("light", 50), "found by Haar"] == (100, 100, 100)
    drop, low, high = table.loc[("light", 50), live_limits.LABEL_RIGHT]
    assert drop == 50 and low < 50 < high
    assert table.loc[("light", 50), "Haar's drop minus the label's"].value == 50
    assert table.loc[("light", 50), "YuNet's drop minus Haar's"].value == -100
    assert (table.loc["side"].map(lambda estimate: estimate == (0, 0, 0))).all(axis=None)


def test_overconfidence_is_confidence_minus_accuracy(record):
    change(record, "predicted", "true box", ("light", 50), [SAD, SAD, SAD, SAD])
    table = live_limits.overconfidence(record).map(lambda estimate: estimate.value)
    assert table.loc[("light", 50)].tolist() == [50, 75, 25]
    assert table.loc[(live_limits.BASELINE, "")].tolist() == [100, 75, -25]


def test_estimates_are_written_with_few_decimals():
    assert live_limits.text(evaluation.Estimate(12.4, -0.4, 15.6)) == "12 [0, 16]"
    assert live_limits.text(evaluation.Estimate(-10.1, -20, -0.6)) == "-10 [-20, -1]"
    assert live_limits.text(evaluation.Estimate(0.25, -0.04, 0.5), 1) == "0.2 [0.0, 0.5]"


def test_end_to_end_unsure_and_no_box_are_not_right(record):
    condition = ("light", 50)
    change(record, "predicted", "Haar", condition, [HAPPY, SAD, SAD, live_limits.NOT_FOUND])
    change(record, "confidence", "Haar", condition, [0.9, 0.9, live.MIN_CONFIDENCE - 0.01, 0])
    shown = live_limits.end_to_end(record, "Haar")
    assert shown.loc[condition, list(live_limits.OUTCOMES)].tolist() == [25, 25, 25, 25]
    assert shown.loc[(live_limits.BASELINE, ""), "right"] == 100


def test_other_boxes_are_per_100_frames(record):
    record["others"][1, 0] = [2, 0, 1, 0]
    table = live_limits.other_boxes(record)
    assert table.loc[(live_limits.BASELINE, "")].tolist() == [0, 75]


def test_the_baseline_compares_boxes_on_the_faces_found(record):
    change(
        record, "predicted", "Haar", (live_limits.BASELINE, ""), [live_limits.NOT_FOUND, *[SAD] * 3]
    )
    table = live_limits.baseline(record)
    assert table.loc["found", "Haar"].value == 75 and table.loc["found", "YuNet"].value == 100
    assert table.loc[live_limits.LABEL_RIGHT, "Haar"].value == 100
    assert table.loc["difference", "Haar"].value == pytest.approx(-100 / 3)
    assert table.loc["right label shown", "Haar"].value == 50
    assert table.loc["wrong label shown", "Haar"].value == 25


def test_framing_is_compared_with_the_true_box(record):
    table = live_limits.framing(record).set_index(["size", "right", "down"])
    assert table.loc[(0, 0, 0)].tolist() == [100, 0, 0, 0]
    accuracy, change, low, high = table.loc[(20, 0, 0)]
    assert accuracy == 50 and change == -50 and low < -50 < high


def test_a_box_is_changed_about_its_center_in_percent_of_its_side():
    face = Box(100, 100, 200, 200)
    assert live_limits._framed(face, 10, 0, 0) == (90, 90, 220, 220)
    assert live_limits._framed(face, 0, -20, 10) == (60, 120, 200, 200)


def test_offsets_are_percent_of_the_side(record):
    table = live_limits.box_offsets(record)
    assert table.loc[("Haar", "size"), "median"] == pytest.approx(10)
    assert table.loc[("YuNet", "down"), "median"] == pytest.approx(-2)


@pytest.fixture
def moving():
    """A face that is happy in the frames and sad in the mirror, and one that is never found."""
    probabilities = np.full((2, 2, 12, 2, 7), np.nan, np.float16)
    probabilities[0, :, :, 0] = sure(HAPPY, 0.9)
    probabilities[0, :, :, 1] = sure(SAD, 0.9)
    probabilities[1, 0] = probabilities[0, 0]
    probabilities[1, 0, 5:] = np.nan
    return {"moving_truth": np.array([HAPPY, SAD]), "moving": probabilities}


def test_streams_measure_each_method(moving):
    results = live_limits.streams(moving, "true box", seconds=0.4)
    assert list(results) == list(live_limits.METHODS)
    assert results["each frame alone"].tolist() == [[0, 100, 0, 0], [0, 0, 100, 0]]
    assert results["smoothed, both views of each frame"][0].tolist() == [0, 0, 0, 100]
    alternating = results["smoothed, every second frame mirrored"][0]
    assert alternating[1] > 0 and alternating[3] > 0


def test_slower_streams_still_see_both_views(moving):
    alone, _, alternating, _ = live_limits.streams(moving, "true box", seconds=0, every=3).values()
    assert alone[0, 0] == 0
    assert alternating[0, 0] == pytest.approx(live_limits.FPS / 3)


def test_faces_without_boxes_are_left_out(moving):
    results = live_limits.streams(moving, "Haar", seconds=0.4)
    assert {len(values) for values in results.values()} == {1}


def test_methods_are_compared_face_by_face(moving):
    results = live_limits.streams(moving, "true box", seconds=0.4)
    means = live_limits.stream_means(results)
    assert means.loc["each frame alone"].tolist() == [0, 50, 50, 0]
    table = live_limits.stream_differences(results, "each frame alone")
    assert list(table.index) == list(live_limits.METHODS)[1:]
    assert table.loc["smoothed, both views of each frame", "unsure (%)"].value == 100
    low_to_high = table.loc["smoothed, both views of each frame", "right (%)"]
    assert low_to_high == (-50, -100, 0)
