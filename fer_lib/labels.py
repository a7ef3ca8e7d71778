"""The seven expression classes: their order, colors, and facial action units; and two questions.

A network may answer what FER2013's label says, and what people would say (the votes of FER+).
"""

# In the order of Kaggle's folders (alphabetical). Every (n, 7) array of probabilities follows it.
LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

# The questions that a network may answer about a face, the names of its outputs.
LABEL = "label"  # what does FER2013's label say?
PEOPLE = "people"  # what would people say?
ANSWERS = (LABEL, PEOPLE)

# The palette of Okabe and Ito (2008), distinguishable with all common kinds of color blindness.
COLORS = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happy": "#E69F00",
    "neutral": "#7F7F7F",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
}

# The action units (muscle movements) of each prototypical expression: Ekman & Friesen's Facial
# Action Coding System, as tabulated for basic expressions by Lucey et al. 2010 (CK+), Table 1.
# Disgust and sadness have the units that most of their variants share.
ACTION_UNITS = {
    "angry": (4, 5, 7, 23),
    "disgust": (4, 9, 10, 17),
    "fear": (1, 2, 4, 5, 20, 26),
    "happy": (6, 12),
    "neutral": (),
    "sad": (1, 4, 15, 17),
    "surprise": (1, 2, 5, 26),
}

# Their names in the Facial Action Coding System.
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


def class_indices(names):
    """Convert classes' names to their indices in `LABELS`.

    Args:
        names: Names, `(n,)`; missing ones are allowed.

    Returns:
        Indices, int64 `(n,)`; -1 for a missing name.
    """
    import numpy as np
    import pandas as pd

    return pd.Categorical(names, categories=LABELS).codes.astype(np.int64)


def describe(probabilities):
    """Name the most probable class and its probability, e.g. "happy 97%".

    Args:
        probabilities: Array of shape `(7,)`, in `LABELS` order.

    Returns:
        A string.
    """
    best = probabilities.argmax()
    return f"{LABELS[best]} {probabilities[best]:.0%}"


def shared_action_units(one, other):
    """Measure how many action units two classes share: their Jaccard index.

    Args:
        one: A class's name.
        other: Another class's name.

    Returns:
        Number of shared units over the number of units that either class has, 0-1; 0 if neither
        has any.
    """
    one, other = set(ACTION_UNITS[one]), set(ACTION_UNITS[other])
    return len(one & other) / max(len(one | other), 1)
