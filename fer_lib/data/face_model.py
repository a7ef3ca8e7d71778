"""The face model: landmarks, what each action unit moves and folds, and the skin's shading.

A face is 27 landmarks, given for one half of it. Each action unit moves some of them (`MOVEMENTS`),
deepens skin folds (`FOLDS`), and changes the shading where the skin bulges (`SHADES`), in
proportion to its intensity: a linear model of the face, as in Parke (1974) and in blend shapes
since. The tables follow the Facial Action Coding System. Where units act together, the sum should
look right: the inner brow rises with units 1 and 4, and falls with 4 alone.

The frame spans -1 to 1 in both directions, x to the right and y down. The tables describe the half
with positive x, and the other half is its reflection. Gray levels go from 0 to 255.
"""

import numpy as np

# Where each landmark of the standard face rests.
LANDMARKS = {
    "brow_inner": (0.15, -0.40),
    "brow_middle": (0.40, -0.49),
    "brow_outer": (0.66, -0.39),
    "eye_inner": (0.19, -0.19),
    "eye_outer": (0.53, -0.21),
    "lid_upper": (0.36, -0.275),
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
    "teeth_upper": (0.00, 0.55),  # lower edge; fixed in the skull, so only a raised lip bares them
    "teeth_lower": (0.00, 0.56),  # upper edge; moves with the jaw
    "chin": (0.00, 1.02),
    "chin_side": (0.33, 0.98),
    "jaw": (0.70, 0.62),
    "cheekbone": (0.84, 0.05),
    "temple": (0.84, -0.50),
    "crown_side": (0.62, -1.10),
    "crown": (0.00, -1.45),
}

# How far each action unit moves each landmark at full intensity (x outward, y down).
MOVEMENTS = {
    1: {"brow_inner": (0.02, -0.24), "brow_middle": (0.00, -0.05)},
    2: {"brow_outer": (0.00, -0.12), "brow_middle": (0.00, -0.10)},
    4: {
        "brow_inner": (-0.06, 0.16),
        "brow_middle": (-0.03, 0.18),
        "brow_outer": (-0.02, 0.01),
        "lid_upper": (0.00, 0.03),
    },
    5: {"lid_upper": (0.00, -0.11)},
    6: {"lid_lower": (0.00, -0.05), "cheek": (0.02, -0.09), "lid_upper": (0.00, 0.02)},
    7: {"lid_lower": (0.00, -0.05), "lid_upper": (0.00, 0.03)},
    9: {
        "nostril": (0.03, -0.06),
        "nose_tip": (0.00, -0.04),
        "lid_upper": (0.00, 0.07),
        "lid_lower": (0.00, -0.06),
        "cheek": (0.00, -0.08),
        "lip_dip": (0.00, -0.03),
        "lip_peak": (0.00, -0.03),
    },
    10: {
        "lip_dip": (0.00, -0.08),
        "lip_peak": (0.06, -0.09),
        "lip_upper": (0.00, -0.08),
        "lid_lower": (0.00, -0.02),
        "nostril": (0.02, -0.02),
        "mouth_corner": (-0.02, 0.03),
    },
    12: {
        "mouth_corner": (0.14, -0.13),
        "lip_dip": (0.00, -0.01),
        "lip_peak": (0.04, -0.01),
        "lip_upper": (0.00, -0.02),
        "lip_lower": (0.00, 0.07),
        "lip_bottom": (0.00, 0.06),
        "cheek": (0.02, -0.06),
        "nostril": (0.02, 0.00),
    },
    15: {"mouth_corner": (0.01, 0.11)},
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
        "mouth_corner": (0.13, 0.11),
        "lip_upper": (0.00, -0.02),
        "lip_lower": (0.00, 0.05),
        "lip_bottom": (0.00, 0.04),
        "lip_dip": (0.00, 0.02),
        "lip_peak": (0.05, 0.02),
    },
    23: {
        "lip_dip": (0.00, 0.05),
        "lip_peak": (0.00, 0.06),
        "lip_bottom": (0.00, -0.06),
        "mouth_corner": (-0.08, 0.05),
    },
    26: {
        "lip_lower": (0.00, 0.22),
        "lip_bottom": (0.00, 0.21),
        "teeth_lower": (0.00, 0.17),
        "lip_dip": (0.00, -0.01),
        "mouth_corner": (-0.04, 0.07),
        "chin": (0.00, 0.14),
        "chin_side": (-0.02, 0.12),
        "jaw": (-0.02, 0.07),
        "cheek": (-0.02, 0.04),
    },
}

