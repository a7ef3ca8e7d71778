"""Our runs beside the paper: the settings that give its numbers, and its tables regenerated."""

from dataclasses import replace

import numpy as np
import pandas as pd

from fer_lib import evaluation, paper, runs
from fer_lib.data import manifest
from fer_lib.evaluation import people, report
from fer_lib.labels import LABELS
from fer_lib.training import recipes

PAPER = pd.Series(
    {
        "training accuracy": 100 * paper.ACCURACY["training"],
        "validation accuracy": 100 * paper.ACCURACY["validation"],
        "validation loss": paper.LOSS["validation"],
        "test accuracy": 100 * paper.ACCURACY["test"],
        "training loss": paper.LOSS["training"],
        "recall of disgust": 100 * paper.table_1().loc["disgust", "recall"],
        "epochs": paper.STOPPED_AT_EPOCH,
    },
    name="the paper",
)
SELECTED_ON = ("training accuracy", "validation accuracy", "validation loss")
TESTS = (report.BOTH, "PrivateTest")  # the paper's test set, and ours for fine-tuned runs
AGREEMENT = "agreement with people"
RARE = ("disgust", "fear")  # the classes that the paper blames for its accuracy
CACHED = 0.1  # minutes; features that took less were read from the cache


def recorded_runs(split):
    """Load all recorded runs of `recipes.RECIPES` on a split.

    Args:
        split: "paper" or "official".

    Returns:
        List of `runs.Run`, sorted by name.
    """
    names = {name for name, recipe in recipes.RECIPES.items() if recipe.split == split}
    return runs.of_recipe(*names)


def facts(run):
    """Collect what the paper reports about its run, for one of ours.

    Args:
        run: A `runs.Run` on the paper's split.

    Returns:
        Series with the entries of `PAPER`, of the last epoch and the test images (accuracies and
        recall in percent), and "F1 difference", see `f1_difference_from_paper`.
    """
    last = run.history.iloc[-1]
    labels, probabilities = run.split("test")
    table = evaluation.class_table(labels, probabilities)
    return pd.Series(
        {
            "training accuracy": 100 * last["accuracy"],
            "validation accuracy": 100 * last["validation_accuracy"],
            "validation loss": last["validation_loss"],
            "test accuracy": 100 * evaluation.accuracy(labels, probabilities),
            "training loss": last["loss"],
            "recall of disgust": 100 * table.loc["disgust", "recall"],
            "epochs": len(run.history),
            "F1 difference": f1_difference_from_paper(table),
        },
        name=run.name,
    )


def distance_to_paper(run, training="last epoch"):
    """Measure how far a run is from the three of the paper's numbers that recipes are selected on.

    The test set is left out, because nothing is selected on it. So is the paper's training loss,
    which does not fit its training accuracy (notebook 02).

    Args:
        run: A `runs.Run` on the paper's split.
        training: When the training accuracy is measured: `"last epoch"` is Keras' average over that
            epoch, with dropout; `"evaluated"` is afterward, without dropout.

    Returns:
        Root mean square of the differences in `SELECTED_ON`: accuracies in percentage points, loss
        in hundredths.
    """
    ours = facts(run)
    if training == "evaluated":
        ours["training accuracy"] = 100 * run.info["results"]["training"]["accuracy"]
    difference = (ours - PAPER)[list(SELECTED_ON)]
    difference["validation loss"] *= 100
    return float(np.sqrt(np.mean(np.square(difference))))


def setting(recipe):
    """Name a recipe by the hyperparameters that the paper leaves open.

    Args:
        recipe: `recipes.PAPER` or one of `recipes.PAPER_VARIANTS`. What it shares with `PAPER` is
            not named, except for the input size and the head.

    Returns:
        Text such as "96 px, 128 units, flips".
    """
    head = f"{recipe.hidden_units} units" if recipe.hidden_units else "no hidden layer"
    low, high = recipe.pixel_range
    others = {
        "pooling": "no pooling",
        "dropout": "no dropout",
        "pixel_range": f"pixels in [{low}, {high}]",
        "augmentation": "flips",
        "balanced_classes": "balanced classes",
        "trainable_from": "last block",
        "batch_norm_momentum": f"momentum {recipe.batch_norm_momentum}",
    }
    changed = [
        text
        for field, text in others.items()
        if getattr(recipe, field) != getattr(recipes.PAPER, field)
    ]
    return ", ".join([f"{recipe.size} px", head, *changed])


def by_seed(recorded):
    """Put the facts of runs and their distances to the paper into a table.

    Args:
        recorded: List of `runs.Run` on the paper's split.

    Returns:
        DataFrame with one row per run, the nearest settings to the paper (by their mean distance)
        first: setting, see `setting`; the entries of `facts`; distance and distance, evaluated, see
        `distance_to_paper`.
    """
    table = pd.DataFrame([facts(run) for run in recorded])
    table.insert(0, "setting", [setting(_recipe(run)) for run in recorded])
    table["distance"] = [distance_to_paper(run) for run in recorded]
    table["distance, evaluated"] = [distance_to_paper(run, "evaluated") for run in recorded]
    order = table.groupby("setting")["distance"].transform("mean")
    return table.iloc[np.argsort(order, kind="stable")]


