"""The drawn faces: the course's embedded data set, made from facial action units.

How one face is drawn:

1. A resting face is some thirty landmarks, given for one half and mirrored (`LANDMARKS`).
2. Each action unit pulls some of them (`MOVEMENTS`) and folds the skin (`FOLDS`), in proportion
   to its intensity: a linear model of the face, as in Parke (1974) and in blend shapes since.
3. A `Person` moves the resting landmarks and sets skin, hair, brows, beard and glasses;
   a `Scene` turns and shifts the face and sets light, blur, noise and what hides a part of it.
4. The parts are drawn three times too large with OpenCV and reduced with INTER_AREA.

The frame spans -1 to 1 in both directions, x to the right and y down; grey goes from 0 to 255.
"""

import dataclasses
import math

import cv2
import numpy as np

from fer_lib.exceptions import Problem
from fer_lib.labels import ACTION_UNIT_NAMES, ACTION_UNITS, LABELS

# FER2013's Training images of each class, in the order of LABELS.
CLASS_COUNTS = (3995, 436, 4097, 7215, 4965, 4830, 3171)

SUPERSAMPLING = 3
FRACTION_BITS = 4  # OpenCV draws at fixed-point coordinates with this many binary places

LANDMARKS = {
    "brow_inner": (0.15, -0.40),
    "brow_middle": (0.40, -0.49),
    "brow_outer": (0.66, -0.39),
    "eye_inner": (0.19, -0.19),
    "eye_outer": (0.53, -0.21),
    "lid_upper": (0.36, -0.285),
    "lid_lower": (0.36, -0.135),
    "iris": (0.36, -0.215),
    "nose_root": (0.09, -0.22),
    "nose_tip": (0.00, 0.15),
    "nostril": (0.17, 0.18),
    "cheek": (0.48, 0.12),
    "mouth_corner": (0.33, 0.52),
    "lip_dip": (0.00, 0.44),
    "lip_peak": (0.09, 0.42),
    "lip_upper": (0.00, 0.515),
    "lip_lower": (0.00, 0.525),
    "lip_bottom": (0.00, 0.63),
    "chin": (0.00, 1.02),
    "chin_side": (0.33, 0.98),
    "jaw": (0.70, 0.62),
    "cheekbone": (0.84, 0.05),
    "temple": (0.84, -0.50),
    "crown_side": (0.62, -1.10),
    "crown": (0.00, -1.45),
}

# How far each action unit pulls each landmark at full intensity (x outward, y down).
MOVEMENTS = {
    1: {"brow_inner": (0.00, -0.16), "brow_middle": (0.00, -0.06)},
    2: {"brow_outer": (0.00, -0.14), "brow_middle": (0.00, -0.09)},
    4: {
        "brow_inner": (-0.05, 0.12),
        "brow_middle": (-0.02, 0.10),
        "brow_outer": (-0.02, 0.03),
        "lid_upper": (0.00, 0.02),
    },
    5: {"lid_upper": (0.00, -0.07)},
    6: {"lid_lower": (0.00, -0.05), "cheek": (0.02, -0.09), "lid_upper": (0.00, 0.02)},
    7: {"lid_lower": (0.00, -0.05), "lid_upper": (0.00, 0.03)},
    9: {
        "nostril": (0.03, -0.06),
        "nose_tip": (0.00, -0.04),
        "brow_inner": (-0.01, 0.06),
        "lid_lower": (0.00, -0.03),
        "lip_dip": (0.00, -0.03),
        "lip_peak": (0.00, -0.03),
    },
    10: {
        "lip_dip": (0.00, -0.08),
        "lip_peak": (0.06, -0.09),
        "lip_upper": (0.00, -0.08),
        "nostril": (0.02, -0.02),
        "mouth_corner": (-0.02, 0.03),
    },
    12: {
        "mouth_corner": (0.14, -0.13),
        "lip_dip": (0.00, 0.01),
        "lip_peak": (0.04, 0.01),
        "lip_lower": (0.00, 0.07),
        "lip_bottom": (0.00, 0.06),
        "cheek": (0.02, -0.06),
        "nostril": (0.02, 0.00),
    },
    15: {"mouth_corner": (0.01, 0.12)},
    17: {
        "lip_dip": (0.00, -0.02),
        "lip_peak": (0.00, -0.02),
        "lip_upper": (0.00, -0.05),
        "lip_lower": (0.00, -0.06),
        "lip_bottom": (0.00, -0.07),
        "chin": (0.00, -0.04),
        "mouth_corner": (0.00, 0.02),
    },
    20: {
        "mouth_corner": (0.17, 0.00),
        "lip_lower": (0.00, 0.05),
        "lip_bottom": (0.00, 0.03),
        "lip_dip": (0.00, 0.02),
        "lip_peak": (0.05, 0.02),
    },
    23: {
        "lip_dip": (0.00, 0.05),
        "lip_peak": (0.00, 0.06),
        "lip_bottom": (0.00, -0.06),
        "mouth_corner": (-0.07, 0.00),
    },
    26: {
        "lip_lower": (0.00, 0.24),
        "lip_bottom": (0.00, 0.23),
        "lip_dip": (0.00, -0.01),
        "mouth_corner": (-0.04, 0.07),
        "chin": (0.00, 0.14),
        "chin_side": (-0.02, 0.12),
        "jaw": (-0.02, 0.07),
        "cheek": (-0.02, 0.04),
    },
}

