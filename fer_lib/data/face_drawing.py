"""Drawing one synthetic face: the parts of the face model as filled curves and soft shading.

A face is drawn `SUPERSAMPLING` times too large with OpenCV and then reduced.
"""

import math

import cv2
import numpy as np

from fer_lib.data import face_model

SUPERSAMPLING = 3
FRACTION_BITS = 4  # OpenCV draws at fixed-point coordinates with this many binary places

NECK = np.array([(-0.5, 0.5), (0.5, 0.5), (0.55, 1.6), (-0.55, 1.6)])
# Flat over the forehead, steep at the sides: 0 at the middle of the forehead, 1 at the ears.
HAIRLINE = np.array([(0.85 * x, abs(x) ** 5) for x in np.linspace(-1, 1, 13)])
HAIR_EDGE = np.arange(-12, 13)  # the outline's points from one temple over the crown to the other
BROW_PROFILE = np.outer(np.sqrt(np.linspace(0.6, 0.03, 11)), (0, 1))
ELLIPSE = np.array([(math.cos(angle), math.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 25)])


def _arc_weights(points, power=2):
    """(points, 3): an arc's points as weighted sums of its start, middle, and end.

    Args:
        points: Their number.
        power: 2 for a parabola; more for an arc with steeper ends, as of lips around a mouth.
    """
    t = np.linspace(0, 1, points)
    middle = 1 - np.abs(2 * t - 1) ** power
    return np.stack([1 - t - middle / 2, middle, t - middle / 2], axis=1)


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
LIP_ARC = _arc_weights(11, power=2.8)
OUTLINE = _outline_weights()


