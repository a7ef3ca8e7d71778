"""The paper's own numbers, to compare ours with, and other published results on FER2013.

Irham, Mubarak, Salmin, Rosihan: Detecting Face Expressions in Real-Time Using Convolutional Neural
Network (CNN) Algorithm. 7th International Conference on Science and Technology, vol. 17, 2023.
"""

import pandas as pd

from fer_lib.labels import LABELS

# From its abstract and results: accuracies (0-1), and losses by the names that it gives them.
ACCURACY = {"training": 0.57, "validation": 0.51, "test": 0.51}
LOSS = {"training": 1.4711, "validation": 1.3168}
STOPPED_AT_EPOCH = 9
MAXIMUM_EPOCHS = 30

# Numbers of images as it gives them, in its abstract and in its section 3.1.
IMAGES_ABSTRACT = {"training": 28709, "validation": 3859, "test": 3859}
IMAGES_SECTION_3_1 = {"training": 21535, "validation": 7174}

# Precision, recall, F1 score, and number of test images.
_TABLE_1 = {
    "angry": (0.40, 0.39, 0.39, 958),
    "disgust": (0.53, 0.22, 0.31, 111),
    "fear": (0.47, 0.19, 0.27, 1024),
    "happy": (0.65, 0.80, 0.72, 1774),
    "neutral": (0.42, 0.51, 0.46, 1233),
    "sad": (0.40, 0.37, 0.39, 1247),
    "surprise": (0.60, 0.71, 0.65, 831),
}

# Its Table 2: one example image per class, with the scores that it gives (percent).
TABLE_2 = {
    "angry": {"angry": 50, "happy": 35, "surprise": 13},
    "disgust": {"disgust": 68, "fear": 18},
    "fear": {"fear": 59, "surprise": 30},
    "happy": {"happy": 66, "sad": 11, "disgust": 11},
    "neutral": {"neutral": 31, "happy": 35, "disgust": 25},
    "sad": {"sad": 40, "disgust": 43},
    "surprise": {"surprise": 50, "fear": 41},
}

# The pairs that are confused, it says, because the expressions resemble each other.
CONFUSED_PAIRS = (("angry", "surprise"), ("sad", "disgust"), ("sad", "fear"))

# What published accuracies were measured on. Numbers of two protocols can't be ranked.
PRIVATE_TEST = "PrivateTest"
BOTH_TESTS = "PublicTest and PrivateTest"
AS_REPORTED = "as reported; images or selection unclear"
_FIELD = [
    ("people", "65 ± 5", "a sample of the images", "Goodfellow et al. 2013"),
    ("Tang, the challenge's winner", "71.16", PRIVATE_TEST, "Goodfellow et al. 2013"),
    ("Residual Masking Network", "74.14", PRIVATE_TEST, "Pham et al. 2021"),
    ("ensemble with Residual Masking Network", "76.82", PRIVATE_TEST, "Pham et al. 2021"),
    ("the paper's MobileNetV2", "51", BOTH_TESTS, "Irham et al. 2023"),
    ("MobileNetV2", "67.90", AS_REPORTED, "Zhu 2024, doi 10.1038/s41598-024-58736-x"),
    ("improved MobileNetV2", "68.62", AS_REPORTED, "Zhu 2024, doi 10.1038/s41598-024-58736-x"),
    # By its abstract, the official test set; not checked whether that is one part or both.
    ("EfficientNetB2", "68.78", AS_REPORTED, "arXiv 2601.18228"),
    # Its released code measures PublicTest.
    ("VGG", "73.28", AS_REPORTED, "Khaireddin & Chen 2021"),
]


def table_1():
    """Get the paper's Table 1, whose F-measure is the F1 score.

    Returns:
        A DataFrame with one row per class: precision, recall, and F1 (0-1), and test images.
    """
    columns = ["precision", "recall", "F1", "images"]
    return pd.DataFrame.from_dict(_TABLE_1, orient="index", columns=columns).loc[list(LABELS)]


def field():
    """Collect published accuracies on FER2013.

    Returns:
        A DataFrame with one row per system: accuracy (text, in percent); protocol, i.e. what it was
        measured on; and its source.
    """
    columns = ["system", "accuracy (%)", "protocol", "source"]
    return pd.DataFrame(_FIELD, columns=columns).set_index("system")