def _recipe(run):
    return recipes.Recipe.from_dict(run.info["recipe"])


def variants(recorded):
    """Average `by_seed` over the seeds of each setting.

    Args:
        recorded: List of `runs.Run` on the paper's split.

    Returns:
        DataFrame indexed by setting, the nearest to the paper first: seeds (their number), and the
        means of the other columns of `by_seed`.
    """
    table = by_seed(recorded)
    means = table.groupby("setting", sort=False).mean()
    means.insert(0, "seeds", table["setting"].value_counts())
    return means


def epochs(recorded):
    """Collect accuracy and loss of every epoch of every run.

    Args:
        recorded: List of `runs.Run`.

    Returns:
        DataFrame with one row per run, split ("training" or "validation"), and epoch: run, split,
        epoch, accuracy (percent), and loss.
    """
    parts = []
    for run in recorded:
        for split, prefix in (("training", ""), ("validation", "validation_")):
            part = run.history[["epoch", f"{prefix}accuracy", f"{prefix}loss"]]
            part = part.set_axis(["epoch", "accuracy", "loss"], axis=1)
            parts.append(part.assign(run=run.name, split=split, accuracy=100 * part["accuracy"]))
    columns = ["run", "split", "epoch", "accuracy", "loss"]
    return pd.concat(parts, ignore_index=True)[columns]


