"""Our runs beside the paper: which of its open settings it must have used, and its tables again."""

from dataclasses import replace

import numpy as np
import pandas as pd

from fer_lib import evaluation, paper, runs
from fer_lib.training import recipes

PAPER = pd.Series(
    {
        "training accuracy": 100 * paper.ACCURACY["training"],
        "validation accuracy": 100 * paper.ACCURACY["validation"],
        "validation loss": paper.LOSS["validation"],
        "test accuracy": 100 * paper.ACCURACY["test"],
        "training loss": paper.LOSS["training"],
        "disgust recall": 100 * paper.table_1().loc["disgust", "recall"],
        "epochs": paper.STOPPED_AT_EPOCH,
    },
    name="the paper",
)


def recorded_runs(split):
    """All recorded runs of `recipes.RECIPES` on the split "paper" or "official", by name."""
    chosen = {name for name, recipe in recipes.RECIPES.items() if recipe.split == split}
    return runs.of_recipe(*chosen)


TESTS = ("PublicTest + PrivateTest", "PrivateTest")


def facts(run):
    """What the paper tells of its run, of one of ours: its last epoch and its test images.

    Returns a Series with the entries of `PAPER` (accuracies and recall in percent) and
    "F difference", the mean absolute difference of the seven F values from the paper's Table 1.
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
            "disgust recall": 100 * table.loc["disgust", "recall"],
            "epochs": len(run.history),
            "F difference": f1_difference_from_paper(table),
        },
        name=run.name,
    )


def distance_to_paper(run):
    """How far a run's last epoch is from the paper's figures for training and validation.

    Root mean square of three differences: training and validation accuracy in percentage points,
    validation loss in hundredths. The test set is left out: it is not for choosing. So is the
    paper's training loss, which does not go with its training accuracy (notebook 02).
    """
    difference = facts(run) - PAPER
    parts = (
        difference["training accuracy"],
        difference["validation accuracy"],
        100 * difference["validation loss"],
    )
    return float(np.sqrt(np.mean(np.square(parts))))


def setting(run):
    """In words, in what a run's recipe differs from the recipe `paper`; "" in nothing."""
    ours = recipes.Recipe.from_dict(run.info["recipe"]).as_dict()
    chosen = recipes.PAPER.as_dict()
    changes = {field: ours[field] for field in ours if ours[field] != chosen[field]}
    changes.pop("name", None)
    if "augmentation" in changes:
        asked, plain = ours["augmentation"], chosen["augmentation"]
        changes["augmentation"] = " ".join(kind for kind in asked if asked[kind] != plain[kind])
    words = [f"{field.replace('_', ' ')} {value}" for field, value in changes.items()]
    return ", ".join(words)


def by_seed(recorded):
    """One row a run: its recipe's name, its `facts` and its distance to the paper."""
    table = pd.DataFrame([facts(run) for run in recorded])
    table.insert(0, "recipe", [run.info["recipe"]["name"] for run in recorded])
    return table.assign(distance=[distance_to_paper(run) for run in recorded])


def variants(recorded):
    """One row a recipe, nearest to the paper first: what differs, means of `facts`, distance.

    recorded: list of runs.Run on the paper's split. Means are over seeds, the distance's too.
    """
    table = by_seed(recorded)
    means = table.groupby("recipe").mean()
    words = {run.info["recipe"]["name"]: setting(run) or "as chosen" for run in recorded}
    means.insert(0, "setting", pd.Series(words))
    means.insert(1, "seeds", table["recipe"].value_counts())
    return means.sort_values("distance")


def epochs(recorded):
    """Accuracy (percent) and loss of every epoch of every run, a row each for either split."""
    parts = []
    for run in recorded:
        for split, prefix in (("training", ""), ("validation", "validation_")):
            part = run.history[["epoch", f"{prefix}accuracy", f"{prefix}loss"]]
            part = part.set_axis(["epoch", "accuracy", "loss"], axis=1)
            parts.append(part.assign(run=run.name, split=split, accuracy=100 * part["accuracy"]))
    columns = ["run", "split", "epoch", "accuracy", "loss"]
    return pd.concat(parts, ignore_index=True)[columns]