class Drawing:
    """One face being drawn, `SUPERSAMPLING` times too large; points are in its pixels."""

    def __init__(self, person, scene, intensities, size):
        """Place the landmarks in the image.

        Args:
            person: The `synthetic_faces.Person`.
            scene: The `synthetic_faces.Scene`.
            intensities: Of each action unit in `face_model.UNITS`, 0-1, shape `(2, units)`: for the
                half of the face on the left of the image, and for the half on the right.
            size: Side of the finished image, pixels.
        """
        self.person, self.scene, self.intensities = person, scene, intensities
        self.size = size
        self.width = SUPERSAMPLING * size
        self.unit = self.width / 2 * scene.scale  # pixels in one unit of the face
        self.canvas = np.full((self.width, self.width), scene.background, np.uint8)
        self._place_landmarks()

    def draw(self):
        """Draw all parts, back to front.

        Returns:
            The finished image, `(size, size)` uint8.
        """
        self._draw_behind()
        self._draw_head()
        self._draw_lips()
        self._draw_eyes_and_mouth()
        self._draw_brows()
        self._draw_hair()
        if self.person.glasses:
            self._draw_glasses()
        if self.scene.occluder:
            self._draw_occluder()
        return cv2.resize(self.canvas, (self.size, self.size), interpolation=cv2.INTER_AREA)

    def _place_landmarks(self):
        """Move the landmarks by the action units, then project all points into the image."""
        face = self._moved_landmarks()
        folds = (face[:, face_model.FOLD_ANCHORS] + face_model.FOLD_OFFSETS).reshape(2, -1, 2)
        shades = face[:, face_model.SHADE_ANCHORS] + face_model.SHADE_OFFSETS
        halves = np.concatenate([face, folds, shades], axis=1)
        halves[0, :, 0] *= -1
        sizes = [2 * halves.shape[1], len(HAIRLINE), len(NECK)]
        placed = self._project(np.concatenate([*halves, self._hairline(), NECK]))
        placed, self.hairline, self.neck = np.split(placed, np.cumsum(sizes)[:-1])
        placed = placed.reshape(halves.shape)
        placed, folds, self.shades = np.split(placed, [len(face[0]), -len(shades[0])], axis=1)
        self.points = {name: placed[:, row] for name, row in face_model.INDEX.items()}
        self.folds = SHORT_ARC @ folds.reshape(2, -1, 3, 2)
        left, right = placed[:, face_model.OUTLINE_CORNERS]
        self.outline = OUTLINE @ np.concatenate([right, left[-2:0:-1]])

    def _moved_landmarks(self):
        """(2, landmarks, 2): both halves of the face, before reflection and projection."""
        face = self.person.landmarks + np.tensordot(
            self.intensities, face_model.DISPLACEMENTS, axes=1
        )
        midline = face_model.MIDLINE
        face[:, midline] = face[:, midline].mean(axis=0) * (0, 1)
        upper, lower = face_model.INDEX["lip_upper"], face_model.INDEX["lip_lower"]
        face[:, lower, 1] = np.maximum(face[:, lower, 1], face[:, upper, 1])
        return face

    def _hairline(self):
        height = self.person.hairline
        hairline = HAIRLINE * (1, -0.2 - height) + (0, height)
        hairline[:, 1] += self.person.parting * HAIRLINE[:, 0]
        return hairline

    def _project(self, points):
        """Rotate, scale, and shift points of the face (n, 2) into the image."""
        scene, (x, y) = self.scene, points.T
        depth = 0.7 * np.sqrt(np.maximum(0, 1 - x**2))
        depth += 0.25 * np.exp(-((x / 0.2) ** 2) - ((y - 0.1) / 0.25) ** 2)  # the nose
        x = x * math.cos(scene.yaw) + (depth - 0.5) * math.sin(scene.yaw)
        cosine, sine = math.cos(scene.roll), math.sin(scene.roll)
        rotated = np.stack([x, y], axis=1) @ np.array([[cosine, sine], [-sine, cosine]])
        return (rotated * scene.scale + scene.shift + 1) * (self.width / 2)

    def _fill(self, points, gray, layer=None):
        layer = self.canvas if layer is None else layer
        cv2.fillPoly(layer, [_fixed(points)], gray, cv2.LINE_AA, FRACTION_BITS)

    def _stroke(self, points, gray, thickness, layer=None):
        layer = self.canvas if layer is None else layer
        pixels = max(1, round(thickness * self.unit))
        cv2.polylines(layer, [_fixed(points)], False, gray, pixels, cv2.LINE_AA, FRACTION_BITS)

    def _disc(self, center, radius, gray, layer):
        radius = int(radius * self.unit * 2**FRACTION_BITS)
        cv2.circle(layer, _fixed(center).tolist(), radius, gray, -1, cv2.LINE_AA, FRACTION_BITS)

    def _draw_behind(self):
        """Draw hair, ears, and neck: what the head hides in part."""
        if self.person.long_hair:
            middle = self.outline.mean(axis=0)
            self._fill(middle + (self.outline - middle) * (1.22, 1.35), self.person.hair)
        else:
            for cheekbone in self.points["cheekbone"]:
                self._disc(cheekbone, 0.14, self.person.skin * 0.75, self.canvas)
        self._fill(self.neck, self.person.skin * 0.6)

    def _draw_head(self):
        """Draw the head, modeled by soft light and shadow, folds, and beard."""
        head = np.zeros_like(self.canvas)
        self._fill(self.outline, 255, head)
        self._fill(self.outline, self.person.skin)
        # All of this is soft, so half the resolution is enough.
        light = self._soft_light() - self._soft_shadow(cv2.resize(head, None, fx=0.5, fy=0.5))
        light *= self.person.skin / 165
        light = cv2.resize(light, self.canvas.shape)
        cv2.add(self.canvas, light, self.canvas, head, cv2.CV_8U)

    def _soft_light(self):
        """The sum of `face_model.SHADES`, each a product of a horizontal and a vertical bell."""
        grid = np.arange(0, self.width, 2, dtype=np.float32)
        centers = self.shades.astype(np.float32)[..., None]
        sizes = face_model.SHADE_SIZES[..., None] * np.float32(self.unit)
        bells = np.exp(-np.square((grid - centers) / sizes))
        at_rest, by_unit = face_model.SHADE_AMOUNTS[0], face_model.SHADE_AMOUNTS[1:]
        amounts = at_rest + self.intensities.astype(np.float32) @ by_unit
        down = bells[:, :, 1] * amounts[..., None]
        return sum(down[half].T @ bells[half, :, 0] for half in (0, 1))

    def _soft_shadow(self, head):
        """The darkness of folds and beard, and of the head's edge, where it curves away."""
        shadow = self._fold_shadow(np.zeros_like(head))
        if self.person.beard:
            shadow = cv2.max(shadow, self._beard(np.zeros_like(head)))
        edge = cv2.GaussianBlur(
            cv2.resize(head, (24, 24), interpolation=cv2.INTER_AREA), (0, 0), 2.1
        )
        edge = (255 - cv2.resize(edge, head.shape)) * np.float32(75 / 255)
        return edge + shadow

    def _fold_shadow(self, layer):
        at_rest, by_unit = face_model.FOLD_STRENGTHS[0], face_model.FOLD_STRENGTHS[1:]
        strengths = at_rest + self.person.fold_depth * (self.intensities @ by_unit)
        thickness = max(1, round(0.022 * self.unit))
        visible = strengths > 8
        for points, strength in zip(
            _fixed(self.folds[visible] / 2), strengths[visible].tolist(), strict=True
        ):
            cv2.polylines(layer, [points], False, strength, thickness, cv2.LINE_AA, FRACTION_BITS)
        return cv2.GaussianBlur(layer, (0, 0), 0.015 * self.unit)

    def _beard(self, layer):
        names = ("cheekbone", "mouth_corner", "nostril")
        left, right = ([self.points[name][half] for name in names] for half in (0, 1))
        below = self.outline[self.outline[:, 1] > self.points["cheekbone"][:, 1].max()]
        darkness = (self.person.skin - self.person.hair) * self.person.beard
        self._fill(np.array([*left, *right[::-1], *below]) / 2, darkness, layer)
        return cv2.GaussianBlur(layer, (0, 0), 0.025 * self.unit)

    def _across(self, name):
        """An arc over the mouth: from corner to corner through a landmark between."""
        corners = self.points["mouth_corner"]
        return LIP_ARC @ np.array([corners[0], self.points[name][0], corners[1]])

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
        """Draw what shows through the three openings of the face, and their edges."""
        skin, lids = self.person.skin, self._lids()
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

    def _lids(self):
        """The arcs of the upper and the lower lid of each eye."""
        inner, outer = self.points["eye_inner"], self.points["eye_outer"]
        lids = self.points["lid_upper"], self.points["lid_lower"]
        return [[_arc(inner[half], lid[half], outer[half]) for lid in lids] for half in (0, 1)]

    def _draw_iris(self, iris, upper_lid, inside):
        center = iris + (self.scene.gaze * self.unit, 0)
        self._stroke(upper_lid, self.person.skin * 0.5, 0.06, inside)  # the lid's shadow
        self._disc(center, 0.078, 70, inside)
        self._disc(center, 0.036, 15, inside)
        self._disc(center - 0.028 * self.unit, 0.016, 240, inside)

    def _draw_inside_of_mouth(self, upper_lip, lower_lip, inside):
        inside[int(self.points["nose_tip"][0, 1]) :] = 30
        self._disc(lower_lip[5] + (0, 0.04 * self.unit), 0.17, 85, inside)  # the tongue
        for lip, edge in ((upper_lip, "teeth_upper"), (lower_lip, "teeth_lower")):
            teeth = np.concatenate([lip, self._across(edge)[::-1]])
            self._fill(teeth, self.person.skin * 0.4 + 120, inside)

    def _draw_brows(self):
        half_thickness = BROW_PROFILE * self.person.brow_thickness * self.unit
        gray = min(self.person.hair + 10, self.person.skin * 0.6)
        for half in (0, 1):
            brow = _arc(
                *(self.points["brow_" + place][half] for place in ("inner", "middle", "outer"))
            )
            self._fill(np.concatenate([brow - half_thickness, (brow + half_thickness)[::-1]]), gray)

    def _draw_hair(self):
        """Draw hair over the forehead, from the hairline up, combed to both sides in strands."""
        middle = self.outline.mean(axis=0)
        edge = middle + (self.outline[HAIR_EDGE] - middle) * 1.1
        self._fill(np.concatenate([self.hairline, edge[::-1]]), self.person.hair)
        crown = edge[len(edge) // 2] + (2 * self.person.parting * self.unit, 0)
        ends = self.hairline[1:-1:2]
        bends = 0.4 * crown + 0.6 * ends - (0, 0.12 * self.unit)
        strands = SHORT_ARC @ np.stack([np.broadcast_to(crown, ends.shape), bends, ends], axis=1)
        for strand in strands[::2]:
            self._stroke(strand, self.person.hair + 18, 0.03)
        for strand in strands[1::2]:
            self._stroke(strand, self.person.hair * 0.7, 0.03)

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

    def _draw_occluder(self):
        """Draw a hand or a bar in front of the face."""
        cosine, sine = math.cos(self.scene.occluder_angle), math.sin(self.scene.occluder_angle)
        aside, along = np.array([[cosine, sine], [sine, -cosine]]) * self.unit
        place = (1 + np.array(self.scene.occluder_position)) * (self.width / 2)
        if self.scene.occluder == "bar":
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
