"""The live demo's stress test: what each change does to a frame, and how trials are counted."""

import itertools

import numpy as np
import pytest

from fer_lib import live
from fer_lib.labels import LABELS
from fer_lib.live import sample_video, stress
from fer_lib.live.detection import Box, HaarDetector

GRAY = np.full((480, 640, 3), 120, np.uint8)
FACE = stress.FACE
ELSEWHERE = Box(20, 20, 100, 100)
CHANGES = [stress.blur, stress.cover_eyes, stress.clutter]


@pytest.fixture(scope="module")
def trials():
    return stress.portrait_trials()


@pytest.mark.parametrize("change", CHANGES)
def test_level_0_changes_nothing(change):
    portrait = sample_video.portrait()
    np.testing.assert_array_equal(change(portrait, 0), portrait)


@pytest.mark.parametrize("change", [stress.darken, *CHANGES])
def test_a_change_gives_a_new_frame_of_the_same_kind_and_the_same_one_each_time(change):
    portrait = sample_video.portrait()
    before = portrait.copy()
    changed = change(portrait, 20)
    assert (changed.shape, changed.dtype) == (portrait.shape, np.uint8)
    assert not np.array_equal(changed, portrait)
    np.testing.assert_array_equal(change(portrait, 20), changed)
    np.testing.assert_array_equal(portrait, before)


def test_light_falls_and_noise_stays():
    half, tenth = stress.darken(GRAY, 50), stress.darken(GRAY, 10, noise=2)
    assert (half.mean(), half.std()) == pytest.approx((60, 4), rel=0.02)
    assert (tenth.mean(), tenth.std()) == pytest.approx((12, 2), rel=0.02)


@pytest.mark.parametrize("face", [FACE, Box(100, 50, 240, 240)])
def test_the_bar_is_dark_lies_on_the_face_and_has_the_height_asked_for(face):
    rows, columns = np.nonzero((stress.cover_eyes(GRAY, 25, face) != GRAY).any(axis=2))
    assert np.ptp(rows) == pytest.approx(face.height / 4, abs=2)
    assert face.y < rows.min() and rows.max() < face.y + face.height / 2 + face.height / 8
    assert face.x < columns.min() and columns.max() < face.x + face.width
    assert (stress.cover_eyes(GRAY, 25, face)[rows, columns] == 20).all()


def test_clutter_spares_the_face_and_grows_with_its_contrast():
    weak, strong = (stress.clutter(GRAY, contrast).astype(float) for contrast in (10, 40))
    middle = np.s_[FACE.y + 60 : FACE.y + 100, FACE.x + 60 : FACE.x + 100]
    assert np.abs(weak[middle] - 120).max() <= 1 and np.abs(strong[middle] - 120).max() <= 1
    assert weak[:100].std() == pytest.approx(10, rel=0.1)
    assert strong[:100].std() == pytest.approx(40, rel=0.1)


def test_the_portrait_is_made_harder_in_six_ways_from_easy_to_hard(trials):
    by_change = itertools.groupby(trials, lambda trial: trial.change)
    counts = {change: len(list(group)) for change, group in by_change}
    assert len(counts) == 6 and set(counts.values()) == {6}
    portrait = sample_video.portrait()
    for trial in trials[6::6]:  # with the light falls a noise that is there at any level
        np.testing.assert_array_equal(trial.frame, portrait)


def test_the_true_box_shrinks_with_the_face(trials):
    smallest = next(trial for trial in trials if "side" in trial.change and trial.level == 40)
    assert smallest.face == (300, 220, 40, 40)
    assert {trial.face for trial in trials if "side" not in trial.change} == {FACE}


def scripted(*answers):
    """A detector that finds frame by frame what it is given."""

    class Detector:
        def __init__(self):
            self.answers = iter(answers)

        def detect(self, frame):
            return next(self.answers)

    return Detector()


def bright_is_happy(crops):
    """Probabilities: happy for bright crops, sad for dark ones."""
    happy = crops.mean(axis=(1, 2, 3)) > 100
    best = np.where(happy, LABELS.index("happy"), LABELS.index("sad"))
    return np.where(np.arange(7) == best[:, np.newaxis], 0.94, 0.01)


def gray_trials(*grays, change="light (%)"):
    return [stress.Trial(change, gray, np.full_like(GRAY, gray), FACE) for gray in grays]