def losses(recorded):
    """Every loss that a run could report: lowest, mean, highest over runs, and the accuracy then.

    Accuracies in percent. "evaluated" is measured after training, without dropout.
    """
    moments = epochs(recorded)
    ends = moments.groupby(["run", "split"])["epoch"].transform("max")
    parts = {
        f"{split}, {name} epoch": moments[chosen & (moments["split"] == split)]
        for split in ("training", "validation")
        for name, chosen in (
            ("first", moments["epoch"] == 1),
            ("second", moments["epoch"] == 2),
            ("last", moments["epoch"] == ends),
        )
    }
    for split in ("training", "test"):
        results = pd.DataFrame([run.info["results"][split] for run in recorded])
        parts[f"{split}, evaluated"] = results.assign(accuracy=100 * results["accuracy"])
    rows = {
        name: [part["loss"].min(), part["loss"].mean(), part["loss"].max(), part["accuracy"].mean()]
        for name, part in parts.items()
    }
    columns = ["lowest loss", "mean loss", "highest loss", "accuracy"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def by_size(table):
    """Test accuracy (percent) by input size and head, of `variants` that differ in no more.

    Returns a DataFrame: size (pixels), accuracy, head.
    """
    rows = []
    for recipe in (recipes.RECIPES[name] for name in table.index):
        head = "one hidden layer" if recipe.hidden_units else "softmax alone"
        plain = replace(recipes.PAPER, name=recipe.name, size=recipe.size)
        if recipe in (plain, replace(plain, hidden_units=0)):
            accuracy = table.loc[recipe.name, "test accuracy"]
            rows.append({"size": recipe.size, "accuracy": accuracy, "head": head})
    return pd.DataFrame(rows).sort_values(["head", "size"], ignore_index=True)


def costs(recorded):
    """Minutes that runs on frozen features took, and that computing these each epoch would take.

    A row a run that computed its features; the others found them in the cache.
    """
    rows = {}
    for run in recorded:
        images = {part: result["images"] for part, result in run.info["results"].items()}
        seen_each_epoch = 1 - images["test"] / sum(images.values())
        features, fitting = (run.info["seconds"][part] / 60 for part in ("features", "fitting"))
        again = features * seen_each_epoch * (len(run.history) - 1)
        rows[run.name] = {
            "size (px)": run.info["recipe"]["size"],
            "epochs": len(run.history),
            "features once (min)": features,
            "fitting (min)": fitting,
            "all (min)": features + fitting,
            "all, features each epoch (min)": features + fitting + again,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("run")
    return table[table["features once (min)"] > 0.1]


def results(recorded, finetuned):
    """The course in one table: the paper, its settings (mean ± deviation over seeds), fine-tuned.

    recorded: runs on the paper's split. finetuned: a run on the official split. Accuracies and
    recalls in percent; a dash where there is no such number.
    """
    ours = pd.DataFrame([_result(run) for run in recorded])
    text = ours.mean().map("{:.1f}".format) + " ± " + ours.std().map("{:.1f}".format)
    theirs = paper.table_1()
    paper_scores = {
        f"{TESTS[0]}, accuracy": f"{100 * paper.ACCURACY['test']:.0f}",
        f"{TESTS[0]}, macro F": f"{100 * theirs['F1'].mean():.1f}",
        f"{TESTS[0]}, recall of disgust": f"{100 * theirs.loc['disgust', 'recall']:.0f}",
        f"{TESTS[0]}, recall of fear": f"{100 * theirs.loc['fear', 'recall']:.0f}",
    }
    labels, probabilities = finetuned.usage("PrivateTest")
    best = _result(finetuned).map("{:.1f}".format)
    low, high = 100 * np.array(evaluation.interval(evaluation.accuracy, labels, probabilities)[1:])
    best[f"{TESTS[1]}, accuracy"] += f" [{low:.1f}, {high:.1f}]"
    columns = {
        "the paper": pd.Series(paper_scores),
        f"its settings, {len(recorded)} seeds": text,
        "the course's best, 1 seed": best,
    }
    return pd.DataFrame(columns, index=ours.columns).fillna("-").rename_axis("FER2013, percent")


def _result(run):
    """A run's accuracy, macro F and recalls of disgust and fear on both tests, in percent."""
    scores = {}
    for name in TESTS:
        labels, probabilities = run.usage(*name.split(" + "))
        table = evaluation.class_table(labels, probabilities)
        scores[f"{name}, accuracy"] = evaluation.accuracy(labels, probabilities)
        scores[f"{name}, macro F"] = table["F1"].mean()
        for label in ("disgust", "fear"):
            scores[f"{name}, recall of {label}"] = table.loc[label, "recall"]
    return 100 * pd.Series(scores)


def f1_difference_from_paper(table):
    """Mean absolute difference of a class table's F-measures from the paper's Table 1, 0-1."""
    return float((table["F1"] - paper.table_1()["F1"]).abs().mean())


def table_1(recorded):
    """The paper's Table 1 beside ours: "mean ± standard deviation" over `recorded` runs' test sets.

    Its last rows are the averages; the paper's are computed from its seven classes.
    """
    tables = [evaluation.class_table(*run.split("test")) for run in recorded]
    mean, deviation = evaluation.spread([_with_averages(table) for table in tables])
    theirs = _with_averages(paper.table_1())
    columns = {}
    for score in evaluation.SCORES:
        pairs = zip(mean[score], deviation[score], strict=True)
        columns[f"{score}, ours"] = [f"{value:.2f} ± {width:.2f}" for value, width in pairs]
        columns[f"{score}, paper"] = [f"{value:.2f}" for value in theirs[score]]
    columns["images"] = mean["images"].astype(int)
    return pd.DataFrame(columns, index=mean.index)


def _with_averages(table):
    rows = evaluation.averages(table).assign(images=table["images"].sum())
    return pd.concat([table, rows.rename(index="{} average".format)])