# Skin folds: three points that a fold runs through, each a landmark and an offset from it, and how
# dark each action unit makes it at full intensity, before blurring (0: how dark it is at rest).
FOLDS = {
    "forehead_inner": (("brow_inner", -0.14, -0.22), ("brow_inner", 0.02, -0.20),
                       ("brow_inner", 0.16, -0.24), {1: 55}),
    "forehead_outer": (("brow_middle", -0.12, -0.17), ("brow_middle", 0.06, -0.19),
                       ("brow_outer", 0.00, -0.20), {2: 55}),
    "forehead_upper": (("brow_inner", -0.14, -0.33), ("brow_inner", 0.10, -0.32),
                       ("brow_outer", -0.10, -0.36), {1: 35, 2: 35}),
    "frown": (("brow_inner", -0.03, -0.14), ("brow_inner", -0.05, -0.05),
              ("brow_inner", -0.06, 0.05), {4: 130, 9: 20}),
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
                  ("nostril", 0.04, 0.03), {0: 45, 9: 70, 10: 40, 23: 45}),
    "cheek_fold": (("nostril", 0.06, -0.02), ("nostril", 0.15, 0.11),
                   ("mouth_corner", 0.09, -0.06),
                   {0: 18, 9: 60, 10: 70, 12: 75, 15: 30, 20: 30, 23: 40}),
    "mouth_side": (("mouth_corner", 0.03, 0.01), ("mouth_corner", 0.07, 0.06),
                   ("mouth_corner", 0.07, 0.14), {15: 70, 17: 20, 20: 45, 23: 20}),
    "lip_rim": (("lip_bottom", 0.20, -0.02), ("lip_bottom", 0.12, 0.05),
                ("lip_bottom", 0.00, 0.06), {17: 60, 23: 60, 15: 20}),
    "chin_boss": (("chin", 0.21, -0.10), ("chin", 0.15, -0.22),
                  ("chin", 0.02, -0.24), {17: 70, 23: 60}),
    "lid_crease": (("eye_inner", 0.02, -0.05), ("lid_upper", 0.00, -0.06),
                   ("eye_outer", 0.03, -0.04), {0: 50}),
    "nose_under": (("nostril", 0.01, 0.02), ("nose_tip", 0.08, 0.09),
                   ("nose_tip", 0.00, 0.09), {0: 40}),
    "nostril_hole": (("nostril", -0.11, 0.035), ("nostril", -0.08, 0.025),
                     ("nostril", -0.05, 0.03), {0: 110}),
}  # fmt: skip

# Soft light (+) and shadow (-) on the skin: landmark, offset (x, y), half-width, half-height,
# amount in gray levels at rest, and what each action unit adds to it. Both halves are
# added, so a shade on the midline counts twice.
SHADES = (
    ("crown", 0.20, 0.55, 0.35, 0.22, 9, {}),
    ("brow_middle", 0.00, 0.07, 0.20, 0.06, -12, {}),
    ("eye_inner", -0.04, -0.02, 0.07, 0.12, -32, {}),
    ("eye_outer", -0.10, 0.00, 0.22, 0.13, -22, {}),
    ("lid_lower", 0.00, 0.13, 0.16, 0.05, -10, {}),
    ("nose_tip", 0.00, -0.24, 0.045, 0.22, 15, {}),
    ("nose_tip", 0.00, -0.02, 0.07, 0.06, 16, {}),
    ("nose_tip", 0.13, -0.12, 0.05, 0.20, -22, {}),
    ("nostril", -0.02, 0.09, 0.12, 0.04, -26, {}),
    ("nostril", 0.06, 0.03, 0.04, 0.07, -18, {}),
    ("cheek", 0.02, 0.00, 0.20, 0.15, 15, {6: 12, 9: 12, 12: 12}),
    ("jaw", -0.12, -0.20, 0.16, 0.25, -18, {}),
    ("mouth_corner", 0.05, 0.01, 0.06, 0.06, -22, {}),
    ("lip_dip", 0.00, -0.10, 0.03, 0.07, -6, {}),
    ("lip_bottom", 0.00, 0.07, 0.17, 0.045, -15, {17: -18}),
    ("chin", 0.00, -0.14, 0.16, 0.09, 9, {}),
)

# Corners of the spline around one half of the head, from top to bottom.
HEAD_OUTLINE = ("crown", "crown_side", "temple", "cheekbone", "jaw", "chin_side", "chin")

# Landmarks that vary together from person to person, and their standard deviations in x and y.
VARIATION = {
    ("brow_inner", "brow_middle", "brow_outer"): (0.020, 0.028),
    ("eye_inner", "eye_outer", "lid_upper", "lid_lower", "iris", "nose_root"): (0.022, 0.015),
    ("nose_tip", "nostril", "cheek"): (0.012, 0.030),
    (
        "mouth_corner",
        "lip_dip",
        "lip_peak",
        "lip_upper",
        "lip_lower",
        "lip_bottom",
        "teeth_upper",
        "teeth_lower",
    ): (0.02, 0.025),
    ("chin", "chin_side", "jaw"): (0.035, 0.030),
    ("cheekbone", "temple", "crown_side", "crown"): (0.040, 0.020),
}

# The tables as arrays. Rows of landmarks follow `LANDMARKS`; rows of action units follow `UNITS`.
UNITS = tuple(MOVEMENTS)
INDEX = {name: row for row, name in enumerate(LANDMARKS)}
REST = np.array(list(LANDMARKS.values()))
MIDLINE = REST[:, 0] == 0
DISPLACEMENTS = np.array(
    [[MOVEMENTS[unit].get(name, (0, 0)) for name in LANDMARKS] for unit in UNITS]
)
OUTLINE_CORNERS = [INDEX[name] for name in HEAD_OUTLINE]

# Each landmark's row in VARIATION, and its standard deviations.
REGION = np.array([[name in region for region in VARIATION].index(True) for name in LANDMARKS])
SPREAD = np.array(list(VARIATION.values()))[REGION]

FOLD_ANCHORS = np.array([[INDEX[point[0]] for point in fold[:3]] for fold in FOLDS.values()])
FOLD_OFFSETS = np.array([[point[1:] for point in fold[:3]] for fold in FOLDS.values()])
FOLD_STRENGTHS = np.array(  # at rest, then added by each action unit
    [[fold[3].get(unit, 0) for fold in FOLDS.values()] for unit in (0, *UNITS)]
)
SHADE_ANCHORS = np.array([INDEX[shade[0]] for shade in SHADES])
SHADE_OFFSETS = np.array([shade[1:3] for shade in SHADES])
SHADE_SIZES = np.array([shade[3:5] for shade in SHADES], np.float32)
SHADE_AMOUNTS = np.array(  # at rest, then added by each action unit
    [[shade[5] for shade in SHADES]]
    + [[shade[6].get(unit, 0) for shade in SHADES] for unit in UNITS],
    np.float32,
)