def test_detector_and_classifier_are_asked_separately():
    detector = scripted([FACE], [ELSEWHERE], [])
    found, beside, lost = stress.measure(
        gray_trials(200, 150, 50), detector, bright_is_happy
    ).itertuples()
    assert [face.box for face in found.faces] == [face.box for face in found.hits] == [FACE]
    assert [face.box for face in beside.faces] == [ELSEWHERE] and beside.hits == []
    assert lost.faces == lost.hits == []
    labels = [LABELS[row.given_box.argmax()] for row in (found, beside, lost)]
    assert labels == ["happy", "happy", "sad"]


def test_a_box_is_on_the_face_while_its_center_is():
    assert stress.is_on_face(FACE._replace(x=FACE.x + 53), FACE)
    assert not stress.is_on_face(FACE._replace(x=FACE.x + 54), FACE)
    assert not stress.is_on_face(FACE._replace(y=FACE.y - 54), FACE)


def test_limits_give_the_first_loss_and_the_boxes_elsewhere():
    trials = (
        gray_trials(200, 180, 160, 140)
        + gray_trials(5, 6, change="held")
        + gray_trials(7, change="lost")
    )
    detector = scripted([FACE], [ELSEWHERE], [FACE, ELSEWHERE], [], [FACE], [FACE], [])
    limits = stress.detector_limits(stress.measure(trials, detector, bright_is_happy))
    assert limits.loc["light (%)"].to_list() == [200, 180, 2]
    assert limits.loc["held"].to_list() == [6, "-", 0]
    assert limits.loc["lost"].to_list() == ["-", 7, 0]


def test_the_classifier_keeps_or_changes_its_label_on_the_true_box():
    trials = gray_trials(200, 150, 50) + gray_trials(220, change="held")
    results = stress.measure(trials, scripted([FACE], [], [], []), bright_is_happy)
    limits = stress.classifier_limits(results, "happy")
    assert limits.loc["light (%)"].to_list() == [1, 2, 3, "sad"]
    assert limits.loc["held"].to_list() == [0, 1, 1, "-"]


def test_found_faces_are_counted_by_change():
    trials = gray_trials(1, 2, 3) + gray_trials(4, 5, change="a second")
    found = stress.count_found(trials, scripted([FACE], [ELSEWHERE, FACE], [], [ELSEWHERE], []))
    assert found.to_dict() == {"light (%)": 2, "a second": 0}
    assert list(found.index) == ["light (%)", "a second"]


def test_captions_give_the_label_or_what_went_wrong():
    results = stress.measure(
        gray_trials(200, 150, 50), scripted([FACE], [ELSEWHERE], []), bright_is_happy
    )
    (tries,) = stress.captioned(results).values()
    levels, frames, boxes, captions = zip(*tries, strict=True)
    assert levels == ("200", "150", "50") and boxes == ([FACE], [ELSEWHERE], [])
    assert [frame[0, 0, 0] for frame in frames] == [200, 150, 50]
    assert captions == (
        "happy 94%",
        "happy 94%\nbut not the face",
        "not found\n(true box: sad 94%)",
    )


def test_haar_loses_the_portrait_where_the_notebook_says(trials):
    limits = stress.detector_limits(stress.measure(trials, HaarDetector(), bright_is_happy))
    assert limits["kept to"].to_list() == [30, 10, 80, 12, 3, 100]
    assert limits["lost at"].to_list() == [15, 20, 60, 25, 7, 150]
    assert (limits["other boxes"] == 0).all()


def test_a_camera_adds_noise_and_shake_the_same_in_every_call():
    frames = [sample_video.portrait()] * 3
    first, again = list(stress.from_camera(frames)), list(stress.from_camera(frames))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first[0], first[1])
    assert {(frame.shape, frame.dtype.name) for frame in first} == {((480, 640, 3), "uint8")}
    (noisy,) = stress.from_camera([GRAY], noise=5, shake=0)
    assert noisy.std() == pytest.approx(5, rel=0.05)
    (still,) = stress.from_camera(frames[:1], noise=0, shake=0)
    np.testing.assert_array_equal(still, frames[0])


def test_shake_moves_the_face_by_a_few_pixels():
    moved = live.LiveClassifier(0, HaarDetector(), bright_is_happy)
    frames = stress.from_camera([sample_video.portrait()] * 5, noise=0)
    boxes = [moved.process(frame)[0].box for frame in frames]
    assert all(abs(box.x - FACE.x) < 16 and abs(box.y - FACE.y) < 16 for box in boxes)
    assert len(set(boxes)) > 1


def test_the_true_box_is_the_one_that_haar_gives(trials):
    (box,) = HaarDetector().detect(sample_video.portrait())
    assert max(abs(one - other) for one, other in zip(box, FACE, strict=True)) <= 10
