"""How good a classifier is and how sure that number is: metrics, intervals, calibration, twins.

Labels are (n,) class indices and probabilities (n, 7), rows that sum to 1, both in `LABELS` order.
Metrics take (labels, probabilities), as scikit-learn does and `Run.split` returns them;
calibration takes (probabilities, labels), since there the probabilities are what is judged.
"""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer_lib import paper, runs
from fer_lib.labels import LABELS

SCORES = ["precision", "recall", "F"]
SMALLEST_PROBABILITY = 5e-6  # recorded probabilities are rounded to five decimals, some to zero


class Estimate(NamedTuple):
    """A number or an array of numbers, with the ends of its interval."""

    value: float
    low: float
    high: float

    def __str__(self):
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def confusion_counts(labels, probabilities):
    """Number of images by class (rows) and most probable class (columns): (7, 7) int."""
    _check(labels, probabilities)
    cells = labels * len(LABELS) + probabilities.argmax(axis=1)
    counts = np.bincount(cells, minlength=len(LABELS) ** 2)
    return counts.reshape(len(LABELS), len(LABELS))


def _check(labels, probabilities):
    if np.shape(probabilities) != (len(labels), len(LABELS)) or np.ndim(labels) != 1:
        raise ValueError(
            f"labels {np.shape(labels)} and probabilities {np.shape(probabilities)} "
            f"are not (n,) and (n, {len(LABELS)})"
        )


def confusion_matrix(labels, probabilities):
    """`confusion_counts` as a DataFrame with the classes' names."""
    counts = confusion_counts(labels, probabilities)
    index, columns = pd.Index(LABELS, name="label"), pd.Index(LABELS, name="predicted")
    return pd.DataFrame(counts, index, columns)


def accuracy(labels, probabilities):
    """Share of images whose most probable class is their label, 0-1."""
    _check(labels, probabilities)
    return float(np.mean(probabilities.argmax(axis=1) == labels))


def recalls(labels, probabilities):
    """Share of each class's images that are recognised, (7,) in 0-1; 0 for a class without any."""
    return _scores(confusion_counts(labels, probabilities))[1]


def macro_f(labels, probabilities):
    """F-measure, the plain mean over the classes, 0-1: a rare class counts as much as any."""
    return float(_scores(confusion_counts(labels, probabilities))[2].mean())


def class_table(labels, probabilities):
    """Precision, recall, F-measure (all 0-1) and images of each class, as the paper's Table 1.

    A class that is never predicted has precision 0, as in scikit-learn.
    """
    counts = confusion_counts(labels, probabilities)
    table = pd.DataFrame(dict(zip(SCORES, _scores(counts), strict=True)), index=LABELS)
    table["images"] = counts.sum(axis=1)
    return table


def _scores(counts):
    """Precision, recall and F of each class, (7,) each; 0 where there is nothing to divide by."""
    right, images, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    precision, recall = right / np.maximum(predicted, 1), right / np.maximum(images, 1)
    return precision, recall, 2 * right / np.maximum(images + predicted, 1)


def averages(table):
    """Averages of a class table's scores: "macro" counts classes alike, "weighted" images alike.

    The weighted recall is the accuracy: each class's recall times its images is its images
    recognised.
    """
    scores = table[SCORES]
    weighted = scores.mul(table["images"], axis=0).sum() / table["images"].sum()
    return pd.DataFrame({"macro": scores.mean(), "weighted": weighted}).T


def f_difference_from_paper(table):
    """Mean absolute difference of a class table's F-measures from the paper's Table 1, 0-1."""
    return float((table["F"] - paper.table_1()["F"]).abs().mean())