# Skin folds: three points that a fold runs through, each a landmark and an offset from it,
# and how dark each action unit makes it at full intensity (0: how dark it is at rest).
FOLDS = {
    "forehead_inner": (("brow_inner", -0.14, -0.22), ("brow_inner", 0.02, -0.20),
                       ("brow_inner", 0.16, -0.24), {1: 55}),
    "forehead_outer": (("brow_middle", -0.12, -0.17), ("brow_middle", 0.06, -0.19),
                       ("brow_outer", 0.00, -0.20), {2: 55}),
    "forehead_upper": (("brow_inner", -0.14, -0.33), ("brow_inner", 0.10, -0.32),
                       ("brow_outer", -0.10, -0.36), {1: 35, 2: 35}),
    "frown": (("brow_inner", -0.08, -0.10), ("brow_inner", -0.06, 0.00),
              ("brow_inner", -0.08, 0.10), {4: 90, 9: 30}),
    "lower_lid": (("eye_inner", 0.02, 0.10), ("lid_lower", 0.02, 0.07),
                  ("eye_outer", -0.02, 0.08), {0: 18, 6: 70, 7: 60, 9: 25}),
    "crows_feet_up": (("eye_outer", 0.08, -0.01), ("eye_outer", 0.13, -0.03),
                      ("eye_outer", 0.19, -0.06), {6: 70}),
    "crows_feet_down": (("eye_outer", 0.07, 0.04), ("eye_outer", 0.13, 0.06),
                        ("eye_outer", 0.19, 0.09), {6: 70}),
    "nose_bridge": (("nose_root", -0.09, 0.01), ("nose_root", -0.03, 0.00),
                    ("nose_root", 0.02, -0.05), {9: 90}),
    "nose_side": (("nose_root", -0.07, 0.10), ("nose_root", 0.00, 0.08),
                  ("nose_root", 0.06, 0.01), {9: 100}),
    "nose_wing": (("nostril", 0.01, -0.12), ("nostril", 0.05, -0.05),
                  ("nostril", 0.04, 0.03), {0: 35, 9: 80, 10: 50}),
    "cheek_fold": (("nostril", 0.06, -0.02), ("nostril", 0.15, 0.11),
                   ("mouth_corner", 0.09, -0.06), {0: 18, 9: 60, 10: 80, 12: 75, 15: 15, 20: 30}),
    "mouth_side": (("mouth_corner", 0.03, 0.01), ("mouth_corner", 0.07, 0.06),
                   ("mouth_corner", 0.07, 0.14), {15: 90, 17: 25, 20: 35, 23: 20}),
    "lip_rim": (("lip_bottom", 0.20, -0.02), ("lip_bottom", 0.12, 0.05),
                ("lip_bottom", 0.00, 0.06), {17: 60, 23: 60, 15: 20}),
    "chin_boss": (("chin", 0.21, -0.10), ("chin", 0.15, -0.22),
                  ("chin", 0.02, -0.24), {17: 80}),
    "lid_crease": (("eye_inner", 0.02, -0.05), ("lid_upper", 0.00, -0.06),
                   ("eye_outer", 0.03, -0.04), {0: 50}),
    "nose_under": (("nostril", 0.01, 0.02), ("nose_tip", 0.08, 0.09),
                   ("nose_tip", 0.00, 0.09), {0: 40}),
    "nostril_hole": (("nostril", -0.11, 0.035), ("nostril", -0.08, 0.025),
                     ("nostril", -0.05, 0.03), {0: 110}),
}  # fmt: skip

