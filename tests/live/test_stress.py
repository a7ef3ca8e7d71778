"""The live demo's stress test: scenes, what changes do to a frame, and what counts as found."""

import numpy as np
import pytest

from fer_lib import live
from fer_lib.data.synthetic_faces import draw_face
from fer_lib.live import detection, sample_video, stress
from fer_lib.live.detection import Box, HaarDetector

FACE = draw_face({}, size=48)
GRAY = np.full((480, 640, 3), 120, np.uint8)
BOX = Box(240, 160, 160, 160)
QUIET = stress.Setting(noise=0)
CHANGES = {
    "blur": lambda frame, level: stress.blur(frame, level),
    "noise": lambda frame, level: stress.add_noise(frame, level),
    "eyes": lambda frame, level: stress.cover(frame, "eyes", level, BOX),
    "mouth": lambda frame, level: stress.cover(frame, "mouth", level, BOX),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_gives_a_new_frame_of_the_same_kind_and_level_0_none(change):
    portrait = sample_video.portrait()
    before = portrait.copy()
    changed = change(portrait, 20)
    assert (changed.shape, changed.dtype) == (portrait.shape, np.uint8)
    assert not np.array_equal(changed, portrait)
    np.testing.assert_array_equal(change(portrait, 20), changed)
    np.testing.assert_array_equal(change(portrait, 0), portrait)
    np.testing.assert_array_equal(portrait, before)


def test_light_multiplies_and_is_clipped_at_white():
    assert (stress.change_light(GRAY, 50) == 60).all()
    assert (stress.change_light(GRAY, 400) == 255).all()


def test_noise_has_the_deviation_asked_for():
    assert stress.add_noise(GRAY, 5).std() == pytest.approx(5, rel=0.02)


@pytest.mark.parametrize("face", [BOX, Box(100, 50, 240, 240)])
@pytest.mark.parametrize(("part", "half"), [("eyes", "upper"), ("mouth", "lower")])
def test_a_bar_lies_on_its_part_of_the_face_and_has_the_height_asked_for(part, half, face):
    rows, columns = np.nonzero((stress.cover(GRAY, part, 25, face) != GRAY).any(axis=2))
    assert np.ptp(rows) == pytest.approx(face.height / 4, abs=2)
    assert np.ptp(columns) == pytest.approx(stress.COVER_WIDTH * face.width, abs=2)
    middle = face.y + face.height / 2
    assert (rows.mean() < middle) == (half == "upper")
    assert face.y < rows.min() and rows.max() <= face.y + face.height


def test_the_pasted_face_lies_in_the_true_box():
    frame, box = stress.Scene(0).render(FACE, QUIET._replace(side=96))
    assert (box.width, box.height) == (96, 96)
    inside = live.crop(frame, box)[..., 0].astype(float)
    assert np.abs(inside - FACE).mean() < 5
    far = Box(box.x + 300 * (1 if box.x < 250 else -1), box.y, 96, 96)
    assert np.abs(live.crop(frame, far)[..., 0] - FACE.astype(float)).mean() > 20


def test_a_face_is_tilted_clockwise():
    left_eye = np.zeros((48, 48), np.uint8)
    left_eye[16:24, 8:16] = 255  # upper left: a clockwise turn lifts it and moves it right
    black = np.zeros((480, 640), np.float32)
    upright, tilted = (stress.paste(left_eye, black, BOX, tilt) for tilt in (0, 45))
    (y, x), (tilted_y, tilted_x) = (
        np.argwhere(each > 128).mean(axis=0) for each in (upright, tilted)
    )
    assert tilted_y < y and tilted_x > x


def test_a_scene_is_the_same_each_time_and_its_noise_differs_from_frame_to_frame():
    first, again = (stress.Scene(3).render(FACE, stress.Setting()) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    later, box = stress.Scene(3).render(FACE, stress.Setting(), moment=1)
    assert box == first[1] and not np.array_equal(later, first[0])
    assert np.abs(later.astype(float) - first[0]).std() < 3 * stress.Setting().noise


def test_backgrounds_take_turns_and_can_be_chosen():
    kinds = [stress.Scene(number).kind for number in range(len(stress.BACKGROUNDS))]
    assert kinds == list(stress.BACKGROUNDS)
    scene = stress.Scene(0)
    corner = np.s_[:40, :40]
    deviations = {
        kind: scene.render(FACE, QUIET._replace(background=kind))[0][corner].std()
        for kind in ("flat", "blocks")
    }
    assert deviations["flat"] < 1 < 20 < deviations["blocks"]


def test_intersection_over_union():
    assert detection.iou(BOX, BOX) == 1
    assert detection.iou(BOX, BOX._replace(x=BOX.x + 80)) == pytest.approx(1 / 3)
    assert detection.iou(BOX, Box(0, 0, 10, 10)) == 0


class Scripted:
    """A detector that finds the same boxes in every frame."""

    def __init__(self, *boxes):
        self.boxes = list(boxes)

    def detect(self, frame):
        return self.boxes


def test_the_box_that_overlaps_most_is_found_and_the_others_are_counted():
    near, elsewhere = BOX._replace(x=BOX.x + 9), Box(0, 0, 90, 90)
    assert stress.find(Scripted(elsewhere, near, BOX), GRAY, BOX) == (BOX, 2)
    half = BOX._replace(x=BOX.x + 80)
    assert stress.find(Scripted(half), GRAY, BOX) == (None, 1)
    assert stress.find(Scripted(), GRAY, BOX) == (None, 0)


def test_a_moving_face_stays_in_the_frame_and_moves_smoothly():
    boxes = []
    for number in range(20):
        scene = stress.Scene(number)
        settings = stress.path(number, frames=15, fps=15)
        boxes = [scene.render(FACE, each)[1] for each in settings]
        assert all(box.x >= 0 and box.x + box.width <= 640 for box in boxes)
        assert all(box.y >= 0 and box.y + box.height <= 480 for box in boxes)
        steps = np.abs(np.diff([box.x + box.width / 2 for box in boxes]))
        assert 0 < steps.max() < 20
        tilts = [each.tilt for each in settings]
        assert 0 < np.ptp(tilts) <= 20


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
    frames = stress.from_camera([sample_video.portrait()] * 5, noise=0)
    boxes = [HaarDetector().detect(frame)[0] for frame in frames]
    assert all(abs(box.x - BOX.x) < 16 and abs(box.y - BOX.y) < 16 for box in boxes)
    assert len(set(boxes)) > 1