def bootstrap(statistic, *arrays, resamples=1000, seed=0):
    """Values of `statistic` on samples of the images drawn with replacement, (resamples, ...).

    arrays: the statistic's arguments, a row an image each; the same images are drawn from all,
    so that two models on the same images are compared pair by pair (Efron & Tibshirani 1993).
    """
    generator = np.random.default_rng(seed)
    count = len(arrays[0])
    samples = (generator.integers(0, count, count) for _ in range(resamples))
    return np.array([statistic(*(array[sample] for array in arrays)) for sample in samples])


def interval(statistic, *arrays, level=0.95, resamples=1000, seed=0):
    """The statistic and its bootstrap interval (percentiles), an Estimate.

    It tells what other images would have given, not another training: see `spread`.
    """
    values = bootstrap(statistic, *arrays, resamples=resamples, seed=seed)
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Estimate(statistic(*arrays), low, high)


def difference(metric, labels, first, second, **options):
    """By how much the second model's metric is higher, on the same images, an Estimate.

    first, second: probabilities of the two models. options: as for `interval`.
    """

    def gain(labels, first, second):
        return metric(labels, second) - metric(labels, first)

    return interval(gain, labels, first, second, **options)


def paired(first, second, usage):
    """Labels and both runs' probabilities of the images of `usage`, image by image: three arrays.

    Raises ValueError if the two runs did not predict the same images in the same order.
    """
    names = [
        run.predictions.loc[run.predictions["usage"] == usage, "name"] for run in (first, second)
    ]
    if not np.array_equal(*names):
        raise ValueError(f"{first.name} and {second.name} did not predict the same {usage} images")
    return *first.usage(usage), second.usage(usage)[1]


def seeds(recipe):
    """All recorded runs of a recipe: they differ in their seed alone."""
    return [runs.load(name) for name in runs.names() if re.fullmatch(rf"{recipe}-seed\d+", name)]


def spread(tables):
    """Mean and standard deviation (n - 1) of equally shaped tables: two DataFrames.

    Of runs that differ in their seed alone it tells what another training would have given.
    """
    stacked = np.stack([table.to_numpy(float) for table in tables])
    rows, columns = tables[0].index, tables[0].columns
    mean, deviation = stacked.mean(axis=0), stacked.std(axis=0, ddof=1)
    return pd.DataFrame(mean, rows, columns), pd.DataFrame(deviation, rows, columns)


def table_1(recorded):
    """The paper's Table 1 beside ours: "mean ± standard deviation" over `recorded` runs' test sets.

    Its last rows are the averages; the paper's are computed from its seven classes.
    """
    tables = [class_table(*run.split("test")) for run in recorded]
    mean, deviation = spread([_with_averages(table) for table in tables])
    theirs = _with_averages(paper.table_1())
    columns = {}
    for score in SCORES:
        pairs = zip(mean[score], deviation[score], strict=True)
        columns[f"{score}, ours"] = [f"{value:.2f} ± {width:.2f}" for value, width in pairs]
        columns[f"{score}, paper"] = [f"{value:.2f}" for value in theirs[score]]
    columns["images"] = mean["images"].astype(int)
    return pd.DataFrame(columns, index=mean.index)


def _with_averages(table):
    rows = averages(table).assign(images=table["images"].sum())
    return pd.concat([table, rows.rename(index="{} average".format)])


def expected_calibration_error(probabilities, labels, bins=15):
    """Mean gap between confidence and accuracy, weighted by bin size (Guo et al. 2017).

    probabilities: (n, 7), rows sum to 1. labels: (n,) class indices. Returns a float in [0, 1].
    """
    table = reliability_table(probabilities, labels, bins)
    gaps = (table["accuracy"] - table["confidence"]).abs()
    return float(np.average(gaps, weights=table["images"]))


