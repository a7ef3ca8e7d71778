"""The seven expression classes: their order, colours and facial action units."""

# Kaggle's folder order (alphabetical). Every (n, 7) array of probabilities follows it.
LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

# The palette of Okabe and Ito (2008), told apart with all common kinds of colour blindness.
COLORS = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "neutral": "#7F7F7F",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
}

# The muscle movements (action units) of each prototypical expression: Ekman & Friesen's Facial
# Action Coding System, as tabulated for basic expressions by Lucey et al. 2010 (CK+), Table 1.
# Disgust and sadness carry the units that most of their variants share.
ACTION_UNITS = {
    "angry": (4, 5, 7, 23),
    "disgust": (4, 9, 10, 17),
    "fear": (1, 2, 4, 5, 20, 26),
    "happy": (6, 12),
    "neutral": (),
    "sad": (1, 4, 15, 17),
    "surprise": (1, 2, 5, 26),
}

ACTION_UNIT_NAMES = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    12: "lip corner puller",
    15: "lip corner depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    26: "jaw drop",
}
