"""Synthetic faces: the course's embedded data set, drawn from facial action units.

How one face is drawn:

1. `face_model` gives the landmarks of a standard face, and what each action unit does to them and
   to the skin.
2. A `Person` moves the landmarks at rest and sets skin, hair, brows, beard, and glasses; a `Scene`
   rotates and shifts the face and sets light, blur, noise, and what occludes a part of it.
3. `face_drawing` draws the parts with OpenCV.
4. Camera effects follow: uneven light, gamma, blur, and noise.
"""

import dataclasses

import cv2
import numpy as np

from fer_lib.data import fer2013
from fer_lib.data.face_drawing import Drawing
from fer_lib.data.face_model import REGION, REST, SPREAD, UNITS, VARIATION
from fer_lib.exceptions import Problem
from fer_lib.labels import ACTION_UNIT_NAMES, ACTION_UNITS, LABELS

STRENGTH = (0.25, 0.9)  # range of how strongly a person shows an expression


@dataclasses.dataclass(frozen=True)
class Person:
    """What stays the same in all images of one person; the defaults are the standard face.

    Attributes:
        landmarks: Landmarks at rest, `(landmarks, 2)`, or `(2, landmarks, 2)` where the two halves
            of the face differ; see `face_model`.
        skin: Gray level of the skin, 0-255.
        hair: Gray level of the hair, 0-255.
        brow_thickness: In units of the face.
        lip_darkness: How much darker than the skin the lips are, gray levels.
        fold_depth: Factor on the darkness of the skin folds that action units make.
        hairline: Height of the hair's edge over the forehead, y in units of the face.
        parting: How much lower that edge is on one side than on the other.
        long_hair: Whether hair surrounds the head, instead of ears.
        beard: From none (0) to as dark as the hair (1).
        glasses: Whether the person wears glasses.
    """

    landmarks: np.ndarray = dataclasses.field(default_factory=lambda: REST)
    skin: float = 165.0
    hair: float = 45.0
    brow_thickness: float = 0.055
    lip_darkness: float = 48.0
    fold_depth: float = 1.0
    hairline: float = -0.80
    parting: float = 0.0
    long_hair: bool = False
    beard: float = 0.0
    glasses: bool = False


@dataclasses.dataclass(frozen=True)
class Scene:
    """How one image was taken; the defaults are a frontal image in even light.

    Attributes:
        yaw: Rotation of the head to the side, radians.
        roll: Rotation of the head in the image plane, radians.
        scale: Size of the face relative to the frame.
        shift: Of the face, (x, y) in half-widths of the frame.
        gaze: Sideways shift of the irises, in units of the face.
        background: Gray level behind the person, 0-255.
        light: Brightness gained at the right and at the lower edge, relative to the center's.
        gamma: Exponent of the gray levels.
        blur: Standard deviation of the blur, pixels of the finished image.
        noise: Standard deviation of the noise, gray levels.
        occluder: What hides a part of the face: `"hand"`, `"bar"`, or `""` for nothing.
        occluder_position: Where it is, (x, y) from -1 to 1 across the frame.
        occluder_angle: Its rotation, radians.
    """

    yaw: float = 0.0
    roll: float = 0.0
    scale: float = 1.0
    shift: tuple = (0.0, 0.0)
    gaze: float = 0.0
    background: float = 105.0
    light: tuple = (0.0, 0.0)
    gamma: float = 1.0
    blur: float = 0.0
    noise: float = 0.0
    occluder: str = ""
    occluder_position: tuple = (0.0, 0.0)
    occluder_angle: float = 0.0


def draw_faces(count=4000, seed=0):
    """Draw faces with expressions in the class proportions of FER2013's Training images.

    The same seed gives the same faces, and a smaller count gives the first of them.

    Args:
        count: Number of faces, at least 1.
        seed: Seed of labels, persons, and scenes.

    Returns:
        A tuple `(images, labels)`: `(count, 48, 48, 1)` uint8, and `(count,)` int64, indices into
        `LABELS`.

    Raises:
        Problem: If `count` is not a whole number of at least 1.
    """
    if not isinstance(count, (int, np.integer)) or count < 1:
        raise Problem(f"Cannot draw {count!r} faces. Give a whole number of at least 1.")
    class_counts = fer2013.COUNTS["Training"]
    limits = np.cumsum(class_counts) / sum(class_counts)
    images = np.empty((count, 48, 48, 1), np.uint8)
    labels = np.empty(count, np.int64)
    for index in range(count):
        generator = np.random.default_rng([seed, index])
        labels[index] = np.searchsorted(limits, generator.random(), side="right")
        action_units = _express(LABELS[labels[index]], generator)
        images[index, :, :, 0] = draw_face(action_units, generator)
    return images, labels


