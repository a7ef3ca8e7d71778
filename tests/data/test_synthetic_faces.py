"""The synthetic faces: reproducible, in FER2013's proportions, moved by action units, and hard."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from fer_lib.data import fer2013
from fer_lib.data.synthetic_faces import Scene, draw_face, draw_faces
from fer_lib.exceptions import Problem
from fer_lib.labels import ACTION_UNIT_NAMES, LABELS

# Rows of a 48 pixel high standard face.
BROWS, EYES, NOSE, MOUTH = slice(4, 17), slice(15, 24), slice(17, 31), slice(29, 48)
MOVED_REGION = {
    1: BROWS, 2: BROWS, 4: BROWS, 5: EYES, 6: EYES, 7: EYES, 9: NOSE,
    10: MOUTH, 12: MOUTH, 15: MOUTH, 17: MOUTH, 20: MOUTH, 23: MOUTH, 26: MOUTH,
}  # fmt: skip


@pytest.fixture(scope="module")
def faces():
    return draw_faces(4000)


@pytest.mark.slow
def test_shapes_and_types(faces):
    images, labels = faces
    assert images.shape == (4000, 48, 48, 1) and images.dtype == np.uint8
    assert labels.shape == (4000,) and labels.dtype == np.int64
    assert images.reshape(4000, -1).std(axis=1).min() > 3  # none is blank


@pytest.mark.slow
def test_same_seed_gives_same_faces_and_a_prefix(faces):
    images, labels = draw_faces(30)
    assert np.array_equal(images, faces[0][:30]) and np.array_equal(labels, faces[1][:30])
    assert not np.array_equal(images, draw_faces(30, seed=1)[0])


@pytest.mark.slow
def test_class_proportions(faces):
    counts = fer2013.COUNTS["Training"]
    expected = 4000 * np.array(counts) / sum(counts)
    observed = np.bincount(faces[1], minlength=len(LABELS))
    # 22.5 is the chi-square distribution's 99.9% point for six degrees of freedom.
    assert ((observed - expected) ** 2 / expected).sum() < 22.5


def test_every_action_unit_has_a_region():
    assert set(MOVED_REGION) == set(ACTION_UNIT_NAMES)


@pytest.mark.parametrize("unit", MOVED_REGION)
def test_action_unit_changes_its_region_most(unit):
    change = np.abs(draw_face({unit: 1.0}).astype(float) - draw_face({}))
    inside = np.zeros(48, bool)
    inside[MOVED_REGION[unit]] = True
    assert change[inside].mean() > 2
    assert change[inside].mean() > 3 * change[~inside].mean()


def test_more_intensity_changes_more():
    rest = draw_face({}).astype(float)
    changes = [np.abs(draw_face({12: strength}) - rest).mean() for strength in (0.3, 0.6, 1.0)]
    assert 0 < changes[0] < changes[1] < changes[2]


def test_standard_face_is_always_the_same_and_symmetric():
    face = draw_face({}, size=96)
    assert face.shape == (96, 96) and face.dtype == np.uint8
    assert np.array_equal(face, draw_face({}, size=96))
    assert np.abs(face.astype(float) - face[:, ::-1]).mean() < 3


@pytest.mark.parametrize("occluder", ["hand", "bar"])
def test_a_given_scene_replaces_the_random_one(occluder):
    covered = draw_face({}, scene=Scene(occluder=occluder)).astype(float)
    assert np.abs(covered - draw_face({})).mean() > 3
    generators = [np.random.default_rng(0), np.random.default_rng(0)]
    frontal, turned = (
        draw_face({}, generator, scene=Scene(yaw=yaw))
        for generator, yaw in zip(generators, (0, 0.5), strict=True)
    )
    assert not np.array_equal(frontal, turned)


@pytest.mark.parametrize("count", [0, -3, 2.5, "many"])
def test_bad_count(count):
    with pytest.raises(Problem, match="whole number of at least 1"):
        draw_faces(count)


@pytest.mark.parametrize(
    "units, message",
    [
        ({3: 0.5}, "Unknown action unit 3"),
        ({12: 1.2}, "intensity 1.2"),
        ({12: -0.1}, "intensity -0.1"),
        ({12: float("nan")}, "intensity nan"),
    ],
)
def test_bad_action_units(units, message):
    with pytest.raises(Problem, match=message) as problem:
        draw_face(units)
    assert "\n" not in str(problem.value)


@pytest.mark.slow
def test_logistic_regression_on_pixels_is_not_enough(faces):
    images, labels = faces
    pixels = images.reshape(4000, -1).astype(np.float32)
    pixels = StandardScaler().fit(pixels[:3200]).transform(pixels)
    model = LogisticRegression(C=0.01, max_iter=1000).fit(pixels[:3200], labels[:3200])
    accuracy = model.score(pixels[3200:], labels[3200:])
    assert 0.5 < accuracy < 0.75