# Soft light (+) and shadow (-) on the skin: landmark, offset, half-width, half-height, amount.
# Both halves are summed, so one on the midline counts twice.
SHADES = (
    ("crown", 0.20, 0.55, 0.35, 0.22, 9),
    ("brow_middle", 0.00, 0.07, 0.20, 0.06, -12),
    ("eye_inner", -0.04, -0.02, 0.07, 0.12, -32),
    ("eye_outer", -0.10, 0.00, 0.22, 0.13, -22),
    ("lid_lower", 0.00, 0.13, 0.16, 0.05, -10),
    ("nose_tip", 0.00, -0.24, 0.045, 0.22, 15),
    ("nose_tip", 0.00, -0.02, 0.07, 0.06, 16),
    ("nose_tip", 0.13, -0.12, 0.05, 0.20, -22),
    ("nostril", -0.02, 0.09, 0.12, 0.04, -26),
    ("nostril", 0.06, 0.03, 0.04, 0.07, -18),
    ("cheek", 0.02, 0.00, 0.20, 0.15, 20),
    ("jaw", -0.12, -0.20, 0.16, 0.25, -18),
    ("mouth_corner", 0.05, 0.01, 0.06, 0.06, -22),
    ("lip_dip", 0.00, -0.10, 0.03, 0.07, -6),
    ("lip_bottom", 0.00, 0.07, 0.17, 0.045, -15),
    ("chin", 0.00, -0.14, 0.16, 0.09, 9),
)

HEAD_OUTLINE = ("crown", "crown_side", "temple", "cheekbone", "jaw", "chin_side", "chin")

# Landmarks that vary together from person to person, and their spread in x and in y.
VARIATION = {
    ("brow_inner", "brow_middle", "brow_outer"): (0.020, 0.028),
    ("eye_inner", "eye_outer", "lid_upper", "lid_lower", "iris", "nose_root"): (0.022, 0.015),
    ("nose_tip", "nostril", "cheek"): (0.012, 0.030),
    ("mouth_corner", "lip_dip", "lip_peak", "lip_upper", "lip_lower", "lip_bottom"): (0.02, 0.025),
    ("chin", "chin_side", "jaw"): (0.035, 0.030),
    ("cheekbone", "temple", "crown_side", "crown"): (0.040, 0.020),
}
STRENGTH = (0.5, 1.0)  # how strongly expressions are shown, from and to

INDEX = {name: row for row, name in enumerate(LANDMARKS)}
UNITS = tuple(MOVEMENTS)
REST = np.array(list(LANDMARKS.values()))
MIDLINE = REST[:, 0] == 0
OUTLINE_CORNERS = [INDEX[name] for name in HEAD_OUTLINE]
PART = np.array([[name in part for part in VARIATION].index(True) for name in LANDMARKS])
SPREAD = np.array(list(VARIATION.values()))[PART]
PULLS = np.array([[MOVEMENTS[unit].get(name, (0, 0)) for name in LANDMARKS] for unit in UNITS])
FOLD_ANCHORS = np.array([[INDEX[point[0]] for point in fold[:3]] for fold in FOLDS.values()])
FOLD_OFFSETS = np.array([[point[1:] for point in fold[:3]] for fold in FOLDS.values()])
FOLD_STRENGTHS = np.array(
    [[fold[3].get(unit, 0) for fold in FOLDS.values()] for unit in (0, *UNITS)]
)
SHADE_ANCHORS = np.array([INDEX[shade[0]] for shade in SHADES])
SHADE_OFFSETS = np.array([shade[1:3] for shade in SHADES])
SHADE_SIZES = np.array([shade[3:5] for shade in SHADES], np.float32)
SHADE_AMOUNTS = np.array([shade[5] for shade in SHADES], np.float32)

