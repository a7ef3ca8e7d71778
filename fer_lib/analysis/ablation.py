"""What each change to the recipe is worth: the ascent step by step, and one change at a time.

Everything is measured on PublicTest, because the changes were selected on it.
"""

import numpy as np
import pandas as pd

from fer_lib import evaluation, runs
from fer_lib.data import manifest
from fer_lib.labels import LABELS
from fer_lib.runs import RunName
from fer_lib.training import recipes

GAIN = ("gain", "low", "high")
UNCHANGED = "unchanged, seed 0"
# From the paper's network upward: what was changed, the run that has it, and the one it adds to.
ASCENT = [
    ("pixels in [0, 1], 96 px", "paper-96px-range-0-1-seed0", None),
    ("pixels in [-1, 1]", "paper-96px-seed0", "paper-96px-range-0-1-seed0"),
    ("224 px: the paper's network", "paper-seed0", "paper-96px-seed0"),
    ("last block unfrozen, at 96 px", "paper-96px-last-block-seed0", "paper-96px-seed0"),
    (
        "momentum 0.9 as well",
        "paper-96px-last-block-momentum-0.9-seed0",
        "paper-96px-last-block-seed0",
    ),
    (
        "all layers unfrozen, augmentation, and more",
        "finetune-8-epochs-seed0",
        "paper-96px-last-block-momentum-0.9-seed0",
    ),
    (
        "16 epochs at 64 px, stronger augmentation, mixup",
        "finetune-64px-seed0",
        "finetune-8-epochs-seed0",
    ),
    (
        "12 more epochs, stronger augmentation, label smoothing",
        "finetune-restarted-seed0",
        "finetune-8-epochs-seed0",
    ),
    (
        "10 more epochs, distilled from the previous runs",
        "finetune-taught-seed0",
        "finetune-restarted-seed0",
    ),
    ("9 more epochs at 128 px, mixup", "finetune-mixed-seed0", "finetune-taught-seed0"),
    (
        "12 more epochs without mixup, averaged with the start",
        "finetune-seed0",
        "finetune-mixed-seed0",
    ),
    ("12 more epochs of the same, three teachers", "finetune-longer-seed0", "finetune-seed0"),
]


# What the recipes of `recipes.ABLATIONS` change.
CHANGES = {
    "ablation-64px": "64 px",
    "ablation-momentum-0.999": "momentum 0.999",
    "ablation-constant-rate": "constant learning rate",
    "ablation-flips": "flips",
    "ablation-mild-changes": "mild augmentation",
    "ablation-harder-changes": "stronger augmentation",
    "ablation-label-smoothing": "label smoothing",
    "ablation-mixup": "mixup",
    "ablation-weight-average": "weight averaging",
    "ablation-balanced-classes": "class weights",
    "ablation-teacher": "distillation",
    "ablation-long": "20 epochs",
    "ablation-long-regularized": "20 epochs, regularized",
}


def ascent():
    """Compute the accuracy of each step of `ASCENT` and its gain, on PublicTest.

    Returns:
        DataFrame indexed by change: step (from 1), run, over (the step that it adds to or is
        compared with), accuracy (percent), and gain, low, and high (percentage points, with the
        95% interval of the paired bootstrap over images).
    """
    table = _gains(ASCENT)
    steps = {run: step for step, run in enumerate(table["run"], 1)}
    over = pd.array([steps.get(base) for _, _, base in ASCENT], dtype="Int64")
    table.insert(0, "step", steps.values())
    table.insert(2, "over", over)
    return table


def changed_fields(first, second):
    """List what differs between the recipes of two runs.

    Args:
        first: Name of a run.
        second: Name of another run.

    Returns:
        A list of fields of `recipes.Recipe`, without name.
    """
    old, new = (
        recipes.Recipe.from_dict(runs.load(name).info["recipe"]).as_dict()
        for name in (first, second)
    )
    return [field for field in old if field != "name" and old[field] != new[field]]


def ablations():
    """Measure what each single change does to the recipe `ablation`, on PublicTest.

    Returns:
        DataFrame indexed by change, the highest accuracy first: run, accuracy (percent), gain, low,
        and high (percentage points over `UNCHANGED`, as in `ascent`), and the other columns of
        `on_public_test`. All seeds of the unchanged recipe are rows, too.
    """
    base = str(RunName(recipes.ABLATION.name, 0))
    others = [run.name for run in runs.of_recipe(recipes.ABLATION.name) if run.name != base]
    steps = [(UNCHANGED, base, None)]
    steps += [(f"unchanged, seed {RunName.parse(name).seed}", name, base) for name in others]
    steps += [(change, str(RunName(name, 0)), base) for name, change in CHANGES.items()]
    table = _gains(steps)
    details = pd.DataFrame([on_public_test(runs.load(name)) for name in table["run"]], table.index)
    return table.join(details.drop(columns="accuracy")).sort_values("accuracy", ascending=False)


