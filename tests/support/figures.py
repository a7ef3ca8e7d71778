"""Every figure function of the course, each called with a little data; and what a figure says."""

import inspect

import keras
import numpy as np
import pandas as pd
from support.predictions import random_predictions
from support.recorded_runs import make_run

from fer_lib import evaluation, models
from fer_lib.analysis import label_noise, reproduction
from fer_lib.evaluation import Estimate
from fer_lib.experiments import changed_faces
from fer_lib.labels import LABELS
from fer_lib.live import Box
from fer_lib.models import summary
from fer_lib.plots import (
    better_network,
    clear_faces,
    data_exploration,
    error_analysis,
    experiments,
    label_quality,
    live_demo,
    networks,
    transfer_learning,
)
from fer_lib.plots import evaluation as evaluation_figures

TITLE = "What the figure shows"
MODULES = (
    better_network,
    clear_faces,
    data_exploration,
    error_analysis,
    experiments,
    evaluation_figures,
    label_quality,
    live_demo,
    networks,
    transfer_learning,
)
PARTS = {"draw_history"}  # public, but draws into the axes of others
FACES = np.full((9, 48, 48), 90, np.uint8)
FRAME = np.zeros((480, 640, 3), np.uint8)
BOX = Box(240, 160, 160, 160)
HAPPY = np.where(np.array(LABELS) == "happy", 0.94, 0.01)


def texts(figure):
    """All texts of a figure, in one string."""
    found = figure.findobj(lambda part: hasattr(part, "get_text"))
    return "\n".join(text.get_text() for text in found)


def functions():
    """The names of all figure functions, as `module.function`."""
    return sorted(
        f"{_name(module)}.{name}"
        for module in MODULES
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
        if name not in PARTS
    )


def _name(module):
    return module.__name__.rpartition(".")[2]


def backbone():
    return keras.applications.MobileNetV2(
        input_shape=(224, 224, 3), include_top=False, weights=None, name="backbone"
    )


def small_cnn():
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((48, 48, 1)),
            layers.Conv2D(16, 3, padding="same"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(20),
            layers.Dense(7, activation="softmax"),
        ]
    )


def counts():
    return pd.DataFrame(10, LABELS, ["Training", "PublicTest", "PrivateTest"])


def facts():
    """A manifest of two images per class."""
    levels = {"brightness": 100.0, "contrast": 50.0, "sharpness": 900.0}
    return pd.DataFrame({"label": 2 * list(LABELS)}).assign(**levels)


def gains():
    """A table such as those of `ablation`."""
    changes = {"start": [60.0, np.nan], "better": [63.0, 3.0], "worse": [59.0, -1.0]}
    table = pd.DataFrame.from_dict(changes, orient="index", columns=["accuracy", "gain"])
    over = pd.array([None, 1, 1], dtype="Int64")
    return table.assign(step=[1, 2, 3], over=over, low=table["gain"] - 1, high=table["gain"] + 2)


def prior_table():
    """What three exponents of the class prior give."""
    exponents = pd.Index([0.0, 0.5, 1.0], name="exponent")
    return pd.DataFrame(
        {"agreement": [0.85, 0.84, 0.8], "mean recall": [0.7, 0.8, 0.82]}, exponents
    )


def recall_gains():
    """A table such as that of `confusions.recall_gains`: 30% to 50% for each class."""
    columns = {"images": 9, "first": 30.0, "second": 50.0, "difference": 20.0}
    ends = {"low": 10.0, "high": 30.0, "smallest": 15.0, "largest": 25.0}
    return pd.DataFrame(columns | ends, index=list(LABELS))


def sizes():
    heads = ["hidden", "hidden", "hidden", "softmax"]
    accuracies = [47.0, 49.0, 42.0, 46.0]
    return pd.DataFrame({"size": [96, 96, 48, 96], "accuracy": accuracies, "head": heads})


def by_network():
    return pd.DataFrame({"network": ["one", "one", "two"], "accuracy": [40.0, 42.0, 50.0]})


def by_fifth():
    """A table of `image_quality.quintile_recalls`."""
    index = [1, 2, 3, 4, 5, "5 - 1"]
    return pd.DataFrame({"recall": 40.0, "low": 38.0, "high": 42.0}, index=index)


def by_change():
    """A table of `changed_faces.accuracy_drops`."""
    return pd.DataFrame({"drop": 9.0, "low": 8.0, "high": 10.0}, index=["bar", "blur"])