NECK = np.array([(-0.5, 0.5), (0.5, 0.5), (0.55, 1.6), (-0.55, 1.6)])
# Flat over the forehead, steep at the sides: 0 at the middle of the forehead, 1 at the ears.
HAIRLINE = np.array([(0.85 * x, abs(x) ** 5) for x in np.linspace(-1, 1, 13)])
HAIR_EDGE = np.arange(-12, 13)  # the outline's points from one temple over the crown to the other
BROW_PROFILE = np.outer(np.sqrt(np.linspace(0.6, 0.03, 11)), (0, 1))
ELLIPSE = np.array([(math.cos(angle), math.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 25)])


def _arc_weights(points):
    """(points, 3): a parabola's points as weighted sums of its start, middle and end."""
    t = np.linspace(0, 1, points)
    return np.stack([(1 - t) * (1 - 2 * t), 4 * t * (1 - t), t * (2 * t - 1)], axis=1)


def _outline_weights(corners=12, steps=5):
    """(corners * steps, corners): a closed cubic B-spline as weighted sums of its corners."""
    t = np.arange(steps)[:, None] / steps
    basis = (
        np.hstack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3])
        / 6
    )
    weights = np.zeros((corners, steps, corners))
    for corner in range(corners):
        for tap in range(4):
            weights[corner, :, (corner + tap - 1) % corners] += basis[:, tap]
    return weights.reshape(-1, corners)


ARC = _arc_weights(11)
SHORT_ARC = _arc_weights(6)
OUTLINE = _outline_weights()


@dataclasses.dataclass(frozen=True)
class Person:
    """What stays the same in one person's pictures; the defaults are the standard face."""

    # (landmarks, 2), or (2, landmarks, 2) where the two halves differ
    landmarks: np.ndarray = dataclasses.field(default_factory=lambda: REST)
    skin: float = 165.0
    hair: float = 45.0
    brow_thickness: float = 0.055
    lip_darkness: float = 48.0
    fold_depth: float = 1.0
    hairline: float = -0.80  # height of the hair's edge over the forehead
    parting: float = 0.0  # how much lower the edge is on one side than on the other
    long_hair: bool = False
    beard: float = 0.0  # from none (0) to as dark as the hair (1)
    glasses: bool = False


@dataclasses.dataclass(frozen=True)
class Scene:
    """How one picture was taken; the defaults are a frontal one in even light."""

    turn: float = 0.0  # of the head to the side, radians
    roll: float = 0.0  # in the picture plane, radians
    scale: float = 1.0
    shift: tuple = (0.0, 0.0)
    gaze: float = 0.0  # sideways shift of the irises
    background: float = 105.0
    light: tuple = (0.0, 0.0)  # brightness gained from the centre to the edge, relative
    gamma: float = 1.0
    blur: float = 0.0  # pixels of the finished picture
    noise: float = 0.0  # grey levels
    cover: str = ""  # "hand" or "bar": what hides a part of the face
    cover_place: tuple = (0.0, 0.0)
    cover_angle: float = 0.0  # radians


def draw_faces(count=4000, seed=0):
    """Draw faces with expressions in FER2013's class proportions.

    Returns (images, labels): (count, 48, 48, 1) uint8 and (count,) int64, indices into LABELS.
    The same seed gives the same faces, and a smaller count gives the first of them.
    Raises Problem if count is not a whole number of at least 1.
    """
    if not isinstance(count, (int, np.integer)) or count < 1:
        raise Problem(f"Cannot draw {count!r} faces: give a whole number of at least 1.")
    limits = np.cumsum(CLASS_COUNTS) / sum(CLASS_COUNTS)
    images = np.empty((count, 48, 48, 1), np.uint8)
    labels = np.empty(count, np.int64)
    for index in range(count):
        generator = np.random.default_rng([seed, index])
        labels[index] = np.searchsorted(limits, generator.random(), side="right")
        action_units = _express(LABELS[labels[index]], generator)
        images[index, :, :, 0] = draw_face(action_units, generator)
    return images, labels