def reliability_table(probabilities, labels, bins=15):
    """Accuracy by confidence, the highest probability: a row for each bin of equal width.

    Columns: low and high (the bin holds low < confidence <= high), images, confidence and accuracy
    (means over the bin's images). Bins without images are left out (Guo et al. 2017).
    """
    _check(labels, probabilities)
    confidence = probabilities.max(axis=1)
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    right = probabilities.argmax(axis=1) == labels
    images = pd.DataFrame({"bin": place, "confidence": confidence, "accuracy": right})
    groups = images.groupby("bin")
    table = groups.mean()
    table.insert(0, "low", edges[table.index])
    table.insert(1, "high", edges[table.index + 1])
    table.insert(2, "images", groups.size())
    return table.reset_index(drop=True)


def negative_log_likelihood(probabilities, labels):
    """Mean of -log of the label's probability: the cross-entropy that training lowers, >= 0."""
    _check(labels, probabilities)
    own = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(own, SMALLEST_PROBABILITY)).mean())


def fit_temperature(probabilities, labels):
    """Temperature that makes the probabilities likeliest (Guo et al. 2017, section 4.2), 0.05-20.

    Above 1: the model was too sure. Fit it on validation images, never on those it is judged by.
    """
    from scipy.optimize import minimize_scalar

    def loss(logarithm):
        return negative_log_likelihood(with_temperature(probabilities, np.exp(logarithm)), labels)

    return float(np.exp(minimize_scalar(loss, bounds=np.log((0.05, 20)), method="bounded").x))


def fit_temperature_and_biases(probabilities, labels):
    """Temperature and biases (7,) that make the probabilities likeliest; the biases' mean is 0.

    A bias is added to its class's logit: above 0, the model named that class too rarely
    (bias-corrected temperature scaling, Alexandari et al. 2020). Fit them on validation images.
    """
    from scipy.optimize import minimize

    def loss(parameters):
        mended = with_temperature(probabilities, np.exp(parameters[0]), parameters[1:])
        return negative_log_likelihood(mended, labels)

    logarithm, *biases = minimize(loss, np.zeros(1 + len(LABELS))).x
    return float(np.exp(logarithm)), np.array(biases) - np.mean(biases)


def with_temperature(probabilities, temperature, biases=0):
    """The probabilities with their logits divided by `temperature` and `biases` added, (n, 7).

    biases: (7,), one a class; without them the classes keep their order. Logits differ from the log
    of the probabilities by a constant an image, which softmax ignores.
    """
    logits = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)) / temperature + biases
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def has_twin_in_training(predictions, manifest, groups="near_group"):
    """Which predicted images have a copy among those the run was fitted on: (n,) bool.

    predictions: a run's, which holds all images of FER2013 that it was not fitted on. groups:
    the manifest's column, "duplicate_group" for equal pixels or "near_group" for any copy.
    """
    group = manifest.loc[manifest[groups] > 0].set_index("name")[groups]
    fitted = group[~group.index.isin(predictions["name"])]
    return predictions["name"].map(group).isin(fitted).to_numpy()


def twin_table(run, manifest, split="test"):
    """What twins do to a run's accuracy: a row by which images count, with its 95 % interval.

    "twins" have a copy that the run was fitted on. "copies never learnt" are the control: they have
    copies, too, but the run was fitted on none of them.
    """
    part = run.predictions["split"].to_numpy() == split
    equal, near = (
        has_twin_in_training(run.predictions, manifest, groups)[part]
        for groups in ("duplicate_group", "near_group")
    )
    copied = run.predictions["name"][part].isin(manifest.loc[manifest["near_group"] > 0, "name"])
    labels, probabilities = run.split(split)
    chosen = {
        "all": np.ones(len(labels), dtype=bool),
        "all but equal twins": ~equal,
        "all but twins": ~near,
        "twins": near,
        "copies never learnt": copied.to_numpy() & ~near,
    }
    rows = {}
    for name, mask in chosen.items():
        estimate = interval(accuracy, labels[mask], probabilities[mask])
        rows[name] = {"images": int(mask.sum()), **estimate._asdict()}
    table = pd.DataFrame.from_dict(rows, orient="index").rename(columns={"value": "accuracy"})
    return table.rename_axis("images that count")