def by_block():
    """Rows of the experiment `depth`."""
    return pd.DataFrame({"number": np.arange(19.0), "side": [24] * 9 + [3] * 10, "accuracy": 0.4})


def by_strength():
    """Rows of the experiment `imbalance`."""
    columns = {"seed": 0, "accuracy": 0.5, "mean recall": 0.4}
    return pd.DataFrame({"method": "class weights", "strength": [0.5, 1.0], **columns})


def by_images():
    """Rows of the experiment `learning_curves`."""
    return pd.DataFrame({"images": [100, 1000], "training": [1, 0.7], "validation": [0.3, 0.6]})


def precisions():
    """A table of `label_noise.precision_at`."""
    classes = np.arange(7)
    return label_noise.precision_at(classes, classes, classes > 2, [2, 5])


def systems():
    table = {"accuracy (%)": [51.0, 71.2], "protocol": ["one", "other"], "ours": [True, False]}
    return pd.DataFrame(table, index=["a", "b"])


def by_agreement():
    """A table such as those of `people.accuracy_by_agreement`."""
    ends = {"accuracy": [0.5, 0.8], "low": [0.4, 0.7], "high": [0.6, 0.9]}
    return pd.DataFrame({"images": [20, 40], "agreement": [0.6, 0.9], **ends})


def live_limits():
    """A table of the experiment `live_limits`, of one factor with two levels."""
    rows = [
        {"level": level, "measure": measure}
        for level in (50, 100)
        for measure in live_demo.LIMIT_LOOKS
    ]
    return pd.DataFrame(rows).assign(factor="light", percentage=50.0, low=45.0, high=55.0)


def live_framing():
    """Tables of the experiment `live_limits`: what another box costs, and where boxes lie."""
    curve = pd.DataFrame(np.diag([10, 10, 10, 0])[:, :3], columns=["size", "right", "down"])
    index = pd.MultiIndex.from_product([["Haar", "YuNet"], ["size", "right", "down"]])
    offsets = pd.DataFrame({"low": -3.0, "median": 2.0, "high": 4.0}, index)
    return curve.assign(change=-1.0, low=-2.0, high=0.0), offsets