def draw_face(action_units, generator=None, size=48, scene=None):
    """Draw one face. Returns (size, size) uint8.

    action_units: {unit: intensity from 0 to 1}; units as in labels.ACTION_UNIT_NAMES.
    generator: the NumPy generator that chooses the person and the scene; None gives the
    standard face, always the same. size: pixels along one side. scene: the Scene, not chosen.
    Raises Problem for an unknown action unit or an intensity out of range.
    """
    for unit, intensity in action_units.items():
        if unit not in ACTION_UNIT_NAMES:
            known = ", ".join(map(str, ACTION_UNIT_NAMES))
            raise Problem(f"Unknown action unit {unit!r}: choose from {known}.")
        if not 0 <= intensity <= 1:
            raise Problem(f"Action unit {unit} has intensity {intensity!r}: give 0 to 1.")
    intensities = np.array([[action_units.get(unit, 0.0) for unit in UNITS]] * 2)
    if generator is None:
        return _reduce(_Drawing(Person(), scene or Scene(), intensities, size).draw(), size)
    intensities *= generator.normal(1, 0.08, (2, 1))  # no face is quite symmetric
    scene = scene or _random_scene(generator)
    drawing = _Drawing(_random_person(generator), scene, intensities, size)
    return _photograph(_reduce(drawing.draw(), size), scene, generator)


def _express(label, generator):
    """Action units of one expression as somebody shows it: weak or strong, seldom pure."""
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
    change = generator.standard_normal((len(VARIATION), 2))[PART] * SPREAD
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
        turn=generator.normal(0, 0.16),
        roll=generator.normal(0, 0.08),
        scale=generator.normal(1.04, 0.05),
        shift=generator.normal(0, 0.05, 2),
        gaze=generator.normal(0, 0.02),
        background=generator.uniform(20, 220),
        light=generator.normal(0, (0.22, 0.12)),
        gamma=np.exp(generator.normal(0, 0.25)),
        blur=generator.uniform(0, 0.8),
        noise=generator.uniform(1, 6),
        cover=("hand", "bar")[generator.integers(2)] if generator.random() < 0.07 else "",
        cover_place=generator.uniform((-0.7, 0.1), (0.7, 0.9)),
        cover_angle=generator.uniform(-1, 1),
    )