def repetitions():
    """Compare each change with the unchanged recipe by the means over their seeds, on PublicTest.

    A mean over few seeds says little about how much seeds differ. So the standard deviation over
    seeds is pooled over all these recipes, as if it were the same for each.

    Returns:
        DataFrame indexed by change, the largest gain first: seeds (of the changed recipe), range
        (between the seeds' highest and lowest accuracy, percentage points), gain (percentage
        points), and two 95% intervals of it: low and high over seeds (Student's t), and "images
        low" and "images high" over images (bootstrap).
    """
    from scipy import stats

    unchanged = recipes.ABLATION.name
    predictions = runs.load(str(RunName(unchanged, 0))).predictions
    names = predictions.loc[predictions["usage"] == "PublicTest", "name"]
    correct = {name: _correct_by_seed(name, names) for name in (unchanged, *CHANGES)}
    base = correct.pop(unchanged)
    spread, degrees = _pooled([each.mean(axis=1) for each in (base, *correct.values())])
    rows = {}
    for name, changed in correct.items():
        gains = changed.mean(axis=0) - base.mean(axis=0)
        error = spread * np.sqrt(1 / len(changed) + 1 / len(base))
        over_seeds = stats.t.interval(0.95, degrees, gains.mean(), error)
        over_images = evaluation.interval(np.mean, gains)
        apart = np.ptp(changed.mean(axis=1))
        values = [apart, gains.mean(), *over_seeds, *over_images[1:]]
        rows[CHANGES[name]] = [len(changed), *100 * np.array(values)]
    columns = ["seeds", "range", *GAIN, "images low", "images high"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("change")
    return table.sort_values("gain", ascending=False)


def _pooled(groups):
    """The standard deviation within groups of numbers, and its degrees of freedom."""
    degrees = sum(len(each) - 1 for each in groups)
    return np.sqrt(sum(len(each) * np.var(each) for each in groups) / degrees), degrees


def worth_of_copies(facts):
    """Estimate what training images are worth that show a photograph of the test sets, too.

    The recipes `ABLATION` and `ABLATION_WITHOUT_COPIES` are compared on PublicTest, each by the
    mean over its seeds.

    Args:
        facts: The manifest (`data.manifest.load`).

    Returns:
        DataFrame, one row for the images with a near-duplicate in Training, for the others, for the
        others weighted to the class mix of the first, and for all: images; with and without the
        copies, accuracy in percent; difference, low, and high (percentage points, with the 95%
        interval over photographs, paired).
    """
    copied = manifest.has_duplicate_in(facts, facts["usage"] == "Training", "near_group")
    public = facts["usage"] == "PublicTest"
    faces, copied = facts[public], copied[public]
    with_copies, without = (
        _correct_by_seed(name, faces["name"]).mean(axis=0)
        for name in (recipes.ABLATION.name, recipes.ABLATION_WITHOUT_COPIES.name)
    )
    photographs = manifest.photographs(facts)[public]
    rows = {}
    for kind, weights in _kinds(faces["label"], copied).items():
        estimate = evaluation.clustered_mean(without - with_copies, photographs, weights)
        rows[kind] = {
            "images": np.count_nonzero(weights),
            "with copies": 100 * np.average(with_copies, weights=weights),
            "without copies": 100 * np.average(without, weights=weights),
            **dict(zip(("difference", "low", "high"), 100 * np.array(estimate), strict=True)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("PublicTest")


def _kinds(labels, copied):
    """The rows of `worth_of_copies`: their names, and the weight of each image."""
    of_copied, of_others = (labels[kept].value_counts(normalize=True) for kept in (copied, ~copied))
    same_mix = ~copied * labels.map(of_copied / of_others)
    return {
        "copy in Training": copied.to_numpy(float),
        "no copy": (~copied).to_numpy(float),
        "no copy, same class mix": same_mix.to_numpy(float),
        "all": np.ones(len(copied)),
    }


def _correct_by_seed(recipe, names):
    """Which of the named images each run of a recipe classifies as labeled, bool `(runs, n)`."""
    tables = [run.predictions.set_index("name").loc[names] for run in runs.of_recipe(recipe)]
    pairs = map(runs.arrays, tables)
    return np.array([probabilities.argmax(axis=1) == labels for labels, probabilities in pairs])


def on_public_test(run):
    """Compute the metrics of `ablations` that need no other run.

    Args:
        run: A `runs.Run` on the official split.

    Returns:
        Dict in percent: on PublicTest accuracy, macro F1, recall of disgust, and calibration error
        (`evaluation.expected_calibration_error`); and training, the accuracy on the training
        images after the last epoch.
    """
    labels, probabilities = run.usage("PublicTest")
    recalls = evaluation.recalls(labels, probabilities)
    values = {
        "accuracy": evaluation.accuracy(labels, probabilities),
        "training": run.info["results"]["training"]["accuracy"],
        "macro F1": evaluation.macro_f1(labels, probabilities),
        "recall of disgust": recalls[LABELS.index("disgust")],
        "calibration error": evaluation.expected_calibration_error(labels, probabilities),
    }
    return {name: 100 * value for name, value in values.items()}


def _gains(steps):
    """One row per (change, run, run it adds to or None), on PublicTest."""
    rows = {}
    for change, name, base in steps:
        run = runs.load(name)
        row = {"run": name, "accuracy": 100 * evaluation.accuracy(*run.usage("PublicTest"))}
        if base is not None:
            labels, *pair = evaluation.paired(runs.load(base), run, "PublicTest")
            before, after = (each.argmax(axis=1) == labels for each in pair)
            gain = evaluation.interval(np.mean, after.astype(int) - before)
            row |= dict(zip(GAIN, 100 * np.array(gain), strict=True))
        rows[change] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("change")
