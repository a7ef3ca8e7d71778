"""Small made-up runs, for testing what reads recorded runs."""

import json

import numpy as np
import pandas as pd

from fer_lib import runs
from fer_lib.labels import LABELS
from fer_lib.training import recipes


def make_run(
    recipe=recipes.PAPER, seed=0, accuracy=0.57, validation_accuracy=0.51, validation_loss=1.3168
):
    """Make a run of two epochs that classifies three of its four test images correctly.

    Args:
        recipe: A `recipes.Recipe`.
        seed: Its seed.
        accuracy: Training accuracy of the last epoch, 0-1.
        validation_accuracy: Validation accuracy of the last epoch, 0-1.
        validation_loss: Validation loss of the last epoch.

    Returns:
        The `runs.Run`.
    """
    history = pd.DataFrame(
        {
            "epoch": [1, 2],
            "accuracy": [0.4, accuracy],
            "loss": [1.6, 1.2],
            "validation_accuracy": [0.4, validation_accuracy],
            "validation_loss": [1.5, validation_loss],
        }
    )
    labels = ["angry", "disgust", "disgust", "happy"]
    probabilities = np.full((4, 7), 0.05)
    probabilities[[0, 1, 2, 3], [0, 0, 1, 3]] = 0.7
    predictions = pd.DataFrame(probabilities, columns=list(LABELS)).assign(
        name=["a", "b", "c", "d"], split="test", usage="PublicTest", label=labels
    )
    info = {
        "recipe": json.loads(json.dumps(recipe.as_dict())),
        "seed": seed,
        "seconds": {"features": 120.0, "fitting": 30.0},
        "results": {
            "training": {"accuracy": 0.6, "loss": 1.0, "images": 600},
            "validation": {"accuracy": 0.51, "loss": 1.3, "images": 200},
            "test": {"accuracy": 0.5, "loss": 1.4, "images": 200},
        },
    }
    return runs.Run(f"{recipe.name}-seed{seed}", info, history, predictions)


def run_of(labels, probabilities, name="paper-seed0"):
    """Make a run from predictions of test images, all of PublicTest.

    Args:
        labels: Class indices, `(n,)`.
        probabilities: Probabilities, `(n, 7)`.
        name: Run name.

    Returns:
        The `runs.Run`, whose images are named "image 0", "image 1", ...
    """
    predictions = pd.DataFrame(probabilities, columns=LABELS)
    predictions.insert(0, "name", [f"image {index}" for index in range(len(labels))])
    predictions.insert(1, "split", "test")
    predictions.insert(2, "usage", "PublicTest")
    predictions.insert(3, "label", np.array(LABELS)[labels])
    return runs.Run(name, {}, pd.DataFrame(), predictions)