def draw_all():
    """Call every figure function with the title `TITLE`: {`module.function`: Figure}."""
    labels, probabilities = random_predictions()
    runs = [make_run(seed=0), make_run(seed=1)]
    table = evaluation.class_table(labels, probabilities)
    interval = Estimate(0.4, 0.3, 0.5)
    accuracies = pd.DataFrame([interval._asdict()], index=["ours"])
    percent = pd.DataFrame(np.eye(7) * 100, LABELS, LABELS)
    regions = pd.DataFrame(1.0, LABELS, list(changed_faces.BARS))
    network = backbone()
    calls = {
        "better_network.ablations": (gains(), (-1, 1), TITLE),
        "better_network.ascent": (gains(), TITLE),
        "better_network.fine_tuning": (runs[0], TITLE),
        "better_network.recall_gains": (recall_gains(), TITLE, "A", "B"),
        "better_network.prior_curve": (prior_table(), 0.5, TITLE),
        "clear_faces.bars": (
            regions, regions, changed_faces.expected_regions(), TITLE,
        ),
        "clear_faces.corruption_curves": (
            dict.fromkeys("ab", {"blurred": [50, 40, 30]}), {"blurred": ([0, 1, 2], "px")}, TITLE,
        ),
        "clear_faces.drops": ({"one": {"paper": by_change(), "shipped": by_change()}}, TITLE),
        "clear_faces.fifths": ({"brightness": by_fifth()}, TITLE),
        "clear_faces.hidden_parts": (dict(zip("abcdefghi", FACES, strict=True)), TITLE),
        "clear_faces.place_maps": ({"one": np.ones((7, 6, 6))}, FACES[:7], TITLE),
        "data_exploration.agreement_by_class": (
            pd.DataFrame(50.0, LABELS, ["agreement", "low", "high"]), TITLE,
        ),
        "data_exploration.class_counts": (counts(), TITLE),
        "data_exploration.duplicates_by_class": (percent.iloc[:, :2], TITLE),
        "data_exploration.face_grid": (FACES, "abcdefghi", TITLE),
        "data_exploration.label_agreement": (percent, TITLE),
        "data_exploration.light": (facts(), TITLE),
        "data_exploration.mean_faces": ({"one": FACES[:7], "two": FACES[:7]}, TITLE),
        "data_exploration.votes": (percent, percent, TITLE),
        "error_analysis.class_maps": (dict.fromkeys("ab", (percent.iloc[:, :2], 0.1)), TITLE),
        "error_analysis.excesses": (Estimate(*np.ones((3, 7, 7))), np.ones((7, 7)), TITLE),
        "error_analysis.perfect_recall": (
            Estimate(*np.full((3, 8, 2), 0.1)), np.full((5, 8, 2), 0.1), TITLE,
        ),
        "error_analysis.table_2": (labels, [probabilities], TITLE),
        "evaluation.accuracies": (accuracies, TITLE),
        "evaluation.accuracy_by_agreement": ({name: by_agreement() for name in "abc"}, TITLE),
        "evaluation.estimates": (100 * accuracies, "accuracy", ("the paper", 51), TITLE),
        "evaluation.field": (systems(), TITLE),
        "evaluation.figure_5_confusion_matrix": (
            evaluation.confusion_matrix(labels, probabilities), TITLE,
        ),
        "evaluation.precision_and_recall": (table, TITLE),
        "evaluation.recall_by_crowd": (percent.iloc[:, :3], TITLE),
        "evaluation.reliability": (
            {"before": evaluation.reliability_table(labels, probabilities)}, TITLE,
        ),
        "evaluation.resampled": (np.array([0.4, 0.5]), interval, TITLE),
        "evaluation.table_1": (table, table / 10, TITLE),
        "evaluation.two_judges": (
            pd.DataFrame({"label": [63.0, 72.0], "crowd": [83.0, 70.0]}), 68, TITLE,
        ),
        "experiments.accuracy_by_depth": ({"48 px": by_block()}, {"48 px": 0.5}, TITLE),
        "experiments.balance_curves": ({"one": by_strength(), "two": by_strength()}, TITLE),
        "experiments.learning_curves": ({"one": by_images(), "two": by_images()}, TITLE),
        "label_quality.error_sources": (Estimate(*np.full((3, 4), 0.1)), TITLE),
        "label_quality.precision_at": (
            {"a": precisions(), "b": precisions()}, TITLE,
        ),
        "live_demo.examples": ([("light", FRAME, [BOX], "happy")] * 3, TITLE),
        "live_demo.framing": (*live_framing(), TITLE),
        "live_demo.limits": (live_limits(), {"light": "light (%)"}, TITLE),
        "live_demo.stages": (FRAME, BOX, FACES[0, ..., np.newaxis], HAPPY, TITLE),
        "live_demo.timeline": (np.arange(2), {"shown": np.array(["happy", "sad"])}, TITLE),
        "networks.convolution": (FACES[0], {"upright edges": np.ones((46, 46))}, TITLE),
        "networks.feature_map_sides": (pd.DataFrame({224: summary.blocks(network)["side"]}), TITLE),
        "networks.feature_maps": (FACES[0], {"first": np.ones((1, 6, 6, 9))}, TITLE),
        "networks.figure_1_cnn": (small_cnn(), TITLE),
        "networks.figure_2_transfer_learning": (network, models.head((1280,), 0), TITLE),
        "networks.figure_3_residual_blocks": (network, TITLE),
        "transfer_learning.accuracies": (accuracies, 0.25, TITLE),
        "transfer_learning.accuracies_by_seed": (by_network(), 25, TITLE),
        "transfer_learning.accuracy_by_size": (sizes(), TITLE),
        "transfer_learning.disgust_recall": (reproduction.by_seed(runs), TITLE),
        "transfer_learning.figure_4_training_curves": (runs, TITLE),
        "transfer_learning.gradient_descent": ({0.1: [2.0, 1.5], 1.0: [2.0, 3.0]}, TITLE),
        "transfer_learning.losses": (reproduction.epochs(runs), TITLE),
        "transfer_learning.training_curves": ([run.history for run in runs], TITLE),
        "transfer_learning.variants": (reproduction.by_seed(runs), TITLE),
    }  # fmt: skip
    modules = {_name(module): module for module in MODULES}
    figures = {}
    for name, arguments in calls.items():
        module, function = name.split(".")
        figures[name] = getattr(modules[module], function)(*arguments)
    return figures
