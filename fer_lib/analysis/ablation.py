"""What each change to the recipe is worth: the ascent step by step, and one change at a time."""

import numpy as np
import pandas as pd

from fer_lib import evaluation, runs
from fer_lib.labels import LABELS
from fer_lib.runs import RunName
from fer_lib.training import recipes

GAIN = ("gain", "low", "high")
# From the paper's network upwards: what was changed, the run that has it, and the one it adds to.
ASCENT = [
    ("pixels in [0, 1], 96 px", "paper-96px-range-0-1-seed0", None),
    ("pixels in [-1, 1]", "paper-96px-seed0", "paper-96px-range-0-1-seed0"),
    ("224 px: the paper's network", "paper-seed0", "paper-96px-seed0"),
    ("last block free, at 96 px", "paper-96px-last-block-seed0", "paper-96px-seed0"),
    (
        "and momentum 0.9",
        "paper-96px-last-block-momentum-0.9-seed0",
        "paper-96px-last-block-seed0",
    ),
    (
        "all layers free, changed images, all of Training",
        "finetune-8-epochs-seed0",
        "paper-96px-last-block-momentum-0.9-seed0",
    ),
    ("16 epochs at 64 px, mixup", "finetune-64px-seed0", "finetune-8-epochs-seed0"),
    (
        "12 epochs more, harder images, smoothed labels",
        "finetune-restarted-seed0",
        "finetune-8-epochs-seed0",
    ),
    (
        "10 epochs more, taught by the runs before",
        "finetune-taught-seed0",
        "finetune-restarted-seed0",
    ),
    ("9 epochs more at 128 px, mixup", "finetune-mixed-seed0", "finetune-taught-seed0"),
    ("12 more, not mixed, averaged with start", "finetune-seed0", "finetune-mixed-seed0"),
    ("12 more of the same, three teachers", "finetune-longer-seed0", "finetune-seed0"),
]


def ascent():
    """Accuracy on PublicTest of each step of `ASCENT`, and its gain, a row each.

    Columns: run, accuracy (percent), gain (percentage points over the run it adds to), low, high
    (95 % interval of the gain, paired bootstrap). PublicTest, since steps were chosen by it.
    """
    return _gains(ASCENT)


def ablations():
    """What each single change does to the recipe `ablation`, a row each, best first, in percent.

    Columns: as in `ascent`; "training" (accuracy after the last epoch) and, on PublicTest, macro F,
    recall of disgust and expected calibration error.
    """
    base = str(RunName(recipes.ABLATION.name, 0))
    changes = [recipe.name for recipe in recipes.ABLATIONS]
    steps = [(name.removeprefix("ablation-"), str(RunName(name, 0)), base) for name in changes]
    table = _gains([("nothing", base, None), *steps])
    details = pd.DataFrame([on_public_test(runs.load(name)) for name in table["run"]], table.index)
    return table.join(details.drop(columns="accuracy")).sort_values("accuracy", ascending=False)


def on_public_test(run):
    """Figures of a run in percent, by name: those of `ablations` that need no other run."""
    labels, probabilities = run.usage("PublicTest")
    recalls = evaluation.recalls(labels, probabilities)
    values = {
        "accuracy": evaluation.accuracy(labels, probabilities),
        "training": run.info["results"]["training"]["accuracy"],
        "macro F": evaluation.macro_f1(labels, probabilities),
        "disgust": recalls[LABELS.index("disgust")],
        "calibration error": evaluation.expected_calibration_error(labels, probabilities),
    }
    return {name: 100 * value for name, value in values.items()}


def _gains(steps):
    """A row for each (change, run, run it adds to or None), on PublicTest."""
    rows = {}
    for change, name, than in steps:
        run = runs.load(name)
        row = {"run": name, "accuracy": 100 * evaluation.accuracy(*run.usage("PublicTest"))}
        if than is not None:
            pair = evaluation.paired(runs.load(than), run, "PublicTest")
            gain = evaluation.difference(evaluation.accuracy, *pair)
            row |= dict(zip(GAIN, 100 * np.array(gain), strict=True))
        rows[change] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("change")