class _Drawing:
    """One picture being drawn, `SUPERSAMPLING` times too large; points are in its pixels."""

    def __init__(self, person, scene, intensities, size):
        """intensities: (2, units), for the half of the face on the picture's left and right."""
        self.person, self.scene, self.intensities = person, scene, intensities
        self.width = SUPERSAMPLING * size
        self.unit = self.width / 2 * scene.scale  # pixels in one unit of the face
        self.canvas = np.full((self.width, self.width), scene.background, np.uint8)
        self._place_landmarks()

    def draw(self):
        """Draw all parts, back to front. Returns the canvas, (width, width) uint8."""
        self._draw_behind()
        self._draw_head()
        self._draw_lips()
        self._draw_eyes_and_mouth()
        self._draw_brows()
        self._draw_hair()
        if self.person.glasses:
            self._draw_glasses()
        if self.scene.cover:
            self._draw_cover()
        return self.canvas

    def _place_landmarks(self):
        """Move the landmarks by the action units, then bring all points into the picture."""
        face = self.person.landmarks + np.tensordot(self.intensities, PULLS, axes=1)
        face[:, MIDLINE] = face[:, MIDLINE].mean(axis=0) * (0, 1)
        upper, lower = INDEX["lip_upper"], INDEX["lip_lower"]
        face[:, lower, 1] = np.maximum(face[:, lower, 1], face[:, upper, 1])
        folds = (face[:, FOLD_ANCHORS] + FOLD_OFFSETS).reshape(2, -1, 2)
        halves = np.concatenate([face, folds, face[:, SHADE_ANCHORS] + SHADE_OFFSETS], axis=1)
        halves[0, :, 0] *= -1
        hairline = HAIRLINE * (1, -0.2 - self.person.hairline) + (0, self.person.hairline)
        hairline[:, 1] += self.person.parting * HAIRLINE[:, 0]
        placed = self._project(np.concatenate([*halves, hairline, NECK]))
        self.neck, self.hairline = (
            placed[-len(NECK) :],
            placed[-len(NECK) - len(HAIRLINE) : -len(NECK)],
        )
        placed = placed[: 2 * halves.shape[1]].reshape(halves.shape)
        self.points = {name: placed[:, row] for name, row in INDEX.items()}
        self.folds = SHORT_ARC @ placed[:, len(REST) : -len(SHADES)].reshape(2, -1, 3, 2)
        self.shades = placed[:, -len(SHADES) :]
        right, left = (placed[half, OUTLINE_CORNERS] for half in (1, 0))
        self.outline = OUTLINE @ np.concatenate([right, left[-2:0:-1]])

    def _project(self, points):
        """Turn, roll, scale and shift points of the face (n, 2) into the picture."""
        scene, (x, y) = self.scene, points.T
        depth = 0.7 * np.sqrt(np.maximum(0, 1 - x**2))
        depth += 0.25 * np.exp(-((x / 0.2) ** 2) - ((y - 0.1) / 0.25) ** 2)  # the nose
        x = x * math.cos(scene.turn) + (depth - 0.5) * math.sin(scene.turn)
        cosine, sine = math.cos(scene.roll), math.sin(scene.roll)
        turned = np.stack([x, y], axis=1) @ np.array([[cosine, sine], [-sine, cosine]])
        return (turned * scene.scale + scene.shift + 1) * (self.width / 2)

    def _fill(self, points, grey, layer=None):
        layer = self.canvas if layer is None else layer
        cv2.fillPoly(layer, [_fixed(points)], grey, cv2.LINE_AA, FRACTION_BITS)

    def _stroke(self, points, grey, thickness, layer=None):
        layer = self.canvas if layer is None else layer
        pixels = max(1, round(thickness * self.unit))
        cv2.polylines(layer, [_fixed(points)], False, grey, pixels, cv2.LINE_AA, FRACTION_BITS)

    def _disc(self, centre, radius, grey, layer):
        radius = int(radius * self.unit * 2**FRACTION_BITS)
        cv2.circle(layer, _fixed(centre).tolist(), radius, grey, -1, cv2.LINE_AA, FRACTION_BITS)

    def _draw_behind(self):
        """Hair, ears and neck: what the head hides in part."""
        if self.person.long_hair:
            middle = self.outline.mean(axis=0)
            self._fill(middle + (self.outline - middle) * (1.22, 1.35), self.person.hair)
        else:
            for cheekbone in self.points["cheekbone"]:
                self._disc(cheekbone, 0.14, self.person.skin * 0.75, self.canvas)
        self._fill(self.neck, self.person.skin * 0.6)

    def _draw_head(self):
        """The head, modelled by soft light and shadow, folds and beard."""
        head = np.zeros_like(self.canvas)
        self._fill(self.outline, 255, head)
        self._fill(self.outline, self.person.skin)
        # All of this is soft, so half the resolution will do.
        light = self._soft_light() - self._soft_shadow(cv2.resize(head, None, fx=0.5, fy=0.5))
        light *= self.person.skin / 165
        light = cv2.resize(light, self.canvas.shape)
        cv2.add(self.canvas, light, self.canvas, head, cv2.CV_8U)

    def _soft_light(self):
        """The sum of `SHADES`, each the product of a bell curve across and one down."""
        grid = np.arange(0, self.width, 2, dtype=np.float32)
        centres = self.shades.astype(np.float32)[..., None]
        sizes = SHADE_SIZES[..., None] * np.float32(self.unit)
        bells = np.exp(-np.square((grid - centres) / sizes))
        down = bells[:, :, 1] * SHADE_AMOUNTS[:, None]
        return sum(down[half].T @ bells[half, :, 0] for half in (0, 1))

    def _soft_shadow(self, head):
        """The darkness of folds and beard, and of the head's edge, where it curves away."""
        folds = np.zeros_like(head)
        strengths = FOLD_STRENGTHS[0] + self.person.fold_depth * (
            self.intensities @ FOLD_STRENGTHS[1:]
        )
        thickness = max(1, round(0.018 * self.unit))
        visible = strengths > 8
        for points, strength in zip(
            _fixed(self.folds[visible] / 2), strengths[visible].tolist(), strict=True
        ):
            cv2.polylines(folds, [points], False, strength, thickness, cv2.LINE_AA, FRACTION_BITS)
        folds = cv2.GaussianBlur(folds, (0, 0), 0.011 * self.unit)
        if self.person.beard:
            folds = cv2.max(folds, self._beard(np.zeros_like(head)))
        edge = cv2.GaussianBlur(
            cv2.resize(head, (24, 24), interpolation=cv2.INTER_AREA), (0, 0), 2.1
        )
        edge = (255 - cv2.resize(edge, head.shape)) * np.float32(75 / 255)
        return edge + folds

    def _beard(self, layer):
        names = ("cheekbone", "mouth_corner", "nostril")
        left, right = ([self.points[name][half] for name in names] for half in (0, 1))
        below = self.outline[self.outline[:, 1] > self.points["cheekbone"][:, 1].max()]
        darkness = (self.person.skin - self.person.hair) * self.person.beard
        self._fill(np.array([*left, *right[::-1], *below]) / 2, darkness, layer)
        return cv2.GaussianBlur(layer, (0, 0), 0.025 * self.unit)

    def _across(self, name):
        """An arc over the whole mouth: from corner to corner through a landmark between."""
        corners = self.points["mouth_corner"]
        return _arc(corners[0], self.points[name][0], corners[1])

    def _draw_lips(self):
        corners, peaks, dips = (
            self.points[name] for name in ("mouth_corner", "lip_peak", "lip_dip")
        )
        top = [_arc(corners[0], peaks[0], dips[0]), _arc(dips[1], peaks[1], corners[1])]
        skin, darkness = self.person.skin, self.person.lip_darkness
        self._fill(np.concatenate([*top, self._across("lip_upper")[::-1]]), skin - darkness)
        lower, bottom = self._across("lip_lower"), self._across("lip_bottom")
        self._fill(np.concatenate([lower, bottom[::-1]]), skin - 0.7 * darkness)
        self._stroke((0.45 * lower + 0.55 * bottom)[3:8], skin - 0.35 * darkness, 0.03)

    def _draw_eyes_and_mouth(self):
        """What shows through the three openings of the face, and their edges."""
        skin = self.person.skin
        inner, outer = self.points["eye_inner"], self.points["eye_outer"]
        above, below = self.points["lid_upper"], self.points["lid_lower"]
        lids = [
            (
                _arc(inner[half], above[half], outer[half]),
                _arc(inner[half], below[half], outer[half]),
            )
            for half in (0, 1)
        ]
        lips = self._across("lip_upper"), self._across("lip_lower")
        openings = np.zeros_like(self.canvas)
        for upper, lower in (*lids, lips):
            self._fill(np.concatenate([upper, lower[::-1]]), 255, openings)
        inside = np.full_like(self.canvas, skin * 0.55 + 95)  # the white of the eyes
        for iris, (upper, _) in zip(self.points["iris"], lids, strict=True):
            self._draw_iris(iris, upper, inside)
        self._draw_inside_of_mouth(*lips, inside)
        cv2.copyTo(inside, openings, self.canvas)
        for upper, lower in lids:
            self._stroke(upper, skin * 0.22, 0.035)
            self._stroke(lower, skin * 0.55, 0.015)
        self._stroke(lips[0], skin * 0.3, 0.02)

    def _draw_iris(self, iris, upper_lid, inside):
        centre = iris + (self.scene.gaze * self.unit, 0)
        self._stroke(upper_lid, self.person.skin * 0.5, 0.06, inside)  # the lid's shadow
        self._disc(centre, 0.078, 70, inside)
        self._disc(centre, 0.036, 15, inside)
        self._disc(centre - 0.028 * self.unit, 0.016, 240, inside)

    def _draw_inside_of_mouth(self, upper_lip, lower_lip, inside):
        inside[int(self.points["nose_tip"][0, 1]) :] = 30
        self._disc(lower_lip[5] + (0, 0.04 * self.unit), 0.17, 85, inside)  # the tongue
        teeth = [upper_lip, (upper_lip + (0, 0.085 * self.unit))[::-1]]
        self._fill(np.concatenate(teeth), self.person.skin * 0.4 + 120, inside)

    def _draw_brows(self):
        half_thickness = BROW_PROFILE * self.person.brow_thickness * self.unit
        grey = min(self.person.hair + 10, self.person.skin * 0.6)
        for half in (0, 1):
            brow = _arc(
                *(self.points["brow_" + place][half] for place in ("inner", "middle", "outer"))
            )
            self._fill(np.concatenate([brow - half_thickness, (brow + half_thickness)[::-1]]), grey)

    def _draw_hair(self):
        """Hair over the forehead, from the hairline up, with strands combed to both sides."""
        middle = self.outline.mean(axis=0)
        edge = middle + (self.outline[HAIR_EDGE] - middle) * 1.1
        self._fill(np.concatenate([self.hairline, edge[::-1]]), self.person.hair)
        crown = edge[len(edge) // 2] + (2 * self.person.parting * self.unit, 0)
        ends = self.hairline[1:-1:2]
        bends = 0.4 * crown + 0.6 * ends - (0, 0.12 * self.unit)
        strands = SHORT_ARC @ np.stack([np.broadcast_to(crown, ends.shape), bends, ends], axis=1)
        strands, thickness = list(_fixed(strands)), max(1, round(0.03 * self.unit))
        for some, grey in (
            (strands[::2], self.person.hair + 18),
            (strands[1::2], self.person.hair * 0.7),
        ):
            cv2.polylines(self.canvas, some, False, grey, thickness, cv2.LINE_AA, FRACTION_BITS)

    def _draw_glasses(self):
        left, right = self.points["iris"]
        aside = (right - left) / np.linalg.norm(right - left) * self.unit
        rim = ELLIPSE @ np.array([0.24 * aside, 0.19 * aside[::-1] * (-1, 1)])
        for iris, temple, outward in zip(
            (left, right), self.points["temple"], (-aside, aside), strict=True
        ):
            self._stroke(iris + rim, 25, 0.03)
            self._stroke(np.array([iris + 0.24 * outward, temple]), 25, 0.03)
            self._stroke(np.array([iris - 0.24 * outward, (left + right) / 2]), 25, 0.03)

    def _draw_cover(self):
        """A hand or a bar in front of the face."""
        cosine, sine = math.cos(self.scene.cover_angle), math.sin(self.scene.cover_angle)
        aside, along = np.array([[cosine, sine], [sine, -cosine]]) * self.unit
        place = (1 + self.scene.cover_place) * (self.width / 2)
        if self.scene.cover == "bar":
            self._stroke(np.array([place - 3 * aside, place + 3 * aside]), self.person.hair, 0.22)
            return
        for finger, length in enumerate((0.35, 0.5, 0.55, 0.45)):
            root = place + (finger - 1.5) * 0.17 * aside
            bone = np.array([root + length * along, root - 2 * along])
            self._stroke(bone, self.person.skin * 0.6, 0.19)
            self._stroke(bone, self.person.skin * 0.93, 0.15)


def _arc(start, middle, end):
    """(11, 2): points along the parabola through three points."""
    return ARC @ np.array([start, middle, end])


def _fixed(points):
    """Pixel coordinates as OpenCV's fixed-point integers."""
    return (points * 2**FRACTION_BITS).astype(np.int32)


def _reduce(canvas, size):
    return cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA)


def _photograph(picture, scene, generator):
    """What light and camera add: uneven light, gamma, blur and noise."""
    grid = np.linspace(-1, 1, len(picture), dtype=np.float32)
    across, down = scene.light.astype(np.float32)
    picture = np.clip(picture * (1 + across * grid + down * grid[:, None]), 1, 255)
    picture = 255 * cv2.pow(picture / 255, scene.gamma)
    if scene.blur > 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), scene.blur)
    picture += scene.noise * generator.standard_normal(picture.shape, np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)