def draw_face(action_units, generator=None, size=48, scene=None):
    """Draw one face.

    Args:
        action_units: `{unit: intensity}`, intensities 0-1, units as in `ACTION_UNIT_NAMES`.
        generator: NumPy generator that chooses the person and the scene. Without one you get the
            standard face, always the same.
        size: Side of the image, pixels.
        scene: The `Scene`, where it should not be chosen at random.

    Returns:
        The image, `(size, size)` uint8.

    Raises:
        Problem: If an action unit is unknown or an intensity is out of range.
    """
    _check(action_units)
    intensities = np.array([[action_units.get(unit, 0.0) for unit in UNITS]] * 2)
    if generator is None:
        return Drawing(Person(), scene or Scene(), intensities, size).draw()
    intensities *= generator.normal(1, 0.08, (2, 1))  # no face is quite symmetric
    scene = scene or _random_scene(generator)
    image = Drawing(_random_person(generator), scene, intensities, size).draw()
    return _add_camera_effects(image, scene, generator)


def _check(action_units):
    for unit, intensity in action_units.items():
        if unit not in ACTION_UNIT_NAMES:
            known = ", ".join(map(str, ACTION_UNIT_NAMES))
            raise Problem(f"Unknown action unit {unit!r}. Choose from {known}.")
        if not 0 <= intensity <= 1:
            raise Problem(f"Action unit {unit} has intensity {intensity!r}. Give 0 to 1.")


def _express(label, generator):
    """Action units of one expression as a person shows it: weak or strong, seldom pure."""
    strength = generator.uniform(*STRENGTH)
    action_units = {}
    for unit in ACTION_UNITS[label]:
        if generator.random() > 0.1:
            action_units[unit] = min(1.0, strength * generator.uniform(0.6, 1.2))
    if generator.random() < 0.25:  # speech, habit, or a trace of another expression
        stray = UNITS[generator.integers(len(UNITS))]
        action_units[stray] = max(action_units.get(stray, 0.0), generator.uniform(0.0, 0.3))
    return action_units


def _random_person(generator):
    change = generator.standard_normal((len(VARIATION), 2))[REGION] * SPREAD
    change = change + generator.normal(0, 0.009, REST.shape)
    halves = REST + change + generator.normal(0, 0.005, (2, *REST.shape))
    skin = generator.uniform(110, 205)
    return Person(
        landmarks=halves,
        skin=skin,
        hair=min(generator.uniform(15, 130), skin - 40),
        brow_thickness=generator.uniform(0.035, 0.08),
        lip_darkness=generator.uniform(15, 65),
        fold_depth=generator.uniform(0.4, 1.1),
        hairline=generator.uniform(-1.05, -0.65),
        parting=generator.normal(0, 0.12),
        long_hair=generator.random() < 0.4,
        beard=generator.uniform(0.2, 0.8) * (generator.random() < 0.2),
        glasses=generator.random() < 0.12,
    )


def _random_scene(generator):
    return Scene(
        yaw=generator.normal(0, 0.16),
        roll=generator.normal(0, 0.08),
        scale=generator.normal(1.04, 0.05),
        shift=generator.normal(0, 0.05, 2),
        gaze=generator.normal(0, 0.02),
        background=generator.uniform(20, 220),
        light=generator.normal(0, (0.22, 0.12)),
        gamma=np.exp(generator.normal(0, 0.25)),
        blur=generator.uniform(0, 0.8),
        noise=generator.uniform(1, 6),
        occluder=("hand", "bar")[generator.integers(2)] if generator.random() < 0.07 else "",
        occluder_position=generator.uniform((-0.7, 0.1), (0.7, 0.9)),
        occluder_angle=generator.uniform(-1, 1),
    )


def _add_camera_effects(image, scene, generator):
    """The image as a camera records it: uneven light, gamma, blur, and noise."""
    grid = np.linspace(-1, 1, len(image), dtype=np.float32)
    across, down = np.asarray(scene.light, np.float32)
    image = np.clip(image * (1 + across * grid + down * grid[:, None]), 1, 255)
    image = 255 * cv2.pow(image / 255, scene.gamma)
    if scene.blur > 0.3:
        image = cv2.GaussianBlur(image, (0, 0), scene.blur)
    image += scene.noise * generator.standard_normal(image.shape, np.float32)
    return np.clip(image, 0, 255).astype(np.uint8)