def losses(recorded):
    """Summarize every loss that a run could report.

    Args:
        recorded: List of `runs.Run` on the paper's split.

    Returns:
        DataFrame with one row per moment, e.g. "training, first epoch": lowest, mean, and highest
        loss over the runs, and their mean accuracy then (percent). "evaluated" is measured after
        training, without dropout.
    """
    parts = _moments(epochs(recorded))
    for split in ("training", "test"):
        results = pd.DataFrame([run.info["results"][split] for run in recorded])
        parts[f"{split}, evaluated"] = results.assign(accuracy=100 * results["accuracy"])
    rows = {
        name: [part["loss"].min(), part["loss"].mean(), part["loss"].max(), part["accuracy"].mean()]
        for name, part in parts.items()
    }
    columns = ["lowest loss", "mean loss", "highest loss", "accuracy"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _moments(table):
    """Rows of `epochs` that are the first, second, or last epoch of their run, by moment."""
    last = table.groupby(["run", "split"])["epoch"].transform("max")
    masks = {
        "first": table["epoch"] == 1,
        "second": table["epoch"] == 2,
        "last": table["epoch"] == last,
    }
    return {
        f"{split}, {name} epoch": table[mask & (table["split"] == split)]
        for split in ("training", "validation")
        for name, mask in masks.items()
    }


def by_size(recorded):
    """Compare the test accuracy across input sizes and heads.

    Args:
        recorded: List of `runs.Run` on the paper's split; those that differ from the recipe `paper`
            in anything else are ignored.

    Returns:
        DataFrame with one row per run: run, size (pixels), accuracy (percent, on the test images),
        and head ("one hidden layer" or "no hidden layer").
    """
    rows = []
    for run in recorded:
        recipe = _recipe(run)
        head = "one hidden layer" if recipe.hidden_units else "no hidden layer"
        plain = replace(recipes.PAPER, name=recipe.name, size=recipe.size)
        if recipe in (plain, replace(plain, hidden_units=0)):
            accuracy = facts(run)["test accuracy"]
            rows.append({"run": run.name, "size": recipe.size, "accuracy": accuracy, "head": head})
    ordered = pd.DataFrame(rows).sort_values(["head", "size"], ascending=[False, True])
    return ordered.reset_index(drop=True)


def costs(recorded):
    """Compare the time that frozen features save with computing them in each epoch.

    Args:
        recorded: List of `runs.Run` with a frozen backbone.

    Returns:
        DataFrame in minutes, one row per run that computed its features, indexed by `setting`; runs
        that read them from the cache are left out.
    """
    rows = []
    for run in recorded:
        images = {part: result["images"] for part, result in run.info["results"].items()}
        seen_each_epoch = 1 - images["test"] / sum(images.values())
        features, fitting = (run.info["seconds"][part] / 60 for part in ("features", "fitting"))
        again = features * seen_each_epoch * (len(run.history) - 1)
        row = {
            "setting": setting(_recipe(run)),
            "size (px)": run.info["recipe"]["size"],
            "epochs": len(run.history),
            "features once (min)": features,
            "fitting (min)": fitting,
            "total (min)": features + fitting,
            "total, features each epoch (min)": features + fitting + again,
        }
        rows.append(row)
    table = pd.DataFrame(rows).set_index("setting")
    return table[table["features once (min)"] > CACHED]


def results(recorded, better):
    """Summarize the course in one table: the paper, our reproduction, and better networks.

    A network with two answers is judged by labels on the label's answer, and by people on theirs.

    Args:
        recorded: List of `runs.Run` that differ only in their seed, on the paper's split.
        better: Dict from a column's name to a `runs.Run` on the official split.

    Returns:
        DataFrame of texts in percent, one row per test set (`TESTS`) and metric: the paper's
        number, the mean ± standard deviation over `recorded`, and that of each of `better`, with
        the 95% confidence intervals of its accuracy and its agreement with people on PrivateTest. A
        dash where there is no number.
    """
    facts, ours = manifest.load(), over_seeds(recorded)
    columns = {
        "the paper": _paper_result(),
        f"our reproduction, {len(recorded)} seeds": ours,
        **{name: _with_intervals(run, facts) for name, run in better.items()},
    }
    return pd.DataFrame(columns, index=ours.index).fillna("-").rename_axis("FER2013, percent")


def over_seeds(recorded):
    """Summarize runs that differ only in their seed, by the metrics of `results`.

    Args:
        recorded: List of `runs.Run`.

    Returns:
        Series of texts in percent, one per test set (`TESTS`) and metric: the mean ± the standard
        deviation.
    """
    facts = manifest.load()
    each = pd.DataFrame([_result(run, facts) for run in recorded])
    return each.mean().map("{:.1f}".format) + " ± " + each.std().map("{:.1f}".format)


def _paper_result():
    """The paper's numbers as texts, under the names of `_result`."""
    table = paper.table_1()
    scores = {
        "accuracy": f"{100 * paper.ACCURACY['test']:.0f}",
        "macro F1": f"{100 * table['F1'].mean():.1f}",
        **{f"recall of {label}": f"{100 * table.loc[label, 'recall']:.0f}" for label in RARE},
    }
    return pd.Series(scores).add_prefix(f"{report.BOTH}, ")


def _with_intervals(run, facts):
    """The texts of `_result`, two of them with a confidence interval."""
    texts = _result(run, facts).map("{:.1f}".format)
    judged = people.judge(run, facts, answer=run.answers[-1])
    for row, pair in (
        ("PrivateTest, accuracy", run.usage("PrivateTest")),
        (f"PrivateTest, {AGREEMENT}", (judged.crowd, judged.probabilities)),
    ):
        estimate = evaluation.interval(evaluation.accuracy, *pair)
        texts[row] += f" [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"
    return texts


def _result(run, facts):
    """A run's metrics by labels on each of `TESTS`, and by people on PrivateTest, in percent."""
    scores = {}
    for name in TESTS:
        labels, probabilities = run.usage(*report.PARTS[name])
        recalls = dict(zip(LABELS, evaluation.recalls(labels, probabilities), strict=True))
        scores[f"{name}, accuracy"] = evaluation.accuracy(labels, probabilities)
        scores[f"{name}, macro F1"] = evaluation.macro_f1(labels, probabilities)
        scores |= {f"{name}, recall of {label}": recalls[label] for label in RARE}
    judged = people.judge(run, facts, answer=run.answers[-1])
    by_people = judged.crowd, judged.probabilities
    scores[f"PrivateTest, {AGREEMENT}"] = evaluation.accuracy(*by_people)
    scores["PrivateTest, mean recall by people"] = evaluation.mean_recall(*by_people)
    return 100 * pd.Series(scores)


def f1_difference_from_paper(table):
    """Compute the mean absolute difference of seven F1 scores from the paper's Table 1.

    Args:
        table: Result of `evaluation.class_table`.

    Returns:
        A float in 0-1.
    """
    return float((table["F1"] - paper.table_1()["F1"]).abs().mean())


def table_1(recorded):
    """Set our precision, recall, and F1 score of each class beside the paper's Table 1.

    Args:
        recorded: List of `runs.Run` that differ only in their seed.

    Returns:
        DataFrame of texts under the paper's headings, in which the F1 score is "F": ours as
        mean ± standard deviation over the runs' test sets, and the paper's. Its last rows are the
        averages; the paper's are computed from its seven classes.
    """
    tables = [evaluation.class_table(*run.split("test")) for run in recorded]
    mean, deviation = evaluation.spread([_with_averages(table) for table in tables])
    theirs = _with_averages(paper.table_1())
    columns = {}
    for score, heading in zip(evaluation.SCORES, ("precision", "recall", "F"), strict=True):
        pairs = zip(mean[score], deviation[score], strict=True)
        columns[f"{heading}, ours"] = [f"{value:.2f} ± {width:.2f}" for value, width in pairs]
        columns[f"{heading}, paper"] = [f"{value:.2f}" for value in theirs[score]]
    columns["images"] = mean["images"].astype(int)
    return pd.DataFrame(columns, index=mean.index)


def _with_averages(table):
    rows = evaluation.averages(table).assign(images=table["images"].sum())
    return pd.concat([table, rows.rename(index="{} average".format)])
